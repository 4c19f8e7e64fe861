package letters_test

import (
	"testing"

	"example/vowels/letters"
)

func TestVowels(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"", 0},
		{"sky", 0},
		{"banana", 3},
		{"AEIOU", 5},
		{"Queue up", 5},
	} {
		if got := letters.Vowels(c.text); got != c.want {
			t.Errorf("Vowels(%q) = %d, want %d", c.text, got, c.want)
		}
	}
}
