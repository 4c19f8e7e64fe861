"""Follow a sweep: its ledger, its claims on runs, and the display."""
