"""Progress on standard error: a live display on a terminal, elsewhere one line a run."""

import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from harness.outcome import Outcome, line_counts_as
from harness.why import counted, reason_of
from sweeps.plan.run import PlannedRun
from sweeps.progress.history import Key

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class RunSummary:
    """Result of one planned run, in short."""

    outcome: Outcome
    """Outcome that the run counts as."""
    passes: int
    seconds: float
    reason: str | None = None
    """One line on why, where the outcome alone does not say it."""
    recorded: Outcome | None = None
    """The outcome in its record, where it differs."""
    run_id: str | None = None
    """Id of the run; None if it has no record."""

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> "RunSummary":
        """Summarise a record."""
        recorded = Outcome(line["outcome"])
        outcome = Outcome(line_counts_as(line))
        reason = "; ".join(filter(None, [reason_of(line), _leniency(line)])) or None
        differs = None if outcome is recorded else recorded
        return cls(outcome, line["passes"], line["duration_sec"], reason, differs, line.get("run_id"))

    @property
    def said(self) -> Outcome:
        return self.recorded or self.outcome


def _leniency(line: Mapping[str, Any]) -> str | None:
    """Repairs of calls that came in another form; None if there were none."""
    parts = []
    if unparsed := line.get("unparsed_calls"):
        parts.append(f"{unparsed} calls not understood: the instrument may be at fault, not the model")
    if salvaged := line.get("salvaged_calls"):
        forms = ", ".join(f"{form} ×{times}" for form, times in sorted(salvaged.items()))
        parts.append(f"calls read with leniency: {forms}")
    return "; ".join(parts) or None


class Progress(Protocol):
    """The events of a sweep that are displayed."""

    def started(self, planned: PlannedRun) -> None: ...

    def event(self, planned: PlannedRun, name: str, fields: dict[str, Any]) -> None:
        """Show an event of a run in flight."""
        ...

    def ended(self, planned: PlannedRun, ended: RunSummary) -> None: ...

    def again(self, planned: PlannedRun, reason: str) -> None:
        """Show that a run was lost and is made again."""
        ...

    def elsewhere(self, planned: PlannedRun, *, finished: bool) -> None:
        """Show that another process made the run, with or without a result."""
        ...

    def expects(self, total: int) -> None:
        """Set the expected number of results."""
        ...

    def say(self, line: str) -> None:
        """Show a line."""
        ...

    def close(self, how: str, reason: str | None = None) -> None:
        """Show that the sweep has ended, and why if it ended early."""
        ...


class LineDisplay:
    """Prints one line when a run ends, one for the sweep, and one for a pass where nothing was printed for a while."""

    silence = 30.0
    """Seconds without a line after which the end of a pass is printed."""

    def __init__(self, total: int, recorded: int, write: Callable[[str], None]) -> None:
        self._total = total
        self._recorded = recorded
        self._given_up = 0
        self._write = write
        self._outcomes: Counter[Outcome] = Counter()
        self._seconds = 0.0
        self._under_way: set[Key] = set()
        self._as_text: set[str] = set()
        """Names of the models that have their tools as text."""
        self._warnings: set[str] = set()
        self._printed = time.monotonic()
        self._at_once = 1
        """Most runs in flight at one time."""

    def started(self, planned: PlannedRun) -> None:
        """Note a run in flight; nothing is printed."""
        self._under_way.add(planned.key)
        self._at_once = max(self._at_once, len(self._under_way))

    def event(self, planned: PlannedRun, name: str, fields: dict[str, Any]) -> None:
        if name == "waiting_for_workspace":
            self.say("waiting for the workspace, in which another process works")
        elif name == "pass_finished" and time.monotonic() - self._printed >= self.silence:
            self.say(f"{planned.label}  {pass_line(fields)}")
        elif name == "warning" and fields["text"] not in self._warnings:
            self._warnings.add(fields["text"])
            self.say(f"warning: {fields['text']}")
        elif name == "tools" and fields["mode"] == "text" and planned.config.model.name not in self._as_text:
            self._as_text.add(planned.config.model.name)
            self.say(
                f"tools: text for {planned.config.model.name}: described in its prompt, calls read from its replies"
            )

    def ended(self, planned: PlannedRun, ended: RunSummary) -> None:
        self._under_way.discard(planned.key)
        self._outcomes[ended.outcome] += 1
        self._seconds += ended.seconds
        passes = f"{ended.passes} pass{'es' if ended.passes != 1 else ''}"
        parts = [ended.said.value, passes, duration(ended.seconds), self.time_left(), ended.reason]
        folder = None if ended.run_id is None else f"{planned.config.log_dir}/runs/{ended.run_id}"
        self._line(planned, *parts, folder)

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
        self._printed = time.monotonic()
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
        """Runs that have ended, here or elsewhere."""
        return self._recorded + self._given_up + self._outcomes.total()

    def _line(self, planned: PlannedRun, *parts: str | None) -> None:
        self.say("  ".join([f"[{self.seen}/{self._total}] {planned.label}", *(part for part in parts if part)]))

    def time_left(self) -> str:
        """Estimate the time left from the mean of the runs so far; empty without one."""
        made, left = self._outcomes.total(), self._total - self.seen
        return f"about {duration(self._seconds / made * left / self._at_once)} left" if made and left else ""


class LiveDisplay(LineDisplay):
    """Lines of finished runs above a status that refreshes itself."""

    silence = math.inf

    def __init__(self, total: int, recorded: int) -> None:
        # Only a terminal pays for importing a terminal library.
        from rich.console import Console  # noqa: PLC0415
        from rich.live import Live  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        self._console = Console(stderr=True, highlight=False)
        super().__init__(total, recorded, lambda line: self._console.print(Text(line)))
        self._running: dict[Key, _Running] = {}
        self._live = Live(get_renderable=self._status, console=self._console, refresh_per_second=4, transient=True)

    def started(self, planned: PlannedRun) -> None:
        super().started(planned)
        self._running[planned.key] = _Running(planned.label)

    def event(self, planned: PlannedRun, name: str, fields: dict[str, Any]) -> None:
        super().event(planned, name, fields)
        running = self._running[planned.key]
        if name == "pass_started":
            running.place = {"pass": fields["number"]}
        elif name == "reply":
            running.place |= {"step": fields["step"], "tokens": fields["usage"]["total_tokens"]}

    def again(self, planned: PlannedRun, reason: str) -> None:
        self._running.pop(planned.key, None)
        super().again(planned, reason)

    def ended(self, planned: PlannedRun, ended: RunSummary) -> None:
        self._running.pop(planned.key, None)
        super().ended(planned, ended)

    def __enter__(self) -> "LiveDisplay":
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def _status(self) -> "RenderableType":
        from rich.console import Group  # noqa: PLC0415
        from rich.progress_bar import ProgressBar  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        faults = self._outcomes[Outcome.FAULT]
        whole = Table.grid(padding=(0, 2))
        whole.add_row(
            ProgressBar(total=self._total, completed=self.seen, width=30),
            f"{self.seen}/{self._total}",
            f"{faults} fault{'s' if faults > 1 else ''}" if faults else "",
            self.time_left(),
        )
        lines = (Text(str(one), overflow="ellipsis", no_wrap=True) for one in list(self._running.values()))
        return Group(*lines, whole)


@dataclass
class _Running:
    """A run in flight and its progress."""

    label: str
    since: float = field(default_factory=time.monotonic)
    place: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        place = "  ".join(f"{what} {number:,}" for what, number in self.place.items())
        return f"{self.label}  {place}  {duration(time.monotonic() - self.since)}"


def pass_line(fields: Mapping[str, Any]) -> str:
    """Format a pass that ended."""
    green = fields["packages_green"]
    changed = {True: "changed files", False: "changed nothing"}.get(fields["changed"])
    parts = [f"pass {fields['number']}: {fields['reason']}", counted(fields["steps"], "call"), changed]
    return ", ".join(filter(None, [*parts, None if green is None else f"{counted(green, 'package')} passing"]))


def duration(seconds: float) -> str:
    """Format seconds in a readable unit."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {unit}" if seconds < 10 * size else f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


@contextmanager
def progress_display(total: int, recorded: int) -> Iterator[Progress]:
    """Open the display that suits standard error."""
    if sys.stderr.isatty():
        with LiveDisplay(total, recorded) as live:
            yield live
    else:
        yield LineDisplay(total, recorded, lambda line: print(line, file=sys.stderr, flush=True))
