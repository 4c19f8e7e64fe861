import pytest

import paths
from graph import Graph


@pytest.fixture
def roads() -> Graph:
    """A graph with a short way of many edges from a to e, and long ways of few edges.

    Nothing leads from f to any other node, and nothing leads to z.
    """
    g = Graph()
    g.add_edge("a", "e", 20)
    g.add_edge("a", "d", 9)
    g.add_edge("d", "e", 9)
    g.add_edge("a", "b", 1)
    g.add_edge("b", "c", 2)
    g.add_edge("c", "d", 3)
    g.add_edge("e", "f", 1)
    g.add_edge("z", "a", 1)
    return g


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("a", "e", ["a", "e"]),
        ("a", "f", ["a", "e", "f"]),
        ("b", "e", ["b", "c", "d", "e"]),
        ("c", "c", ["c"]),
    ],
)
def test_unweighted(roads: Graph, source: str, target: str, expected: list[str]) -> None:
    got = paths.unweighted(roads, source, target)
    assert got == expected, f"unweighted({source}, {target})"


def test_unweighted_ties() -> None:
    g = Graph()
    for source, target in ["sc", "sb", "ct", "bu", "bt", "cu", "tz", "uz"]:
        g.add_edge(source, target, 1)
    got = paths.unweighted(g, "s", "z")
    assert got == ["s", "b", "t", "z"], "of several shortest paths, the one whose labels come first"


def test_unweighted_none(roads: Graph) -> None:
    for source, target in [("a", "z"), ("f", "a"), ("a", "no"), ("no", "a"), ("no", "no")]:
        got = paths.unweighted(roads, source, target)
        assert got is None, f"unweighted({source}, {target})"


@pytest.mark.parametrize(
    ("source", "target", "expected", "cost"),
    [
        ("a", "d", ["a", "b", "c", "d"], 6),
        ("a", "f", ["a", "b", "c", "d", "e", "f"], 16),
        ("z", "b", ["z", "a", "b"], 2),
        ("c", "c", ["c"], 0),
    ],
)
def test_dijkstra(roads: Graph, source: str, target: str, expected: list[str], cost: int) -> None:
    got = paths.dijkstra(roads, source, target)
    assert got == (expected, cost), f"dijkstra({source}, {target})"


def test_dijkstra_none(roads: Graph) -> None:
    for source, target in [("a", "z"), ("f", "a"), ("a", "no"), ("no", "no")]:
        got = paths.dijkstra(roads, source, target)
        assert got is None, f"dijkstra({source}, {target})"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a", {"a": 0, "b": 1, "c": 3, "d": 6, "e": 15, "f": 16}),
        ("d", {"d": 0, "e": 9, "f": 10}),
        ("f", {"f": 0}),
        ("no", {}),
    ],
)
def test_distances(roads: Graph, source: str, expected: dict[str, int]) -> None:
    got = paths.distances(roads, source)
    assert got == expected, f"distances({source})"
