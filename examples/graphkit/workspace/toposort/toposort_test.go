package toposort_test

import (
	"slices"
	"testing"

	"graphkit/graph"
	"graphkit/toposort"
)

func build(edges ...string) *graph.Graph {
	g := graph.New()
	for _, e := range edges {
		g.AddEdge(e[:1], e[1:], 1)
	}
	return g
}

func TestSort(t *testing.T) {
	lone := build("ba")
	lone.AddNode("c")
	tests := []struct {
		g    *graph.Graph
		want []string
	}{
		{build(), nil},
		{build("ab", "bc"), []string{"a", "b", "c"}},
		{build("da", "cb", "eb"), []string{"c", "d", "a", "e", "b"}},
		{build("fa", "fb", "ac", "bc", "fc"), []string{"f", "a", "b", "c"}},
		{lone, []string{"b", "a", "c"}},
	}
	for _, tt := range tests {
		if got, err := toposort.Sort(tt.g); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("Sort() = %v, %v, want %v", got, err, tt.want)
		}
	}
}

func TestSortCycle(t *testing.T) {
	for _, g := range []*graph.Graph{build("aa"), build("ab", "ba"), build("sa", "ab", "bc", "ca", "cz")} {
		if got, err := toposort.Sort(g); err == nil || len(got) != 0 {
			t.Errorf("Sort() = %v, %v, want no order and an error", got, err)
		}
	}
}

func TestHasCycle(t *testing.T) {
	for _, g := range []*graph.Graph{build("aa"), build("xa", "ab", "bc", "ca")} {
		if !toposort.HasCycle(g) {
			t.Errorf("HasCycle() = false for %v", g.Nodes())
		}
	}
	for _, g := range []*graph.Graph{build(), build("ab", "ac", "bd", "cd")} {
		if toposort.HasCycle(g) {
			t.Errorf("HasCycle() = true for %v", g.Nodes())
		}
	}
}
