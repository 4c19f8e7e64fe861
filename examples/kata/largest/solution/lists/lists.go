// Package lists looks at lists of numbers.
package lists

import "slices"

// Largest returns the largest of the numbers, and 0 if there are none.
func Largest(numbers []int) int {
	if len(numbers) == 0 {
		return 0
	}
	return slices.Max(numbers)
}
