package template_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"parley/infra/local/template"
)

func mustRecord(tb testing.TB, raw string) map[string]any {
	tb.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		tb.Fatal(err)
	}
	return m
}

func TestFilterMatch(t *testing.T) {
	for _, tc := range []struct {
		name, pattern, record string
		want                  bool
	}{
		{"equal text", `{"a":["x"]}`, `{"a":"x"}`, true},
		{"other text", `{"a":["x"]}`, `{"a":"X"}`, false},
		{"one of", `{"a":["x","y"]}`, `{"a":"y"}`, true},
		{"absent", `{"a":["x"]}`, `{}`, false},
		{"all leaves", `{"a":["x"],"b":["y"]}`, `{"a":"x","b":"z"}`, false},
		{"more than asked", `{"a":["x"]}`, `{"a":"x","b":1}`, true},
		{"inner", `{"a":{"b":["x"]}}`, `{"a":{"b":"x"}}`, true},
		{"inner absent", `{"a":{"b":["x"]}}`, `{"a":"x"}`, false},
		{"true", `{"a":[true]}`, `{"a":true}`, true},
		{"true is no text", `{"a":[true]}`, `{"a":"true"}`, false},
		{"number", `{"a":[1]}`, `{"a":1.0}`, true},
		{"number is no text", `{"a":[1]}`, `{"a":"1"}`, false},
		{"null", `{"a":[null]}`, `{"a":null}`, true},
		{"null is not absent", `{"a":[null]}`, `{}`, false},
		{"in a list", `{"a":["x"]}`, `{"a":["w","x"]}`, true},
		{"object for a leaf", `{"a":["x"]}`, `{"a":{"x":1}}`, false},
		{"prefix", `{"a":[{"prefix":"T#"}]}`, `{"a":"T#1"}`, true},
		{"other prefix", `{"a":[{"prefix":"T#"}]}`, `{"a":"U#1"}`, false},
		{"prefix of a number", `{"a":[{"prefix":"1"}]}`, `{"a":1}`, false},
		{"exists", `{"a":[{"exists":true}]}`, `{"a":0}`, true},
		{"exists not", `{"a":[{"exists":true}]}`, `{"b":0}`, false},
		{"absent wanted", `{"a":{"b":[{"exists":false}]}}`, `{}`, true},
		{"absent wanted, there", `{"a":{"b":[{"exists":false}]}}`, `{"a":{"b":1}}`, false},
		{"anything but", `{"a":[{"anything-but":["x","y"]}]}`, `{"a":"z"}`, true},
		{"anything but, hit", `{"a":[{"anything-but":["x","y"]}]}`, `{"a":"y"}`, false},
		{"anything but one", `{"a":[{"anything-but":"x"}]}`, `{"a":"x"}`, false},
		{"anything but, absent", `{"a":[{"anything-but":"x"}]}`, `{}`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, err := template.ParseFilter([]byte(tc.pattern))
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Match(mustRecord(t, tc.record)); got != tc.want {
				t.Errorf("%s on %s = %v", tc.pattern, tc.record, got)
			}
		})
	}
}

func TestFilterNumbersHoweverDecoded(t *testing.T) {
	f, err := template.ParseFilter([]byte(`{"a":[7]}`))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(`{"a":7}`)))
	d.UseNumber()
	var number map[string]any
	if err := d.Decode(&number); err != nil {
		t.Fatal(err)
	}
	for _, record := range []map[string]any{number, {"a": 7}, {"a": int64(7)}, {"a": 7.0}} {
		if !f.Match(record) {
			t.Errorf("%T 7 is not 7", record["a"])
		}
	}
}

func TestParseFilterRefuses(t *testing.T) {
	for _, pattern := range []string{
		``, `[]`, `{}`, `{"a":{}}`, `{"a":[]}`, `{"a":"x"}`, `{"a":[["x"]]}`, `{"$or":[{"a":["x"]}]}`, `{"a":[{"suffix":"x"}]}`,
		`{"a":[{"numeric":[">",1]}]}`, `{"a":[{"prefix":"x","exists":true}]}`, `{"a":[{"prefix":1}]}`, `{"a":[{"exists":"yes"}]}`,
		`{"a":[{"anything-but":{"prefix":"x"}}]}`, `{"a":[{"anything-but":[]}]}`,
	} {
		if _, err := template.ParseFilter([]byte(pattern)); err == nil {
			t.Errorf("%s was taken", pattern)
		}
	}
}

// What the two streams let through, on records as a DynamoDB stream has them.
func TestGoldenFilters(t *testing.T) {
	wants := map[string]func(string) bool{}
	for _, m := range mustLoad(t).Mappings {
		wants[m.Function] = func(record string) bool { return m.Wants(mustRecord(t, record)) }
	}
	for _, tc := range []struct {
		function, record string
		want             bool
	}{
		{"notify", `{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"T#1"},"sk":{"S":"H"}}}}`, true},
		{"notify", `{"eventName":"MODIFY","dynamodb":{"Keys":{"pk":{"S":"T#1"},"sk":{"S":"H"}}}}`, true},
		{"notify", `{"eventName":"REMOVE","dynamodb":{"Keys":{"pk":{"S":"T#1"},"sk":{"S":"H"}}}}`, false},
		{"notify", `{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"T#1"},"sk":{"S":"E#00000001"}}}}`, false},
		{"deliver", `{"eventName":"INSERT","dynamodb":{"NewImage":{"ready":{"BOOL":true},"kind":{"S":"mail"}}}}`, true},
		{"deliver", `{"eventName":"MODIFY","dynamodb":{"NewImage":{"ready":{"BOOL":false},"kind":{"S":"mail"}}}}`, false},
		{"deliver", `{"eventName":"INSERT","dynamodb":{"NewImage":{"kind":{"S":"mail"}}}}`, false},
		{"deliver", `{"eventName":"INSERT","dynamodb":{"NewImage":{"ready":{"BOOL":true},"kind":{"S":"webhook"}}}}`, false},
		{"deliver", `{"eventName":"REMOVE","dynamodb":{"OldImage":{"ready":{"BOOL":true},"kind":{"S":"mail"}}}}`, false},
		{"ingest", `{"anything":"a queue has no filter"}`, true},
	} {
		if got := wants[tc.function](tc.record); got != tc.want {
			t.Errorf("%s wants %s = %v", tc.function, tc.record, got)
		}
	}
}

func TestFilterUses(t *testing.T) {
	f, err := template.ParseFilter([]byte(`{"dynamodb":{"NewImage":{"ready":{"BOOL":[true]}}},"eventName":["INSERT"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if !f.Uses("dynamodb", "NewImage") || !f.Uses("eventName") || f.Uses("dynamodb", "OldImage") || f.Uses("dynamodb", "Keys") {
		t.Error("Uses does not know what the pattern looks at")
	}
}
