package stack_test

import (
	"slices"
	"testing"

	"datakit/stack"
)

// of returns a stack onto which the values have been pushed, the last one on top.
func of(values ...int) *stack.Stack {
	s := stack.New()
	for _, v := range values {
		s.Push(v)
	}
	return s
}

// want compares the elements of a stack, from the bottom to the top.
func want(t *testing.T, s *stack.Stack, items ...int) {
	t.Helper()
	if got := s.Items(); !slices.Equal(got, items) {
		t.Errorf("Items() = %v, want %v", got, items)
	}
	if s.Len() != len(items) {
		t.Errorf("Len() = %d, want %d", s.Len(), len(items))
	}
}

func TestEmpty(t *testing.T) {
	s := stack.New()
	want(t, s)
	for range 2 {
		if v, ok := s.Pop(); v != 0 || ok {
			t.Errorf("Pop() = %d, %t, want 0, false", v, ok)
		}
		if v, ok := s.Peek(); v != 0 || ok {
			t.Errorf("Peek() = %d, %t, want 0, false", v, ok)
		}
	}
	want(t, s)
	s.Push(7)
	want(t, s, 7)
}

func TestPushPop(t *testing.T) {
	s := of(3, 1, 2)
	want(t, s, 3, 1, 2)
	for i, expected := range []int{2, 1, 3} {
		if v, ok := s.Pop(); v != expected || !ok {
			t.Errorf("Pop() = %d, %t, want %d, true", v, ok, expected)
		}
		want(t, s, []int{3, 1, 2}[:2-i]...)
	}
	s = of(1, 2)
	if v, ok := s.Pop(); v != 2 || !ok {
		t.Errorf("Pop() = %d, %t, want 2, true", v, ok)
	}
	s.Push(0)
	s.Push(0)
	want(t, s, 1, 0, 0)
	if v, ok := s.Pop(); v != 0 || !ok {
		t.Errorf("Pop() = %d, %t, want 0, true", v, ok)
	}
	want(t, s, 1, 0)
}

func TestPeek(t *testing.T) {
	s := of(4, -5)
	for range 2 {
		if v, ok := s.Peek(); v != -5 || !ok {
			t.Errorf("Peek() = %d, %t, want -5, true", v, ok)
		}
	}
	want(t, s, 4, -5)
	s.Pop()
	if v, ok := s.Peek(); v != 4 || !ok {
		t.Errorf("Peek() = %d, %t, want 4, true", v, ok)
	}
	s.Pop()
	if v, ok := s.Peek(); v != 0 || ok {
		t.Errorf("empty again: Peek() = %d, %t, want 0, false", v, ok)
	}
}

func TestItems(t *testing.T) {
	s := of(1, 2, 3)
	items := s.Items()
	items[0], items[2] = 9, 9
	want(t, s, 1, 2, 3)
	s.Pop()
	s.Push(8)
	if !slices.Equal(items, []int{9, 2, 9}) {
		t.Errorf("a list that was given out has changed: %v", items)
	}
	other := of(5)
	want(t, s, 1, 2, 8)
	want(t, other, 5)
}

func TestMany(t *testing.T) {
	const n = 10_000
	s := stack.New()
	for i := range n {
		s.Push(i)
		s.Push(-i)
		if v, ok := s.Pop(); v != -i || !ok {
			t.Fatalf("Pop() = %d, %t, want %d, true", v, ok, -i)
		}
	}
	if s.Len() != n {
		t.Errorf("Len() = %d, want %d", s.Len(), n)
	}
	for i := range n {
		if v, ok := s.Pop(); v != n-1-i || !ok {
			t.Fatalf("Pop() = %d, %t, want %d, true", v, ok, n-1-i)
		}
	}
	want(t, s)
}
