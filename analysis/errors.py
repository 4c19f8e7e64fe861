"""Errors that a user of the analysis can correct."""


class AnalysisError(ValueError):
    """A question that cannot be answered; its text is one line: what, why, what is allowed."""
