"""Components of a graph, in canonical order."""

from collections.abc import Iterable

from graph import Graph


def connected(g: Graph) -> list[list[str]]:
    """Return the connected components, directions ignored."""
    return _split(g.nodes(), [g, g.transpose()])


def scc(g: Graph) -> list[list[str]]:
    """Return the strongly connected components, by Kosaraju's algorithm."""
    finished: list[str] = []
    seen: set[str] = set()
    for label in g.nodes():
        finished.extend(_collect(label, seen, [g]))
    return _split(reversed(finished), [g.transpose()])


def is_strongly_connected(g: Graph) -> bool:
    """Return whether every node reaches every other."""
    return len(scc(g)) < 2


def _split(labels: Iterable[str], graphs: list[Graph]) -> list[list[str]]:
    """Return what the labels lead to, each node once, in canonical order."""
    seen: set[str] = set()
    found = [sorted(_collect(label, seen, graphs)) for label in labels if label not in seen]
    return sorted(found)


def _collect(label: str, seen: set[str], graphs: list[Graph]) -> list[str]:
    """Return the unseen nodes that any of the graphs leads to, each after all that it leads to."""
    if label in seen:
        return []
    seen.add(label)
    found: list[str] = []
    for g in graphs:
        for neighbor in g.neighbors(label):
            found.extend(_collect(neighbor, seen, graphs))
    return [*found, label]
