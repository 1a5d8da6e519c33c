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
	Explicit bool  // a Deny said so; otherwise nothing allowed it
	Lacks    Grant // the grant of the template that a test has taken away
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

// Ledger judges requests and keeps what it judged: on the whole, and on a page that a test may turn.
type Ledger struct {
	given *Policies // by the template

	mu          sync.Mutex
	force       *Policies // what holds now: a test may have taken a grant away
	whole, page *Record
}

// NewLedger returns an empty ledger over the policies.
func NewLedger(p *Policies) *Ledger {
	return &Ledger{given: p, force: p, whole: newRecord(), page: newRecord()}
}

// Take takes a grant away, as if the template had never given it, until it is given back. One at a time.
func (l *Ledger) Take(g Grant) (giveBack func()) {
	set := func(p *Policies) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.force = p
	}
	set(l.given.Without(g))
	return func() { set(l.given) }
}

// Turn returns the record since the last Turn, or since the beginning, and begins a new one. The whole goes on.
func (l *Ledger) Turn() *Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.page
	l.page = newRecord()
	return r
}

// Lost reports whether something was refused since the last Turn that the grant allows.
func (l *Ledger) Lost(g Grant) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.page.Lost(g)) > 0
}

// Check allows all requests of one call, or returns a *Denied for the first that is refused. Every one is recorded.
func (l *Ledger) Check(requests ...Request) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var first error
	for _, r := range requests {
		grant, err := l.force.judge(r)
		var no *Denied
		if errors.As(err, &no) && l.force != l.given {
			no.Lacks, _ = l.given.judge(r) // an error leaves it empty
		}
		l.whole.note(r, grant, no)
		l.page.note(r, grant, no)
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

// Seen lists what was asked for, by role, action and resource.
func (l *Ledger) Seen() []Seen {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.whole.Seen()
}

// Refused lists what was refused, one of each kind.
func (l *Ledger) Refused() []Denied {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.whole.Refused()
}

// Unused lists the grants that no call needed.
func (l *Ledger) Unused() []Grant {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(l.given.Grants(), func(g Grant) bool { return l.whole.used[g] != nil })
}

// Used lists the grants that some call needed.
func (l *Ledger) Used() []Grant {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(l.given.Grants(), func(g Grant) bool { return l.whole.used[g] == nil })
}

// MissedWithout lists what was asked for and would be refused if a grant were taken away.
func (l *Ledger) MissedWithout(g Grant) []Denied {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.given.Without(g)
	var out []Denied
	for _, r := range l.whole.used[g] {
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
	_, err := fmt.Fprintf(w, "permissions: calls seen %d, refused %d, grants %d, unused %d\n", calls, refused, len(l.given.Grants()), len(unused))
	return err
}
