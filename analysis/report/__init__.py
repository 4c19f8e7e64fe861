"""Print tables and plots: one module for each command."""
