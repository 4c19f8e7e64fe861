"""Sets of tasks: which arms ran which of their tasks, and what came of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from analysis.errors import AnalysisError
from analysis.records.cells import Level, PooledCell
from analysis.records.groups import RunGroup, columns_of, must_show, natural, varying

SEEN_IN_TRAINING = (
    "models have seen these tasks in training; a rate on them says little about code that a model has not seen"
)

SCOPE = ("simulated", "task_set", "toolchain", "proof", "behaviour")
"""Fields over which nothing is ever put together, not even by a test over tasks."""

FACTS = ("toolchain", "task_difficulty")
"""Fields that are needed of a pool beside the factors."""

VERSIONS = ("seed_sha256", "prompt_sha256")
"""Texts of a task: in another version it is another task."""

OF_TASK = ("task", "task_difficulty", *VERSIONS)

UnitKey = tuple[Level, ...]
"""Name of a task, with the hashes of its version where a set holds several."""


@dataclass
class SetArm:
    """One arm over the tasks of a set."""

    label: str
    """A letter, or several: the same arm has the same in every set."""
    levels: dict[str, Level]
    tasks: dict[UnitKey, RunGroup] = field(default_factory=dict)
    """Tasks of which something was run, faults included."""

    @property
    def counts(self) -> list[tuple[int, int]]:
        """Completions and results of each task with a result."""
        return [(task.completed, task.runs) for task in self.tasks.values() if task.runs]

    @property
    def cells(self) -> list[PooledCell]:
        return [cell for task in self.tasks.values() for cell in task.cells]


@dataclass
class TaskSet:
    """The runs of one set that may be put together."""

    levels: dict[str, Level]
    """Levels of `SCOPE`."""
    units: list[str]
    """Fields that tell its tasks apart."""
    arms: list[SetArm]

    @property
    def tasks(self) -> list[UnitKey]:
        """Tasks of which any arm ran something, in order."""
        return sorted({key for arm in self.arms for key in arm.tasks}, key=lambda key: list(map(natural, key)))

    def difficulty(self, key: UnitKey) -> Level:
        """Difficulty of a task, as its set states it; None where it does not."""
        cells = (cell for arm in self.arms if key in arm.tasks for cell in arm.tasks[key].cells)
        return next(
            (cell.levels["task_difficulty"] for cell in cells if cell.levels["task_difficulty"] is not None), None
        )


def task_sets(cells: Sequence[PooledCell], by: Sequence[str] = ()) -> list[TaskSet]:
    """Put the cells of a pool, read with `toolchain` and `task_difficulty`, into sets and arms.

    An arm is a combination of all that varies within a set and is no part of a task, or of the fields `by`. Raises
    AnalysisError where nothing has a result.
    """
    if not any(RunGroup({}, [cell]).runs for cell in cells):
        raise AnalysisError("no run of any task has a result")
    scopes: dict[tuple[Level, ...], list[PooledCell]] = {}
    known = _known_levels(cells)
    for cell in cells:
        scopes.setdefault(tuple(_filled(cell, name, known) for name in SCOPE), []).append(cell)
    ordered = sorted(scopes.items(), key=lambda scope: list(map(natural, scope[0])))
    names = _arm_names(cells, [group for _, group in ordered], by)
    labels = _labels({tuple(cell.levels[name] for name in names) for cell in cells})
    return [_set(dict(zip(SCOPE, levels, strict=True)), group, names, labels) for levels, group in ordered]


def _set(
    levels: dict[str, Level], cells: Sequence[PooledCell], names: Sequence[str], labels: dict[UnitKey, str]
) -> TaskSet:
    units = ["task", *(name for name in VERSIONS if _has_versions(cells, name))]
    arms: dict[UnitKey, SetArm] = {}
    for cell in cells:
        own = {name: cell.levels[name] for name in names}
        key = tuple(own.values())
        tasks = arms.setdefault(key, SetArm(labels[key], own)).tasks
        unit = {name: cell.levels[name] for name in units}
        tasks.setdefault(tuple(unit.values()), RunGroup(unit)).cells.append(cell)
    return TaskSet(levels, units, sorted(arms.values(), key=lambda arm: (len(arm.label), arm.label)))


def _has_versions(cells: Iterable[PooledCell], name: str) -> bool:
    """Return whether any task has two known texts, whichever arm ran it with which."""
    known: dict[Level, set[Level]] = {}
    for cell in cells:
        known.setdefault(cell.levels["task"], set()).add(cell.levels[name])
    return any(len(texts - {None}) > 1 for texts in known.values())


def _arm_names(cells: Sequence[PooledCell], sets: Iterable[Sequence[PooledCell]], by: Sequence[str]) -> list[str]:
    """Return the fields that tell arms apart: the model always, whatever else varies within any set."""
    within = {name for group in sets for name in (must_show(group) if by else varying(group))}
    return [
        name
        for name in columns_of(cells)
        if name not in (*SCOPE, *OF_TASK) and (name == "model" or name in within or name in by)
    ]


def _labels(arms: Iterable[UnitKey]) -> dict[UnitKey, str]:
    ordered = sorted(arms, key=lambda levels: list(map(natural, levels)))
    return dict(zip(ordered, _letters(), strict=False))


def _letters() -> Iterator[str]:
    """Yield A to Z, then AA, AB and so on."""
    length = 1
    while True:
        for number in range(26**length):
            yield "".join(chr(ord("A") + number // 26**place % 26) for place in reversed(range(length)))
        length += 1


Known = dict[tuple[str, UnitKey], set[Level]]


def _known_levels(cells: Sequence[PooledCell]) -> Known:
    """Return the known levels of each field of `SCOPE`, by task and by set."""
    known: Known = {}
    for cell in cells:
        for name in SCOPE:
            for place in _places(cell) if cell.levels[name] is not None else ():
                known.setdefault((name, place), set()).add(cell.levels[name])
    return known


def _filled(cell: PooledCell, name: str, known: Known) -> Level:
    """Return the level of a cell. A fault that came before it was settled, and an older line, has that of the other
    runs of the task or, where the task has no other, of the set."""
    if cell.levels[name] is not None:
        return cell.levels[name]
    others = next((known[name, place] for place in _places(cell) if (name, place) in known), set())
    return next(iter(others)) if len(others) == 1 else None


def _places(cell: PooledCell) -> list[UnitKey]:
    """Return the task of a cell and its set, both among simulated or among real runs."""
    levels = cell.levels
    return [(levels["simulated"], levels["task_set"], levels["task"]), (levels["simulated"], levels["task_set"])]
