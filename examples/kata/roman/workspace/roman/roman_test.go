package roman_test

import (
	"testing"

	"example/roman/roman"
)

func TestValue(t *testing.T) {
	for _, c := range []struct {
		numeral string
		want    int
	}{
		{"", 0},
		{"III", 3},
		{"IV", 4},
		{"XC", 90},
		{"LVIII", 58},
		{"MCMXCIV", 1994},
		{"ABC", 0},
	} {
		if got := roman.Value(c.numeral); got != c.want {
			t.Errorf("Value(%q) = %d, want %d", c.numeral, got, c.want)
		}
	}
}
