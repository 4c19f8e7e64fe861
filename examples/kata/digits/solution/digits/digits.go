// Package digits adds the digits of numbers.
package digits

// Sum returns the sum of the decimal digits of number.
func Sum(number int) int {
	if number < 0 {
		number = -number
	}
	sum := 0
	for ; number > 0; number /= 10 {
		sum += number % 10
	}
	return sum
}
