from sets import StringSet


def check(s: StringSet, *items: str) -> None:
    """Compare the items of a set, which come in ascending order, each of them once."""
    assert s.items() == list(items), "the items, in ascending order"
    assert len(s) == len(items), "the number of items"


def test_new() -> None:
    check(StringSet())
    check(StringSet(["pear", "fig", "pear", "", "Fig"]), "", "Fig", "fig", "pear")
    given = ["b", "a"]
    s = StringSet(given)
    given[0] = "z"
    check(s, "a", "b")
    assert given == ["z", "a"], "a new set has changed what it was given"


def test_add() -> None:
    s = StringSet()
    for item in ["b", "a", ""]:
        assert s.add(item) is True, f"{item!r} is a new item"
        assert s.add(item) is False, f"{item!r} is there already"
    check(s, "", "a", "b")


def test_remove() -> None:
    s = StringSet(["a", "b", "c"])
    assert s.remove("b") is True, "b was there"
    assert s.remove("b") is False, "b is there no more"
    assert s.remove("x") is False, "x was never there"
    check(s, "a", "c")
    assert s.add("b") is True, "what was removed can be added again"
    check(s, "a", "b", "c")
    for item in ["a", "b", "c"]:
        s.remove(item)
    check(s)
    assert s.remove("a") is False, "nothing is left"


def test_contains() -> None:
    s = StringSet(["a", "b"])
    s.remove("b")
    found = {item: s.contains(item) for item in ["a", "b", "A", ""]}
    assert found == {"a": True, "b": False, "A": False, "": False}


def test_items() -> None:
    s = StringSet(["b", "a"])
    items = s.items()
    items[0] = "z"
    check(s, "a", "b")
    s.remove("b")
    assert items == ["z", "b"], "a list that was given out has changed"


def test_union() -> None:
    a, b = StringSet(["d", "a"]), StringSet(["c", "a"])
    u = a.union(b)
    check(u, "a", "c", "d")
    assert u.add("x") is True, "a union is a set like any other"
    u.remove("a")
    check(a, "a", "d")
    check(b, "a", "c")
    check(a.union(StringSet()), "a", "d")
    check(StringSet().union(b), "a", "c")
    check(a.union(a), "a", "d")
    b.add("e")
    a.remove("d")
    check(u, "c", "d", "x")


def test_intersect() -> None:
    a, b = StringSet(["d", "a", "b"]), StringSet(["b", "c", "d"])
    i = a.intersect(b)
    check(i, "b", "d")
    assert i.add("x") is True, "an intersection is a set like any other"
    i.remove("b")
    check(a, "a", "b", "d")
    check(b, "b", "c", "d")
    check(a.intersect(StringSet()))
    check(StringSet(["x"]).intersect(a))
    check(a.intersect(a), "a", "b", "d")
    b.add("a")
    a.remove("d")
    check(i, "d", "x")
