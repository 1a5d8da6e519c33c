package iam

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"parley/infra/local/template"
)

// condition is one operator on one key: it holds if one of the values matches.
type condition struct {
	operator string
	key      string
	values   []string
	missing  bool // what it is when the request has no such key
	match    func(want, got string) bool
	negative bool
}

func equal(want, got string) bool { return want == got }

// operators are those that the house has needed so far. A negative one holds if none of its values matches, and if the key is missing.
var operators = map[string]struct {
	match    func(want, got string) bool
	negative bool
}{
	"Bool":                      {strings.EqualFold, false},
	"ForAllValues:StringEquals": {equal, false}, // of keys that have one value in what we call
	"ForAllValues:StringLike":   {like, false},
	"StringEquals":              {equal, false},
	"StringNotEquals":           {equal, true},
	"StringEqualsIgnoreCase":    {strings.EqualFold, false},
	"StringNotEqualsIgnoreCase": {strings.EqualFold, true},
	"StringLike":                {like, false},
	"StringNotLike":             {like, true},
	"ArnEquals":                 {like, false},
	"ArnLike":                   {like, false},
	"ArnNotEquals":              {like, true},
	"ArnNotLike":                {like, true},
}

func conditions(m map[string]map[string]texts, lookup template.Lookup) ([]condition, error) {
	var out []condition
	for _, name := range slices.Sorted(maps.Keys(m)) {
		base, ifExists := strings.CutSuffix(name, "IfExists")
		op, ok := operators[base]
		if !ok {
			return nil, fmt.Errorf("the condition operator %s is not known here", name)
		}
		for _, key := range slices.Sorted(maps.Keys(m[name])) {
			c := condition{operator: name, key: key, match: op.match, negative: op.negative, missing: op.negative || ifExists}
			for _, v := range m[name][key] {
				s, err := v.Resolve(lookup)
				if err != nil {
					return nil, err
				}
				c.values = append(c.values, s)
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// holds judges a condition. Keys are not case-sensitive.
func (c condition) holds(context map[string]string) bool {
	for key, got := range context {
		if strings.EqualFold(key, c.key) {
			return slices.ContainsFunc(c.values, func(want string) bool { return c.match(want, got) }) != c.negative
		}
	}
	return c.missing
}

func (c condition) String() string {
	return fmt.Sprintf("%s %s %s", c.operator, c.key, strings.Join(c.values, "|"))
}
