// Package host is how a function is hosted: the ports it may ask for, the HTTP shim, the stream loop, logs, and Main.
//
// Owns: Cloud, Handler, Main and the mapping of fault codes to what AWS understands. Never: adapters, SDK clients, rules of the domain.
// Imported by: functions, functions/x/lambda, infra/local.
package host

import (
	"context"
	"fmt"
	"log/slog"
	"sort"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/shared/blob"
	"parley/shared/dns"
	"parley/shared/fetch"
	"parley/shared/identity"
	"parley/shared/mailer"
	"parley/shared/push"
	"parley/shared/queue"
	"parley/shared/receipt"
	"parley/shared/secret"
	"parley/shared/sender"
	"parley/shared/table"
)

// Handler takes one trigger payload, as AWS Lambda's Invoke does (lambda.Handler).
type Handler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// New puts a function together. It is called once per process and is the only place where environment names are read.
type New func(c *Cloud) (Handler, error)

// Cloud is what a function may ask for. A port that the host did not open is nil: asking for it is a programming error and panics at start.
type Cloud struct {
	Table     table.Port
	Blob      func(bucket string) blob.Bucket
	Mailer    func(configurationSet string) mailer.Mailer
	Push      func(endpoint string) push.Poster
	Queue     func(url string) queue.Sender
	Identity  func(issuer, client string) identity.Issuer
	Directory func(pool string) identity.Directory
	Secret    func(prefix string) secret.Store
	Receipt   receipt.Rules
	Sender    func(stage string) sender.Senders
	DNS       func(server string) dns.Resolver
	Fetch     fetch.Getter
	Now       func() time.Time
	NewID     func() string // a ULID in lower case, growing with time
	Log       *slog.Logger

	lookup  func(string) (string, bool)
	read    map[string]bool
	missing []string
}

// NewCloud returns a Cloud without ports over an environment.
func NewCloud(lookup func(string) (string, bool), log *slog.Logger) *Cloud {
	return &Cloud{lookup: lookup, read: map[string]bool{}, Log: log, Now: time.Now, NewID: NewID}
}

// Env reads an environment variable that must be set. The first answer for a missing one is ""; Built then names it.
func (c *Cloud) Env(name string) string {
	if !strings.HasPrefix(name, "PARLEY_") {
		panic("host: environment names begin with PARLEY_, not " + name)
	}
	c.read[name] = true
	v, ok := c.lookup(name)
	if !ok {
		c.missing = append(c.missing, name)
	}
	return v
}

// EnvRead lists what has been read, sorted: tests and local mode compare it with what the template sets.
func (c *Cloud) EnvRead() []string {
	out := make([]string, 0, len(c.read))
	for name := range c.read {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// Build calls a function's New and refuses missing environment by name. What the function logs through From goes to c.Log, unless the
// caller's context has a logger of its own.
func (c *Cloud) Build(n New) (Handler, error) {
	h, err := n(c)
	if len(c.missing) > 0 {
		return nil, fmt.Errorf("host: environment not set: %s", strings.Join(c.missing, ", "))
	}
	if err != nil || c.Log == nil {
		return h, err
	}
	return handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		if ctx.Value(logKey{}) == nil {
			ctx = WithLog(ctx, c.Log)
		}
		return h.Invoke(ctx, payload)
	}), nil
}

// NewID returns a new ULID in lower case (26 characters of [0-9a-z]).
func NewID() string { return strings.ToLower(ulid.Make().String()) }
