"""Generated tasks: stores by rule, and a composer over all of them, at sizes that a sweep sets."""
