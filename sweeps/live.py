"""The live display of a sweep on a terminal: the lines of finished runs, and below them the run under way."""

import time
from types import TracebackType
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live as RichLive
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from harness.record import Outcome
from sweeps.planned import PlannedRun
from sweeps.progress import Lines, duration


class Live(Lines):
    """The lines, and a status that keeps itself up to date."""

    def __init__(self, total: int, recorded: int) -> None:
        self._console = Console(stderr=True, highlight=False)
        super().__init__(total, recorded, lambda line: self._console.print(Text(line)))
        self._under_way = ""
        self._since = time.monotonic()
        self._place: dict[str, int] = {}
        self._live = RichLive(get_renderable=self._status, console=self._console, refresh_per_second=4, transient=True)

    def started(self, planned: PlannedRun) -> None:
        self._under_way, self._since, self._place = planned.label, time.monotonic(), {}

    def event(self, name: str, fields: dict[str, Any]) -> None:
        super().event(name, fields)
        if name == "pass_started":
            self._place = {"pass": fields["number"]}
        elif name == "reply":
            self._place |= {"step": fields["step"], "tokens": fields["usage"]["total_tokens"]}

    def __enter__(self) -> "Live":
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
        place = "  ".join(f"{what} {number:,}" for what, number in self._place.items())
        elapsed = duration(time.monotonic() - self._since)
        return Group(Text(f"{self._under_way}  {place}  {elapsed}", overflow="ellipsis", no_wrap=True), whole)
