"""Shortest paths."""

import heapq

from graph import Graph


def unweighted(g: Graph, source: str, target: str) -> list[str] | None:
    """Return the path with the fewest edges; of several, the one whose labels come first."""
    if not g.has_node(source):
        return None
    previous = {source: source}
    queue = [source]
    for label in queue:  # grows while it is walked through
        for neighbor in g.neighbors(label):
            if neighbor not in previous:
                previous[neighbor] = label
                queue.append(neighbor)
    return _walk_back(previous, source, target)


def dijkstra(g: Graph, source: str, target: str) -> tuple[list[str], int] | None:
    """Return a path with the least sum of weights, and that sum."""
    costs, previous = _cheapest(g, source)
    path = _walk_back(previous, source, target)
    return None if path is None else (path, costs[target])


def distances(g: Graph, source: str) -> dict[str, int]:
    """Return the cost of the cheapest path to each node that can be reached."""
    costs, _ = _cheapest(g, source)
    return costs


def _cheapest(g: Graph, source: str) -> tuple[dict[str, int], dict[str, str]]:
    """Return the least cost of each node within reach, and the node before it on a path of that cost."""
    costs: dict[str, int] = {}
    previous: dict[str, str] = {}
    queue = [(0, source, source)] if g.has_node(source) else []
    while queue:
        cost, label, via = heapq.heappop(queue)
        if label in costs:
            continue
        costs[label] = cost
        previous[label] = via
        for neighbor in g.neighbors(label):
            weight = g.weight(label, neighbor) or 0
            heapq.heappush(queue, (cost + weight, neighbor, label))
    return costs, previous


def _walk_back(previous: dict[str, str], source: str, target: str) -> list[str] | None:
    """Follow the previous nodes from the end to the start, which is its own previous node."""
    if target not in previous:
        return None
    path = [target]
    while path[-1] != source:
        path.append(previous[path[-1]])
    return path[::-1]
