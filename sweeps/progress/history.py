"""What the ledgers know of the runs of a sweep: which have a result, how often others were tried, how long they took.

The ledger knows, and nothing else needs to be kept. Only keys and lengths of time stay in memory.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path, PurePath
from statistics import median
from typing import Any

from harness.ledger import Ledger
from harness.outputs import Outputs
from harness.record import Outcome, counted
from sweeps.plan.run import PlannedRun
from sweeps.schema import Retry

RESULTS = frozenset(outcome.value for outcome in Outcome if outcome.counts)

Key = tuple[str, int]

RETRIED: Mapping[Retry, frozenset[str]] = {
    Retry.all: frozenset({Outcome.FAULT.value, Outcome.INTERRUPTED.value}),
    Retry.faults: frozenset({Outcome.FAULT.value}),
    Retry.none: frozenset(),
}


class RunHistory:
    """One ledger, followed as it grows.

    Lines of the original instrument, which have no cell, belong to no sweep of ours.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._end = 0
        self.results: dict[Key, bool] = {}
        """Whether each run that has a result completed, in the order in which the results came."""
        self.place: dict[Key, int] = {}
        """Of each result its place in that order."""
        self.simulated: set[str] = set()
        """Cells with a result that says it is simulated."""
        self.tried: dict[Key, list[str]] = {}
        """Outcomes of the attempts without a result, in order."""
        self._seconds: dict[tuple[str, ...], list[float]] = {}

    @property
    def finished(self) -> Set[Key]:
        """Runs that have a result."""
        return self.results.keys()

    def look(self) -> None:
        """Take in what was appended since the last look, by whichever process."""
        lines, self._end = self._ledger.since(self._end)
        for line in lines:
            if "cell" in line and "replicate" in line:
                self._take(line)

    def _take(self, line: Mapping[str, Any]) -> None:
        key = line["cell"], line["replicate"]
        outcome = counted(str(line.get("outcome")), line.get("pass_reasons") or ())
        if outcome not in RESULTS:
            self.tried.setdefault(key, []).append(outcome)
            return
        self.place.setdefault(key, len(self.results))
        self.results.setdefault(key, outcome == Outcome.COMPLETED.value)
        if line.get("simulated"):
            self.simulated.add(line["cell"])
        if isinstance(seconds := line.get("duration_sec"), int | float):
            alike = str(line.get("model")), PurePath(str(line.get("task"))).parent.name
            for group in ((line["cell"],), alike):
                self._seconds.setdefault(group, []).append(seconds)

    def owed(self, key: Key, retry: Retry) -> bool:
        """Whether a run is still to be made. A result is never rolled again."""
        tried = self.tried.get(key)
        return key not in self.finished and (not tried or tried[-1] in RETRIED[retry])

    def medians(self) -> dict[tuple[str, ...], float]:
        """Seconds that a run took, by cell, and by model and task."""
        return {group: median(seconds) for group, seconds in self._seconds.items()}


class SweepHistory:
    """The histories of every log folder that a sweep writes to: one, unless it is told otherwise."""

    def __init__(self, log_dirs: Iterable[str]) -> None:
        self._by_folder = {folder: RunHistory(Outputs(Path(folder)).ledger) for folder in log_dirs}
        self.look()

    def look(self) -> None:
        """Take in what every ledger got since the last look."""
        for history in self._by_folder.values():
            history.look()

    def of(self, run: PlannedRun) -> RunHistory:
        return self._by_folder[run.config.log_dir]

    def owed(self, runs: Sequence[PlannedRun], retry: Retry) -> list[PlannedRun]:
        """The runs that are still to be made, in their order."""
        return [run for run in runs if self.of(run).owed(run.key, retry)]

    def finished(self, runs: Sequence[PlannedRun]) -> int:
        """How many of the runs have a result."""
        return sum(run.key in self.of(run).finished for run in runs)

    def simulated(self, runs: Sequence[PlannedRun]) -> bool:
        """Whether any of the subjects is simulated, by its config or by a record."""
        return any(run.config.model.simulated or run.cell in self.of(run).simulated for run in runs)

    def seconds(self, runs: Sequence[PlannedRun]) -> list[float | None]:
        """How long each run may take: the median of its cell, else of its model and task; None if nothing is known."""
        medians = {folder: history.medians() for folder, history in self._by_folder.items()}
        return [_expected(medians[run.config.log_dir], run) for run in runs]


def _expected(medians: Mapping[tuple[str, ...], float], run: PlannedRun) -> float | None:
    alike = medians.get((run.config.model.name, run.config.task.name))
    return medians.get((run.cell,), alike)
