// Package graph holds a directed graph with weighted edges.
package graph

import (
	"maps"
	"slices"
)

// Graph is a directed graph whose nodes are known by their labels. Use New to make one.
type Graph struct {
	edges map[string]map[string]int // from, to, weight; every node has an entry
}

// New returns an empty graph.
func New() *Graph {
	return &Graph{edges: make(map[string]map[string]int)}
}

// AddNode adds a node, unless it is there already.
func (g *Graph) AddNode(label string) {
	if !g.HasNode(label) {
		g.edges[label] = make(map[string]int)
	}
}

// AddEdge adds an edge and its nodes, or gives an edge that is there already a new weight.
func (g *Graph) AddEdge(from, to string, weight int) {
	g.AddNode(from)
	g.AddNode(to)
	g.edges[from][to] = weight
}

// HasNode reports whether the node is in the graph.
func (g *Graph) HasNode(label string) bool {
	_, ok := g.edges[label]
	return ok
}

// HasEdge reports whether an edge leads from one node to the other.
func (g *Graph) HasEdge(from, to string) bool {
	_, ok := g.edges[from][to]
	return ok
}

// Weight returns the weight of an edge, and whether there is such an edge.
func (g *Graph) Weight(from, to string) (int, bool) {
	weight, ok := g.edges[from][to]
	return weight, ok
}

// Order returns the number of nodes.
func (g *Graph) Order() int {
	return len(g.edges)
}

// Size returns the number of edges.
func (g *Graph) Size() int {
	size := 0
	for _, targets := range g.edges {
		size += len(targets)
	}
	return size
}

// Nodes returns all labels in ascending order.
func (g *Graph) Nodes() []string {
	return slices.Sorted(maps.Keys(g.edges))
}

// Neighbors returns the labels that edges from the node lead to, in ascending order.
func (g *Graph) Neighbors(label string) []string {
	return slices.Sorted(maps.Keys(g.edges[label]))
}

// Transpose returns a new graph with every edge turned round.
func (g *Graph) Transpose() *Graph {
	turned := New()
	for from, targets := range g.edges {
		turned.AddNode(from)
		for to, weight := range targets {
			turned.AddEdge(to, from, weight)
		}
	}
	return turned
}
