package receipt_test

import (
	"testing"

	"example/receipt/receipt"
)

func TestLine(t *testing.T) {
	for _, c := range []struct {
		item         string
		count, cents int
		want         string
	}{
		{"tea", 2, 150, "tea x2 3.00"},
		{"sugar", 1, 99, "sugar x1 0.99"},
		{"refund", 3, -25, "refund x3 -0.75"},
	} {
		if got := receipt.Line(c.item, c.count, c.cents); got != c.want {
			t.Errorf("Line(%q, %d, %d) = %q, want %q", c.item, c.count, c.cents, got, c.want)
		}
	}
}
