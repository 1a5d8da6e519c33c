package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// template is a synthesized stack, as plain JSON.
type template struct {
	raw       map[string]any
	resources map[string]resource // by logical id
}

type resource struct {
	ID             string
	Type           string
	Properties     map[string]any
	Metadata       map[string]any
	DeletionPolicy string
	DependsOn      []string
}

func (t *template) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &t.raw); err != nil {
		return err
	}
	var rest struct{ Resources map[string]resource }
	if err := json.Unmarshal(b, &rest); err != nil {
		return err
	}
	t.resources = rest.Resources
	for id, r := range t.resources {
		r.ID = id
		t.resources[id] = r
	}
	return nil
}

// of returns the resources of a type in order of their ids, and fails the test if there is none: a policy over nothing proves nothing.
func (t template) of(tb testing.TB, typ string) []resource {
	tb.Helper()
	found := []resource{}
	for _, id := range slices.Sorted(maps.Keys(t.resources)) {
		if t.resources[id].Type == typ {
			found = append(found, t.resources[id])
		}
	}
	if len(found) == 0 {
		tb.Fatalf("the template has no %s", typ)
	}
	return found
}

// at walks maps by key; it is nil where a step is missing.
func (r resource) at(path ...string) any {
	var v any = r.Properties
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

// function returns the function of that name.
func (t template) function(tb testing.TB, name string) resource {
	tb.Helper()
	for _, r := range t.of(tb, "AWS::Lambda::Function") {
		if r.Metadata["parley:function"] == name {
			return r
		}
	}
	tb.Fatalf("the template has no function %s", name)
	return resource{}
}

// plain resolves a value to text in which a reference reads as ${Id} or ${Id.Attribute}.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		if id, ok := v["Ref"].(string); ok {
			return "${" + id + "}"
		}
		if att, ok := v["Fn::GetAtt"].([]any); ok {
			return fmt.Sprintf("${%v.%v}", att[0], att[1])
		}
		if join, ok := v["Fn::Join"].([]any); ok {
			parts := []string{}
			for _, part := range join[1].([]any) {
				parts = append(parts, plain(part))
			}
			return strings.Join(parts, join[0].(string))
		}
	}
	panic(fmt.Sprintf("plain: no text in %v", v))
}

// list is v's elements, or v itself where CloudFormation allows one instead of a list of one.
func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}
