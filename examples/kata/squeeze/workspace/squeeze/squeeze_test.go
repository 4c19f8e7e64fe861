package squeeze_test

import (
	"testing"

	"example/squeeze/squeeze"
)

func TestSqueeze(t *testing.T) {
	for _, c := range []struct {
		text, want string
	}{
		{"", ""},
		{"a", "a1"},
		{"aaab", "a3b1"},
		{"abab", "a1b1a1b1"},
		{"xxxxxxxxxxxx", "x12"},
	} {
		if got := squeeze.Squeeze(c.text); got != c.want {
			t.Errorf("Squeeze(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}
