"""The patch of a run: what it changed in the copy of a folder of the user's own, kept at its end."""

import json
from typing import Any

from analysis.errors import AnalysisError
from analysis.records.transcripts import StoredRun
from analysis.render import printable


def patch_of(run: StoredRun) -> bytes:
    """Return the patch, as `git apply` takes it; empty if the run changed nothing.

    Raises AnalysisError if none is kept.
    """
    try:
        return run.folder.patch.read_bytes()
    except FileNotFoundError:
        raise AnalysisError(f"{run.folder.run_id}: {_why_none(run)}") from None
    except OSError as error:
        raise AnalysisError(f"{run.folder.patch}: cannot be read: {error.strerror}") from error


def _why_none(run: StoredRun) -> str:
    if not run.folder.path.is_dir():
        return f"has no patch: its folder {run.folder.path} is not there"
    task = _task(run)
    if task.get("name") != "folder":
        return f"has no patch: its task {printable(task.get('name'))} is no folder of your own (task=folder)"
    if task.get("in_place") is not False:
        return f"has no patch: it worked in {printable(task.get('workdir'))} itself, where its changes are"
    if run.line is None:
        return "has no patch: it is under way, or was killed"
    warnings = run.transcript.warnings if run.transcript else ()
    return next((printable(text) for text in warnings if str(text).startswith("no patch")), "no patch is kept")


def _task(run: StoredRun) -> dict[str, Any]:
    try:
        task = json.loads(run.folder.config.read_text(encoding="utf-8"))["task"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return task if isinstance(task, dict) else {}
