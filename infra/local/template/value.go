package template

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Lookup answers for a reference: what Ref (att is "") or Fn::GetAtt of a logical id is here. It is asked for parameters ("MailDomain") and for
// pseudo parameters ("AWS::Region") too. "" means that it does not know, and is an error.
type Lookup func(logicalID, att string) string

// Value is a text of the template that may refer to resources and parameters.
type Value struct {
	text  string
	id    string
	att   string
	sep   string
	parts []Value
}

// Text is the Value that is just this.
func Text(s string) Value { return Value{text: s} }

// UnmarshalJSON reads a text, Ref, Fn::GetAtt or Fn::Join; any other intrinsic is an error.
func (v *Value) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, &v.text); err == nil {
		return nil
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil || len(m) != 1 {
		return fmt.Errorf("neither a text nor an intrinsic: %s", raw)
	}
	for name, arg := range m {
		switch name {
		case "Ref":
			return json.Unmarshal(arg, &v.id)
		case "Fn::GetAtt":
			pair := [2]*string{&v.id, &v.att}
			return json.Unmarshal(arg, &pair)
		case "Fn::Join":
			pair := [2]any{&v.sep, &v.parts}
			return json.Unmarshal(arg, &pair)
		default:
			return fmt.Errorf("template uses %s, the local reader does not know it", name)
		}
	}
	return nil
}

// Resolve is the text that the value stands for.
func (v Value) Resolve(lookup Lookup) (string, error) {
	switch {
	case v.id != "":
		s := lookup(v.id, v.att)
		if s == "" {
			return "", fmt.Errorf("nothing known of %s", v)
		}
		return s, nil
	case v.parts != nil:
		texts := []string{}
		for _, p := range v.parts {
			s, err := p.Resolve(lookup)
			if err != nil {
				return "", err
			}
			texts = append(texts, s)
		}
		return strings.Join(texts, v.sep), nil
	}
	return v.text, nil
}

// String shows a reference as ${Id} or ${Id.Attribute}.
func (v Value) String() string {
	switch {
	case v.att != "":
		return "${" + v.id + "." + v.att + "}"
	case v.id != "":
		return "${" + v.id + "}"
	}
	s, _ := v.Resolve(func(id, att string) string { return Value{id: id, att: att}.String() })
	return s
}

// ids are the logical ids that the value refers to.
func (v Value) ids() []string {
	if v.id != "" {
		return []string{v.id}
	}
	found := []string{}
	for _, p := range v.parts {
		found = append(found, p.ids()...)
	}
	return found
}

// resolveAll resolves the references in any JSON: an object whose one key is an intrinsic's is a reference.
func resolveAll(v any, lookup Lookup) (any, error) {
	var err error
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 1 && (v["Ref"] != nil || v["Fn::GetAtt"] != nil || v["Fn::Join"] != nil) {
			raw, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			var value Value
			if err := json.Unmarshal(raw, &value); err != nil {
				return nil, err
			}
			return value.Resolve(lookup)
		}
		out := map[string]any{}
		for key, inner := range v {
			if strings.HasPrefix(key, "Fn::") {
				return nil, fmt.Errorf("template uses %s, the local reader does not know it", key)
			}
			if out[key], err = resolveAll(inner, lookup); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			if out[i], err = resolveAll(inner, lookup); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}
