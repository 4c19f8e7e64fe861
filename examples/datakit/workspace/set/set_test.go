package set_test

import (
	"slices"
	"testing"

	"datakit/set"
)

// want compares the items of a set, which ascend.
func want(t *testing.T, s *set.Set, items ...string) {
	t.Helper()
	if got := s.Items(); !slices.Equal(got, items) {
		t.Errorf("Items() = %q, want %q", got, items)
	}
	if s.Len() != len(items) {
		t.Errorf("Len() = %d, want %d", s.Len(), len(items))
	}
}

func TestNew(t *testing.T) {
	want(t, set.New())
	want(t, set.New("pear", "fig", "pear", "", "Fig"), "", "Fig", "fig", "pear")
	given := []string{"b", "a"}
	s := set.New(given...)
	given[0] = "z"
	want(t, s, "a", "b")
	if given[1] != "a" {
		t.Errorf("New has changed what it was given: %q", given)
	}
}

func TestAdd(t *testing.T) {
	s := set.New()
	for _, item := range []string{"b", "a", ""} {
		if !s.Add(item) {
			t.Errorf("Add(%q) = false for a new item", item)
		}
		if s.Add(item) {
			t.Errorf("Add(%q) = true for an item that is there", item)
		}
	}
	want(t, s, "", "a", "b")
}

func TestRemove(t *testing.T) {
	s := set.New("a", "b", "c")
	if !s.Remove("b") || s.Remove("b") || s.Remove("x") {
		t.Error("Remove must say whether the item was there")
	}
	want(t, s, "a", "c")
	if !s.Add("b") {
		t.Error("Add(b) = false after Remove(b)")
	}
	want(t, s, "a", "b", "c")
	for _, item := range []string{"a", "b", "c"} {
		s.Remove(item)
	}
	want(t, s)
}

func TestContains(t *testing.T) {
	s := set.New("a", "b")
	s.Remove("b")
	for item, expected := range map[string]bool{"a": true, "b": false, "A": false, "": false} {
		if got := s.Contains(item); got != expected {
			t.Errorf("Contains(%q) = %t", item, got)
		}
	}
}

func TestItems(t *testing.T) {
	s := set.New("b", "a")
	items := s.Items()
	items[0] = "z"
	want(t, s, "a", "b")
	s.Remove("b")
	if !slices.Equal(items, []string{"z", "b"}) {
		t.Errorf("a list that was given out has changed: %q", items)
	}
}

func TestUnion(t *testing.T) {
	a, b := set.New("d", "a"), set.New("c", "a")
	u := a.Union(b)
	want(t, u, "a", "c", "d")
	u.Add("x")
	u.Remove("a")
	want(t, a, "a", "d")
	want(t, b, "a", "c")
	want(t, a.Union(set.New()), "a", "d")
	want(t, set.New().Union(b), "a", "c")
	want(t, a.Union(a), "a", "d")
	b.Add("e")
	a.Remove("d")
	want(t, u, "c", "d", "x")
}

func TestIntersect(t *testing.T) {
	a, b := set.New("d", "a", "b"), set.New("b", "c", "d")
	i := a.Intersect(b)
	want(t, i, "b", "d")
	i.Add("x")
	i.Remove("b")
	want(t, a, "a", "b", "d")
	want(t, b, "b", "c", "d")
	want(t, a.Intersect(set.New()))
	want(t, set.New("x").Intersect(a))
	want(t, a.Intersect(a), "a", "b", "d")
	b.Add("a")
	a.Remove("d")
	want(t, i, "d", "x")
}
