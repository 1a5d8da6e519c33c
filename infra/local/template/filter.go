package template

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Filter is one pattern of a mapping's FilterCriteria. A pattern is an object; each of its leaves is a list of which one has to match, and all
// leaves have to match. Known are equality (text, number, true, false, null), prefix, exists and anything-but (AWS Lambda, "Event filtering").
type Filter struct {
	fields map[string]node
}

// node is an inner object of a pattern or, if any is not nil, a leaf.
type node struct {
	fields map[string]node
	any    []matcher
}

// matcher decides on one value; present is false where the record has none.
type matcher func(value any, present bool) bool

// ParseFilter reads a pattern. An operator that it does not know is an error.
func ParseFilter(pattern []byte) (Filter, error) {
	var m map[string]any
	if err := json.Unmarshal(pattern, &m); err != nil {
		return Filter{}, fmt.Errorf("filter pattern: %w", err)
	}
	n, err := parseFields(m)
	if err != nil {
		return Filter{}, fmt.Errorf("filter pattern %s: %w", pattern, err)
	}
	return Filter{fields: n.fields}, nil
}

// Match reports whether the record, as the map that its JSON is, matches.
func (f Filter) Match(record map[string]any) bool {
	return node{fields: f.fields}.match(record, true)
}

// Uses reports whether the pattern looks at anything at or below a path ("dynamodb", "NewImage"): what it does not use, need not be built.
func (f Filter) Uses(path ...string) bool {
	n := node{fields: f.fields}
	for _, name := range path {
		child, ok := n.fields[name]
		if !ok {
			return false
		}
		n = child
	}
	return true
}

func parseFields(m map[string]any) (node, error) {
	if len(m) == 0 {
		return node{}, fmt.Errorf("an empty object")
	}
	n := node{fields: map[string]node{}}
	for key, v := range m {
		if strings.HasPrefix(key, "$") {
			return node{}, fmt.Errorf("operator %s is not known", key)
		}
		var child node
		var err error
		switch v := v.(type) {
		case map[string]any:
			child, err = parseFields(v)
		case []any:
			child, err = parseLeaf(v)
		default:
			err = fmt.Errorf("neither a list nor an object")
		}
		if err != nil {
			return node{}, fmt.Errorf("%s: %w", key, err)
		}
		n.fields[key] = child
	}
	return n, nil
}

func parseLeaf(list []any) (node, error) {
	if len(list) == 0 {
		return node{}, fmt.Errorf("an empty list")
	}
	n := node{}
	for _, v := range list {
		m, err := parseMatcher(v)
		if err != nil {
			return node{}, err
		}
		n.any = append(n.any, m)
	}
	return n, nil
}

func parseMatcher(v any) (matcher, error) {
	op, ok := v.(map[string]any)
	if !ok {
		return equals(v)
	}
	if len(op) != 1 {
		return nil, fmt.Errorf("want one operator: %v", op)
	}
	for name, arg := range op {
		switch name {
		case "prefix":
			if prefix, ok := arg.(string); ok {
				return func(v any, present bool) bool {
					s, ok := v.(string)
					return present && ok && strings.HasPrefix(s, prefix)
				}, nil
			}
		case "exists":
			if want, ok := arg.(bool); ok {
				return func(_ any, present bool) bool { return present == want }, nil
			}
		case "anything-but":
			return anythingBut(arg)
		}
		return nil, fmt.Errorf("operator %s with %v is not known", name, arg)
	}
	return nil, nil
}

// equals matches a scalar. A number is equal by value.
func equals(want any) (matcher, error) {
	switch want.(type) {
	case string, float64, bool, nil:
	default:
		return nil, fmt.Errorf("no scalar: %v", want)
	}
	return func(v any, present bool) bool { return present && scalar(v) == want }, nil
}

// anythingBut matches a value that is there and is none of the listed ones.
func anythingBut(arg any) (matcher, error) {
	list, ok := arg.([]any)
	if !ok {
		list = []any{arg}
	}
	n, err := parseLeaf(list)
	if err != nil {
		return nil, fmt.Errorf("anything-but: %w", err)
	}
	for _, v := range list {
		if _, ok := v.(map[string]any); ok {
			return nil, fmt.Errorf("anything-but with an operator is not known: %v", v)
		}
	}
	return func(v any, present bool) bool { return present && !n.match(v, true) }, nil
}

// scalar makes numbers comparable, whichever way the record was decoded.
func scalar(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return v
		}
		return f
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case map[string]any, []any:
		return struct{}{} // equal to no scalar; as they are, comparing them would panic
	}
	return v
}

func (n node) match(v any, present bool) bool {
	if n.any != nil {
		return n.matchLeaf(v, present)
	}
	m, _ := v.(map[string]any)
	for key, child := range n.fields {
		inner, ok := m[key]
		if !child.match(inner, ok) {
			return false
		}
	}
	return true
}

// matchLeaf tries each value of a list; an object is no leaf, so it is as good as absent.
func (n node) matchLeaf(v any, present bool) bool {
	if _, ok := v.(map[string]any); ok {
		v, present = nil, false
	}
	one := func(v any) bool {
		return slices.ContainsFunc(n.any, func(m matcher) bool { return m(v, present) })
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		return slices.ContainsFunc(list, one)
	}
	return one(v)
}
