package table_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"parley/shared/fault"
	"parley/shared/table"
)

// Walk accepts exactly what encoding/json accepts (of valid UTF-8, not too deep).
func FuzzWalk(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, ` { "a" : [ 1 , -0.5e+10 , "x\u00e9\"\\" , null , true , false , {} ] } `, `{"a":01}`,
		`{"a":1,}`, `[1 2]`, `{"a" 1}`, `{"a":"` + "\x01" + `"}`, `{"\u12`, `[.5]`, `[1.]`, `[1e]`, `{"a":tru}`, `[`, `{"a":`, `[-]`, `{"a":1}x`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		trimmed := strings.TrimLeft(string(raw), " \t\r\n")
		want := json.Valid(raw) && utf8.Valid(raw) && trimmed != "" && (trimmed[0] == '{' || trimmed[0] == '[')
		if strings.Count(trimmed, "[")+strings.Count(trimmed, "{") > table.DocDepth {
			return // the depth limit may refuse it
		}
		if err := table.Walk(raw, nil); (err == nil) != want {
			t.Fatalf("Walk(%q) = %v, encoding/json says %v", raw, err, want)
		}
	})
}

// Walk's members are those that encoding/json sees.
func TestWalkMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.String())).Draw(t, "doc")
		raw, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string][]string{}
		err = table.Walk(raw, func(name, value []byte) error {
			list := []string{}
			err := table.Walk(value, func(none, elem []byte) error {
				if none != nil {
					t.Fatalf("an element has the name %q", none)
				}
				list = append(list, table.Unquote(elem))
				return nil
			})
			seen[table.Unquote(name)] = list
			if string(value) == "null" {
				return nil
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range doc {
			if got, ok := seen[k]; !ok || strings.Join(got, "\x00") != strings.Join(v, "\x00") {
				t.Fatalf("%q: %q, want %q", k, got, v)
			}
		}
		if len(seen) != len(doc) {
			t.Fatalf("%d members, want %d", len(seen), len(doc))
		}
	})
}

func TestWalkDepth(t *testing.T) {
	deep := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if err := table.Walk(deep(table.DocDepth), nil); err != nil {
		t.Fatal(err)
	}
	if err := table.Walk(deep(1_000_000), nil); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a million brackets: %v", err)
	}
}
