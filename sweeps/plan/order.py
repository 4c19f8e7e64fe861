"""The order of a sweep: blocks that hold every arm once, so that what drifts with time falls on all arms alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from harness.config import EMBEDDED, digest
from sweeps.plan.run import PlannedRun

Place = tuple[str, str]
"""An endpoint and a model that it must load; empty where nothing has to be loaded in between."""


def in_order(runs: Sequence[PlannedRun], seed: int) -> list[PlannedRun]:
    """The runs as they are to be launched, each with its block and its position, from 1.

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
    """Where each subject is kept together: at an endpoint that would have to swap one model for another."""
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
