"""The live display of a sweep on a terminal: the lines of finished runs, and below them those under way."""

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live as RichLive
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from harness.record import Outcome
from sweeps.plan.run import PlannedRun
from sweeps.progress.display import LineDisplay, RunSummary, duration
from sweeps.progress.history import Key


class LiveDisplay(LineDisplay):
    """The lines, and a status that keeps itself up to date."""

    def __init__(self, total: int, recorded: int) -> None:
        self._console = Console(stderr=True, highlight=False)
        super().__init__(total, recorded, lambda line: self._console.print(Text(line)))
        self._running: dict[Key, _Running] = {}
        self._live = RichLive(get_renderable=self._status, console=self._console, refresh_per_second=4, transient=True)

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

    def _status(self) -> RenderableType:
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
    """A run under way, and how far it is."""

    label: str
    since: float = field(default_factory=time.monotonic)
    place: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        place = "  ".join(f"{what} {number:,}" for what, number in self.place.items())
        return f"{self.label}  {place}  {duration(time.monotonic() - self.since)}"
