"""Simulated subjects held against the published study: what was fitted, what was predicted, and what came of it."""
