"""Toolchains: what the language of a task is, how its tests are verified, and what the subject may run."""
