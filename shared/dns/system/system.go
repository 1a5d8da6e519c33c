// Package system is the dns port on the resolver that the machine has.
//
// Owns: what a resolver's errors mean. Never: records' meaning. Imported by: functions/agentapi/lambda, tests.
package system

import (
	"context"
	"errors"
	"net"
	"strings"

	"parley/shared/dns"
)

// System names the machine's own resolver.
const System = "system"

// Open returns what makes a resolver of a server's address (host:port), or of System.
func Open(context.Context) (func(server string) dns.Resolver, error) {
	return func(server string) dns.Resolver {
		r := &net.Resolver{PreferGo: true}
		if server != System {
			r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
				var d net.Dialer
				return d.DialContext(ctx, network, server)
			}
		}
		return resolver{r}
	}, nil
}

type resolver struct{ *net.Resolver }

// Lookup implements dns.Resolver.
func (r resolver) Lookup(ctx context.Context, kind dns.Kind, name string) (out []string, err error) {
	full := strings.TrimSuffix(name, ".") + "." // no search list
	switch kind {
	case dns.MX:
		var found []*net.MX
		found, err = r.LookupMX(ctx, full)
		for _, m := range found {
			out = append(out, m.Host)
		}
	case dns.TXT:
		out, err = r.LookupTXT(ctx, full)
	case dns.CNAME:
		var to string
		if to, err = r.LookupCNAME(ctx, full); err == nil && !strings.EqualFold(to, full) {
			out = []string{to}
		}
	}
	var missing *net.DNSError
	if errors.As(err, &missing) && missing.IsNotFound {
		return nil, nil
	}
	return out, err
}
