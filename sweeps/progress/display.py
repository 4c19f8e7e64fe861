"""What a sweep shows while it runs, on standard error: a live display on a terminal, elsewhere one line a run."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from harness.record import Outcome, counted
from sweeps.plan.run import PlannedRun
from sweeps.progress.history import Key


@dataclass(frozen=True)
class RunSummary:
    """How one planned run ended, in short."""

    outcome: Outcome
    """What it counts as."""
    passes: int
    seconds: float
    reason: str | None = None
    """One line on why, where the outcome does not say it."""
    recorded: Outcome | None = None
    """What its record says, where that is something else."""

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> "RunSummary":
        """As its record tells."""
        recorded = Outcome(line["outcome"])
        outcome = Outcome(counted(recorded, line["pass_reasons"]))
        told = (line["passes"], line["duration_sec"])
        if outcome is recorded:
            return cls(outcome, *told, line["fault"])
        return cls(outcome, *told, "its server failed the last pass: counts as a fault", recorded)

    @property
    def said(self) -> Outcome:
        return self.recorded or self.outcome


class Progress(Protocol):
    """What the launcher tells of a sweep."""

    def started(self, planned: PlannedRun) -> None: ...

    def event(self, planned: PlannedRun, name: str, fields: dict[str, Any]) -> None:
        """Something happened in a run under way."""
        ...

    def ended(self, planned: PlannedRun, ended: RunSummary) -> None: ...

    def again(self, planned: PlannedRun, reason: str) -> None:
        """A run that was under way came to nothing, and is made once more."""
        ...

    def elsewhere(self, planned: PlannedRun, *, finished: bool) -> None:
        """Another process made the run meanwhile, with or without a result."""
        ...

    def expects(self, total: int) -> None:
        """The sweep comes to so many results, as far as can be told now."""
        ...

    def say(self, line: str) -> None:
        """Something that the reader should know now."""
        ...

    def close(self, how: str, reason: str | None = None) -> None:
        """The sweep is over; why, if before its time."""
        ...


class LineDisplay:
    """One line for each run, when it ends, and one for the sweep."""

    def __init__(self, total: int, recorded: int, write: Callable[[str], None]) -> None:
        self._total = total
        self._recorded = recorded
        self._given_up = 0
        self._write = write
        self._outcomes: Counter[Outcome] = Counter()
        self._seconds = 0.0
        self._under_way: set[Key] = set()
        self._at_once = 1
        """Most runs that were under way at one time."""

    def started(self, planned: PlannedRun) -> None:
        """Nothing to say yet."""
        self._under_way.add(planned.key)
        self._at_once = max(self._at_once, len(self._under_way))

    def event(self, planned: PlannedRun, name: str, fields: dict[str, Any]) -> None:  # noqa: ARG002
        if name == "waiting_for_workspace":
            self.say("waiting for the workspace, in which another process works")

    def ended(self, planned: PlannedRun, ended: RunSummary) -> None:
        self._under_way.discard(planned.key)
        self._outcomes[ended.outcome] += 1
        self._seconds += ended.seconds
        passes = f"{ended.passes} pass{'es' if ended.passes != 1 else ''}"
        parts = [ended.said.value, passes, duration(ended.seconds), self.time_left(), ended.reason]
        self._line(planned, *parts)

    def again(self, planned: PlannedRun, reason: str) -> None:
        self._under_way.discard(planned.key)
        self.say(f"{planned.label} is made again: {reason}")

    def elsewhere(self, planned: PlannedRun, *, finished: bool) -> None:
        self._recorded += finished
        self._given_up += not finished
        self._line(planned, "run by another process" if finished else "run by another process, without a result")

    def expects(self, total: int) -> None:
        self._total = total

    def say(self, line: str) -> None:
        self._write(line)

    def close(self, how: str, reason: str | None = None) -> None:
        results = self._recorded + sum(times for outcome, times in self._outcomes.items() if outcome.counts)
        faults = self._outcomes[Outcome.FAULT]
        self._write(
            f"{how}: {results} of {self._total} runs have a result"
            + (f", {faults} ended in a fault" if faults else "")
            + ("" if results == self._total else "; the same command goes on from here")
            + (f"; {reason}" if reason else "")
        )

    @property
    def seen(self) -> int:
        """Runs that are over, here or elsewhere."""
        return self._recorded + self._given_up + self._outcomes.total()

    def _line(self, planned: PlannedRun, *parts: str | None) -> None:
        self._write("  ".join([f"[{self.seen}/{self._total}] {planned.label}", *(part for part in parts if part)]))

    def time_left(self) -> str:
        """An estimate from the mean of the runs seen so far, as many at once as there were; empty if there is none."""
        made, left = self._outcomes.total(), self._total - self.seen
        return f"about {duration(self._seconds / made * left / self._at_once)} left" if made and left else ""


def duration(seconds: float) -> str:
    """A length of time with as much detail as a reader wants."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {unit}" if seconds < 10 * size else f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


@contextmanager
def progress_display(total: int, recorded: int) -> Iterator[Progress]:
    """The display that suits standard error."""
    if sys.stderr.isatty():
        # Only a terminal pays for importing a terminal library.
        from sweeps.progress.live import LiveDisplay  # noqa: PLC0415

        with LiveDisplay(total, recorded) as live:
            yield live
    else:
        yield LineDisplay(total, recorded, lambda line: print(line, file=sys.stderr, flush=True))
