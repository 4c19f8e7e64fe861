// Package pipeline applies a function to many numbers at once.
package pipeline

import (
	"context"
	"fmt"
	"sync"
)

// Pipeline applies fn to every number of in, in as many goroutines as there are workers, and returns the results
// in the order of the input. If ctx is over before they are all there, it returns nil and ctx.Err().
func Pipeline(ctx context.Context, in []int, workers int, fn func(context.Context, int) int) ([]int, error) {
	if workers < 1 {
		return nil, fmt.Errorf("pipeline: %d workers, need at least 1", workers)
	}
	out := make([]int, len(in))
	indexes := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range indexes {
				out[i] = fn(ctx, in[i])
			}
		})
	}
	err := feed(ctx, indexes, len(in))
	close(indexes)
	wg.Wait()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// feed sends 0 to n-1, unless the context ends before that.
func feed(ctx context.Context, indexes chan<- int, n int) error {
	for i := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		select {
		case indexes <- i:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
