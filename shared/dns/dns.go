// Package dns is the port on the names of the internet: which records of a domain others see.
//
// Owns: one verb. Never: what a record means (channel). Imported by: functions, adapters, host, infra/local.
package dns

import "context"

// Kind of a record.
type Kind string

// The kinds that mail needs.
const (
	MX    Kind = "MX"    // values are host names, the preferred one first
	TXT   Kind = "TXT"   // values are texts
	CNAME Kind = "CNAME" // the value is where the name leads to
)

// Resolver looks names up.
type Resolver interface {
	// Lookup returns the values of a name's records. No value and no error: there is none. An error: nobody can say.
	Lookup(ctx context.Context, kind Kind, name string) ([]string, error)
}
