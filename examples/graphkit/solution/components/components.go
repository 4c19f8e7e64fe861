// Package components splits a graph into its components, in canonical order.
package components

import (
	"slices"

	"graphkit/graph"
)

// Connected returns the connected components, directions ignored.
func Connected(g *graph.Graph) [][]string {
	turned := g.Transpose()
	seen := make(map[string]bool)
	var components [][]string
	for _, label := range g.Nodes() {
		if seen[label] {
			continue
		}
		component := collect(label, seen, nil, g, turned)
		slices.Sort(component)
		components = append(components, component)
	}
	return components
}

// SCC returns the strongly connected components, by Kosaraju's algorithm.
func SCC(g *graph.Graph) [][]string {
	var finished []string
	seen := make(map[string]bool)
	for _, label := range g.Nodes() {
		finished = collect(label, seen, finished, g)
	}
	turned := g.Transpose()
	seen = make(map[string]bool)
	var components [][]string
	for _, label := range slices.Backward(finished) {
		if component := collect(label, seen, nil, turned); len(component) > 0 {
			slices.Sort(component)
			components = append(components, component)
		}
	}
	slices.SortFunc(components, slices.Compare)
	return components
}

// IsStronglyConnected reports whether every node reaches every other.
func IsStronglyConnected(g *graph.Graph) bool {
	return len(SCC(g)) <= 1
}

// collect appends the nodes that any of the graphs leads to from label and that have not been seen, each after
// all that it leads to.
func collect(label string, seen map[string]bool, found []string, graphs ...*graph.Graph) []string {
	if seen[label] {
		return found
	}
	seen[label] = true
	for _, g := range graphs {
		for _, neighbor := range g.Neighbors(label) {
			found = collect(neighbor, seen, found, graphs...)
		}
	}
	return append(found, label)
}
