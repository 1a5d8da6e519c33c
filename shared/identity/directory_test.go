package identity_test

import (
	"strings"
	"testing"

	"parley/shared/fault"
	"parley/shared/identity"
)

func TestEmail(t *testing.T) {
	for in, want := range map[string]string{
		" Mara@Parley.Example ": "mara@parley.example",
		"a.b+c@x.example.com":   "a.b+c@x.example.com",
	} {
		if got, err := identity.Email(in); err != nil || got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "mara", "mara@", "@parley.example", "mara@localhost", "Mara <mara@parley.example>", "a@b.example, c@d.example", `"a b"@parley.example`,
		"mara@[127.0.0.1]", "mära@parley.example", "mara@parley.example\r\nBcc: x@y.example", strings.Repeat("a", 250) + "@b.example",
	} {
		if got, err := identity.Email(in); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
}
