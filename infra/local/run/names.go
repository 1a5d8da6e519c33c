package run

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/shared/fault"
	"parley/shared/fetch"
)

// names is the public web with some names whose servers are on this machine: so that a bot's webhook can be tried before its server is anywhere.
// What is deployed has no such thing.
type names struct {
	web fetch.Getter
	at  map[string]string // host:port by name
}

// namesFrom reads PARLEY_WEB: "hook.example=127.0.0.1:9000 other.example=…".
func namesFrom(text string) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range strings.Fields(text) {
		name, at, _ := strings.Cut(pair, "=")
		host, _, err := net.SplitHostPort(at)
		if ip := net.ParseIP(host); name == "" || err != nil || ip == nil || !ip.IsLoopback() {
			return nil, fmt.Errorf("PARLEY_WEB has %q: want name=127.0.0.1:port, a server of this machine", pair)
		}
		out[strings.ToLower(name)] = at
	}
	return out, nil
}

// Get implements fetch.Getter.
func (n names) Get(ctx context.Context, r fetch.Request) (fetch.Answer, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Port() != "" {
		return n.web.Get(ctx, r)
	}
	at, ok := n.at[strings.ToLower(u.Hostname())]
	if !ok {
		return n.web.Get(ctx, r)
	}
	name := u.Host
	u.Scheme, u.Host, u.User = "http", at, nil
	method, body := http.MethodGet, io.Reader(nil)
	if r.Post != nil {
		method, body = http.MethodPost, bytes.NewReader(r.Post)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return fetch.Answer{}, fault.Wrap(err, fault.Invalid, "This is no address.")
	}
	req.Host = name
	req.Header.Set("Accept", r.Accept)
	if r.Post != nil {
		req.Header.Set("Content-Type", "application/json")
		for k, v := range r.Header {
			req.Header.Set(k, v)
		}
	}
	client := http.Client{
		Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		return fetch.Answer{}, fault.Wrap(err, fault.NotFound, "The server does not answer.")
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, r.Most+1))
	switch {
	case err != nil:
		return fetch.Answer{}, fault.Wrap(err, fault.NotFound, "The server does not answer.")
	case int64(len(raw)) > r.Most:
		return fetch.Answer{}, fault.New(fault.Invalid, "The answer is larger than %d bytes.", r.Most)
	}
	return fetch.Answer{Status: res.StatusCode, Body: raw}, nil
}
