import pytest

import traverse
from graph import Graph


@pytest.fixture
def sample() -> Graph:
    """A graph with two cycles and a way in, x, that cannot be reached."""
    g = Graph()
    for source, target in ["xa", "da", "cd", "ef", "ec", "be", "ac", "ab"]:
        g.add_edge(source, target, 1)
    return g


def test_bfs(sample: Graph) -> None:
    for start, expected in {
        "a": ["a", "b", "c", "e", "d", "f"],
        "c": ["c", "d", "a", "b", "e", "f"],
        "e": ["e", "c", "f", "d", "a", "b"],
        "f": ["f"],
        "x": ["x", "a", "b", "c", "e", "d", "f"],
        "none": [],
    }.items():
        assert traverse.bfs(sample, start) == expected, f"bfs({start})"


def test_dfs(sample: Graph) -> None:
    for start, expected in {
        "a": ["a", "b", "e", "c", "d", "f"],
        "c": ["c", "d", "a", "b", "e", "f"],
        "e": ["e", "c", "d", "a", "b", "f"],
        "f": ["f"],
        "x": ["x", "a", "b", "e", "c", "d", "f"],
        "none": [],
    }.items():
        assert traverse.dfs(sample, start) == expected, f"dfs({start})"


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("a", "d", True),
        ("x", "e", True),
        ("a", "x", False),
        ("x", "x", True),
        ("a", "none", False),
        ("none", "a", False),
        ("none", "none", False),
    ],
)
def test_reachable(sample: Graph, source: str, target: str, expected: bool) -> None:
    got = traverse.reachable(sample, source, target)
    assert got is expected, f"reachable({source}, {target})"
