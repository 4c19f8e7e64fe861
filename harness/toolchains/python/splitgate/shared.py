"""Mutable containers that both sides hold: one list is one list on either side.

A container that crosses gets a number and a copy on the other side. Before a frame leaves, the sender adds the content
of each container that changed since the last frame; the receiver changes its own copy in place. So code may sort a list
of the spec in place, and a spec sees whether a returned list is the code's own or a copy of it. A side that no longer
holds its copy drops the number, which keeps the comparing cheap.
"""

from __future__ import annotations

import operator
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

__tracebackhide__ = True  # pytest leaves these frames out

KINDS: dict[str, type] = {
    kind.__name__: kind for kind in (list, dict, set, bytearray, deque, defaultdict, OrderedDict, Counter)
}
NAMES = {kind: name for name, kind in KINDS.items()}


class Entry:
    """A container and its content at the last frame."""

    __slots__ = ("content", "object")

    def __init__(self, container: Any, content: list[Any]) -> None:
        self.object = container
        self.content = content


class Shared:
    """The containers of one side."""

    def __init__(self, first: int) -> None:
        """The sides count from different numbers (0 and 1), in steps of 2."""
        self._next = first
        self.entries: dict[int, Entry] = {}
        self.numbers: dict[int, int] = {}
        """Number of a container by its id."""
        self.fading: dict[int, Any] = {}
        """Dropped containers, which can still be named until the other side has seen the drop."""
        self._alone = 0
        self._alone = self._references_of_an_own_one()

    def number(self, container: Any) -> tuple[int, bool]:
        """Return the number of a container, and whether it is new."""
        known = self.numbers.get(id(container))
        if known is not None:
            return known, False
        self._next += 2
        self.add(self._next, container)
        return self._next, True

    def add(self, number: int, container: Any) -> None:
        """Hold a container under a number."""
        self.entries[number] = Entry(container, [])
        self.numbers[id(container)] = number

    def get(self, number: Any) -> Any:
        """Return a container. Raises KeyError."""
        entry = self.entries.get(number)
        return entry.object if entry else self.fading[number]

    def note(self, number: int) -> None:
        """Take the content as seen by both sides."""
        entry = self.entries.get(number)
        if entry:
            entry.content = content_of(entry.object)

    def changed(self) -> list[int]:
        """Return the numbers of containers that changed since the last frame."""
        return [number for number, entry in self.entries.items() if _differs(entry.content, content_of(entry.object))]

    def drop(self) -> list[int]:
        """Drop what nobody else on this side holds; return the numbers."""
        dropped = []
        for number in list(self.entries):
            entry = self.entries[number]
            container = entry.object
            if sys.getrefcount(container) <= self._alone:
                del self.entries[number]
                self.numbers.pop(id(container), None)
                self.fading[number] = container
                dropped.append(number)
        return dropped

    def forget(self, number: Any) -> None:
        """Drop what the other side has dropped."""
        entry = self.entries.pop(number, None)
        if entry:
            self.numbers.pop(id(entry.object), None)

    def _references_of_an_own_one(self) -> int:
        """Return the reference count of a container that only this table holds, as `drop` sees it."""
        self.add(-1, [])
        entry = self.entries[-1]
        container = entry.object
        count = sys.getrefcount(container)
        self.forget(-1)
        return count


def content_of(container: Any) -> list[Any]:
    """Return everything that a container holds, in its order."""
    kind = type(container)
    if kind is bytearray:
        return [bytes(container)]
    if isinstance(container, dict):
        return [*container.keys(), *container.values()]
    return list(container)


def _differs(before: list[Any], now: list[Any]) -> bool:
    if len(before) != len(now):
        return True
    if before and type(now[0]) is bytes and len(now) == 1:
        return before != now
    return not all(map(operator.is_, before, now))


def fill(container: Any, items: list[Any]) -> None:
    """Give a container this content: its elements, or keys and values in turn."""
    kind = type(container)
    if kind is bytearray:
        container[:] = items[0]
        return
    container.clear()
    if isinstance(container, dict):
        for index in range(0, len(items) - 1, 2):
            container[items[index]] = items[index + 1]
    elif kind is set:
        container.update(items)
    else:
        container.extend(items)
