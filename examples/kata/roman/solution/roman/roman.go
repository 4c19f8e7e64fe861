// Package roman reads Roman numerals.
package roman

var letters = map[rune]int{'I': 1, 'V': 5, 'X': 10, 'L': 50, 'C': 100, 'D': 500, 'M': 1000}

// Value returns the number that a numeral stands for, and 0 for anything else.
func Value(numeral string) int {
	total, last := 0, 0
	for _, letter := range numeral {
		value, known := letters[letter]
		if !known {
			return 0
		}
		if value > last {
			total -= 2 * last
		}
		total += value
		last = value
	}
	return total
}
