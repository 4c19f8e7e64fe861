package phrases_test

import (
	"testing"

	"example/words/phrases"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"", 0},
		{"   ", 0},
		{"one", 1},
		{"two  words", 2},
		{"\tthree\nshort words \n", 3},
	} {
		if got := phrases.Words(c.text); got != c.want {
			t.Errorf("Words(%q) = %d, want %d", c.text, got, c.want)
		}
	}
}
