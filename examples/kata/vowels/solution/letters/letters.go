// Package letters counts letters.
package letters

import "strings"

// Vowels returns the number of vowels in the text.
func Vowels(text string) int {
	count := 0
	for _, letter := range text {
		if strings.ContainsRune("aeiouAEIOU", letter) {
			count++
		}
	}
	return count
}
