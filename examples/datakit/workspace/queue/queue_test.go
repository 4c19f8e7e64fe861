package queue_test

import (
	"testing"

	"datakit/queue"
)

// of returns a queue to which the values have been added, the first one in front.
func of(values ...int) *queue.Queue {
	q := queue.New()
	for _, v := range values {
		q.Enqueue(v)
	}
	return q
}

// drain takes the values out of a queue and expects it to be empty then.
func drain(t *testing.T, q *queue.Queue, values ...int) {
	t.Helper()
	for i, want := range values {
		if q.Len() != len(values)-i {
			t.Errorf("Len() = %d, want %d", q.Len(), len(values)-i)
		}
		if v, ok := q.Dequeue(); v != want || !ok {
			t.Errorf("Dequeue() = %d, %t, want %d, true", v, ok, want)
		}
	}
	if v, ok := q.Dequeue(); v != 0 || ok || q.Len() != 0 {
		t.Errorf("empty: Dequeue() = %d, %t, want 0, false; Len() = %d", v, ok, q.Len())
	}
}

func TestEmpty(t *testing.T) {
	q := queue.New()
	if v, ok := q.Peek(); v != 0 || ok {
		t.Errorf("Peek() = %d, %t, want 0, false", v, ok)
	}
	drain(t, q)
	drain(t, q)
	q.Enqueue(7)
	drain(t, q, 7)
}

func TestOrder(t *testing.T) {
	q := of(3, 1, 2, 3)
	drain(t, q, 3, 1, 2, 3)
	q.Enqueue(0)
	q.Enqueue(-4)
	other := of(9)
	if v, ok := q.Dequeue(); v != 0 || !ok {
		t.Errorf("Dequeue() = %d, %t, want 0, true", v, ok)
	}
	q.Enqueue(8)
	drain(t, q, -4, 8)
	drain(t, other, 9)
}

func TestPeek(t *testing.T) {
	q := of(5, 6)
	for range 2 {
		if v, ok := q.Peek(); v != 5 || !ok {
			t.Errorf("Peek() = %d, %t, want 5, true", v, ok)
		}
	}
	q.Dequeue()
	q.Enqueue(7)
	if v, ok := q.Peek(); v != 6 || !ok {
		t.Errorf("Peek() = %d, %t, want 6, true", v, ok)
	}
	drain(t, q, 6, 7)
	if v, ok := q.Peek(); v != 0 || ok {
		t.Errorf("empty again: Peek() = %d, %t, want 0, false", v, ok)
	}
}

func TestMixed(t *testing.T) {
	const n = 5_000
	q := queue.New()
	next := 0
	for i := range n {
		q.Enqueue(2 * i)
		q.Enqueue(2*i + 1)
		if v, ok := q.Dequeue(); v != next || !ok {
			t.Fatalf("Dequeue() = %d, %t, want %d, true", v, ok, next)
		}
		next++
	}
	if q.Len() != n {
		t.Errorf("Len() = %d, want %d", q.Len(), n)
	}
	for ; next < 2*n; next++ {
		if v, ok := q.Dequeue(); v != next || !ok {
			t.Fatalf("Dequeue() = %d, %t, want %d, true", v, ok, next)
		}
	}
	drain(t, q)
}
