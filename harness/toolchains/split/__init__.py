"""Split verification: the assertions of a spec run where the code under test does not."""
