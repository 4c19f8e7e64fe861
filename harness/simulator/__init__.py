"""Simulated subjects behind a real HTTP endpoint. A policy sees messages, tools and a seed, and nothing else."""

from harness.simulator.embedded import EmbeddedSimulator, SimulatorError

__all__ = ["EmbeddedSimulator", "SimulatorError"]
