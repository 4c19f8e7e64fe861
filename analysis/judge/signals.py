"""Deterministic signals of a candidate's folder, asked of `harness.signals` in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError

PATIENCE = 900.0
"""Seconds for all tools together, each of which has a limit of its own."""
COUNTS = ("gofmt", "vet", "modernize")
SIZES = ("files", "lines", "code_lines", "functions", "longest_function")


def signals(folder: Path, timeout: float = PATIENCE) -> dict[str, Any]:
    """What `python -m harness.signals` prints of a folder (see docs/judge.md), where counts may be None: unknown.

    Nothing of the folder is run, and it is not written. Raises AnalysisError where there is no answer at all.
    """
    command = [sys.executable, "-m", "harness.signals", str(folder)]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise AnalysisError(f"{folder}: no signals within {timeout:g} s") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise AnalysisError(said[0].removeprefix("python -m harness.signals: "))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def modernize_findings(found: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """The count of modernizer findings and the tool that counted them; None is unknown, and not none."""
    version = found["go_version"]
    return found["modernize"]["count"], f"go fix {version}" if version else None
