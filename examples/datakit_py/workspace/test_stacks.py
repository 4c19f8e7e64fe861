import pytest

from stacks import Stack


def of(*values: int) -> Stack:
    """Return a stack onto which the values have been pushed, the last one on top."""
    s = Stack()
    for value in values:
        s.push(value)
    return s


def check(s: Stack, *items: int) -> None:
    """Compare the elements of a stack, from the bottom to the top."""
    assert s.items() == list(items), "the elements, from the bottom to the top"
    assert len(s) == len(items), "the number of elements"


def check_empty(s: Stack) -> None:
    """Expect that a stack has nothing to give, however often it is asked."""
    for _ in range(2):
        with pytest.raises(IndexError):
            s.pop()
        with pytest.raises(IndexError):
            s.peek()
    check(s)


def test_empty() -> None:
    s = Stack()
    check(s)
    check_empty(s)
    s.push(7)
    check(s, 7)
    assert s.pop() == 7, "an empty stack can be used like a new one"
    check_empty(s)


def test_push_pop() -> None:
    s = of(3, 1, 2)
    check(s, 3, 1, 2)
    assert s.pop() == 2, "the last in is the first out"
    check(s, 3, 1)
    assert s.pop() == 1, "then the one before it"
    check(s, 3)
    assert s.pop() == 3, "and at last the first in"
    check_empty(s)
    s = of(1, 2)
    assert s.pop() == 2
    s.push(0)
    s.push(0)
    check(s, 1, 0, 0)
    assert s.pop() == 0, "equal elements are kept apart"
    check(s, 1, 0)


def test_peek() -> None:
    s = of(4, -5)
    for _ in range(2):
        assert s.peek() == -5, "peek returns the top, and leaves it there"
    check(s, 4, -5)
    s.pop()
    assert s.peek() == 4, "peek returns what has become the top"
    check(s, 4)
    s.pop()
    check_empty(s)


def test_items() -> None:
    s = of(1, 2, 3)
    items = s.items()
    items[0] = items[2] = 9
    check(s, 1, 2, 3)
    s.pop()
    s.push(8)
    assert items == [9, 2, 9], "a list that was given out has changed"
    other = of(5)
    other.push(6)
    check(s, 1, 2, 8)
    check(other, 5, 6)


def test_many() -> None:
    n = 200
    s = Stack()
    for i in range(n):
        s.push(i)
        s.push(-i)
        assert s.pop() == -i, "the last in is the first out"
    assert len(s) == n, "one of two was taken out"
    assert s.items() == list(range(n))
    for i in reversed(range(n)):
        assert s.pop() == i
    check_empty(s)
    for i in range(n):
        s.push(i)
    assert len(s) == n, "a stack that was emptied can be filled again"
    assert s.peek() == n - 1
    assert s.items() == list(range(n))
    assert Stack().items() == [], "stacks share nothing"
