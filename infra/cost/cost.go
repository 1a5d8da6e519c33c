// Package cost is what every operation of the product may cost at DynamoDB, as a table, and its prices.
//
// Owns: the budgets (budget.go), their table in infra/README.md. Never: anything that runs in production.
// Imported by: nothing. Its tests carry the operations out on DynamoDB Local and hold them to the budgets.
package cost

import (
	"fmt"
	"strings"
)

// Budget is what one operation may consume, its reading of the settings included (a function keeps them for less than a minute), at its
// dearest: the last activity was in another minute, so that index rows move.
type Budget struct {
	Operation string
	Reads     float64 // read request units; half a unit is an eventually consistent read of 4 KB
	Writes    float64 // write request units of 1 KB; transactions count twice, every index that moves counts
	// Grows says why more is consumed until something is full: then the operation is held to the same figure from the middle size on.
	// "" means that ten items cost what ten thousand do.
	Grows string
}

// Prices of on-demand request units in US dollars (us-east-1, 2025-07: Airbyte, "Amazon DynamoDB Pricing").
const (
	ReadPrice  = 0.125e-6
	WritePrice = 0.625e-6
)

// Dollars is what n such operations cost.
func (b Budget) Dollars(n int) float64 {
	return float64(n) * (b.Reads*ReadPrice + b.Writes*WritePrice)
}

// Markdown is the table for people.
func Markdown() string {
	var s strings.Builder
	s.WriteString("| operation | read units | write units | $ per 1 000 |\n|---|---:|---:|---:|\n")
	for _, b := range Budgets {
		name := b.Operation
		if b.Grows != "" {
			name += " (" + b.Grows + ")"
		}
		fmt.Fprintf(&s, "| %s | %g | %g | %.5f |\n", name, b.Reads, b.Writes, b.Dollars(1000))
	}
	return s.String()
}
