"""A ring buffer of whole numbers."""

from collections import deque


class Ring:
    """A buffer of fixed capacity that keeps the newest."""

    def __init__(self, capacity: int) -> None:
        """Raises ValueError for a capacity below 1."""
        if capacity < 1:
            raise ValueError(f"capacity {capacity}: must be 1 or more")
        self._capacity = capacity
        self._items: deque[int] = deque(maxlen=capacity)

    def push(self, value: int) -> None:
        """Add an element; if the ring is full, the oldest makes room."""
        self._items.append(value)

    def pop(self) -> int:
        """Remove the oldest element and return it. Raises IndexError if there is none."""
        return self._items.popleft()

    def __len__(self) -> int:
        return len(self._items)

    def capacity(self) -> int:
        """Return the capacity, which never changes."""
        return self._capacity

    def items(self) -> list[int]:
        """Return a copy of the elements, from the oldest to the newest."""
        return list(self._items)
