// Package set holds a set of strings.
package set

import (
	"maps"
	"slices"
)

// Set holds strings, each at most once.
type Set struct {
	items map[string]struct{}
}

// New returns a set of the given items.
func New(items ...string) *Set {
	s := &Set{items: make(map[string]struct{}, len(items))}
	for _, item := range items {
		s.Add(item)
	}
	return s
}

// Add puts an item in; it reports false if it was there already.
func (s *Set) Add(item string) bool {
	if s.Contains(item) {
		return false
	}
	s.items[item] = struct{}{}
	return true
}

// Remove takes an item out; it reports false if it was not there.
func (s *Set) Remove(item string) bool {
	if !s.Contains(item) {
		return false
	}
	delete(s.items, item)
	return true
}

// Contains reports whether the item is in the set.
func (s *Set) Contains(item string) bool {
	_, ok := s.items[item]
	return ok
}

// Len returns the number of items.
func (s *Set) Len() int {
	return len(s.items)
}

// Items returns the items in ascending order.
func (s *Set) Items() []string {
	return slices.Sorted(maps.Keys(s.items))
}

// Union returns a new set of the items that are in either set.
func (s *Set) Union(other *Set) *Set {
	union := &Set{items: maps.Clone(s.items)}
	maps.Copy(union.items, other.items)
	return union
}

// Intersect returns a new set of the items that are in both sets.
func (s *Set) Intersect(other *Set) *Set {
	both := New()
	for item := range s.items {
		if other.Contains(item) {
			both.Add(item)
		}
	}
	return both
}
