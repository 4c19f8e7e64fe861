"""The gate decides whether a task is done. Nothing else does."""

from harness.gate.verdict import Verdict, Verifier, VerifierError

__all__ = ["Verdict", "Verifier", "VerifierError"]
