// Package gateway plays API Gateway for local mode: an HTTP API (payload 2.0, JWT authorizer) and a WebSocket API.
//
// Owns: routes, the events and answers of both APIs, their limits and error bodies.
// Never: what a request means; the functions behind the routes get the same bytes as on AWS.
// Imported by: infra/local/run.
//
// Sources: API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs", "Control access to HTTP APIs with JWT
// authorizers", "Quotas for HTTP APIs" and "Quotas for WebSocket APIs".
package gateway

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/shared/limit"
)

// Invoke calls a function with one payload.
type Invoke func(ctx context.Context, payload []byte) ([]byte, error)

// Swallow is a MOCK integration without a response: the frame ends here.
func Swallow(context.Context, []byte) ([]byte, error) { return nil, nil }

// Route is one route of the HTTP API.
type Route struct {
	Key    string // "GET /api/config", "ANY /api/{proxy+}" or "$default"
	JWT    bool   // behind the authorizer
	Invoke Invoke
}

// HTTP is the HTTP API. It is an http.Handler; requests that match no route get AWS's 404.
type HTTP struct {
	exact    map[string]*Route // "GET /api/config"
	patterns []pattern
	auth     *Authorizer
	log      *slog.Logger
	now      func() time.Time
	buffers  sync.Pool
}

type pattern struct {
	route  *Route
	method string // "" is ANY
	parts  []string
	greedy string // name of the {x+} at the end
}

// Limits of an HTTP API: the gateway's own, and Lambda's synchronous payload.
const (
	bodyMost    = 10 << 20
	payloadMost = limit.APIBodyBytes
)

// NewHTTP returns an HTTP API.
func NewHTTP(routes []Route, auth *Authorizer, now func() time.Time, log *slog.Logger) *HTTP {
	h := &HTTP{exact: map[string]*Route{}, auth: auth, log: log, now: now}
	h.buffers.New = func() any { b := make([]byte, 0, 8<<10); return &b }
	for i := range routes {
		r := &routes[i]
		method, path, _ := strings.Cut(r.Key, " ")
		if method != "ANY" && method != "$default" && !strings.Contains(path, "{") {
			h.exact[r.Key] = r
			continue
		}
		h.patterns = append(h.patterns, newPattern(r, method, path))
	}
	return h
}

func newPattern(r *Route, method, path string) pattern {
	p := pattern{route: r, method: method}
	switch method {
	case "$default":
		return pattern{route: r, greedy: "$"}
	case "ANY":
		p.method = ""
	}
	p.parts = strings.Split(strings.Trim(path, "/"), "/")
	if last := p.parts[len(p.parts)-1]; strings.HasSuffix(last, "+}") {
		p.greedy, p.parts = strings.Trim(last, "{+}"), p.parts[:len(p.parts)-1]
	}
	return p
}

// match finds the most specific route: an exact one, then the pattern with most parts, named variables before a greedy one, a
// method before ANY.
func (h *HTTP) match(method, path string) (*Route, []string) {
	if r := h.exact[method+" "+path]; r != nil {
		return r, nil
	}
	var best *pattern
	var vars []string
	for i := range h.patterns {
		p := &h.patterns[i]
		if p.method != "" && p.method != method {
			continue
		}
		if v, ok := p.match(path); ok && (best == nil || p.before(best)) {
			best, vars = p, v
		}
	}
	if best == nil {
		return nil, nil
	}
	return best.route, vars
}

func (p *pattern) before(q *pattern) bool {
	if (p.greedy == "") != (q.greedy == "") {
		return p.greedy == ""
	}
	if len(p.parts) != len(q.parts) {
		return len(p.parts) > len(q.parts)
	}
	return p.method != "" && q.method == ""
}

// match gives the path's variables as name, value, name, value …
func (p *pattern) match(path string) (vars []string, ok bool) {
	if p.greedy == "$" {
		return nil, true
	}
	rest := strings.TrimPrefix(path, "/")
	for i, want := range p.parts {
		got, after, more := strings.Cut(rest, "/")
		if strings.HasPrefix(want, "{") {
			vars = append(vars, strings.Trim(want, "{}"), got)
		} else if want != got {
			return nil, false
		}
		if last := i == len(p.parts)-1; last && p.greedy == "" {
			return vars, !more
		} else if !more {
			return nil, false
		}
		rest = after
	}
	if p.greedy != "" && rest != "" {
		return append(vars, p.greedy, rest), true
	}
	return nil, false
}

var (
	requestPrefix = func() string {
		var b [4]byte
		_, _ = rand.Read(b[:])
		return hex.EncodeToString(b[:])
	}()
	requestCount atomic.Uint64
)

// requestID is unique in this process and short to make.
func requestID() string { return requestPrefix + "-" + strconv.FormatUint(requestCount.Add(1), 36) }

// refuse answers as the gateway itself does.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"message":"` + message + `"}`))
}
