"""Topological order."""

import heapq

from graph import Graph


def sort(g: Graph) -> list[str]:
    """Return all labels so that edges lead forward, by Kahn's algorithm, smallest label first.

    Raises ValueError for a graph with a cycle.
    """
    missing = dict.fromkeys(g.nodes(), 0)
    for label in g.nodes():
        for neighbor in g.neighbors(label):
            missing[neighbor] += 1
    ready = [label for label, count in missing.items() if count == 0]
    order: list[str] = []
    while ready:
        label = heapq.heappop(ready)
        order.append(label)
        for neighbor in g.neighbors(label):
            missing[neighbor] -= 1
            if missing[neighbor] == 0:
                heapq.heappush(ready, neighbor)
    if len(order) < g.order():
        raise ValueError("the graph has a cycle")
    return order


def has_cycle(g: Graph) -> bool:
    """Return whether the graph has a cycle; a loop is one."""
    try:
        sort(g)
    except ValueError:
        return True
    return False
