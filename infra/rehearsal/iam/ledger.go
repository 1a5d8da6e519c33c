package iam

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// Denied is a refused request.
type Denied struct {
	Request
	Explicit bool // a Deny said so; otherwise nothing allowed it
}

func (d *Denied) Error() string {
	why := "because no identity-based policy allows the " + d.Action + " action"
	if d.Explicit {
		why = "with an explicit deny in an identity-based policy"
	}
	return fmt.Sprintf("User: arn:aws:sts::%s:assumed-role/%s/%s is not authorized to perform: %s on resource: %s %s", account(d.Resource), d.Role, d.Role, d.Action, d.Resource, why)
}

func account(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 4 && parts[4] != "" {
		return parts[4]
	}
	return "000000000000"
}

// Grant is one action on one resource that a role's policy allows.
type Grant struct {
	Role, Action string
	Resource     string // as the template writes it, with its conditions
}

// Seen is how often something was asked for.
type Seen struct {
	Role, Action, Resource string
	Calls, Refused         int
}

// Ledger judges requests and keeps what it judged.
type Ledger struct {
	policies *Policies

	mu   sync.Mutex
	seen map[[3]string]*Seen
	used map[Grant]map[[3]string]Request // one request of each kind that needed the grant
}

// NewLedger returns an empty ledger over the policies.
func NewLedger(p *Policies) *Ledger {
	return &Ledger{policies: p, seen: map[[3]string]*Seen{}, used: map[Grant]map[[3]string]Request{}}
}

// Check allows all requests of one call, or returns a *Denied for the first that is refused. Every one is recorded.
func (l *Ledger) Check(requests ...Request) error {
	var first error
	for _, r := range requests {
		grant, err := l.policies.judge(r)
		l.note(r, grant, err)
		if err != nil && first == nil {
			first = err
		}
	}
	return first
}

// judge decides: an explicit deny wins, then any allow, else no.
func (p *Policies) judge(r Request) (Grant, error) {
	var grant Grant
	allowed := false
	for _, s := range p.roles[r.Role] {
		g, ok := s.applies(r)
		switch {
		case ok && !s.Allow:
			return Grant{}, &Denied{Request: r, Explicit: true}
		case ok && !allowed:
			grant, allowed = g, true
		}
	}
	if !allowed {
		return Grant{}, &Denied{Request: r}
	}
	return grant, nil
}

// applies reports whether a statement speaks of a request, and by which action and resource. Actions are not case-sensitive.
func (s statement) applies(r Request) (Grant, bool) {
	for _, a := range s.Actions {
		if !like(strings.ToLower(a), strings.ToLower(r.Action)) {
			continue
		}
		for _, res := range s.Resources {
			if like(res.pattern, r.Resource) && !slices.ContainsFunc(s.Conditions, func(c condition) bool { return !c.holds(r.Context) }) {
				return s.grant(r.Role, a, res), true
			}
		}
	}
	return Grant{}, false
}

func (s statement) grant(role, action string, res resource) Grant {
	text := res.text
	for _, c := range s.Conditions {
		text += " if " + c.String()
	}
	return Grant{Role: role, Action: action, Resource: text}
}

func (l *Ledger) note(r Request, g Grant, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := [3]string{r.Role, r.Action, kind(r.Resource)}
	s := l.seen[key]
	if s == nil {
		s = &Seen{Role: r.Role, Action: r.Action, Resource: key[2]}
		l.seen[key] = s
	}
	s.Calls++
	if err != nil {
		s.Refused++
		return
	}
	if l.used[g] == nil {
		l.used[g] = map[[3]string]Request{}
	}
	l.used[g][key] = r
}

// kind shortens a resource to what tells grants apart: objects, connections and streams are many.
func kind(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return arn
	}
	name := parts[5]
	switch parts[2] {
	case "s3":
		bucket, key, object := strings.Cut(name, "/")
		if dir, _, deep := strings.Cut(key, "/"); deep {
			name = bucket + "/" + dir + "/*"
		} else if object {
			name = bucket + "/*"
		}
	case "execute-api":
		if i := strings.Index(name, "@connections/"); i >= 0 {
			name = name[:i] + "@connections/*"
		}
	case "dynamodb":
		if i := strings.Index(name, "/stream/"); i >= 0 {
			name = name[:i] + "/stream/*"
		}
	case "logs":
		if i := strings.Index(name, ":log-stream:"); i >= 0 {
			name = name[:i]
		}
	}
	return parts[2] + ":" + name
}

// Refused lists what was asked for and not allowed.
func (l *Ledger) Refused() []Seen {
	return slices.DeleteFunc(l.Seen(), func(s Seen) bool { return s.Refused == 0 })
}

// Seen lists what was asked for, by role, action and resource.
func (l *Ledger) Seen() []Seen {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Seen
	for _, s := range l.seen {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Seen) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Action, b.Action))
	})
	return out
}

// Unused lists the grants that no call needed.
func (l *Ledger) Unused() []Grant {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Grant
	for _, g := range l.policies.Grants() {
		if l.used[g] == nil {
			out = append(out, g)
		}
	}
	return out
}

// Used lists the grants that some call needed.
func (l *Ledger) Used() []Grant {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(l.policies.Grants(), func(g Grant) bool { return l.used[g] == nil })
}

// MissedWithout lists what was asked for and would be refused if a grant were taken away.
func (l *Ledger) MissedWithout(g Grant) []Denied {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.policies.Without(g)
	var out []Denied
	for _, r := range l.used[g] {
		var no *Denied
		if _, err := left.judge(r); errors.As(err, &no) {
			out = append(out, *no)
		}
	}
	return out
}

// Grants lists every action that a role is allowed on every resource.
func (p *Policies) Grants() []Grant {
	var out []Grant
	for role, statements := range p.roles {
		for _, s := range statements {
			for _, a := range s.Actions {
				for _, res := range s.Resources {
					if s.Allow {
						out = append(out, s.grant(role, a, res))
					}
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Grant) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Action, b.Action))
	})
	return slices.Compact(out)
}

// Without are the same policies without one grant: what a flow test must notice.
func (p *Policies) Without(g Grant) *Policies {
	out := &Policies{roles: map[string][]statement{}}
	for role, statements := range p.roles {
		for _, s := range statements {
			if !s.Allow || role != g.Role || !slices.Contains(s.Actions, g.Action) {
				out.roles[role] = append(out.roles[role], s)
				continue
			}
			for _, a := range s.Actions { // one statement for each pair, but for the one
				for _, res := range s.Resources {
					if s.grant(role, a, res) != g {
						out.roles[role] = append(out.roles[role], statement{Allow: true, Actions: []string{a}, Resources: []resource{res}, Conditions: s.Conditions})
					}
				}
			}
		}
	}
	return out
}

// Print writes the permission table: calls seen, calls refused, grants nobody used with the reason why they stay.
func (l *Ledger) Print(w io.Writer, reason func(Grant) string) error {
	seen, unused := l.Seen(), l.Unused()
	calls, refused := 0, 0
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, s := range seen {
		fmt.Fprintf(t, "  %s\t%s\t%s\t%d\t%s\n", s.Role, s.Action, s.Resource, s.Calls, map[bool]string{true: fmt.Sprintf("REFUSED %d", s.Refused)}[s.Refused > 0])
		calls += s.Calls
		refused += s.Refused
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, g := range unused {
		fmt.Fprintf(t, "  unused\t%s\t%s\t%s\t%s\n", g.Role, g.Action, g.Resource, cmp.Or(reason(g), "NOT EXPLAINED"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "permissions: calls seen %d, refused %d, grants %d, unused %d\n", calls, refused, len(l.policies.Grants()), len(unused))
	return err
}
