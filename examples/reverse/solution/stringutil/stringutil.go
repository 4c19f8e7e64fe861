// Package stringutil holds helpers for strings.
package stringutil

import "slices"

// Reverse returns the runes of s in the opposite order.
func Reverse(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}
