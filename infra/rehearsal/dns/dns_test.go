package dns_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	server "parley/infra/rehearsal/dns"
	"parley/shared/dns"
	"parley/shared/dns/local"
	"parley/shared/dns/system"
)

// The resolver that deploys, asking our server.
func TestServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dns.json")
	s, err := server.Listen(local.Zone(file))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	open, err := system.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r := open(s.Addr())
	if got, err := r.Lookup(context.Background(), dns.MX, "kiln.example"); err != nil || got != nil {
		t.Errorf("without a file: %v %v", got, err)
	}
	long := strings.Repeat("x", 400)
	if err := os.WriteFile(file, []byte(`{"kiln.example": {"MX": ["10 a.example", "20 b.example"], "TXT": ["v=spf1 -all", "`+long+`"]}, "t._domainkey.kiln.example": {"CNAME": ["t.dkim.amazonses.com"]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind dns.Kind
		name string
		want []string
	}{
		{dns.MX, "kiln.example", []string{"a.example.", "b.example."}},
		{dns.TXT, "kiln.example", []string{"v=spf1 -all", long}},
		{dns.CNAME, "t._domainkey.kiln.example", []string{"t.dkim.amazonses.com."}},
		{dns.CNAME, "u._domainkey.kiln.example", nil},
		{dns.TXT, "other.example", nil},
	} {
		if got, err := r.Lookup(context.Background(), c.kind, c.name); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %v %v", c.kind, c.name, got, err)
		}
	}
}
