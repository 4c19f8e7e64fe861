// Package squeeze shortens texts.
package squeeze

import (
	"strconv"
	"strings"
)

// Squeeze replaces each run of a letter by the letter and the length of the run.
func Squeeze(text string) string {
	var result strings.Builder
	for text != "" {
		rest := strings.TrimLeft(text, text[:1])
		result.WriteString(text[:1] + strconv.Itoa(len(text)-len(rest)))
		text = rest
	}
	return result.String()
}
