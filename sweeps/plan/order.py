"""Randomised blocks: each holds every arm once, so that drift in time affects all arms alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from harness.config import EMBEDDED, digest
from sweeps.plan.run import PlannedRun

Place = tuple[str, str]
"""An endpoint and the model that it must load; empty where no model has to be swapped."""


def in_order(runs: Sequence[PlannedRun], seed: int) -> list[PlannedRun]:
    """Return the runs in launch order, each with its block and its position, from 1.

    A block is one replicate of every arm, and is numbered as the replicate is. Blocks are shuffled, and the arms in
    each of them, by a draw from the seed and the names of things: a sweep that grows keeps the order of what it had.
    A sweep of a single replicate has one block, which stays as it was written.
    """
    places = _places(runs)
    blocks: dict[tuple[Place, int], list[PlannedRun]] = {}
    for run in runs:
        blocks.setdefault((places[_subject(run)], run.config.replicate), []).append(run)
    if len({replicate for _, replicate in blocks}) == 1:
        ordered = list(blocks.values())
    else:
        keys = sorted(blocks, key=lambda key: (_draw(seed, key[0]), _draw(seed, key)))
        ordered = [sorted(blocks[key], key=lambda run: _draw(seed, run.key)) for key in keys]
    placed = (run for block in ordered for run in block)
    return [
        replace(run, launch=replace(run.launch, block=run.config.replicate, position=position))
        for position, run in enumerate(placed, start=1)
    ]


def _places(runs: Sequence[PlannedRun]) -> dict[Place, Place]:
    """Map each subject to a place of its own where an endpoint would have to swap models."""
    subjects = {_subject(run) for run in runs}
    models = Counter(endpoint for endpoint, _ in subjects)
    return {
        (endpoint, model): (endpoint, model) if models[endpoint] > 1 and endpoint != EMBEDDED else ("", "")
        for endpoint, model in subjects
    }


def _subject(run: PlannedRun) -> Place:
    return run.config.model.endpoint, run.config.model.name


def _draw(seed: int, what: object) -> str:
    return digest([seed, what])
