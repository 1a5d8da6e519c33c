// Package public is the fetch port to the public web, and to nothing else.
//
// Owns: which addresses are public, and that only those are connected to. Never: what is fetched, or why.
// Imported by: functions/x/lambda, infra/local/run, tests.
//
// The address is checked on the socket itself, after the name was resolved and before the connection is made, for every attempt and every
// redirect. So a name that resolves to something else at the second look (DNS rebinding) gains nothing. There is no way to allow an
// address by configuration: what must reach a test's server gets another Getter.
package public

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"

	"parley/shared/fault"
	"parley/shared/fetch"
)

// Open returns a Getter. It needs no rights, and uses no proxy of the environment: it could not see where that connects to.
func Open(context.Context) (fetch.Getter, error) {
	return newGetter(newDialer(nil).DialContext), nil
}

const (
	redirects   = 3
	headerBytes = 64 << 10
	// agent is what strangers see. It names nobody's product and nobody's version.
	agent = "Mozilla/5.0 (compatible; ImageProxy)"
	// caller is what a server sees that is told something: it is the team's own.
	caller = "Parley-Webhook"
)

// newDialer connects to public addresses at the web's own ports. resolver may be nil.
func newDialer(resolver *net.Resolver) *net.Dialer {
	return &net.Dialer{Resolver: resolver, Control: func(_, address string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(address)
		if err != nil || !isPublic(a.Addr()) || a.Port() != 80 && a.Port() != 443 {
			return fault.New(fault.Denied, "This address is not one of the public web.")
		}
		return nil
	}}
}

// moved are the answers that lead elsewhere.
var moved = []int{
	http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
}

type getter struct{ transport *http.Transport }

func newGetter(dial func(ctx context.Context, network, address string) (net.Conn, error)) getter {
	return getter{&http.Transport{
		Proxy: nil, DialContext: dial,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: 3 * time.Second,
		DisableKeepAlives:      true, // a sandbox sleeps between two calls
		DisableCompression:     true, // nobody unpacks what a stranger packed
		MaxResponseHeaderBytes: headerBytes,
	}}
}

// Get implements fetch.Getter.
func (g getter) Get(ctx context.Context, r fetch.Request) (fetch.Answer, error) {
	at, err := url.Parse(r.URL)
	if err != nil {
		return fetch.Answer{}, fault.New(fault.Invalid, "This is no address.")
	}
	for range redirects + 1 {
		answer, next, err := g.ask(ctx, at, r)
		if err != nil || next == nil {
			return answer, err
		}
		at = next
	}
	return fetch.Answer{}, fault.New(fault.Invalid, "The server leads from one address to the next and the next.")
}

// ask asks one server; next is where it sends us instead of an answer.
func (g getter) ask(ctx context.Context, at *url.URL, r fetch.Request) (a fetch.Answer, next *url.URL, err error) {
	if err := check(at); err != nil {
		return a, nil, err
	}
	plain := *at
	plain.User, plain.Fragment, plain.RawFragment = nil, "", ""
	request := (&http.Request{
		Method: http.MethodGet, URL: &plain, Host: plain.Host,
		Header: http.Header{"Accept": {r.Accept}, "Accept-Encoding": {"identity"}, "User-Agent": {agent}},
	}).WithContext(ctx)
	if r.Post != nil {
		request.Method, request.Body, request.ContentLength = http.MethodPost, io.NopCloser(bytes.NewReader(r.Post)), int64(len(r.Post))
		request.Header.Set("Content-Type", "application/json")
		for name, value := range r.Header {
			request.Header.Set(name, value)
		}
		request.Header.Set("User-Agent", caller)
	}
	response, err := g.transport.RoundTrip(request)
	if err != nil {
		return a, nil, coded(err)
	}
	defer response.Body.Close()
	switch status := response.StatusCode; {
	case r.Post != nil: // what a team tells its server is told to no other
	case slices.Contains(moved, status):
		next, err := at.Parse(response.Header.Get("Location"))
		if err != nil || response.Header.Get("Location") == "" {
			return a, nil, fault.New(fault.Invalid, "The server leads to an address that is none.")
		}
		return a, next, nil
	}
	if packed := response.Header.Get("Content-Encoding"); packed != "" && packed != "identity" {
		return a, nil, fault.New(fault.Invalid, "The server answers packed, though it was asked not to.")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, r.Most+1))
	switch {
	case int64(len(body)) > r.Most || response.ContentLength > r.Most:
		return a, nil, fault.New(fault.Invalid, "The answer is larger than %d bytes.", r.Most)
	case err != nil:
		return a, nil, coded(err)
	}
	return fetch.Answer{Status: response.StatusCode, Body: body}, nil, nil
}

// check refuses what is not of the web before any name is resolved.
func check(at *url.URL) error {
	port := at.Port()
	if at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || port != "" && port != "80" && port != "443" {
		return fault.New(fault.Denied, "Only http and https addresses at their own ports are asked.")
	}
	if ip, err := netip.ParseAddr(at.Hostname()); err == nil && !isPublic(ip) {
		return fault.New(fault.Denied, "This address is not one of the public web.")
	}
	return nil
}

// coded says that no answer came, unless it was us who refused to ask.
func coded(err error) error {
	var ours *fault.Error
	if errors.As(err, &ours) {
		return ours
	}
	return fault.Wrap(err, fault.NotFound, "The server does not answer.")
}
