package chatflow

import (
	"net/url"
	"strings"

	"parley/shared/fault"
)

// Targeting says on which pages a flow shows: where one of its rules fits (without rules: everywhere), unless an exclusion does.
type Targeting struct {
	Rules   []Rule `json:"rules,omitempty"`
	Exclude []Rule `json:"exclude,omitempty"`
}

// Rule fits when all its conditions hold.
type Rule struct {
	Conditions []Condition `json:"conditions"`
}

// Condition looks at the address of a page. An address is compared without scheme, query, fragment and the slash at its end, its host in
// lower case; a value that begins with "/" is compared with the path alone.
type Condition struct {
	Kind  Kind   `json:"kind" enum:"url,query"`
	Name  string `json:"name,omitempty"` // of the query parameter
	Op    Op     `json:"op" enum:"is,contains,begins,ends,matches,exists"`
	Value string `json:"value,omitempty"`
	Not   bool   `json:"not,omitempty"` // it holds when the comparison does not
}

// Kind is what a condition looks at.
type Kind string

// The kinds.
const (
	KindURL   Kind = "url"
	KindQuery Kind = "query" // one query parameter; one that stands twice counts with its first value
)

// Op compares.
type Op string

// The comparisons. Matches takes * for any run of characters; Exists is for query parameters only and takes no value.
const (
	Is       Op = "is"
	Contains Op = "contains"
	Begins   Op = "begins"
	Ends     Op = "ends"
	Matches  Op = "matches"
	Exists   Op = "exists"
)

// Limits of what one flow may hold; editors and the browser stay small by them.
const (
	MaxRules      = 50
	MaxConditions = 10
	MaxValueBytes = 500
)

// Page is an address in the form that conditions compare.
type Page struct {
	origin  string // scheme and host
	address string // host and path
	path    string
	query   url.Values
}

// ParsePage reads the address of a page; fault.Invalid if it is none of http or https.
func ParsePage(raw string) (Page, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return Page{}, fault.New(fault.Invalid, "%.80q is no address of a page: it begins with https://.", raw)
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	return Page{origin: u.Scheme + "://" + strings.ToLower(u.Host), address: strings.ToLower(u.Host) + path, path: path, query: u.Query()}, nil
}

// Origin is scheme and host of the page: "https://shop.example".
func (p Page) Origin() string { return p.origin }

// Check refuses what could never fit or is too much.
func (t Targeting) Check() error {
	if len(t.Rules) > MaxRules || len(t.Exclude) > MaxRules {
		return fault.New(fault.Invalid, "A chatflow has at most %d rules and %d exclusions.", MaxRules, MaxRules)
	}
	for _, list := range [][]Rule{t.Rules, t.Exclude} {
		for _, r := range list {
			if len(r.Conditions) == 0 || len(r.Conditions) > MaxConditions {
				return fault.New(fault.Invalid, "A rule has between one and %d conditions.", MaxConditions)
			}
			for _, c := range r.Conditions {
				if err := c.check(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c Condition) check() error {
	switch {
	case len(c.Value) > MaxValueBytes || len(c.Name) > MaxValueBytes:
		return fault.New(fault.Invalid, "What a condition compares with has at most %d characters.", MaxValueBytes)
	case c.Kind == KindQuery && c.Name == "":
		return fault.New(fault.Invalid, "Which query parameter is meant?")
	case c.Kind == KindQuery && c.Op == Exists:
		return nil
	case c.Kind != KindURL && c.Kind != KindQuery:
		return fault.New(fault.Invalid, "There is no condition on %q: use url or query.", c.Kind)
	case c.Op != Is && c.Op != Contains && c.Op != Begins && c.Op != Ends && c.Op != Matches:
		return fault.New(fault.Invalid, "There is no comparison %q here.", c.Op)
	case c.Value == "" && c.Kind == KindURL:
		return fault.New(fault.Invalid, "What is the address compared with?")
	}
	return nil
}

// holds reports whether the condition holds on a page.
func (c Condition) holds(p Page) bool {
	if c.Kind == KindQuery {
		found, there := p.query[c.Name]
		if c.Op == Exists || !there {
			return there != c.Not
		}
		return compare(c.Op, found[0], c.Value) != c.Not
	}
	value := strings.TrimSpace(c.Value)
	if _, rest, ok := strings.Cut(value, "://"); ok {
		value = rest
	}
	have := p.address
	if strings.HasPrefix(value, "/") {
		have = p.path
	} else if host, path, ok := strings.Cut(value, "/"); ok {
		value = strings.ToLower(host) + "/" + path
	} else {
		value = strings.ToLower(value)
	}
	// The slash at the end is written or not as people like: "/docs/" begins and contains what stands at /docs.
	return (compare(c.Op, have, strings.TrimRight(value, "/")) && !folder(c.Op, value) || compare(c.Op, have+"/", value)) != c.Not
}

// folder reports whether the slash at the end of a value means something: "/docs/" does not begin /docsearch.
func folder(op Op, value string) bool {
	return (op == Begins || op == Contains) && strings.HasSuffix(value, "/")
}

func compare(op Op, have, want string) bool {
	switch op {
	case Is:
		return have == want
	case Contains:
		return strings.Contains(have, want)
	case Begins:
		return strings.HasPrefix(have, want)
	case Ends:
		return strings.HasSuffix(have, want)
	case Matches:
		return matches(want, have)
	}
	return false
}

// matches reports whether s is pattern, in which * stands for any run of characters. Its cost is at most len(pattern) times len(s).
func matches(pattern, s string) bool {
	p, i, star, from := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// Fit is how a targeting fared on a page, for people to read.
type Fit struct {
	Shows    bool `json:"shows"`
	Rule     int  `json:"rule"`     // the rule that fits; -1 where none has to, or none does
	Excluded int  `json:"excluded"` // the exclusion that fits; -1 if none does
	// Failed is, for each rule that does not fit, the first of its conditions that does not hold.
	Failed []int `json:"failed,omitempty"`
}

// On says whether and why the targeting shows on a page. Exclusions are looked at first.
func (t Targeting) On(p Page) Fit {
	f := Fit{Rule: -1, Excluded: -1}
	for i, r := range t.Exclude {
		if r.failed(p) < 0 {
			f.Excluded = i
			return f
		}
	}
	if len(t.Rules) == 0 {
		f.Shows = true
		return f
	}
	for i, r := range t.Rules {
		n := r.failed(p)
		if n < 0 {
			f.Shows, f.Rule = true, i
			return f
		}
		f.Failed = append(f.Failed, n)
	}
	return f
}

// failed returns the first condition that does not hold, -1 if all do.
func (r Rule) failed(p Page) int {
	for i, c := range r.Conditions {
		if !c.holds(p) {
			return i
		}
	}
	return -1
}
