package pipeline_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example/pipeline/pipeline"
)

// limit is how long a test waits for calls that must be under way together. Nothing that works needs any
// of it: calls that come one by one would wait for each other for ever.
const limit = 5 * time.Second

// numbers returns 0, 1, 2 and so on.
func numbers(n int) []int {
	in := make([]int, n)
	for i := range in {
		in[i] = i
	}
	return in
}

func double(_ context.Context, n int) int {
	return 2 * n
}

// gate lets calls pass in groups: each call waits until its group is complete, or the context is over.
type gate struct {
	mu      sync.Mutex
	size    int
	waiting int
	open    chan struct{}
}

func newGate(size int) *gate {
	return &gate{size: size, open: make(chan struct{})}
}

func (g *gate) wait(ctx context.Context) {
	g.mu.Lock()
	open := g.open
	g.waiting++
	if g.waiting == g.size {
		g.waiting = 0
		g.open = make(chan struct{})
		close(open)
	}
	g.mu.Unlock()
	select {
	case <-open:
	case <-ctx.Done():
	}
}

func TestResults(t *testing.T) {
	in := []int{5, -3, 0, 5, 8, 5, 1}
	want := []int{10, -6, 0, 10, 16, 10, 2}
	for _, workers := range []int{1, 2, 3, 7, 50} {
		var calls atomic.Int64
		got, err := pipeline.Pipeline(t.Context(), in, workers, func(ctx context.Context, n int) int {
			calls.Add(1)
			return double(ctx, n)
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d workers: got %v, %v, want %v", workers, got, err, want)
		}
		if calls.Load() != int64(len(in)) {
			t.Errorf("%d workers: %d calls for %d numbers", workers, calls.Load(), len(in))
		}
	}
	if !slices.Equal(in, []int{5, -3, 0, 5, 8, 5, 1}) {
		t.Errorf("the input has changed: %v", in)
	}
}

// Each call waits for the one that comes after it, so the last number is the first to be done.
func TestOrder(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	in := numbers(6)
	done := make([]chan struct{}, len(in)+1)
	for i := range done {
		done[i] = make(chan struct{})
	}
	close(done[len(in)])
	got, err := pipeline.Pipeline(ctx, in, len(in), func(_ context.Context, n int) int {
		select {
		case <-done[n+1]:
		case <-ctx.Done():
		}
		close(done[n])
		return 2 * n
	})
	if want := []int{0, 2, 4, 6, 8, 10}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	checkSlowCall(t, ctx)
}

// checkSlowCall has the first call wait for all others: the other worker must take all of the input left.
func checkSlowCall(t *testing.T, ctx context.Context) {
	t.Helper()
	in := numbers(9)
	others := make(chan struct{}, len(in))
	got, err := pipeline.Pipeline(ctx, in, 2, func(_ context.Context, n int) int {
		if n > 0 {
			others <- struct{}{}
			return n
		}
		for range len(in) - 1 {
			select {
			case <-others:
			case <-ctx.Done():
			}
		}
		return n
	})
	if err != nil || !slices.Equal(got, in) {
		t.Errorf("with a slow call: got %v, %v, want %v", got, err, in)
	}
}

// As many calls as there are workers are under way together, again and again, and never more.
func TestWorkers(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		ctx, stop := context.WithTimeout(t.Context(), limit)
		in := numbers(20 * workers)
		together := newGate(workers)
		var active, most atomic.Int64
		got, err := pipeline.Pipeline(ctx, in, workers, func(_ context.Context, n int) int {
			now := active.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); {
				old = most.Load()
			}
			together.wait(ctx)
			for range 20 {
				runtime.Gosched() // a call too many gets its chance to show
			}
			active.Add(-1)
			return n
		})
		stop()
		if err != nil || !slices.Equal(got, in) {
			t.Errorf("%d workers: %d results, %v, want all %d", workers, len(got), err, len(in))
		}
		if most.Load() != int64(workers) {
			t.Errorf("%d workers: %d calls under way at once", workers, most.Load())
		}
	}
}

func TestArguments(t *testing.T) {
	called := func(context.Context, int) int {
		t.Error("fn was called")
		return 0
	}
	for _, workers := range []int{0, -1} {
		for _, in := range [][]int{nil, {1, 2}} {
			if got, err := pipeline.Pipeline(t.Context(), in, workers, called); got != nil || err == nil {
				t.Errorf("%d workers: got %v, %v, want nil and an error", workers, got, err)
			}
		}
	}
	for _, in := range [][]int{nil, {}} {
		if got, err := pipeline.Pipeline(t.Context(), in, 3, called); len(got) != 0 || err != nil {
			t.Errorf("no input: got %v, %v, want nothing", got, err)
		}
	}
}

// When every worker is busy the context is cancelled, and each call learns of it from its own context.
func TestCancel(t *testing.T) {
	type key struct{}
	base, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	ctx, cancel := context.WithCancel(context.WithValue(base, key{}, "kept"))
	defer cancel()
	const workers = 4
	var calls atomic.Int64
	got, err := pipeline.Pipeline(ctx, numbers(100), workers, func(own context.Context, n int) int {
		if own.Value(key{}) != "kept" {
			t.Error("the context of a call has lost its values")
		}
		if calls.Add(1) == workers {
			cancel()
		}
		<-own.Done()
		return n
	})
	if got != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v, want nil, %v", got, err, context.Canceled)
	}
	if calls.Load() == 100 {
		t.Error("cancelled, but all of the input was worked through")
	}
}

func TestOver(t *testing.T) {
	last, finish := context.WithCancel(t.Context())
	defer finish()
	got, err := pipeline.Pipeline(last, numbers(3), 1, func(_ context.Context, n int) int {
		if n == 2 {
			finish()
		}
		return n
	})
	if got != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled in the last call: got %v, %v, want nil, %v", got, err, context.Canceled)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, stop := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer stop()
	for _, ctx := range []context.Context{cancelled, late} {
		var calls atomic.Int64
		got, err := pipeline.Pipeline(ctx, numbers(1000), 3, func(context.Context, int) int {
			return int(calls.Add(1))
		})
		if got != nil || !errors.Is(err, ctx.Err()) {
			t.Errorf("got %v, %v, want nil, %v", got, err, ctx.Err())
		}
		if calls.Load() == 1000 {
			t.Errorf("%v, but all of the input was worked through", ctx.Err())
		}
	}
}
