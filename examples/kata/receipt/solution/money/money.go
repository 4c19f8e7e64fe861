// Package money writes amounts of money.
package money

import "fmt"

// Format returns an amount of cents with a point before the last two digits.
func Format(cents int) string {
	if cents < 0 {
		return "-" + Format(-cents)
	}
	return fmt.Sprintf("%d.%02d", cents/100, cents%100)
}
