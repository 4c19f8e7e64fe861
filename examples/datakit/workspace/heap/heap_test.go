package heap_test

import (
	"math"
	"slices"
	"testing"

	"datakit/heap"
)

// drain takes the values out of a heap and expects it to be empty then.
func drain(t *testing.T, h *heap.Heap, values ...int) {
	t.Helper()
	for i, want := range values {
		if h.Len() != len(values)-i {
			t.Errorf("Len() = %d, want %d", h.Len(), len(values)-i)
		}
		if v, ok := h.Peek(); v != want || !ok {
			t.Errorf("Peek() = %d, %t, want %d, true", v, ok, want)
		}
		if v, ok := h.Pop(); v != want || !ok {
			t.Errorf("Pop() = %d, %t, want %d, true", v, ok, want)
		}
	}
	if v, ok := h.Pop(); v != 0 || ok || h.Len() != 0 {
		t.Errorf("empty: Pop() = %d, %t, want 0, false; Len() = %d", v, ok, h.Len())
	}
}

func TestEmpty(t *testing.T) {
	h := heap.New()
	if v, ok := h.Peek(); v != 0 || ok {
		t.Errorf("Peek() = %d, %t, want 0, false", v, ok)
	}
	drain(t, h)
	h.Push(7)
	drain(t, h, 7)
	h.Push(8)
	drain(t, h, 8)
}

func TestNew(t *testing.T) {
	given := []int{5, 2, 9, 2, -1, 7}
	h := heap.New(given...)
	drain(t, h, -1, 2, 2, 5, 7, 9)
	if !slices.Equal(given, []int{5, 2, 9, 2, -1, 7}) {
		t.Errorf("New has changed what it was given: %v", given)
	}
	h = heap.New(given...)
	given[4] = -50
	drain(t, h, -1, 2, 2, 5, 7, 9)
}

func TestPushPop(t *testing.T) {
	for _, items := range [][]int{{1, 2, 3, 4, 5, 6, 7}, {7, 6, 5, 4, 3, 2, 1}, {3, 3, 3}, {2, -1, 2, -1, 0}, {8}} {
		pushed := heap.New()
		for _, v := range items {
			pushed.Push(v)
		}
		sorted := slices.Sorted(slices.Values(items))
		drain(t, pushed, sorted...)
		drain(t, heap.New(items...), sorted...)
	}
	h, other := heap.New(4, 6), heap.New(1)
	h.Push(5)
	h.Push(3)
	h.Push(3)
	if v, ok := h.Pop(); v != 3 || !ok || h.Len() != 4 {
		t.Errorf("Pop() = %d, %t, want 3, true; Len() = %d, want 4", v, ok, h.Len())
	}
	h.Push(math.MinInt)
	h.Push(math.MaxInt)
	drain(t, h, math.MinInt, 3, 4, 5, 6, math.MaxInt)
	drain(t, other, 1)
}

// TestMany pushes a fixed jumble of numbers, with repetitions, taking some out in between.
func TestMany(t *testing.T) {
	h := heap.New()
	var kept []int
	jumble := 1
	for i := range 3_000 {
		jumble = jumble * 1_103 % 9_973
		h.Push(jumble)
		kept = append(kept, jumble)
		h.Push(jumble % 100)
		kept = append(kept, jumble%100)
		if i%5 == 0 {
			slices.Sort(kept)
			if v, ok := h.Pop(); v != kept[0] || !ok {
				t.Fatalf("Pop() = %d, %t, want %d, true", v, ok, kept[0])
			}
			kept = kept[1:]
		}
	}
	slices.Sort(kept)
	drain(t, h, kept...)
}
