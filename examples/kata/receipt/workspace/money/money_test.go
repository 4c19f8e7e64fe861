package money_test

import (
	"testing"

	"example/receipt/money"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		cents int
		want  string
	}{
		{0, "0.00"},
		{5, "0.05"},
		{1234, "12.34"},
		{-250, "-2.50"},
		{-7, "-0.07"},
	} {
		if got := money.Format(c.cents); got != c.want {
			t.Errorf("Format(%d) = %q, want %q", c.cents, got, c.want)
		}
	}
}
