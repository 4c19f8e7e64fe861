"""The six tools of the subject."""
