package sums_test

import (
	"testing"

	"example/add/sums"
)

func TestAdd(t *testing.T) {
	for _, c := range []struct {
		a, b, want int
	}{
		{0, 0, 0},
		{2, 3, 5},
		{-4, 1, -3},
		{100, -100, 0},
	} {
		if got := sums.Add(c.a, c.b); got != c.want {
			t.Errorf("Add(%d, %d) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
