"""Output, warnings and log records of the code, repeated in the spec's process."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable
from typing import Any

__tracebackhide__ = True  # pytest leaves these frames out

MOST_PRINTED = 8 << 20
"""Largest number of characters that the code may print in a run."""


class Notices:
    """Text, warnings and log records that came with frames."""

    def __init__(self) -> None:
        self._printed = 0
        self._waiting: list[Any] = []

    def take(self, extras: dict[str, Any], decode: Callable[[Any], Any]) -> None:
        """Print what was printed, and keep the rest until the frame's own thread delivers it."""
        for category, text in extras.get("w", ()):
            self._waiting.append((decode(category), str(text)))
        for name, level, text in extras.get("l", ()):
            self._waiting.append((str(name), int(level), str(text)))
        for number, text in extras.get("o", ()):
            self._printed += len(text)
            stream = sys.stderr if number == 2 else sys.stdout
            if self._printed <= MOST_PRINTED:
                stream.write(str(text))

    def deliver(self) -> None:
        """Warn and log. Raises warnings that the spec turns into errors."""
        while self._waiting:
            notice = self._waiting.pop(0)
            if len(notice) == 3:
                logger = logging.getLogger(notice[0])
                if logger.isEnabledFor(notice[1]):
                    logger.handle(logger.makeRecord(notice[0], notice[1], "code", 0, notice[2], (), None))
            else:
                kind = notice[0] if isinstance(notice[0], type) and issubclass(notice[0], Warning) else UserWarning
                warnings.warn_explicit(notice[1], kind, "code", 0)
