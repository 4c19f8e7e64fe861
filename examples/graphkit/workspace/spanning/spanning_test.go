package spanning_test

import (
	"slices"
	"testing"

	"graphkit/graph"
	"graphkit/spanning"
)

// check compares the tree of g with the edges and the total weight expected.
func check(t *testing.T, g *graph.Graph, want []spanning.Edge, total int) {
	t.Helper()
	got, weight, err := spanning.MST(g)
	if err != nil {
		t.Fatalf("MST() failed: %v", err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("MST() = %v, want %v", got, want)
	}
	if weight != total {
		t.Errorf("MST() weighs %d, want %d", weight, total)
	}
}

func TestMST(t *testing.T) {
	g := graph.New()
	g.AddEdge("e", "d", 7)
	g.AddEdge("f", "e", 8)
	g.AddEdge("b", "a", 7)
	g.AddEdge("a", "d", 5)
	g.AddEdge("b", "c", 11)
	g.AddEdge("b", "d", 9)
	g.AddEdge("c", "e", 4)
	g.AddEdge("d", "f", 6)
	check(t, g, []spanning.Edge{
		{U: "a", V: "b", Weight: 7},
		{U: "a", V: "d", Weight: 5},
		{U: "c", V: "e", Weight: 4},
		{U: "d", V: "e", Weight: 7},
		{U: "d", V: "f", Weight: 6},
	}, 29)
	if g.Order() != 6 || g.Size() != 8 || g.HasEdge("a", "b") {
		t.Error("MST must leave its graph as it was")
	}
}

// An edge counts in both directions; of two opposite ones the lighter counts, and a loop never does.
func TestUndirected(t *testing.T) {
	g := graph.New()
	g.AddEdge("a", "a", -9)
	g.AddEdge("a", "b", 5)
	g.AddEdge("b", "a", 2)
	g.AddEdge("c", "b", 1)
	g.AddEdge("b", "c", 8)
	g.AddEdge("c", "a", 3)
	check(t, g, []spanning.Edge{
		{U: "a", V: "b", Weight: 2},
		{U: "b", V: "c", Weight: 1},
	}, 3)
}

// Of edges of the same weight, the one that is first by U and then by V is taken first.
func TestTies(t *testing.T) {
	g := graph.New()
	for _, e := range []string{"dc", "db", "da", "cb", "ca", "ba"} {
		g.AddEdge(e[:1], e[1:], 1)
	}
	g.AddEdge("e", "d", 2)
	g.AddEdge("c", "e", 2)
	g.AddEdge("z", "e", -4)
	check(t, g, []spanning.Edge{
		{U: "a", V: "b", Weight: 1},
		{U: "a", V: "c", Weight: 1},
		{U: "a", V: "d", Weight: 1},
		{U: "c", V: "e", Weight: 2},
		{U: "e", V: "z", Weight: -4},
	}, 1)
}

func TestSmall(t *testing.T) {
	g := graph.New()
	check(t, g, nil, 0)
	g.AddNode("a")
	check(t, g, nil, 0)
	g.AddEdge("a", "a", 1)
	check(t, g, nil, 0)
	g.AddEdge("b", "a", 0)
	check(t, g, []spanning.Edge{{U: "a", V: "b", Weight: 0}}, 0)
	g.AddEdge("b", "a", 3)
	check(t, g, []spanning.Edge{{U: "a", V: "b", Weight: 3}}, 3)
}

func TestDisconnected(t *testing.T) {
	g := graph.New()
	g.AddEdge("a", "b", 1)
	g.AddEdge("c", "d", 1)
	if got, weight, err := spanning.MST(g); err == nil || weight != 0 || len(got) != 0 {
		t.Errorf("MST() = %v, %d, %v, want an error only", got, weight, err)
	}
	g.AddEdge("d", "b", 1)
	check(t, g, []spanning.Edge{
		{U: "a", V: "b", Weight: 1},
		{U: "b", V: "d", Weight: 1},
		{U: "c", V: "d", Weight: 1},
	}, 3)
	g.AddNode("lone")
	if _, _, err := spanning.MST(g); err == nil {
		t.Error("MST() must fail for a node without edges")
	}
}
