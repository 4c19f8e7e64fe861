"""Differences between cells that agree in every factor, read from the configs in their run folders."""

from collections.abc import Iterator, Mapping, Sequence

from analysis.records.cells import CellExample, Level, PooledCell
from analysis.records.configs import of_cell
from analysis.records.groups import RunGroup, varying

HIDDEN = "in what the ledger does not hold"

MOST = 200
"""Cells whose configs are read."""


def describe(groups: Sequence[RunGroup]) -> str:
    """One sentence on cells that are counted together and agree in all that is known; empty where there are none."""
    several = [examples for arm in groups for examples in _alike(arm.cells)]
    if not several:
        return ""
    most = max(map(len, several))
    known: dict[str, set[str]] = {}
    missing = 0
    for examples in several:
        differing, gone = _differing(examples)
        missing += gone
        for name, values in differing.items():
            known.setdefault(name, set()).update(values)
    return f"pooled over: {most} cells that differ {_said(known, missing)}"


def _alike(cells: Sequence[PooledCell]) -> Iterator[dict[str, CellExample]]:
    """Yield the examples of several cells of the harness that agree in every level that varies."""
    names = varying(cells)
    found: dict[tuple[Level, ...], dict[str, CellExample]] = {}
    for cell in cells:
        found.setdefault(tuple(cell.levels[name] for name in names), {}).update(cell.examples)
    return (examples for examples in found.values() if len(examples) > 1)


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
        config = example.configs.of(example.run_id)
        missing += config is None
        configs.append({} if config is None else {name: str(value) for name, value in of_cell(config).items()})
    names = {name for values in configs for name in values}
    levels = {name: {values[name] for values in configs if name in values} for name in names}
    return {name: values for name, values in levels.items() if len(values) > 1}, missing
