package lists_test

import (
	"testing"

	"example/largest/lists"
)

func TestLargest(t *testing.T) {
	for _, c := range []struct {
		numbers []int
		want    int
	}{
		{nil, 0},
		{[]int{7}, 7},
		{[]int{3, 9, 4}, 9},
		{[]int{-5, -2, -8}, -2},
		{[]int{1, 1}, 1},
	} {
		if got := lists.Largest(c.numbers); got != c.want {
			t.Errorf("Largest(%v) = %d, want %d", c.numbers, got, c.want)
		}
	}
}
