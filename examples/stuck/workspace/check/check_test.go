package check_test

import (
	"testing"
	"time"

	"example/stuck/check"
)

// TestYear wants a clock that is right, and a year that is long over:
// no code can satisfy both.
func TestYear(t *testing.T) {
	now := time.Now().Year()
	if got := check.Year(); got != now {
		t.Errorf("Year() = %d, but the clock says %d", got, now)
	}
	if now != 1999 {
		t.Errorf("the clock says %d, and this test passes in 1999 only", now)
	}
}
