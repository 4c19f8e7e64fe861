// Helpers for strings.

// Return the characters of the text in the opposite order.
export function reverse(text) {
  return [...text].reverse().join('');
}
