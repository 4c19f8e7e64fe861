package months_test

import (
	"testing"

	"example/month/months"
)

func TestDays(t *testing.T) {
	for _, c := range []struct {
		year, month, want int
	}{
		{2023, 1, 31},
		{2023, 4, 30},
		{2023, 2, 28},
		{2024, 2, 29},
		{1900, 2, 28},
		{2000, 2, 29},
		{2024, 12, 31},
	} {
		if got := months.Days(c.year, c.month); got != c.want {
			t.Errorf("Days(%d, %d) = %d, want %d", c.year, c.month, got, c.want)
		}
	}
}
