"""A queue of whole numbers."""

from collections import deque


class Queue:
    """A queue: the first in is the first out."""

    def __init__(self) -> None:
        self._items: deque[int] = deque()

    def enqueue(self, value: int) -> None:
        """Add a value behind the others."""
        self._items.append(value)

    def dequeue(self) -> int:
        """Remove the front and return it. Raises IndexError if there is none."""
        return self._items.popleft()

    def peek(self) -> int:
        """Return the front. Raises IndexError if there is none."""
        return self._items[0]

    def __len__(self) -> int:
        return len(self._items)
