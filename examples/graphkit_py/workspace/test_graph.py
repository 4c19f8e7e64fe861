import pytest

from graph import Graph


@pytest.fixture
def square() -> Graph:
    """The graph a -> b -> d and a -> c -> d, built out of order."""
    g = Graph()
    g.add_edge("c", "d", 4)
    g.add_edge("a", "c", 2)
    g.add_edge("b", "d", 3)
    g.add_edge("a", "b", 1)
    return g


def test_empty() -> None:
    g = Graph()
    assert (g.order(), g.size(), g.nodes()) == (0, 0, [])
    assert not g.has_node("a"), "a new graph knows a node"
    assert not g.has_edge("a", "b"), "a new graph knows an edge"
    assert g.neighbors("a") == []


def test_add_node() -> None:
    g = Graph()
    for label in ["b", "a", "b", "c"]:
        g.add_node(label)
    assert g.nodes() == ["a", "b", "c"], "each label once, in ascending order"
    g.add_edge("a", "b", 1)
    g.add_node("a")
    assert (g.order(), g.size()) == (3, 1), "adding a node again must change nothing"
    assert g.has_edge("a", "b"), "adding a node again must keep its edges"


def test_add_edge(square: Graph) -> None:
    assert (square.order(), square.size()) == (4, 4)
    assert square.has_node("d"), "add_edge must add both of its nodes"
    assert square.has_edge("a", "b"), "add_edge must add the edge"
    assert not square.has_edge("b", "a"), "edges are directed: b -> a was never added"
    square.add_edge("d", "d", 5)
    assert square.has_edge("d", "d"), "an edge may lead from a node to itself"
    assert (square.order(), square.size()) == (4, 5), "a loop is one more edge and no more node"


def test_weight(square: Graph) -> None:
    assert square.weight("a", "c") == 2
    square.add_edge("a", "c", -7)
    assert square.weight("a", "c") == -7, "an edge that is there gets the new weight"
    assert square.size() == 4
    square.add_edge("b", "d", 0)
    assert square.weight("b", "d") == 0, "a weight may be zero"
    assert square.weight("c", "a") is None, "no edge leads from c to a"
    assert square.weight("x", "a") is None


def test_neighbors(square: Graph) -> None:
    neighbors = {label: square.neighbors(label) for label in "abdx"}
    assert neighbors == {"a": ["b", "c"], "b": ["d"], "d": [], "x": []}


def test_transpose(square: Graph) -> None:
    square.add_node("lone")
    square.add_edge("d", "d", 6)
    turned = square.transpose()
    assert turned.weight("d", "c") == 4, "weights are kept"
    assert not turned.has_edge("c", "d"), "edges are turned round"
    assert (turned.order(), turned.size()) == (5, 5)
    assert turned.has_node("lone"), "isolated nodes are kept"
    assert turned.has_edge("d", "d"), "loops are kept"
    turned.add_edge("a", "z", 1)
    assert not square.has_node("z"), "the two graphs share nothing"
    assert square.has_edge("a", "b"), "transpose must leave its graph as it was"
