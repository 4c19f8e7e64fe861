package digits_test

import (
	"testing"

	"example/digits/digits"
)

func TestSum(t *testing.T) {
	for _, c := range []struct {
		number, want int
	}{
		{0, 0},
		{7, 7},
		{-12, 3},
		{1009, 10},
		{987654321, 45},
	} {
		if got := digits.Sum(c.number); got != c.want {
			t.Errorf("Sum(%d) = %d, want %d", c.number, got, c.want)
		}
	}
}
