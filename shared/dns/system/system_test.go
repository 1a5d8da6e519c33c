package system_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"parley/shared/dns"
	"parley/shared/dns/system"
)

// serve is a name server of a few records; names that begin with "broken" get a server failure.
func serve(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			if out, err := answer(m); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	return conn.LocalAddr().String()
}

func answer(m dnsmessage.Message) ([]byte, error) {
	q := m.Questions[0]
	m.Header.Response, m.Header.RecursionAvailable = true, true
	m.Additionals = nil
	add := func(body dnsmessage.ResourceBody) {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}, Body: body})
	}
	switch name := q.Name.String(); {
	case name == "kiln.example." && q.Type == dnsmessage.TypeMX:
		add(&dnsmessage.MXResource{Pref: 20, MX: dnsmessage.MustNewName("b.mx.example.")})
		add(&dnsmessage.MXResource{Pref: 10, MX: dnsmessage.MustNewName("a.mx.example.")})
	case name == "_dmarc.kiln.example." && q.Type == dnsmessage.TypeTXT:
		add(&dnsmessage.TXTResource{TXT: []string{"v=DMARC1; ", "p=none"}})
	case name == "t1._domainkey.kiln.example.": // a name without an address, as SES's are
		add(&dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName("t1.dkim.amazonses.com.")})
	case name == "kiln.example.":
	case name == "broken.example.":
		m.Header.RCode = dnsmessage.RCodeServerFailure
	default:
		m.Header.RCode = dnsmessage.RCodeNameError
	}
	return m.Pack()
}

func TestLookup(t *testing.T) {
	open, err := system.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r := open(serve(t))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, c := range []struct {
		kind dns.Kind
		name string
		want []string
	}{
		{dns.MX, "kiln.example", []string{"a.mx.example.", "b.mx.example."}},
		{dns.TXT, "_dmarc.kiln.example", []string{"v=DMARC1; p=none"}},
		{dns.CNAME, "t1._domainkey.kiln.example", []string{"t1.dkim.amazonses.com."}},
		{dns.TXT, "kiln.example", nil},
		{dns.MX, "nowhere.example", nil},
		{dns.CNAME, "t2._domainkey.kiln.example", nil},
	} {
		got, err := r.Lookup(ctx, c.kind, c.name)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s %s: %v\n%s", c.kind, c.name, err, diff)
		}
	}
	if got, err := r.Lookup(ctx, dns.MX, "broken.example"); err == nil {
		t.Errorf("a server that fails is no answer: %v", got)
	}
}
