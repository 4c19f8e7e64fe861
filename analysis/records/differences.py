"""Differences between cells that agree in every factor, read from the configs in their run folders."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from analysis.records.pool import CellExample, PooledCell
from analysis.render import level_text
from harness.cell import MODEL_NOT_COMPARED, NOT_COMPARED
from harness.outputs import Outputs

HIDDEN = "in what the ledger does not hold"

MOST = 200
"""Cells whose configs are read."""

_IGNORED = {name for name in NOT_COMPARED if name != "server"} | {
    f"model.{name}" for name in MODEL_NOT_COMPARED if name != "path"
}
"""Keys that never tell cells apart; the server and its weights do, where a sweep names them."""


def describe(cells: list[PooledCell]) -> str:
    """One sentence on the cells that are counted together; empty where each combination of factors is one cell."""
    several = [cell for cell in cells if len(cell.examples) > 1]
    if not several:
        return ""
    most = max(len(cell.examples) for cell in several)
    known: dict[str, set[str]] = {}
    missing = 0
    for cell in several:
        differing, gone = _differing(cell.examples)
        missing += gone
        for name, values in differing.items():
            known.setdefault(name, set()).update(values)
    return f"pooled over: {most} cells that differ {_said(known, missing)}"


def _said(known: Mapping[str, set[str]], missing: int) -> str:
    gone = f"the run folders of {missing} of them are gone, with their configs" if missing else ""
    if known:
        named = "; ".join(f"{name} ({', '.join(sorted(values))})" for name, values in sorted(known.items()))
        return f"in {named}" + (f"; {gone}, and what else differs is unknown" if gone else "")
    if gone:
        return f"{HIDDEN}: {gone}, so what it is is unknown"
    return f"{HIDDEN}, nor their configs: a text or a file that these name was another"


def _differing(examples: Mapping[str, CellExample]) -> tuple[dict[str, set[str]], int]:
    """Keys of the config with their values, where cells differ in them, and how many cells have no config left."""
    configs: list[dict[str, str]] = []
    missing = 0
    for example in list(examples.values())[:MOST]:
        config = _config(example)
        missing += config is None
        version = {} if example.behaviour is None else {"behaviour version": str(example.behaviour)}
        configs.append({**(config or {}), **version})
    names = {name for values in configs for name in values}
    levels = {name: {values[name] for values in configs if name in values} for name in names}
    return {name: values for name, values in levels.items() if len(values) > 1}, missing


def _config(example: CellExample) -> dict[str, str] | None:
    """The config of a run as flat text; None if it is not there, or cannot be read."""
    if example.run_id is None:
        return None
    for folder in example.folders:
        path = Outputs(folder).folder(example.run_id).config
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(config, dict):
            return dict(_flat(config))
    return None


def _flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in config.items():
        name = prefix + key
        if name in _IGNORED:
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        else:
            yield name, level_text(value) if isinstance(value, int | float) else str(value)
