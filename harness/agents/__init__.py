"""Command-line agents: found, confined, run once a pass, and checked."""
