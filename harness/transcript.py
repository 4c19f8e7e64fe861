"""What happened in a run, as it happens: one JSON event a line, for people and for the progress display."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

OnEvent = Callable[[str, dict[str, Any]], None]


class Transcript:
    """Appends events to a file and tells them to a listener; each line is on disk before the next step."""

    def __init__(self, path: Path, on_event: OnEvent | None = None) -> None:
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        self._on_event = on_event
        self._started = time.monotonic()

    def write(self, event: str, **fields: Any) -> None:
        """Record one event; `at` is the seconds since the start of the run."""
        at = round(time.monotonic() - self._started, 3)
        self._file.write(json.dumps({"event": event, "at": at, **fields}, ensure_ascii=False) + "\n")
        self._file.flush()
        if self._on_event is not None:
            self._on_event(event, fields)

    def __enter__(self) -> "Transcript":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
