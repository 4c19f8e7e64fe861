"""From jobs to an ordered list of runs, each with its stable key. Nothing is started here, and nothing written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from harness.cell import MODEL_NOT_COMPARED, NOT_COMPARED, SERVER_NOT_COMPARED, InputHashes, cell_key
from harness.config import ConfigError, RunConfig
from harness.state import Launch
from sweeps.compose import Composed
from sweeps.plan.order import in_order
from sweeps.plan.run import NO_PATTERNS, PlannedRun, TaskLevels, as_written
from sweeps.schema import SweepConfig, factor_of

Job = Sequence[str]
"""The overrides of one run."""

NO_LEVEL = (
    *(key for key in NOT_COMPARED if key != "replicate"),
    *(f"model.{key}" for key in MODEL_NOT_COMPARED),
    *(f"server.{key}" for key in SERVER_NOT_COMPARED),
)
"""Keys that may differ between runs of one cell."""


@dataclass(frozen=True)
class Plan:
    """A sweep before it runs."""

    sweep: SweepConfig
    runs: list[PlannedRun]
    """In the order in which they are launched."""
    tasks: TaskLevels = NO_PATTERNS
    """Its tasks, if it names them by globs or lists."""


def plan(
    jobs: Sequence[Job],
    compose: Callable[[Job], Composed],
    inputs_of: Callable[[RunConfig], InputHashes],
    tasks: TaskLevels = NO_PATTERNS,
) -> Plan:
    """The runs in their order. Raises ConfigError if any of them cannot be run, or repeats another."""
    if not jobs:
        raise ConfigError("the sweep is empty: one of its factors has no level")
    composed = [compose(job) for job in jobs]
    factors = varying(jobs)
    sweep = composed[0].sweep
    name = sweep.name or derived_name(composed[0].run.task.title, factors, tasks)
    inputs_of = remembering(inputs_of)
    runs: list[PlannedRun] = []
    for one, job in zip(composed, jobs, strict=True):
        inputs, levels = inputs_of(one.run), levels_of(job, factors)
        cell, task = cell_key(one.run, inputs), one.run.task
        named = label(task.title, levels)
        copied = inputs.seed_sha256 if task.own_folder and not task.in_place else None
        for config in replicates(one):
            launch = Launch(sweep=name, position=len(runs) + 1, folder_sha256=copied)
            runs.append(PlannedRun(config, cell, f"{named} r{config.replicate}", launch, levels))
    _refuse_repeated(runs)
    return Plan(sweep, in_order(runs, sweep.seed), tasks)


def replicates(composed: Composed) -> Iterator[RunConfig]:
    """The runs of one cell, from the replicate that its config names."""
    first = composed.run.replicate
    for replicate in range(first, first + composed.sweep.replicates):
        yield replace(composed.run, replicate=replicate)


def varying(jobs: Sequence[Job]) -> list[str]:
    """The keys that the jobs set to different levels, in the order of the command line."""
    levels: dict[str, set[str]] = {}
    for job in jobs:
        for text in job:
            key, _, level = text.partition("=")
            levels.setdefault(factor_of(key), set()).add(level)
    return [key for key, seen in levels.items() if len(seen) > 1 and not key.startswith("sweep.")]


def derived_name(task: str, factors: Sequence[str], tasks: TaskLevels = NO_PATTERNS) -> str:
    """A label for a sweep that was given none: the same whenever the sweep is resumed, however its sets grew."""
    if tasks.patterns:
        task, factors = ",".join(tasks.patterns), [factor for factor in factors if factor != "task"]
    return ":".join(([] if "task" in factors else [task]) + ([",".join(factors)] if factors else []))


def levels_of(job: Job, factors: Sequence[str]) -> dict[str, str]:
    """The levels that a job gives to the factors, the replicate left out."""
    pairs = ((factor_of(key), level) for key, _, level in (text.partition("=") for text in job))
    return {key: as_written(level) for key, level in pairs if key in factors and key != "replicate"}


def label(task: str, levels: Mapping[str, str]) -> str:
    """A cell in a few words."""
    return " ".join([task, *(f"{key}={level}" for key, level in levels.items() if key != "task")])


def remembering(inputs_of: Callable[[RunConfig], InputHashes]) -> Callable[[RunConfig], InputHashes]:
    """The same function, asked once for all runs that can only have the same inputs.

    Which files a run reads, and what they hold, is decided by its names and switches, never by its numbers, but for
    those of a generated task.
    """
    known: dict[tuple[object, ...], InputHashes] = {}

    def remembered(config: RunConfig) -> InputHashes:
        fields = (
            *vars(config).values(),
            *vars(config.task).values(),
            *vars(config.agent).values(),
            config.model.profile,
        )
        named = (value for value in fields if isinstance(value, str | bool | Enum))
        key = (*named, *vars(config.kit).values())
        if key not in known:
            known[key] = inputs_of(config)
        return known[key]

    return remembered


def _refuse_repeated(runs: Sequence[PlannedRun]) -> None:
    first: dict[tuple[str, int], PlannedRun] = {}
    for run in runs:
        twin = first.setdefault(run.key, run)
        if twin is not run:
            raise ConfigError(
                f"runs {twin.launch.position} and {run.launch.position} repeat one cell and replicate ({run.label}): "
                f"give each level once; sweep.replicates=7 repeats a cell, {' '.join(NO_LEVEL)} make none"
            )
