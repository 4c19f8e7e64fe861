"""Coroutines: those of the code run in one event loop of its side, those of the spec in the spec's."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .codeside import CodeSide

WORKERS = 64


class Loop:
    """The event loop of the code, in a thread of its own."""

    def __init__(self, side: CodeSide) -> None:
        self._side = side
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._running: dict[int, Future[Any]] = {}
        self._workers: ThreadPoolExecutor | None = None

    def wait_for(self, awaitable: Any) -> Any:
        """Run an awaitable of the code to its end."""
        future: Future[Any] = asyncio.run_coroutine_threadsafe(_awaited(awaitable), self._started())
        self._running[id(awaitable)] = future
        try:
            return future.result()
        finally:
            self._running.pop(id(awaitable), None)

    def cancel(self, awaitable: Any) -> None:
        """Cancel an awaitable that `wait_for` runs."""
        future = self._running.get(id(awaitable))
        if future is not None:
            future.cancel()

    def run_inside(self, work: Callable[..., Any], arguments: list[Any]) -> Any:
        """Call something where a loop is running, as it was in the spec."""
        if threading.current_thread() is self._thread:
            return work(*arguments)

        async def call() -> Any:
            return work(*arguments)

        return asyncio.run_coroutine_threadsafe(call(), self._started()).result()

    async def await_spec(self, target: Any) -> Any:
        """Wait for an awaitable of the spec, which runs there."""
        if self._workers is None:
            self._workers = ThreadPoolExecutor(WORKERS)
        partner = self._side.partner

        def ask() -> Any:
            self._side.partner = partner
            return self._side.request("await", target._split_number)

        return await asyncio.get_running_loop().run_in_executor(self._workers, ask)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
            self._thread.start()
        return self._loop


async def _awaited(awaitable: Any) -> Any:
    return await awaitable
