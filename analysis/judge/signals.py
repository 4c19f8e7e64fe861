"""Deterministic signals of a candidate's folder, counted by `harness.signals`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from harness.sandbox.base import SandboxError
from harness.sandbox.environment import require_cache
from harness.signals.folder import signals as folder_signals
from harness.toolchains.go.installation import find_go

COUNTS = ("gofmt", "vet", "modernize")
SIZES = ("files", "lines", "code_lines", "functions", "longest_function")


def signals(folder: Path) -> dict[str, Any]:
    """Return the signals of a folder (see docs/judge.md); a count may be None, which means unknown.

    Nothing in the folder is run or written. Raises AnalysisError if the tools cannot work here at all.
    """
    try:
        if not folder.is_dir():
            raise SandboxError(f"{folder}: no such folder")
        require_cache()
        find_go()
        return folder_signals(folder)
    except SandboxError as error:
        raise AnalysisError(str(error)) from error
    except OSError as error:
        raise AnalysisError(f"{error.filename or folder}: cannot be read: {error.strerror}") from error


def modernize_findings(counted: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """Return the count of modernizer findings and the tool that counted them; None means unknown, not zero."""
    version = counted["go_version"]
    return counted["modernize"]["count"], f"go fix {version}" if version else None
