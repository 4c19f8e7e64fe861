"""The program that shares the gate's build cache with confined commands, which read it and never write it."""

import functools
from importlib import resources
from pathlib import Path

from harness.sandbox.programs import program
from harness.sandbox.toolchain import Toolchain


@functools.cache
def cache_program(toolchain: Toolchain) -> Path | None:
    """The program, built if need be; None if this toolchain builds nothing, so that there is nothing to share."""
    return program(toolchain, resources.files("harness.sandbox") / "cache", "cache")
