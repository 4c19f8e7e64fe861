"""Output, warnings and log records of the code go to the spec; the code follows its folder and environment."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import random
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

MOST_TEXT = 1 << 20
"""Largest number of characters printed between two frames; what is more is dropped."""
MOST_NOTICES = 1000
"""Largest number of warnings and log records between two frames."""


class PrintedText(io.TextIOBase):
    """A standard stream whose text travels with the next frame."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, outside: Outside, number: int) -> None:
        self._outside = outside
        self._number = number
        self.buffer = _PrintedBytes(self)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outside.printed(self._number, str(text))
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False


class _PrintedBytes(io.RawIOBase):
    def __init__(self, stream: PrintedText) -> None:
        self._stream = stream

    def write(self, data: Any) -> int:
        self._stream.write(bytes(data).decode("utf-8", "replace"))
        return len(data)

    def writable(self) -> bool:
        return True


class _Records(logging.Handler):
    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self._outside = outside

    def emit(self, record: logging.LogRecord) -> None:
        self._outside.logged(record)


class Outside:
    """The surroundings of the code."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._text: list[list[Any]] = []
        self._size = 0
        self._warnings: list[list[Any]] = []
        self._records: list[list[Any]] = []
        self._input: Any = None

    def take_over(self) -> None:
        """Replace the standard streams, the display of warnings and the last handler of logging."""
        sys.stdout = sys.__stdout__ = PrintedText(self, 1)  # type: ignore[assignment, misc]
        sys.stderr = sys.__stderr__ = PrintedText(self, 2)  # type: ignore[assignment, misc]
        warnings.simplefilter("always")
        warnings.showwarning = self.warned
        logging.getLogger().addHandler(_Records(self))

    def printed(self, number: int, text: str) -> None:
        """Keep text until the next frame, within bounds."""
        with self._lock:
            room = MOST_TEXT - self._size
            if room > 0:
                self._size += len(text)
                self._text.append([number, text[:room]])

    def warned(self, message: Any, category: Any, *place: Any, **_: Any) -> None:
        """Keep a warning until the next frame."""
        if len(self._warnings) < MOST_NOTICES:
            self._warnings.append([message, category, *place[:2]])

    def logged(self, record: logging.LogRecord) -> None:
        """Keep a record of logging until the next frame."""
        if len(self._records) < MOST_NOTICES:
            self._records.append([record.name, record.levelno, record.getMessage()])

    def collected(self, encode: Callable[[Any], Any]) -> dict[str, Any]:
        """Return and forget what was kept."""
        result: dict[str, Any] = {}
        with self._lock:
            if self._text:
                result["o"], self._text, self._size = self._text, [], 0
        if self._warnings:
            kept, self._warnings = self._warnings, []
            result["w"] = [[encode(category), str(message)] for message, category, *_ in kept]
        if self._records:
            result["l"], self._records = self._records, []
        return result

    def follow(self, changes: dict[str, Any], decode: Callable[[Any], Any]) -> None:
        """Go where the spec went."""
        for name, value in changes.get("environment", {}).items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if "folder" in changes:
            with contextlib.suppress(OSError):
                os.chdir(changes["folder"])
        if "arguments" in changes:
            sys.argv[:] = changes["arguments"]
        if "seed" in changes:
            random.seed(decode(changes["seed"]))
        if "level" in changes:
            logging.getLogger().setLevel(changes["level"])
        if "input" in changes:
            if self._input is None:
                self._input = sys.stdin
            repeated = decode(changes["input"])
            sys.stdin = self._input if repeated is None else repeated
