"""The gate: what decides that a task is done, and nothing else does."""

from harness.gate.verdict import Verdict, Verifier, VerifierError

__all__ = ["Verdict", "Verifier", "VerifierError"]
