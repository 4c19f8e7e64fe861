"""Read the ledgers of a sweep: which runs have a result, how often others were tried, how long they took.

The ledger knows, and nothing else needs to be kept. Only keys and lengths of time stay in memory.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path, PurePath
from statistics import median
from typing import Any

from harness.cell import derived_seed
from harness.ledger import Ledger
from harness.outcome import Outcome, line_counts_as
from harness.outputs import Outputs
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
        """Completion of each run with a result, in ledger order."""
        self.place: dict[Key, int] = {}
        """The position of each result in that order."""
        self.simulated: set[str] = set()
        """Cells with a simulated result."""
        self.fingerprints: dict[str, dict[str, Any]] = {}
        """Recorded server of each cell's results, as far as any of them has one."""
        self.tried: dict[Key, list[str]] = {}
        """Outcomes of attempts without a result, in order."""
        self._seconds: dict[tuple[str, ...], list[float]] = {}

    @property
    def finished(self) -> Set[Key]:
        """Keys of the runs with a result."""
        return self.results.keys()

    def look(self) -> None:
        """Read what was appended since the last call, by whatever process."""
        lines, self._end = self._ledger.since(self._end)
        for line in lines:
            if "cell" in line and "replicate" in line and _own_seed(line):
                self._take(line)

    def _take(self, line: Mapping[str, Any]) -> None:
        key = line["cell"], line["replicate"]
        outcome = line_counts_as(line)
        if outcome not in RESULTS:
            self.tried.setdefault(key, []).append(outcome)
            return
        self.place.setdefault(key, len(self.results))
        self.results.setdefault(key, outcome == Outcome.COMPLETED.value)
        server = line.get("server")
        if isinstance(server, dict) and isinstance(known := server.get("fingerprint"), dict):
            self.fingerprints[line["cell"]] = known | self.fingerprints.get(line["cell"], {})
        if line.get("simulated"):
            self.simulated.add(line["cell"])
        if isinstance(seconds := line.get("duration_sec"), int | float):
            alike = str(line.get("model")), PurePath(str(line.get("task"))).parent.name
            for group in ((line["cell"],), alike):
                self._seconds.setdefault(group, []).append(seconds)

    def unfinished(self, key: Key, retry: Retry) -> bool:
        """Return whether a run has still to be made. A result is never made again."""
        tried = self.tried.get(key)
        return key not in self.finished and (not tried or tried[-1] in RETRIED[retry])

    def medians(self) -> dict[tuple[str, ...], float]:
        """Return median run times in seconds, by cell, and by model and task."""
        return {group: median(seconds) for group, seconds in self._seconds.items()}


class SweepHistory:
    """The histories of all log folders of a sweep; usually one."""

    def __init__(self, log_dirs: Iterable[str]) -> None:
        self._by_folder = {folder: RunHistory(Outputs(Path(folder)).ledger) for folder in log_dirs}
        self.look()

    def look(self) -> None:
        """Read what was appended to every ledger since the last call."""
        for history in self._by_folder.values():
            history.look()

    def of(self, run: PlannedRun) -> RunHistory:
        return self._by_folder[run.config.log_dir]

    def unfinished(self, runs: Sequence[PlannedRun], retry: Retry) -> list[PlannedRun]:
        """Return the runs that have still to be made, in order."""
        return [run for run in runs if self.of(run).unfinished(run.key, retry)]

    def finished(self, runs: Sequence[PlannedRun]) -> int:
        """Count the runs with a result."""
        return sum(run.key in self.of(run).finished for run in runs)

    def simulated(self, runs: Sequence[PlannedRun]) -> bool:
        """Return whether any subject is simulated, by its config or a record."""
        return any(run.config.model.simulated or run.cell in self.of(run).simulated for run in runs)

    def seconds(self, runs: Sequence[PlannedRun]) -> list[float | None]:
        """Estimate the seconds of each run: the median of its cell, else of its model and task; None without either."""
        medians = {folder: history.medians() for folder, history in self._by_folder.items()}
        return [_expected(medians[run.config.log_dir], run) for run in runs]


def _own_seed(line: Mapping[str, Any]) -> bool:
    """Return whether the seed of a run is of its cell and replicate.

    Older lines of a fixed seed carry the cell of an unseeded sweep, and are copies of each other.
    """
    seed = line.get("sampling_seed")
    if seed is None or "transcript_sha256" in line:
        return True
    return bool(line.get("simulated")) and seed == derived_seed(str(line["cell"]), line["replicate"])


def _expected(medians: Mapping[tuple[str, ...], float], run: PlannedRun) -> float | None:
    alike = medians.get((run.config.model.name, run.config.task.name))
    return medians.get((run.cell,), alike)
