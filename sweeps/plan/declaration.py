"""Preregistration: `outputs/sweeps/<name>.json` is written beside the records before a sweep's first run."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import __version__
from harness.outputs import Outputs
from sweeps.plan.design import contrasts
from sweeps.plan.run import PlannedRun
from sweeps.schema import SweepConfig


def declare(runs: Sequence[PlannedRun], sweep: SweepConfig, rule: Mapping[str, Any]) -> None:
    """Write down what is planned. A plan that differs from the last one is appended, so that a sweep enlarged after a
    look at its results leaves a trace. `rule` is the stopping rule of its sweeper, if it has one.
    """
    _keep(runs, "", {**declaration(runs, sweep), **rule})


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
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    if known and {key: value for key, value in known[-1].items() if key != "time"} == now:
        return
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    dated = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **now}
    part.write_text(json.dumps([*known, dated], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def path_of(outputs: Outputs, name: str, kind: str = "") -> Path:
    """Return the path of a sweep's declaration, or of its decisions."""
    return outputs.sweeps / (re.sub(r"[^\w.,=-]+", "-", name) + f"{kind}.json")


def declaration(runs: Sequence[PlannedRun], sweep: SweepConfig) -> dict[str, Any]:
    """Return the plan as plain data: contrasts, cells and replicates."""
    cells: dict[str, dict[str, Any]] = {}
    for run in sorted(runs, key=lambda run: (run.label, run.config.replicate)):
        cell = cells.setdefault(run.cell, {"task": run.config.task.name, "model": run.config.model.name})
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
                "strata": [{"levels": dict(levels), "runs": list(size)} for levels, size in contrast.strata.items()],
            }
            for contrast in contrasts(runs, sweep)
        ],
        "runs": len(runs),
        "cells": cells,
    }
