package ring_test

import (
	"slices"
	"testing"

	"datakit/ring"
)

// want compares the elements of a ring, from the oldest to the newest.
func want(t *testing.T, r *ring.Ring, items ...int) {
	t.Helper()
	if got := r.Items(); !slices.Equal(got, items) {
		t.Errorf("Items() = %v, want %v", got, items)
	}
	if r.Len() != len(items) {
		t.Errorf("Len() = %d, want %d", r.Len(), len(items))
	}
}

func TestNew(t *testing.T) {
	r := ring.New(3)
	want(t, r)
	if r.Cap() != 3 {
		t.Errorf("Cap() = %d, want 3", r.Cap())
	}
	for _, capacity := range []int{0, -1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("New(%d) must panic", capacity)
				}
			}()
			ring.New(capacity)
		}()
	}
}

func TestPush(t *testing.T) {
	r := ring.New(3)
	for i, items := range [][]int{{1}, {1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 5}, {4, 5, 6}, {5, 6, 7}} {
		r.Push(i + 1)
		want(t, r, items...)
	}
	if r.Cap() != 3 {
		t.Errorf("Cap() = %d, want 3", r.Cap())
	}
}

func TestPop(t *testing.T) {
	r := ring.New(2)
	if v, ok := r.Pop(); v != 0 || ok {
		t.Errorf("Pop() = %d, %t, want 0, false", v, ok)
	}
	for i := range 5 {
		r.Push(i)
	}
	for _, expected := range []int{3, 4} {
		if v, ok := r.Pop(); v != expected || !ok {
			t.Errorf("Pop() = %d, %t, want %d, true", v, ok, expected)
		}
	}
	if v, ok := r.Pop(); v != 0 || ok {
		t.Errorf("Pop() = %d, %t, want 0, false", v, ok)
	}
	want(t, r)
	r.Push(8)
	r.Push(9)
	want(t, r, 8, 9)
	if v, ok := r.Pop(); v != 8 || !ok {
		t.Errorf("Pop() = %d, %t, want 8, true", v, ok)
	}
	want(t, r, 9)
}

func TestMixed(t *testing.T) {
	r, other := ring.New(3), ring.New(1)
	r.Push(0)
	r.Push(0)
	for i := 1; i < 100; i++ {
		r.Push(i)
		r.Push(-i)
		other.Push(i)
		if v, ok := r.Pop(); v != 1-i || !ok {
			t.Fatalf("Pop() = %d, %t, want %d, true", v, ok, 1-i)
		}
		want(t, r, i, -i)
		want(t, other, i)
	}
}

func TestItems(t *testing.T) {
	r := ring.New(2)
	r.Push(1)
	r.Push(2)
	items := r.Items()
	items[0] = 9
	want(t, r, 1, 2)
	r.Push(3)
	if !slices.Equal(items, []int{9, 2}) {
		t.Errorf("a list that was given out has changed: %v", items)
	}
}
