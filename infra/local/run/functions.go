package run

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sort"
	"strings"
	"time"

	"parley/functions/agentapi"
	"parley/functions/callout"
	"parley/functions/deliver"
	"parley/functions/imageproxy"
	"parley/functions/ingest"
	"parley/functions/mailrule"
	"parley/functions/mailstatus"
	"parley/functions/notify"
	"parley/functions/route"
	"parley/functions/sweep"
	"parley/functions/turn"
	"parley/functions/visitorapi"
	"parley/functions/websocket"
	"parley/infra/local/template"
	"parley/shared/host"
)

// functions names every function there is; the template says which of them run, and with what.
var functions = map[string]host.New{
	"agentapi":   agentapi.New,
	"callout":    callout.New,
	"deliver":    deliver.New,
	"imageproxy": imageproxy.New,
	"ingest":     ingest.New,
	"mailrule":   mailrule.New,
	"mailstatus": mailstatus.New,
	"notify":     notify.New,
	"route":      route.New,
	"sweep":      sweep.New,
	"turn":       turn.New,
	"visitorapi": visitorapi.New,
	"websocket":  websocket.New,
}

// function is one function as Lambda would run it: with a deadline, and a panic costs one invocation only.
type function struct {
	name    string
	handler host.Handler
	timeout time.Duration
	log     *slog.Logger
}

// Invoke calls the function. Payloads are borrowed: the function must not keep them, and the host's decoders copy.
func (f *function) Invoke(ctx context.Context, payload []byte) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("%s panicked: %v\n%s", f.name, r, debug.Stack())
		}
	}()
	if until, ok := ctx.Deadline(); !ok || time.Until(until) > f.timeout {
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, f.timeout)
		defer cancel()
	}
	return f.handler.Invoke(host.WithLog(ctx, f.log), payload)
}

// build puts the template's functions together, each with its own environment. It refuses a name that the template sets and nobody
// reads; host refuses one that is read and not set.
func build(t *template.Template, lookup template.Lookup, cloud func(env func(string) (string, bool), log *slog.Logger) *host.Cloud, log *slog.Logger) (map[string]*function, error) {
	out := make(map[string]*function, len(t.Functions))
	for _, f := range t.Functions {
		make, ok := functions[f.Name]
		if !ok {
			return nil, fmt.Errorf("the template has a function %q that infra/local/run/functions.go does not name", f.Name)
		}
		env, err := f.Environment(lookup)
		if err != nil {
			return nil, err
		}
		flog := log.With("function", f.Name)
		c := cloud(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, flog)
		h, err := c.Build(make)
		if err != nil {
			return nil, fmt.Errorf("function %s: %w", f.Name, err)
		}
		if unread := unread(env, c.EnvRead()); len(unread) > 0 {
			return nil, fmt.Errorf("function %s: the template sets %s, which it never reads", f.Name, strings.Join(unread, ", "))
		}
		out[f.Name] = &function{f.Name, h, f.Timeout, flog}
	}
	for name := range functions {
		if out[name] == nil {
			return nil, fmt.Errorf("function %q is not in the template", name)
		}
	}
	return out, nil
}

func unread(env map[string]string, read []string) []string {
	left := map[string]bool{}
	for name := range env {
		left[name] = true
	}
	for _, name := range read {
		delete(left, name)
	}
	out := make([]string, 0, len(left))
	for name := range left {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}
