package local_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"parley/shared/dns"
	"parley/shared/dns/local"
)

func TestLookup(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dns.json")
	z := local.Zone(file)
	if got, err := z.Lookup(context.Background(), dns.MX, "kiln.example"); err == nil {
		t.Errorf("without a file nobody can say: %v", got)
	}
	if err := os.WriteFile(file, []byte(`{"kiln.example": {"MX": ["10 mx.kiln.example", "mx2.kiln.example"], "TXT": ["v=spf1 -all"]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind dns.Kind
		name string
		want []string
	}{
		{dns.MX, "Kiln.example.", []string{"mx.kiln.example", "mx2.kiln.example"}},
		{dns.TXT, "kiln.example", []string{"v=spf1 -all"}},
		{dns.CNAME, "kiln.example", nil},
		{dns.MX, "other.example", nil},
	} {
		if got, err := z.Lookup(context.Background(), c.kind, c.name); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %v %v", c.kind, c.name, got, err)
		}
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := z.Lookup(context.Background(), dns.MX, "kiln.example"); err == nil {
		t.Error("a broken file says something")
	}
}
