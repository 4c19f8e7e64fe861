"""Runs that were started and are on no line: under way, or killed."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.outputs import Outputs

UNFINISHED = "unfinished"
"""Name of these runs beside the outcomes of others."""

LONGEST = 1 << 16
"""Bytes of the first line of a transcript that are read."""


class UnfinishedRun(NamedTuple):
    """A run folder without a line, by what the transcript says of its start."""

    run_id: str
    cell: str | None
    replicate: int | None
    sweep: str | None
    """None where it is unknown, or there was no sweep."""


def started_runs(folders: Iterable[Path]) -> set[str]:
    """Return the ids of all runs with a folder in some log folders."""
    inner = [Outputs(folder).runs for folder in folders]
    return {run.name for runs in inner if runs.is_dir() for run in runs.iterdir() if run.is_dir()}


def read_starts(folders: Sequence[Path], run_ids: Iterable[str]) -> list[UnfinishedRun]:
    """Read how some runs were started; a run without a readable start is known by its id alone."""
    return [next(_starts(folders, run_id), UnfinishedRun(run_id, None, None, None)) for run_id in run_ids]


def _starts(folders: Sequence[Path], run_id: str) -> Iterator[UnfinishedRun]:
    for folder in folders:
        try:
            with Outputs(folder).folder(run_id).transcript.open("rb") as file:
                start = json.loads(file.readline(LONGEST))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(start, dict) and isinstance(start.get("cell"), str):
            replicate, sweep = start.get("replicate"), start.get("sweep")
            known = replicate if isinstance(replicate, int) else None
            yield UnfinishedRun(run_id, start["cell"], known, sweep if isinstance(sweep, str) else None)
