"""Randomised blocks: each holds every arm once, so that drift in time affects all arms alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from harness.config import EMBEDDED, RunConfig, digest
from sweeps.plan.run import PlannedRun

Place = tuple[str, str]
"""An endpoint and the model that it must load; empty where no model has to be swapped."""

ServerKey = tuple[str, ...]
"""Settings that decide the server that is started for a run."""


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
        ordered = [_together(block) for block in blocks.values()]
    else:
        keys = sorted(blocks, key=lambda key: (_draw(seed, key[0]), _draw(seed, key)))
        ordered = []
        last: ServerKey | None = None
        for key in keys:
            block = sorted(blocks[key], key=lambda run: _draw(seed, run.key))
            ordered.append(_few_restarts(block, seed, last))
            last = server_key(ordered[-1][-1].config)
    placed = (run for block in ordered for run in block)
    return [
        replace(run, launch=replace(run.launch, block=run.config.replicate, position=position))
        for position, run in enumerate(placed, start=1)
    ]


def server_key(config: RunConfig) -> ServerKey | None:
    """Return what decides the server that is started for a run; None where none is."""
    server, model = config.server, config.model
    if not server.managed:
        return None
    return model.endpoint, server.command, model.path or model.name, model.name, server.args, str(server.window)


def restarts(runs: Sequence[PlannedRun]) -> int:
    """Count how often a managed server is started for runs in this order, one at a time."""
    keys = [server_key(run.config) for run in runs]
    return sum(now is not None and now != before for before, now in zip([None, *keys], keys, strict=False))


def _few_restarts(block: Sequence[PlannedRun], seed: int, last: ServerKey | None) -> list[PlannedRun]:
    """Order a shuffled block so that runs with one server are together, and the server that runs already is first.

    The order of the servers is shuffled by the block, so that none is always early.
    """
    replicate = block[0].config.replicate
    keys = {run.key: server_key(run.config) for run in block}
    if len(set(keys.values())) == 1:
        return list(block)
    drawn = {key: _draw(seed, [replicate, key]) for key in set(keys.values())}
    return sorted(block, key=lambda run: (keys[run.key] != last, drawn[keys[run.key]]))


def _together(block: Sequence[PlannedRun]) -> list[PlannedRun]:
    """Order a block that stays as written so that runs with one server are together, in order of appearance."""
    groups: dict[ServerKey | None, list[PlannedRun]] = {}
    for run in block:
        groups.setdefault(server_key(run.config), []).append(run)
    return [run for group in groups.values() for run in group]


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
