// Package stack holds a stack of ints.
package stack

import "slices"

// Stack gives its elements back in the reverse order of their arrival.
type Stack struct {
	items []int
}

// New returns an empty stack.
func New() *Stack {
	return &Stack{}
}

// Push puts an element on top.
func (s *Stack) Push(v int) {
	s.items = append(s.items, v)
}

// Pop removes the top and returns it.
func (s *Stack) Pop() (int, bool) {
	top, ok := s.Peek()
	if ok {
		s.items = s.items[:len(s.items)-1]
	}
	return top, ok
}

// Peek returns the top.
func (s *Stack) Peek() (int, bool) {
	if len(s.items) == 0 {
		return 0, false
	}
	return s.items[len(s.items)-1], true
}

// Len returns the number of elements.
func (s *Stack) Len() int {
	return len(s.items)
}

// Items returns a copy of the elements, from the bottom to the top.
func (s *Stack) Items() []int {
	return slices.Clone(s.items)
}
