package graph_test

import (
	"slices"
	"testing"

	"graphkit/graph"
)

// square returns a -> b -> d and a -> c -> d, built out of order.
func square() *graph.Graph {
	g := graph.New()
	g.AddEdge("c", "d", 4)
	g.AddEdge("a", "c", 2)
	g.AddEdge("b", "d", 3)
	g.AddEdge("a", "b", 1)
	return g
}

func TestEmpty(t *testing.T) {
	g := graph.New()
	if g.Order() != 0 || g.Size() != 0 || len(g.Nodes()) != 0 {
		t.Errorf("new graph: order %d, size %d, nodes %v", g.Order(), g.Size(), g.Nodes())
	}
	if g.HasNode("a") || g.HasEdge("a", "b") || len(g.Neighbors("a")) != 0 {
		t.Error("new graph knows a node or an edge")
	}
}

func TestAddNode(t *testing.T) {
	g := graph.New()
	for _, label := range []string{"b", "a", "b", "c"} {
		g.AddNode(label)
	}
	if got, want := g.Nodes(), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("Nodes() = %v, want %v", got, want)
	}
	g.AddEdge("a", "b", 1)
	g.AddNode("a")
	if g.Order() != 3 || g.Size() != 1 || !g.HasEdge("a", "b") {
		t.Error("adding a node again must change nothing")
	}
}

func TestAddEdge(t *testing.T) {
	g := square()
	if g.Order() != 4 || g.Size() != 4 {
		t.Errorf("order %d, size %d, want 4, 4", g.Order(), g.Size())
	}
	if !g.HasNode("d") || !g.HasEdge("a", "b") {
		t.Error("AddEdge must add the edge and both of its nodes")
	}
	if g.HasEdge("b", "a") {
		t.Error("edges are directed: b -> a was never added")
	}
	g.AddEdge("d", "d", 5)
	if !g.HasEdge("d", "d") || g.Order() != 4 || g.Size() != 5 {
		t.Error("a loop is one more edge and no more node")
	}
}

func TestWeight(t *testing.T) {
	g := square()
	if w, ok := g.Weight("a", "c"); w != 2 || !ok {
		t.Errorf("Weight(a, c) = %d, %t, want 2, true", w, ok)
	}
	g.AddEdge("a", "c", -7)
	if w, ok := g.Weight("a", "c"); w != -7 || !ok || g.Size() != 4 {
		t.Errorf("replaced: Weight(a, c) = %d, %t, size %d, want -7, true, 4", w, ok, g.Size())
	}
	if w, ok := g.Weight("c", "a"); w != 0 || ok {
		t.Errorf("Weight(c, a) = %d, %t, want 0, false", w, ok)
	}
}

func TestNeighbors(t *testing.T) {
	g := square()
	for label, want := range map[string][]string{"a": {"b", "c"}, "b": {"d"}, "d": nil, "x": nil} {
		if got := g.Neighbors(label); !slices.Equal(got, want) {
			t.Errorf("Neighbors(%s) = %v, want %v", label, got, want)
		}
	}
}

func TestTranspose(t *testing.T) {
	g := square()
	g.AddNode("lone")
	g.AddEdge("d", "d", 6)
	r := g.Transpose()
	if w, ok := r.Weight("d", "c"); w != 4 || !ok || r.HasEdge("c", "d") {
		t.Errorf("transposed Weight(d, c) = %d, %t, want 4, true", w, ok)
	}
	if r.Order() != 5 || r.Size() != 5 || !r.HasNode("lone") || !r.HasEdge("d", "d") {
		t.Errorf("transposed order %d, size %d, want 5, 5", r.Order(), r.Size())
	}
	r.AddEdge("a", "z", 1)
	if g.HasNode("z") || !g.HasEdge("a", "b") {
		t.Error("Transpose must leave its graph as it was")
	}
}
