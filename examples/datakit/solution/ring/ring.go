// Package ring holds a buffer of fixed capacity that keeps the newest ints.
package ring

import "fmt"

// Ring keeps the newest elements, as many as its capacity allows.
type Ring struct {
	slots  []int
	oldest int // index of the oldest element
	len    int
}

// New returns an empty ring. It panics for a capacity below 1.
func New(capacity int) *Ring {
	if capacity < 1 {
		panic(fmt.Sprintf("ring: capacity %d is below 1", capacity))
	}
	return &Ring{slots: make([]int, capacity)}
}

// Push adds an element; if the ring is full, the oldest makes room.
func (r *Ring) Push(v int) {
	r.slots[r.index(r.len)] = v
	if r.len == len(r.slots) {
		r.oldest = r.index(1)
	} else {
		r.len++
	}
}

// Pop removes the oldest element and returns it.
func (r *Ring) Pop() (int, bool) {
	if r.len == 0 {
		return 0, false
	}
	v := r.slots[r.oldest]
	r.oldest = r.index(1)
	r.len--
	return v, true
}

// Len returns the number of elements.
func (r *Ring) Len() int {
	return r.len
}

// Cap returns the capacity.
func (r *Ring) Cap() int {
	return len(r.slots)
}

// Items returns the elements, from the oldest to the newest.
func (r *Ring) Items() []int {
	items := make([]int, r.len)
	for i := range items {
		items[i] = r.slots[r.index(i)]
	}
	return items
}

// index returns the slot of the i-th oldest element.
func (r *Ring) index(i int) int {
	return (r.oldest + i) % len(r.slots)
}
