// Package receipt writes the lines of receipts.
package receipt

import (
	"fmt"

	"example/receipt/money"
)

// Line returns the item, the count and the price of all.
func Line(item string, count, cents int) string {
	return fmt.Sprintf("%s x%d %s", item, count, money.Format(count*cents))
}
