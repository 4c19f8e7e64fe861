"""A set of strings."""

from __future__ import annotations

from collections.abc import Iterable


class StringSet:
    """A set of strings that lists its items in ascending order."""

    def __init__(self, items: Iterable[str] = ()) -> None:
        self._items = set(items)

    def add(self, item: str) -> bool:
        """Add an item; return whether it is new."""
        before = len(self._items)
        self._items.add(item)
        return len(self._items) > before

    def remove(self, item: str) -> bool:
        """Remove an item; return whether it was there."""
        before = len(self._items)
        self._items.discard(item)
        return len(self._items) < before

    def contains(self, item: str) -> bool:
        """Return whether an item is there."""
        return item in self._items

    def __len__(self) -> int:
        return len(self._items)

    def items(self) -> list[str]:
        """Return the items in ascending order."""
        return sorted(self._items)

    def union(self, other: StringSet) -> StringSet:
        """Return a new set of the items that are in either."""
        return StringSet(self._items | other._items)

    def intersect(self, other: StringSet) -> StringSet:
        """Return a new set of the items that are in both."""
        return StringSet(self._items & other._items)
