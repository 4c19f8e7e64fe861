"""A heap of whole numbers."""

import heapq
from collections.abc import Iterable


class Heap:
    """A heap: the smallest is the first out."""

    def __init__(self, items: Iterable[int] = ()) -> None:
        self._items = list(items)
        heapq.heapify(self._items)

    def push(self, value: int) -> None:
        """Add a value."""
        heapq.heappush(self._items, value)

    def pop(self) -> int:
        """Remove the smallest element and return it. Raises IndexError if there is none."""
        return heapq.heappop(self._items)

    def peek(self) -> int:
        """Return the smallest element. Raises IndexError if there is none."""
        return self._items[0]

    def __len__(self) -> int:
        return len(self._items)
