// Package check tells the year.
package check

import "time"

// Year returns the current year of the system clock.
func Year() int {
	return time.Now().Year()
}
