// Package toposort orders the nodes of a graph along its edges.
package toposort

import (
	"errors"
	"slices"

	"graphkit/graph"
)

// ErrCycle is returned for a graph that has no topological order.
var ErrCycle = errors.New("graph has a cycle")

// Sort returns all labels so that every edge leads forward. Of all nodes that could be next, the one with the
// smallest label is.
func Sort(g *graph.Graph) ([]string, error) {
	missing := make(map[string]int) // predecessors not taken yet
	for _, label := range g.Nodes() {
		for _, neighbor := range g.Neighbors(label) {
			missing[neighbor]++
		}
	}
	var ready []string // ascending
	for _, label := range g.Nodes() {
		if missing[label] == 0 {
			ready = append(ready, label)
		}
	}
	var order []string
	for len(ready) > 0 {
		label := ready[0]
		ready = ready[1:]
		order = append(order, label)
		for _, neighbor := range g.Neighbors(label) {
			missing[neighbor]--
			if missing[neighbor] == 0 {
				at, _ := slices.BinarySearch(ready, neighbor)
				ready = slices.Insert(ready, at, neighbor)
			}
		}
	}
	if len(order) < g.Order() {
		return nil, ErrCycle
	}
	return order, nil
}

// HasCycle reports whether the graph has a cycle; a loop is one.
func HasCycle(g *graph.Graph) bool {
	_, err := Sort(g)
	return err != nil
}
