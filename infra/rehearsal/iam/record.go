package iam

import (
	"cmp"
	"slices"
	"strings"
)

// Seen is how often something was asked for.
type Seen struct {
	Role, Action, Resource string
	Calls, Refused         int
}

// place is a role, an action and a resource's kind: what is told apart in records.
type place [3]string

func (a place) compare(b place) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[2], b[2]), cmp.Compare(a[1], b[1]))
}

// Record is what was asked for in some time.
type Record struct {
	seen   map[place]*Seen
	used   map[Grant]map[place]Request // one request of each kind that needed the grant
	denied map[place]Denied            // the first of each kind
}

func newRecord() *Record {
	return &Record{seen: map[place]*Seen{}, used: map[Grant]map[place]Request{}, denied: map[place]Denied{}}
}

func (r *Record) note(q Request, g Grant, no *Denied) {
	at := place{q.Role, q.Action, kind(q.Resource)}
	s := r.seen[at]
	if s == nil {
		s = &Seen{Role: q.Role, Action: q.Action, Resource: at[2]}
		r.seen[at] = s
	}
	s.Calls++
	if no != nil {
		s.Refused++
		if _, there := r.denied[at]; !there {
			r.denied[at] = *no
		}
		return
	}
	if r.used[g] == nil {
		r.used[g] = map[place]Request{}
	}
	r.used[g][at] = q
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

// Seen lists what was asked for, by role, action and resource.
func (r *Record) Seen() []Seen {
	var out []Seen
	for _, s := range r.seen {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Seen) int {
		return place{a.Role, a.Action, a.Resource}.compare(place{b.Role, b.Action, b.Resource})
	})
	return out
}

// Refused lists what was refused, one of each kind.
func (r *Record) Refused() []Denied {
	var out []Denied
	for _, d := range r.denied {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Denied) int {
		return place{a.Role, a.Action, a.Resource}.compare(place{b.Role, b.Action, b.Resource})
	})
	return out
}

// Needed reports whether some call needed a grant.
func (r *Record) Needed(g Grant) bool { return r.used[g] != nil }

// Calls counts what a role asked for.
func (r *Record) Calls(role string) (n int) {
	for at, s := range r.seen {
		if at[0] == role {
			n += s.Calls
		}
	}
	return n
}

// Lost lists what was refused because that grant had been taken away.
func (r *Record) Lost(g Grant) []Denied {
	return slices.DeleteFunc(r.Refused(), func(d Denied) bool { return d.Lacks != g })
}
