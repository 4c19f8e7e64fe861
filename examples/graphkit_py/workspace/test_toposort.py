import pytest

import toposort
from graph import Graph


def build(*edges: str) -> Graph:
    """Return a graph with edges of weight 1, each written as its two labels."""
    g = Graph()
    for source, target in edges:
        g.add_edge(source, target, 1)
    return g


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ((), []),
        (("ab", "bc"), ["a", "b", "c"]),
        (("da", "cb", "eb"), ["c", "d", "a", "e", "b"]),
        (("fa", "fb", "ac", "bc", "fc"), ["f", "a", "b", "c"]),
    ],
)
def test_sort(edges: tuple[str, ...], expected: list[str]) -> None:
    got = toposort.sort(build(*edges))
    assert got == expected, f"edges {edges}"
    lone = build("ba")
    lone.add_node("c")
    assert toposort.sort(lone) == ["b", "a", "c"]


def test_sort_cycle() -> None:
    for edges in [("aa",), ("ab", "ba"), ("sa", "ab", "bc", "ca", "cz")]:
        g = build(*edges)
        with pytest.raises(ValueError):
            toposort.sort(g)
        assert g.size() == len(edges), "sort must leave its graph as it was"


def test_has_cycle() -> None:
    for edges in [("aa",), ("xa", "ab", "bc", "ca")]:
        g = build(*edges)
        assert toposort.has_cycle(g) is True, f"edges {edges}"
    for edges in [(), ("ab", "ac", "bd", "cd")]:
        g = build(*edges)
        assert toposort.has_cycle(g) is False, f"edges {edges}"
