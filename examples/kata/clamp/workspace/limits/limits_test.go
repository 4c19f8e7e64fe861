package limits_test

import (
	"testing"

	"example/clamp/limits"
)

func TestClamp(t *testing.T) {
	for _, c := range []struct {
		value, low, high, want int
	}{
		{5, 0, 10, 5},
		{-3, 0, 10, 0},
		{42, 0, 10, 10},
		{-7, -9, -8, -8},
		{4, 4, 4, 4},
	} {
		if got := limits.Clamp(c.value, c.low, c.high); got != c.want {
			t.Errorf("Clamp(%d, %d, %d) = %d, want %d", c.value, c.low, c.high, got, c.want)
		}
	}
}
