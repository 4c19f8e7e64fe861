"""A stack of whole numbers."""


class Stack:
    """A stack: the last in is the first out."""

    def __init__(self) -> None:
        self._items: list[int] = []

    def push(self, value: int) -> None:
        """Put a value on top."""
        self._items.append(value)

    def pop(self) -> int:
        """Remove the top and return it. Raises IndexError if there is none."""
        return self._items.pop()

    def peek(self) -> int:
        """Return the top. Raises IndexError if there is none."""
        return self._items[-1]

    def __len__(self) -> int:
        return len(self._items)

    def items(self) -> list[int]:
        """Return a copy of the elements, from the bottom to the top."""
        return list(self._items)
