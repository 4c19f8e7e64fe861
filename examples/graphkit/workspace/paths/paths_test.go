package paths_test

import (
	"maps"
	"slices"
	"testing"

	"graphkit/graph"
	"graphkit/paths"
)

// roads has a short way of many edges from a to e, and long ways of few.
func roads() *graph.Graph {
	g := graph.New()
	g.AddEdge("a", "e", 20)
	g.AddEdge("a", "d", 9)
	g.AddEdge("d", "e", 9)
	g.AddEdge("a", "b", 1)
	g.AddEdge("b", "c", 2)
	g.AddEdge("c", "d", 3)
	g.AddEdge("e", "f", 1)
	g.AddEdge("z", "a", 1)
	return g
}

func TestUnweighted(t *testing.T) {
	tests := []struct {
		from, to string
		want     []string
	}{
		{"a", "e", []string{"a", "e"}},
		{"a", "f", []string{"a", "e", "f"}},
		{"b", "e", []string{"b", "c", "d", "e"}},
		{"c", "c", []string{"c"}},
	}
	for _, tt := range tests {
		if got, ok := paths.Unweighted(roads(), tt.from, tt.to); !ok || !slices.Equal(got, tt.want) {
			t.Errorf("Unweighted(%s, %s) = %v, %t, want %v", tt.from, tt.to, got, ok, tt.want)
		}
	}
}

func TestUnweightedTies(t *testing.T) {
	g := graph.New()
	for _, e := range []string{"sc", "sb", "ct", "bu", "bt", "cu", "tz", "uz"} {
		g.AddEdge(e[:1], e[1:], 1)
	}
	want := []string{"s", "b", "t", "z"}
	if got, ok := paths.Unweighted(g, "s", "z"); !ok || !slices.Equal(got, want) {
		t.Errorf("Unweighted(s, z) = %v, %t, want %v", got, ok, want)
	}
}

func TestUnweightedNone(t *testing.T) {
	for _, pair := range [][2]string{{"a", "z"}, {"f", "a"}, {"a", "no"}, {"no", "a"}, {"no", "no"}} {
		if got, ok := paths.Unweighted(roads(), pair[0], pair[1]); ok || len(got) != 0 {
			t.Errorf("Unweighted%v = %v, %t, want none", pair, got, ok)
		}
	}
}

func TestDijkstra(t *testing.T) {
	tests := []struct {
		from, to string
		want     []string
		cost     int
	}{
		{"a", "d", []string{"a", "b", "c", "d"}, 6},
		{"a", "f", []string{"a", "b", "c", "d", "e", "f"}, 16},
		{"z", "b", []string{"z", "a", "b"}, 2},
		{"c", "c", []string{"c"}, 0},
	}
	for _, tt := range tests {
		got, cost, ok := paths.Dijkstra(roads(), tt.from, tt.to)
		if !ok || cost != tt.cost || !slices.Equal(got, tt.want) {
			t.Errorf("Dijkstra(%s, %s) = %v, %d, %t, want %v, %d", tt.from, tt.to, got, cost, ok, tt.want, tt.cost)
		}
	}
}

func TestDijkstraNone(t *testing.T) {
	for _, pair := range [][2]string{{"a", "z"}, {"f", "a"}, {"a", "no"}, {"no", "no"}} {
		if got, cost, ok := paths.Dijkstra(roads(), pair[0], pair[1]); ok || cost != 0 || len(got) != 0 {
			t.Errorf("Dijkstra%v = %v, %d, %t, want none", pair, got, cost, ok)
		}
	}
}

func TestDistances(t *testing.T) {
	for from, want := range map[string]map[string]int{
		"a":  {"a": 0, "b": 1, "c": 3, "d": 6, "e": 15, "f": 16},
		"d":  {"d": 0, "e": 9, "f": 10},
		"f":  {"f": 0},
		"no": {},
	} {
		if got := paths.Distances(roads(), from); !maps.Equal(got, want) {
			t.Errorf("Distances(%s) = %v, want %v", from, got, want)
		}
	}
}
