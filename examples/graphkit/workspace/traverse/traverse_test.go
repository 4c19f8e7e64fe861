package traverse_test

import (
	"slices"
	"testing"

	"graphkit/graph"
	"graphkit/traverse"
)

// sample is a graph with two cycles and a way in, x, that cannot be reached.
func sample() *graph.Graph {
	g := graph.New()
	for _, e := range []string{"xa", "da", "cd", "ef", "ec", "be", "ac", "ab"} {
		g.AddEdge(e[:1], e[1:], 1)
	}
	return g
}

func TestBFS(t *testing.T) {
	for start, want := range map[string][]string{
		"a":    {"a", "b", "c", "e", "d", "f"},
		"c":    {"c", "d", "a", "b", "e", "f"},
		"e":    {"e", "c", "f", "d", "a", "b"},
		"f":    {"f"},
		"x":    {"x", "a", "b", "c", "e", "d", "f"},
		"none": nil,
	} {
		if got := traverse.BFS(sample(), start); !slices.Equal(got, want) {
			t.Errorf("BFS(%s) = %v, want %v", start, got, want)
		}
	}
}

func TestDFS(t *testing.T) {
	for start, want := range map[string][]string{
		"a":    {"a", "b", "e", "c", "d", "f"},
		"c":    {"c", "d", "a", "b", "e", "f"},
		"e":    {"e", "c", "d", "a", "b", "f"},
		"f":    {"f"},
		"x":    {"x", "a", "b", "e", "c", "d", "f"},
		"none": nil,
	} {
		if got := traverse.DFS(sample(), start); !slices.Equal(got, want) {
			t.Errorf("DFS(%s) = %v, want %v", start, got, want)
		}
	}
}

func TestReachable(t *testing.T) {
	tests := []struct {
		from, to string
		want     bool
	}{
		{"a", "d", true},
		{"x", "e", true},
		{"a", "x", false},
		{"x", "x", true},
		{"a", "none", false},
		{"none", "a", false},
		{"none", "none", false},
	}
	for _, tt := range tests {
		if got := traverse.Reachable(sample(), tt.from, tt.to); got != tt.want {
			t.Errorf("Reachable(%s, %s) = %t", tt.from, tt.to, got)
		}
	}
}
