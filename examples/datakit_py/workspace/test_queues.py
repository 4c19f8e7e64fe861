import pytest

from queues import Queue


def of(*values: int) -> Queue:
    """Return a queue to which the values have been added, the first one in front."""
    q = Queue()
    for value in values:
        q.enqueue(value)
    return q


def drain(q: Queue, *values: int) -> None:
    """Take the values out of a queue and expect it to be empty then."""
    for taken, value in enumerate(values):
        assert len(q) == len(values) - taken, "the number of elements that are left"
        assert q.dequeue() == value, f"the elements must come out as {values}"
    with pytest.raises(IndexError):
        q.dequeue()
    assert len(q) == 0, "nothing may be left"


def test_empty() -> None:
    q = Queue()
    with pytest.raises(IndexError):
        q.peek()
    drain(q)
    drain(q)
    q.enqueue(7)
    assert len(q) == 1
    drain(q, 7)


def test_order() -> None:
    q = of(3, 1, 2, 3)
    drain(q, 3, 1, 2, 3)
    q.enqueue(0)
    q.enqueue(-4)
    other = of(9)
    assert q.dequeue() == 0, "the first in is the first out"
    q.enqueue(8)
    drain(q, -4, 8)
    drain(other, 9)
    other.enqueue(9)
    other.enqueue(9)
    drain(other, 9, 9)


def test_peek() -> None:
    q = of(5, 6)
    for _ in range(2):
        assert q.peek() == 5, "peek returns the front, and leaves it there"
    assert len(q) == 2, "peek takes nothing out"
    assert q.dequeue() == 5
    q.enqueue(7)
    assert q.peek() == 6, "peek returns what has become the front"
    drain(q, 6, 7)
    with pytest.raises(IndexError):
        q.peek()


def test_mixed() -> None:
    n = 150
    q = Queue()
    after = 0
    for i in range(n):
        q.enqueue(2 * i)
        q.enqueue(2 * i + 1)
        assert q.dequeue() == after, "elements come out in the order in which they went in"
        after += 1
    assert len(q) == n, "two went in for each that came out"
    while after < 2 * n:
        assert q.peek() == after, "peek returns what is taken next"
        assert q.dequeue() == after
        after += 1
    drain(q)
