"""Declarations of sweeps, and the runs that they speak of."""

from collections.abc import Callable
from typing import Any

from ledger_lines import line

BEFORE, AFTER = "2026-06-06T11:00:00+00:00", "2026-06-06T13:00:00+00:00"
"""Runs are made from noon on."""

Declare = Callable[..., None]
Entry = dict[str, Any]
Told = Callable[..., dict[str, Any]]


def entry(sweep: str = "s", time: str = BEFORE, runs: int = 4, **given: Any) -> Entry:
    """A declaration of memory on against off, as sweeps write it; `contrast=None` declares none."""
    contrast = {"factor": "memory", "baseline": "false", "level": "true", "side": "greater", "alpha": 0.05}
    contrast |= {
        "family": sweep,
        **{name: given.pop(name) for name in [*contrast, "family", "margin"] if name in given},
    }
    levels = given.pop("ctx_limits", [11000])
    model = given.pop("model", "small-model")
    cells = {
        f"{sweep}-{model}-{limit}-{memory}": {
            "task": "apikit",
            "model": model,
            "levels": {"memory": memory, "ctx_limit": str(limit)},
            "replicates": list(range(1, runs + 1)),
        }
        for limit in levels
        for memory in ("false", "true")
    }
    contrasts = [contrast] if given.pop("contrast", True) else []
    return {"time": time, "sweep": sweep, "contrasts": contrasts, "runs": runs * len(cells), "cells": cells} | given


def swept(completed: int, runs: int, memory: bool, sweep: str = "s", **given: Any) -> list[dict[str, Any]]:
    """Runs of one arm of a sweep, from noon on, the first of them completed."""
    limit, model = given.get("ctx_limit", 11000), given.get("model", "small-model")
    cell = f"{sweep}-{model}-{limit}-{str(memory).lower()}"
    own = {"sweep": sweep, "memory": memory, "cell": cell, "time": "2026-06-06T14:00:00+02:00"}
    return [
        line(f"{cell}-{n}", outcome="completed" if n < completed else "stagnated", **(own | given)) for n in range(runs)
    ]


def declared_rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the declared tests; none where there is no such table."""
    rows: list[dict[str, Any]] = report["tables"].get("declared", {"rows": []})["rows"]
    return rows
