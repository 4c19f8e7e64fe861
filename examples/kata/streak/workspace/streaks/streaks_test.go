package streaks_test

import (
	"testing"

	"example/streak/streaks"
)

func TestLongest(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"", 0},
		{"a", 1},
		{"abc", 1},
		{"abbbcc", 3},
		{"aabaaaa", 4},
		{"ééa", 2},
	} {
		if got := streaks.Longest(c.text); got != c.want {
			t.Errorf("Longest(%q) = %d, want %d", c.text, got, c.want)
		}
	}
}
