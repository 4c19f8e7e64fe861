"""The gate decides whether a task is done. Nothing else does."""

from harness.gate.verdict import ProofKind, Verdict, Verifier, VerifierError

__all__ = ["ProofKind", "Verdict", "Verifier", "VerifierError"]
