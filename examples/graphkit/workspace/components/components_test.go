package components_test

import (
	"fmt"
	"testing"

	"graphkit/components"
	"graphkit/graph"
)

func build(edges ...string) *graph.Graph {
	g := graph.New()
	for _, e := range edges {
		g.AddEdge(e[:1], e[1:], 1)
	}
	return g
}

func TestConnected(t *testing.T) {
	g := build("fe", "da", "ba", "ef", "cd")
	g.AddNode("bb")
	if got, want := fmt.Sprint(components.Connected(g)), "[[a b c d] [bb] [e f]]"; got != want {
		t.Errorf("Connected() = %s, want %s", got, want)
	}
}

func TestSCC(t *testing.T) {
	g := build("hg", "gh", "ca", "bc", "ab", "cd", "de", "ed", "ef", "gf", "ff")
	if got, want := fmt.Sprint(components.SCC(g)), "[[a b c] [d e] [f] [g h]]"; got != want {
		t.Errorf("SCC() = %s, want %s", got, want)
	}
}

func TestEmpty(t *testing.T) {
	if got := components.Connected(build()); len(got) != 0 {
		t.Errorf("Connected() = %v, want none", got)
	}
	if got := components.SCC(build()); len(got) != 0 {
		t.Errorf("SCC() = %v, want none", got)
	}
}

func TestIsStronglyConnected(t *testing.T) {
	tests := []struct {
		g    *graph.Graph
		want bool
	}{
		{build(), true},
		{build("aa"), true},
		{build("ab", "bc", "ca"), true},
		{build("ab", "ba", "bc", "cd", "db"), true},
		{build("ab", "bc"), false},
		{build("ab", "cb"), false},
		{build("ab", "ba", "cd", "dc"), false},
	}
	for i, tt := range tests {
		if got := components.IsStronglyConnected(tt.g); got != tt.want {
			t.Errorf("graph %d: IsStronglyConnected() = %t", i, got)
		}
	}
}
