// Package heap holds a min-heap of ints.
package heap

import "slices"

// Heap gives its elements back from the smallest to the greatest.
type Heap struct {
	items []int // a binary heap: no element is greater than its children, at 2i+1 and 2i+2
}

// New returns a heap of the given items.
func New(items ...int) *Heap {
	h := &Heap{items: slices.Clone(items)}
	for i := len(h.items)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
	return h
}

// Push adds an element.
func (h *Heap) Push(v int) {
	h.items = append(h.items, v)
	h.rise(len(h.items) - 1)
}

// Pop removes the smallest element and returns it.
func (h *Heap) Pop() (int, bool) {
	smallest, ok := h.Peek()
	if !ok {
		return 0, false
	}
	last := len(h.items) - 1
	h.items[0] = h.items[last]
	h.items = h.items[:last]
	h.sink(0)
	return smallest, true
}

// Peek returns the smallest element.
func (h *Heap) Peek() (int, bool) {
	if len(h.items) == 0 {
		return 0, false
	}
	return h.items[0], true
}

// Len returns the number of elements.
func (h *Heap) Len() int {
	return len(h.items)
}

// rise moves the element at i up until its parent is not greater.
func (h *Heap) rise(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if h.items[parent] <= h.items[i] {
			return
		}
		h.items[i], h.items[parent] = h.items[parent], h.items[i]
		i = parent
	}
}

// sink moves the element at i down until no child is smaller.
func (h *Heap) sink(i int) {
	for {
		smallest := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.items); child++ {
			if h.items[child] < h.items[smallest] {
				smallest = child
			}
		}
		if smallest == i {
			return
		}
		h.items[i], h.items[smallest] = h.items[smallest], h.items[i]
		i = smallest
	}
}
