"""A directed graph with weighted edges."""

from __future__ import annotations


class Graph:
    """A directed graph whose nodes are known by their labels."""

    def __init__(self) -> None:
        self._edges: dict[str, dict[str, int]] = {}
        """Weight by source and target; every node has an entry."""

    def add_node(self, label: str) -> None:
        """Add a node, unless it is there already."""
        self._edges.setdefault(label, {})

    def add_edge(self, source: str, target: str, weight: int) -> None:
        """Add an edge and its nodes, or give an edge that is there already a new weight."""
        self.add_node(source)
        self.add_node(target)
        self._edges[source][target] = weight

    def has_node(self, label: str) -> bool:
        """Return whether the node is in the graph."""
        return label in self._edges

    def has_edge(self, source: str, target: str) -> bool:
        """Return whether an edge leads from one node to the other."""
        return target in self._edges.get(source, {})

    def weight(self, source: str, target: str) -> int | None:
        """Return the weight of an edge, None if there is no such edge."""
        return self._edges.get(source, {}).get(target)

    def order(self) -> int:
        """Return the number of nodes."""
        return len(self._edges)

    def size(self) -> int:
        """Return the number of edges."""
        return sum(len(targets) for targets in self._edges.values())

    def nodes(self) -> list[str]:
        """Return all labels in ascending order."""
        return sorted(self._edges)

    def neighbors(self, label: str) -> list[str]:
        """Return the labels that edges from the node lead to, in ascending order."""
        return sorted(self._edges.get(label, {}))

    def transpose(self) -> Graph:
        """Return a new graph with every edge turned round."""
        turned = Graph()
        for source, targets in self._edges.items():
            turned.add_node(source)
            for target, weight in targets.items():
                turned.add_edge(target, source, weight)
        return turned
