"""Generators and coroutines of the code: real ones on the spec's side, each of which drives that of the code."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .specside import SpecSide

__tracebackhide__ = True  # pytest leaves these frames out


def _generator(side: SpecSide, value: Any) -> Any:
    def generator() -> Any:
        sent: Any = None
        try:
            item = side.ask("do", "next", value)
            while True:
                try:
                    sent = yield item
                except GeneratorExit:
                    side.ask("do", "close", value)
                    raise
                except BaseException as error:
                    item = side.ask("do", "throw", value, error)
                else:
                    item = side.ask("do", "send", value, sent) if sent is not None else side.ask("do", "next", value)
        except StopIteration as end:
            return end.value

    return generator()


def _coroutine(side: SpecSide, value: Any) -> Any:
    async def coroutine() -> Any:
        return await side.awaited(value)

    return coroutine()


def _async_generator(side: SpecSide, value: Any) -> Any:
    async def generator() -> Any:
        sent: Any = None
        while True:
            try:
                sent = yield await side.awaited(side.ask("do", "anext", value, sent))
            except StopAsyncIteration:
                return

    return generator()


WRAPPERS = {"generator": _generator, "coroutine": _coroutine, "async_generator": _async_generator}
"""Makers of such objects, by the name of the type."""
WRAPPED = frozenset((types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType))
