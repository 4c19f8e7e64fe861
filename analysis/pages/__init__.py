"""Pages for the browser: the report in one file, and the live view."""
