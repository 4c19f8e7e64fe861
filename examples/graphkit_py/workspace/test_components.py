import pytest

import components
from graph import Graph


def build(*edges: str) -> Graph:
    """Return a graph with edges of weight 1, each written as its two labels."""
    g = Graph()
    for source, target in edges:
        g.add_edge(source, target, 1)
    return g


def test_connected() -> None:
    g = build("fe", "da", "ba", "ef", "cd")
    g.add_node("bb")
    expected = [["a", "b", "c", "d"], ["bb"], ["e", "f"]]
    assert components.connected(g) == expected
    assert g.order() == 7, "connected must leave its graph as it was"


def test_scc() -> None:
    g = build("hg", "gh", "ca", "bc", "ab", "cd", "de", "ed", "ef", "gf", "ff")
    expected = [["a", "b", "c"], ["d", "e"], ["f"], ["g", "h"]]
    assert components.scc(g) == expected


def test_empty() -> None:
    assert components.connected(build()) == []
    assert components.scc(build()) == []


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ((), True),
        (("aa",), True),
        (("ab", "bc", "ca"), True),
        (("ab", "ba", "bc", "cd", "db"), True),
        (("ab", "bc"), False),
        (("ab", "cb"), False),
        (("ab", "ba", "cd", "dc"), False),
    ],
)
def test_is_strongly_connected(edges: tuple[str, ...], expected: bool) -> None:
    g = build(*edges)
    assert components.is_strongly_connected(g) is expected, f"edges {edges}"
