import pytest

import spanning
from graph import Graph


def check(g: Graph, edges: list[tuple[str, str, int]], total: int) -> None:
    """Compare the tree of a graph with the edges and the total weight expected.

    In each edge the smaller label comes first, and the edges are sorted by their labels.
    """
    got, weight = spanning.mst(g)
    assert got == edges, f"mst() = {got}, not {edges}"
    assert weight == total, f"mst() weighs {weight}, not {total}"


def test_mst() -> None:
    g = Graph()
    g.add_edge("e", "d", 7)
    g.add_edge("f", "e", 8)
    g.add_edge("b", "a", 7)
    g.add_edge("a", "d", 5)
    g.add_edge("b", "c", 11)
    g.add_edge("b", "d", 9)
    g.add_edge("c", "e", 4)
    g.add_edge("d", "f", 6)
    tree = [
        ("a", "b", 7),
        ("a", "d", 5),
        ("c", "e", 4),
        ("d", "e", 7),
        ("d", "f", 6),
    ]
    check(g, tree, total=29)
    assert (g.order(), g.size()) == (6, 8), "mst must leave its graph as it was"
    assert not g.has_edge("a", "b"), "mst must leave its graph as it was"


def test_undirected() -> None:
    """An edge counts in both directions; of two opposite ones the lighter counts, and a loop never does."""
    g = Graph()
    g.add_edge("a", "a", -9)
    g.add_edge("a", "b", 5)
    g.add_edge("b", "a", 2)
    g.add_edge("c", "b", 1)
    g.add_edge("b", "c", 8)
    g.add_edge("c", "a", 3)
    tree = [
        ("a", "b", 2),
        ("b", "c", 1),
    ]
    check(g, tree, 3)


def test_ties() -> None:
    """Among edges of the same weight, the one that is first by u and then by v is taken first."""
    g = Graph()
    for source, target in ["dc", "db", "da", "cb", "ca", "ba"]:
        g.add_edge(source, target, 1)
    g.add_edge("e", "d", 2)
    g.add_edge("c", "e", 2)
    g.add_edge("z", "e", -4)
    tree = [
        ("a", "b", 1),
        ("a", "c", 1),
        ("a", "d", 1),
        ("c", "e", 2),
        ("e", "z", -4),
    ]
    check(g, tree, 1)


def test_small() -> None:
    """A graph with one node, or none, gives no edges and a total of 0."""
    g = Graph()
    check(g, [], 0)
    g.add_node("a")
    check(g, [], 0)
    g.add_edge("a", "a", 1)
    check(g, [], 0)
    g.add_edge("b", "a", 0)
    check(g, [("a", "b", 0)], 0)
    g.add_edge("b", "a", 3)
    check(g, [("a", "b", 3)], 3)


def test_disconnected() -> None:
    g = Graph()
    g.add_edge("a", "b", 1)
    g.add_edge("c", "d", 1)
    with pytest.raises(ValueError):  # two trees
        spanning.mst(g)
    g.add_edge("d", "b", 1)
    tree = [
        ("a", "b", 1),
        ("b", "d", 1),
        ("c", "d", 1),
    ]
    check(g, tree, 3)
    g.add_node("lone")
    with pytest.raises(ValueError):  # a node without edges
        spanning.mst(g)
