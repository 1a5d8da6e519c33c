// Package cloud is the edge of the rehearsal's AWS: an HTTPS proxy that answers for the names of AWS's own endpoints.
//
// Owns: names and certificates, signatures, who calls, the moments before and after a call at which a test may strike.
// Never: what a service does (the packages beside it); what a role may (iam).
// Imported by: infra/rehearsal and its endpoints.
//
// A function under rehearsal reaches AWS through HTTPS_PROXY and trusts our certificate through AWS_CA_BUNDLE. So the SDK resolves, signs and
// speaks TLS exactly as deployed, S3's bucket in the host name included, and no call can slip past: a name nobody serves here is refused and noted.
package cloud

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/infra/rehearsal/iam"
	"parley/infra/rehearsal/sigv4"
)

// Service is one AWS service.
type Service struct {
	Name    string                     // in signatures: "dynamodb"
	Serves  func(host string) bool     // without a port
	Only    func(r *http.Request) bool // where services share a name; nil for all
	Handler http.Handler               // it asks Allow before it does anything
	// Refuse writes an error as the service's protocol has it.
	Refuse func(w http.ResponseWriter, status int, code, message string)
}

// Call is one request of a function's process.
type Call struct {
	Role, Session string
	Name          string // "dynamodb TransactWriteItems", "s3 PUT files"
	Body          []byte // of a call in AWS's JSON; nil for others
}

// Strike is asked before a call is carried out and after it was, before the answer goes out; true cuts the connection there.
type Strike func(c Call, done bool) bool

// Cloud is the edge.
type Cloud struct {
	Verifier sigv4.Verifier
	Ledger   *iam.Ledger
	Services []Service

	mu     sync.Mutex
	strike Strike
	alien  []string

	certs  *authority
	proxy  *http.Server
	inner  *http.Server
	tunnel *tunnel
	addr   string
}

// Open starts the proxy on a free port of this machine.
func (c *Cloud) Open() error {
	var err error
	if c.certs, err = newAuthority(); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.addr = l.Addr().String()
	c.tunnel = newTunnel(l.Addr())
	c.proxy = &http.Server{Handler: http.HandlerFunc(c.connect), ReadHeaderTimeout: 10 * time.Second}
	c.inner = &http.Server{Handler: http.HandlerFunc(c.serve), TLSConfig: c.certs.config(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet()}
	go func() { _ = c.proxy.Serve(l) }()
	go func() { _ = c.inner.ServeTLS(c.tunnel, "", "") }()
	return nil
}

// Close ends the proxy and every connection through it.
func (c *Cloud) Close() error {
	return errors.Join(c.inner.Close(), c.proxy.Close(), c.tunnel.Close())
}

// Environment leads a process here.
func (c *Cloud) Environment(bundle string) map[string]string {
	return map[string]string{"HTTPS_PROXY": "http://" + c.addr, "AWS_CA_BUNDLE": bundle}
}

// Bundle is the certificate that clients have to trust, in PEM.
func (c *Cloud) Bundle() []byte { return c.certs.pem }

// Client is a browser's way here, for presigned links.
func (c *Cloud) Client() *http.Client { return c.certs.client(c.addr) }

// OnCall sets what is asked at every call; nil asks nobody.
func (c *Cloud) OnCall(s Strike) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.strike = s
}

// Aliens lists the names that somebody wanted to reach and nobody serves here.
func (c *Cloud) Aliens() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.alien)
}

// service finds who serves a host and, if there is one already, a request.
func (c *Cloud) service(host string, r *http.Request) *Service {
	for i := range c.Services {
		if s := &c.Services[i]; s.Serves(host) && (r == nil || s.Only == nil || s.Only(r)) {
			return &c.Services[i]
		}
	}
	return nil
}

// connect takes a CONNECT and hands the connection to the TLS server inside.
func (c *Cloud) connect(w http.ResponseWriter, r *http.Request) {
	host, port, err := net.SplitHostPort(r.Host)
	if r.Method != http.MethodConnect || err != nil || port != "443" || c.service(host, nil) == nil {
		c.mu.Lock()
		c.alien = append(c.alien, r.Host)
		c.mu.Unlock()
		http.Error(w, "the rehearsal serves no "+r.Host, http.StatusBadGateway)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		conn.Close()
		return
	}
	c.tunnel.give(conn)
}

type callerKey struct{}

type caller struct {
	sigv4.Verified
	cloud   *Cloud
	service *Service
}

// Caller is who signed a request.
func Caller(ctx context.Context) sigv4.Verified { return ctx.Value(callerKey{}).(*caller).Verified }

// Allow asks for the caller's rights. When it returns false, the refusal has been written.
func Allow(w http.ResponseWriter, r *http.Request, requests ...iam.Request) bool {
	who := r.Context().Value(callerKey{}).(*caller)
	for i := range requests {
		requests[i].Role = who.Role
		context := map[string]string{"aws:SecureTransport": "true"}
		for k, v := range requests[i].Context {
			context[k] = v
		}
		requests[i].Context = context
	}
	err := who.cloud.Ledger.Check(requests...)
	if err == nil {
		return true
	}
	who.service.Refuse(w, http.StatusForbidden, "AccessDenied", err.Error())
	return false
}

func (c *Cloud) serve(w http.ResponseWriter, r *http.Request) {
	s := c.service(r.Host, r)
	if s == nil {
		http.Error(w, "the rehearsal serves no "+r.Host, http.StatusMisdirectedRequest)
		return
	}
	v, err := c.Verifier.Verify(r, s.Name)
	if err != nil {
		var e *sigv4.Error
		if !errors.As(err, &e) {
			e = &sigv4.Error{Code: "IncompleteBody", Message: err.Error()}
		}
		s.Refuse(w, http.StatusForbidden, e.Code, e.Message)
		return
	}
	call := Call{Role: v.Role, Session: v.Session, Name: s.Name + " " + name(r)}
	if r.Header.Get("X-Amz-Target") != "" {
		if call.Body, err = io.ReadAll(r.Body); err != nil {
			s.Refuse(w, http.StatusBadRequest, "IncompleteBody", err.Error())
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(call.Body))
	}
	r = r.WithContext(context.WithValue(r.Context(), callerKey{}, &caller{v, c, s}))
	if c.struck(call, false) {
		panic(http.ErrAbortHandler) // how net/http cuts a connection
	}
	held := &answer{header: http.Header{}}
	s.Handler.ServeHTTP(held, r)
	if held.cut || c.struck(call, true) {
		panic(http.ErrAbortHandler)
	}
	held.send(w)
}

func (c *Cloud) struck(call Call, done bool) bool {
	c.mu.Lock()
	s := c.strike
	c.mu.Unlock()
	return s != nil && s(call, done)
}

// name tells calls of one service apart.
func name(r *http.Request) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndexByte(target, '.')+1:]
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return r.Method + " " + first
}

// answer holds a response back until it is clear that it may go out.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
	cut    bool
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// Cut makes a call end without an answer, although it was carried out. w is what a Service's handler was given.
func Cut(w http.ResponseWriter) { w.(*answer).cut = true }

func (a *answer) send(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	_, _ = w.Write(a.body.Bytes())
}
