// Package spanning finds minimum spanning trees.
package spanning

import (
	"cmp"
	"errors"
	"slices"

	"graphkit/graph"
)

// ErrDisconnected is returned for a graph that no tree can span.
var ErrDisconnected = errors.New("graph is not connected")

// Edge joins two nodes; U is smaller than V.
type Edge struct {
	U, V   string
	Weight int
}

// MST returns a minimum spanning tree of the graph, taken as undirected, and its total weight. It is Kruskal's
// algorithm; of edges of the same weight the one that comes first by U, then V, is taken first.
func MST(g *graph.Graph) ([]Edge, int, error) {
	edges := undirected(g)
	slices.SortFunc(edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.Weight, b.Weight), byNodes(a, b))
	})
	var tree []Edge
	total := 0
	joined := make(forest)
	for _, edge := range edges {
		if joined.union(edge.U, edge.V) {
			tree = append(tree, edge)
			total += edge.Weight
		}
	}
	if len(tree) < g.Order()-1 {
		return nil, 0, ErrDisconnected
	}
	slices.SortFunc(tree, byNodes)
	return tree, total, nil
}

// undirected returns one edge for each pair of nodes that are joined: the lighter one.
func undirected(g *graph.Graph) []Edge {
	var edges []Edge
	for _, from := range g.Nodes() {
		for _, to := range g.Neighbors(from) {
			weight, _ := g.Weight(from, to)
			back, both := g.Weight(to, from)
			switch {
			case from < to && both:
				edges = append(edges, Edge{U: from, V: to, Weight: min(weight, back)})
			case from < to:
				edges = append(edges, Edge{U: from, V: to, Weight: weight})
			case from > to && !both:
				edges = append(edges, Edge{U: to, V: from, Weight: weight})
			}
		}
	}
	return edges
}

func byNodes(a, b Edge) int {
	return cmp.Or(cmp.Compare(a.U, b.U), cmp.Compare(a.V, b.V))
}

// forest is a disjoint-set forest; a node without an entry is a root.
type forest map[string]string

func (f forest) root(label string) string {
	for {
		parent, ok := f[label]
		if !ok {
			return label
		}
		if grand, ok := f[parent]; ok {
			f[label] = grand // halves the way for the next search
		}
		label = parent
	}
}

// union joins the trees of two nodes; it reports false if they are one already.
func (f forest) union(a, b string) bool {
	rootA, rootB := f.root(a), f.root(b)
	if rootA == rootB {
		return false
	}
	f[rootA] = rootB
	return true
}
