"""Visits to the nodes of a graph, neighbors in ascending order."""

from graph import Graph


def bfs(g: Graph, start: str) -> list[str]:
    """Return the labels in the order of a breadth-first visit from start."""
    if not g.has_node(start):
        return []
    order = [start]
    seen = {start}
    for label in order:  # grows while it is walked through
        for neighbor in g.neighbors(label):
            if neighbor not in seen:
                seen.add(neighbor)
                order.append(neighbor)
    return order


def dfs(g: Graph, start: str) -> list[str]:
    """Return the labels in the order in which a depth-first visit from start enters them."""
    if not g.has_node(start):
        return []
    order: list[str] = []
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        label = waiting.pop()
        if label not in seen:
            seen.add(label)
            order.append(label)
            waiting.extend(reversed(g.neighbors(label)))
    return order


def reachable(g: Graph, source: str, target: str) -> bool:
    """Return whether the edges lead from one node to the other."""
    return target in bfs(g, source)
