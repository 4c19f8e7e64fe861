// Package brackets measures the nesting of brackets.
package brackets

import "strings"

// Depth returns the deepest nesting, and -1 for brackets that are not balanced.
func Depth(text string) int {
	var open []int
	deepest := 0
	for _, character := range text {
		if kind := strings.IndexRune("([{", character); kind >= 0 {
			open = append(open, kind)
			deepest = max(deepest, len(open))
		}
		if kind := strings.IndexRune(")]}", character); kind >= 0 {
			if len(open) == 0 || open[len(open)-1] != kind {
				return -1
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return -1
	}
	return deepest
}
