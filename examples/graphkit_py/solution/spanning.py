"""Minimum spanning trees."""

from graph import Graph

Edge = tuple[str, str, int]
"""The two nodes, the smaller one first, and the weight."""


def mst(g: Graph) -> tuple[list[Edge], int]:
    """Return a minimum spanning tree of the graph, taken as undirected, and its total weight.

    It is Kruskal's algorithm. Raises ValueError for a graph that is not connected.
    """
    root = {label: label for label in g.nodes()}
    tree: list[Edge] = []
    for u, v, weight in sorted(_undirected(g), key=lambda edge: (edge[2], edge)):
        start, end = _root(root, u), _root(root, v)
        if start != end:
            root[start] = end
            tree.append((u, v, weight))
    if len(tree) + 1 < g.order():
        raise ValueError("the graph is not connected")
    return sorted(tree), sum(weight for _, _, weight in tree)


def _undirected(g: Graph) -> list[Edge]:
    """Return one edge for each pair of nodes that are joined: the lighter one."""
    lightest: dict[tuple[str, str], int] = {}
    for source in g.nodes():
        for target in g.neighbors(source):
            if source == target:
                continue
            ends = (min(source, target), max(source, target))
            weight = g.weight(source, target) or 0
            lightest[ends] = min(weight, lightest.get(ends, weight))
    return [(u, v, weight) for (u, v), weight in lightest.items()]


def _root(parents: dict[str, str], label: str) -> str:
    """Return the root of a node's tree, and shorten the way there for the next search."""
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label
