"""Threads that serve the calls of threads which the code started, side by side as there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

MOST_CALLERS = 512
"""Largest number of calls at once from threads that the code started."""


class CodeThreads:
    """One thread here for each call under way from a thread of the code."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._calls: list[Future[None]] = []

    def start(self, serve: Callable[..., None], *arguments: Any) -> bool:
        """Serve a call in a thread of its own; return False if there are too many already."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(MOST_CALLERS)
        self._calls = [call for call in self._calls if not call.done()]
        if len(self._calls) >= MOST_CALLERS:
            return False
        self._calls.append(self._pool.submit(serve, *arguments))
        return True
