package email_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/shared/email"
)

// stalwartMessage is the little of mail-parser's JSON that is compared.
type stalwartMessage struct {
	TextBody []int `json:"text_body"`
	Parts    []struct {
		Headers []struct {
			Name  json.RawMessage `json:"name"` // a string, or an object for fields it does not know
			Value json.RawMessage `json:"value"`
		} `json:"headers"`
		Body map[string]json.RawMessage `json:"body"`
	} `json:"parts"`
}

// header decodes the first value of a header of the mail.
func (s stalwartMessage) header(name string, into any) bool {
	for _, h := range s.Parts[0].Headers {
		if string(h.Name) == `"`+name+`"` {
			return json.Unmarshal(h.Value, into) == nil
		}
	}
	return false
}

// text returns the plain text parts of the body, joined.
func (s stalwartMessage) text() string {
	var out []string
	for _, i := range s.TextBody {
		var t string
		if json.Unmarshal(s.Parts[i].Body["Text"], &t) == nil {
			out = append(out, t)
		}
	}
	return strings.Join(out, " ")
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestStalwartFixtures measures subjects, senders and texts against the expectations of another project's fixtures. known
// are differences that were looked at and are meant.
func TestStalwartFixtures(t *testing.T) {
	known := map[string]string{
		"malformed/008.eml text": "the outer boundary ends an inner multipart that was not closed",
		"malformed/009.eml text": "as 008", "malformed/011.eml text": "as 008", "malformed/012.eml text": "as 008",
		"malformed/020.eml text": "two Content-Types in a part: the multipart is believed", "malformed/021.eml text": "as 020",
		"malformed/016.eml text": "a delimiter is the whole line, also if the boundary is longer than RFC 2046 allows",
	}
	var right, all [3]int
	what := [3]string{"subject", "from", "text"}
	files, _ := filepath.Glob("testdata/corpora/stalwart/*/*.json")
	if len(files) != 33 {
		t.Fatalf("%d fixtures", len(files))
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want stalwartMessage
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(strings.TrimSuffix(file, ".json") + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(filepath.ToSlash(strings.TrimSuffix(file, ".json")), "testdata/corpora/stalwart/") + ".eml"
		got := email.Parse(raw)
		note := func(i int, want, got string) {
			all[i]++
			if want == got {
				right[i]++
			} else if known[name+" "+what[i]] == "" {
				t.Errorf("%s: %s is %q, want %q", name, what[i], got, want)
			}
		}
		var subject struct{ Text string }
		if want.header("subject", &subject) {
			note(0, words(subject.Text), words(got.Subject))
		}
		var from struct {
			Address struct {
				List []struct{ Name, Address string }
			}
		}
		if want.header("from", &from) && len(from.Address.List) > 0 {
			a := from.Address.List[0]
			note(1, a.Name+" "+a.Address, got.From.Name+" "+got.From.Email)
		}
		if w := words(want.text()); w != "" {
			note(2, w, words(got.Text))
		}
	}
	for i := range what {
		t.Logf("%s: %d of %d", what[i], right[i], all[i])
	}
}
