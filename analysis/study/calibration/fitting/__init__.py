"""Fit the simulated subjects: rehearse runs without a server, search parameters, and score them."""
