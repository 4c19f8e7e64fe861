package stringutil_test

import (
	"testing"

	"example/reverse/stringutil"
)

func TestReverse(t *testing.T) {
	for in, want := range map[string]string{
		"":       "",
		"x":      "x",
		"abc":    "cba",
		"a b":    "b a",
		"añb→世界": "界世→bña",
	} {
		if got := stringutil.Reverse(in); got != want {
			t.Errorf("Reverse(%q) = %q, want %q", in, got, want)
		}
	}
}
