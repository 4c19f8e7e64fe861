// Package traverse visits the nodes of a graph, neighbors in ascending order.
package traverse

import (
	"slices"

	"graphkit/graph"
)

// BFS returns the labels in the order of a breadth-first visit from start.
func BFS(g *graph.Graph, start string) []string {
	if !g.HasNode(start) {
		return nil
	}
	order := []string{start}
	seen := map[string]bool{start: true}
	for next := 0; next < len(order); next++ {
		for _, neighbor := range g.Neighbors(order[next]) {
			if !seen[neighbor] {
				seen[neighbor] = true
				order = append(order, neighbor)
			}
		}
	}
	return order
}

// DFS returns the labels in the order in which a depth-first visit from start enters them.
func DFS(g *graph.Graph, start string) []string {
	if !g.HasNode(start) {
		return nil
	}
	var order []string
	seen := make(map[string]bool)
	var enter func(label string)
	enter = func(label string) {
		seen[label] = true
		order = append(order, label)
		for _, neighbor := range g.Neighbors(label) {
			if !seen[neighbor] {
				enter(neighbor)
			}
		}
	}
	enter(start)
	return order
}

// Reachable reports whether the edges lead from one node to the other.
func Reachable(g *graph.Graph, from, to string) bool {
	return slices.Contains(BFS(g, from), to)
}
