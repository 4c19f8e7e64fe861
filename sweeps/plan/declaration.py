"""What a sweep declared, kept beside its records: `outputs/sweeps/<name>.json`, written before its first run."""

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
    """Write down what is planned. A plan that differs from the one before is added to it, never put in its place:
    whoever makes a sweep larger after a look at its results leaves a trace of that. `rule` is what its sweeper
    decides by, where that is more than to run everything.
    """
    _keep(runs, "", {**declaration(runs, sweep), **rule})


def decided(runs: Sequence[PlannedRun], found: Mapping[str, Any]) -> None:
    """Write down what a sweep came to that stops by itself: `outputs/sweeps/<name>.decided.json`, a list like the
    declaration. It can be recomputed from the ledger, and is kept for readers.
    """
    _keep(runs, ".decided", {"sweep": runs[0].launch.sweep, "harness_version": __version__, **found})


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
    """Where the declaration of a sweep lies, or what it decided."""
    return outputs.sweeps / (re.sub(r"[^\w.,=-]+", "-", name) + f"{kind}.json")


def declaration(runs: Sequence[PlannedRun], sweep: SweepConfig) -> dict[str, Any]:
    """The plan as plain data: what is compared and how, which cells there are, and how often each is run."""
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
