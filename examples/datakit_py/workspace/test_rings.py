import pytest

from rings import Ring


def check(r: Ring, *items: int) -> None:
    """Compare the elements of a ring, from the oldest to the newest."""
    assert r.items() == list(items), "the elements, from the oldest to the newest"
    assert len(r) == len(items), "the number of elements"


def test_new() -> None:
    r = Ring(3)
    check(r)
    assert r.capacity() == 3, "an empty ring has its capacity"
    for capacity in [0, -1]:
        with pytest.raises(ValueError):
            Ring(capacity)


def test_push() -> None:
    r = Ring(3)
    for i, items in enumerate([[1], [1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6], [5, 6, 7]], 1):
        r.push(i)
        check(r, *items)
    assert r.capacity() == 3, "the capacity never changes"


def test_pop() -> None:
    r = Ring(2)
    with pytest.raises(IndexError):
        r.pop()
    for i in range(5):
        r.push(i)
    assert r.pop() == 3, "the oldest of those that are left is the first out"
    assert r.pop() == 4, "then the newest"
    with pytest.raises(IndexError):
        r.pop()
    check(r)
    r.push(8)
    r.push(9)
    check(r, 8, 9)
    assert r.pop() == 8, "a ring that was emptied works as before"
    check(r, 9)
    assert r.capacity() == 2, "the capacity never changes"


def test_mixed() -> None:
    r, other = Ring(3), Ring(1)
    r.push(0)
    r.push(0)
    for i in range(1, 30):
        r.push(i)
        r.push(-i)
        other.push(i)
        assert r.pop() == 1 - i, "the oldest makes room, the next oldest is the first out"
        check(r, i, -i)
        check(other, i)
    assert (r.capacity(), other.capacity()) == (3, 1)


def test_items() -> None:
    r = Ring(2)
    r.push(1)
    r.push(2)
    items = r.items()
    items[0] = 9
    check(r, 1, 2)
    r.push(3)
    assert items == [9, 2], "a list that was given out has changed"
    check(r, 2, 3)
    items.append(4)
    check(r, 2, 3)
    assert r.items() == r.items(), "listing the elements takes none out"
