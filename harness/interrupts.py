"""Ctrl-C and SIGTERM, brought to one form, and kept away while a record is written."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """While entered, the first signal raises KeyboardInterrupt; every later one is only remembered.

    So the handling of an interrupt is never interrupted itself. Outside the main thread, where Python delivers
    no signals, it does nothing.
    """

    def __init__(self) -> None:
        self.seen = False
        self._shielded = False
        self._before: list[Any] = []

    def shield(self) -> None:
        """From here on no signal interrupts."""
        self._shielded = True

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            self._before = [signal.signal(number, self._handle) for number in SIGNALS]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in zip(SIGNALS, self._before, strict=False):
            signal.signal(number, handler)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.seen = True
        if not self._shielded:
            self._shielded = True
            raise KeyboardInterrupt
