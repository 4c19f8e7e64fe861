"""Ctrl-C and SIGTERM, brought to one form, and kept away while a record is written."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)

INTERRUPTED = 130
"""Exit code of a command that was interrupted; of a single run its record decides."""


class Interrupts:
    """While entered, the first signal raises KeyboardInterrupt, and later ones do nothing.

    So the handling of an interrupt is never interrupted itself. A first signal that comes behind the shield is
    passed on to whoever handled signals before, once that is so again. Outside the main thread, where Python
    delivers no signals, all this does nothing.
    """

    def __init__(self) -> None:
        self._shielded = False
        self._raised = False
        self._waiting: int | None = None
        self._before: list[Any] = []

    def shield(self) -> None:
        """Ignore all signals from now on."""
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
        if self._waiting is not None and not self._raised:
            signal.raise_signal(self._waiting)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._raised:
            return
        if self._shielded:
            self._waiting = number
            return
        self._raised = self._shielded = True
        raise KeyboardInterrupt
