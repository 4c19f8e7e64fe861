"""Many records: pools ledgers, tests what a sweep asked, and retells the study. Knows nothing of how a run works."""
