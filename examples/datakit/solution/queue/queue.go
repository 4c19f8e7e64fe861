// Package queue holds a queue of ints.
package queue

// Queue gives its elements back in the order of their arrival.
type Queue struct {
	items []int // the oldest first
}

// New returns an empty queue.
func New() *Queue {
	return &Queue{}
}

// Enqueue puts an element at the end.
func (q *Queue) Enqueue(v int) {
	q.items = append(q.items, v)
}

// Dequeue removes the front and returns it.
func (q *Queue) Dequeue() (int, bool) {
	front, ok := q.Peek()
	if ok {
		q.items = q.items[1:]
	}
	return front, ok
}

// Peek returns the front.
func (q *Queue) Peek() (int, bool) {
	if len(q.items) == 0 {
		return 0, false
	}
	return q.items[0], true
}

// Len returns the number of elements.
func (q *Queue) Len() int {
	return len(q.items)
}
