"""What a user of the analysis can put right."""


class AnalysisError(ValueError):
    """A question that cannot be answered; its text is one line: what, why, what is allowed."""
