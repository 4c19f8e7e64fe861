"""JavaScript, as node runs it, with its tests in a process apart from the code."""
