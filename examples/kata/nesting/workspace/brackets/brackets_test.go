package brackets_test

import (
	"testing"

	"example/nesting/brackets"
)

func TestDepth(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"", 0},
		{"no brackets", 0},
		{"a(b)", 1},
		{"([])", 2},
		{"{[()]}()", 3},
		{"(", -1},
		{")(", -1},
		{"(]", -1},
		{"([)]", -1},
	} {
		if got := brackets.Depth(c.text); got != c.want {
			t.Errorf("Depth(%q) = %d, want %d", c.text, got, c.want)
		}
	}
}
