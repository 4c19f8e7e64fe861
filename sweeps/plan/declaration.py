"""Preregistration: `outputs/sweeps/<name>.json` is written beside the records before a sweep's first run."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import __version__
from harness.outputs import Outputs
from sweeps.plan.design import contrasts
from sweeps.plan.run import NO_PATTERNS, PlannedRun, TaskLevels
from sweeps.schema import SweepConfig

MOST_SHOWN = 20
"""Most names of tasks on a line."""


def declare(
    runs: Sequence[PlannedRun], sweep: SweepConfig, rule: Mapping[str, Any], tasks: TaskLevels = NO_PATTERNS
) -> None:
    """Write down what is planned. A plan that differs from the last one is appended, so that a sweep enlarged after a
    look at its results leaves a trace. `rule` is the stopping rule of its sweeper, if it has one.
    """
    named = {"tasks": {"patterns": list(tasks.patterns), "names": list(tasks.names)}} if tasks.patterns else {}
    _keep(runs, "", {**declaration(runs, sweep), **named, **rule})


def changes(runs: Sequence[PlannedRun], tasks: TaskLevels) -> Iterator[str]:
    """Yield lines on how the tasks that globs and lists stand for differ from those that were declared last."""
    for folder in sorted({run.config.log_dir for run in runs}) if tasks.patterns else ():
        path = path_of(Outputs(Path(folder)), str(runs[0].launch.sweep))
        declared = _declared(path)
        last: dict[str, Any] = next((one for one in reversed(declared) if one.get("sweep") == runs[0].launch.sweep), {})
        known = (last.get("tasks") or {}).get("names")
        if known is not None:
            yield from _differences(set(known), set(tasks.names), f"declared {last.get('time')}, {path}")


def _differences(known: set[str], now: set[str], where: str) -> Iterator[str]:
    for kind, names in (("new in this sweep", now - known), ("no longer in this sweep", known - now)):
        if names:
            shown = [*sorted(names)[:MOST_SHOWN], *(["…"] if len(names) > MOST_SHOWN else [])]
            count = f"{len(names)} task{'s are' if len(names) > 1 else ' is'}"
            yield f"{count} {kind} ({where}): {', '.join(shown)}"


def record_decisions(runs: Sequence[PlannedRun], decisions: Mapping[str, Any]) -> None:
    """Write down the decisions of an adaptive sweep: `outputs/sweeps/<name>.decided.json`, a list like the declaration.
    It can be recomputed from the ledger, and is kept for readers.
    """
    _keep(runs, ".decided", {"sweep": runs[0].launch.sweep, "harness_version": __version__, **decisions})


def _keep(runs: Sequence[PlannedRun], kind: str, now: dict[str, Any]) -> None:
    for folder in {run.config.log_dir for run in runs}:
        outputs = Outputs(Path(folder))
        # Two processes that start one grid must not write it down at once.
        with outputs.ledger.locked():
            _add(path_of(outputs, str(runs[0].launch.sweep), kind), now)


def _add(path: Path, now: dict[str, Any]) -> None:
    known = _declared(path)
    if known and {key: value for key, value in known[-1].items() if key != "time"} == now:
        return
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    dated = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **now}
    part.write_text(json.dumps([*known, dated], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def _declared(path: Path) -> list[dict[str, Any]]:
    """Return what was written down before."""
    known: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return known


def path_of(outputs: Outputs, name: str, kind: str = "") -> Path:
    """Return the path of a sweep's declaration, or of its decisions."""
    return outputs.sweeps / (re.sub(r"[^\w.,=-]+", "-", name) + f"{kind}.json")


def declaration(runs: Sequence[PlannedRun], sweep: SweepConfig) -> dict[str, Any]:
    """Return the plan as plain data: contrasts, cells and replicates."""
    cells: dict[str, dict[str, Any]] = {}
    for run in sorted(runs, key=lambda run: (run.label, run.config.replicate)):
        cell = cells.setdefault(run.cell, {"task": run.config.task.title, "model": run.config.model.name})
        cell["levels"] = dict(run.levels)
        cell["replicates"] = [*cell.get("replicates", []), run.config.replicate]
    return {
        "sweep": runs[0].launch.sweep,
        "harness_version": __version__,
        "seed": sweep.seed,
        "contrasts": [
            {
                "factor": contrast.factor,
                "baseline": contrast.baseline,
                "level": contrast.level,
                "side": sweep.side.value,
                "alpha": sweep.alpha,
                "family": sweep.family or runs[0].launch.sweep,
                **({} if sweep.margin is None else {"margin": sweep.margin}),
                "strata": [{"levels": dict(levels), "runs": list(size)} for levels, size in contrast.strata.items()],
            }
            for contrast in contrasts(runs, sweep)
        ],
        "runs": len(runs),
        "cells": cells,
    }
