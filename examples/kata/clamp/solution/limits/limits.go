// Package limits keeps numbers inside limits.
package limits

// Clamp returns the number from low to high that is nearest to value.
func Clamp(value, low, high int) int {
	return max(low, min(value, high))
}
