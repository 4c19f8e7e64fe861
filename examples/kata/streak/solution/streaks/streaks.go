// Package streaks measures runs of characters.
package streaks

// Longest returns the length of the longest run of one character.
func Longest(text string) int {
	longest, length := 0, 0
	var last rune
	for _, character := range text {
		if character != last {
			length = 0
		}
		last = character
		length++
		longest = max(longest, length)
	}
	return longest
}
