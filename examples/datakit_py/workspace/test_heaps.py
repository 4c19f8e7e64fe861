import pytest

from heaps import Heap


def drain(h: Heap, *values: int) -> None:
    """Take the values out of a heap and expect it to be empty then."""
    for taken, value in enumerate(values):
        assert len(h) == len(values) - taken, "the number of elements that are left"
        assert h.peek() == value, f"the elements must come out as {values}"
        assert h.pop() == value, f"the elements must come out as {values}"
    with pytest.raises(IndexError):
        h.pop()
    assert len(h) == 0, "nothing may be left"


def test_empty() -> None:
    h = Heap()
    with pytest.raises(IndexError):
        h.peek()
    drain(h)
    h.push(7)
    assert h.peek() == 7, "peek returns the only element, and leaves it there"
    drain(h, 7)
    h.push(8)
    drain(h, 8)


def test_new() -> None:
    given = [5, 2, 9, 2, -1, 7]
    h = Heap(given)
    drain(h, -1, 2, 2, 5, 7, 9)
    assert given == [5, 2, 9, 2, -1, 7], "a new heap has changed what it was given"
    h = Heap(given)
    given[4] = -50
    assert h.peek() == -1, "a heap has a copy of what it was given"
    drain(h, -1, 2, 2, 5, 7, 9)


@pytest.mark.parametrize(
    "items",
    [
        [1, 2, 3, 4, 5, 6, 7],
        [7, 6, 5, 4, 3, 2, 1],
        [3, 3, 3],
        [2, -1, 2, -1, 0],
        [8],
    ],
)
def test_push_pop(items: list[int]) -> None:
    pushed = Heap()
    for value in items:
        pushed.push(value)
    drain(pushed, *sorted(items))
    drain(Heap(items), *sorted(items))
    h, other = Heap([4, 6]), Heap([1])
    h.push(5)
    h.push(3)
    h.push(3)
    assert len(h) == 5, "equal elements are kept as often as they were added"
    assert h.pop() == 3, "the smallest is the first out"
    assert len(h) == 4, "of equal elements, one is taken"
    h.push(-(2**63))
    h.push(2**63)
    drain(h, -(2**63), 3, 4, 5, 6, 2**63)
    drain(other, 1)
    with pytest.raises(IndexError):
        other.peek()


def test_many() -> None:
    """A fixed jumble of numbers is pushed, with repetitions, and some are taken out in between."""
    h = Heap()
    kept: list[int] = []
    jumble = 1
    for i in range(120):
        jumble = jumble * 1_103 % 9_973
        h.push(jumble)
        kept.append(jumble)
        h.push(jumble % 100)
        kept.append(jumble % 100)
        if i % 5 == 0:
            kept.sort()
            assert h.pop() == kept.pop(0), "the smallest is the first out"
    assert len(h) == len(kept)
    drain(h, *sorted(kept))
