// Package phrases counts words.
package phrases

import "strings"

// Words returns the number of words in the text.
func Words(text string) int {
	return len(strings.Fields(text))
}
