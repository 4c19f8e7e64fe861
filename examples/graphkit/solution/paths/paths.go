// Package paths finds shortest paths.
package paths

import (
	"container/heap"
	"slices"

	"graphkit/graph"
)

// Unweighted returns the path with the fewest edges; of several, the one whose labels come first.
func Unweighted(g *graph.Graph, from, to string) ([]string, bool) {
	if !g.HasNode(from) || !g.HasNode(to) {
		return nil, false
	}
	previous := map[string]string{from: from}
	queue := []string{from}
	for next := 0; next < len(queue); next++ {
		for _, neighbor := range g.Neighbors(queue[next]) {
			if _, seen := previous[neighbor]; !seen {
				previous[neighbor] = queue[next]
				queue = append(queue, neighbor)
			}
		}
	}
	return walkBack(previous, from, to)
}

// Dijkstra returns a path with the least sum of weights, and that sum.
func Dijkstra(g *graph.Graph, from, to string) ([]string, int, bool) {
	costs, previous := cheapest(g, from)
	path, ok := walkBack(previous, from, to)
	if !ok {
		return nil, 0, false
	}
	return path, costs[to], true
}

// Distances returns the cost of the cheapest path to each node that can be reached.
func Distances(g *graph.Graph, from string) map[string]int {
	costs, _ := cheapest(g, from)
	return costs
}

// cheapest returns the least cost of each node within reach, and the node before it on a path of that cost.
func cheapest(g *graph.Graph, from string) (costs map[string]int, previous map[string]string) {
	costs = make(map[string]int)
	previous = make(map[string]string)
	if !g.HasNode(from) {
		return costs, previous
	}
	queue := &frontier{{label: from, via: from}}
	for queue.Len() > 0 {
		nearest := heap.Pop(queue).(candidate)
		if _, settled := costs[nearest.label]; settled {
			continue
		}
		costs[nearest.label] = nearest.cost
		previous[nearest.label] = nearest.via
		for _, neighbor := range g.Neighbors(nearest.label) {
			weight, _ := g.Weight(nearest.label, neighbor)
			heap.Push(queue, candidate{label: neighbor, via: nearest.label, cost: nearest.cost + weight})
		}
	}
	return costs, previous
}

// walkBack follows the previous nodes from the end to the start, which is its own previous node.
func walkBack(previous map[string]string, from, to string) ([]string, bool) {
	if _, ok := previous[to]; !ok {
		return nil, false
	}
	path := []string{to}
	for label := to; label != from; {
		label = previous[label]
		path = append(path, label)
	}
	slices.Reverse(path)
	return path, true
}

// candidate is a way to reach a node: its cost, and the node before it.
type candidate struct {
	label, via string
	cost       int
}

// frontier is a heap of candidates, cheapest first, equal ones by label.
type frontier []candidate

func (f frontier) Len() int { return len(f) }

func (f frontier) Less(i, j int) bool {
	if f[i].cost != f[j].cost {
		return f[i].cost < f[j].cost
	}
	return f[i].label < f[j].label
}

func (f frontier) Swap(i, j int) { f[i], f[j] = f[j], f[i] }

func (f *frontier) Push(x any) { *f = append(*f, x.(candidate)) }

func (f *frontier) Pop() any {
	last := len(*f) - 1
	popped := (*f)[last]
	*f = (*f)[:last]
	return popped
}
