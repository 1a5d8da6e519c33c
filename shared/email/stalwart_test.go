package email_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/shared/email"
)

// stalwartMessage is what is compared of mail-parser's JSON.
type stalwartMessage struct {
	TextBody    []int `json:"text_body"`
	HTMLBody    []int `json:"html_body"`
	Attachments []int `json:"attachments"`
	Parts       []struct {
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

// bodies returns what the parts of a list hold of some kinds, joined.
func (s stalwartMessage) bodies(list []int, kinds ...string) string {
	var out []string
	for _, i := range list {
		for _, kind := range kinds {
			var t string
			if json.Unmarshal(s.Parts[i].Body[kind], &t) == nil {
				out = append(out, t)
			}
		}
	}
	return strings.Join(out, " ")
}

// files returns the hashes of the attached bytes.
func (s stalwartMessage) files() (out []string) {
	for _, i := range s.Attachments {
		for _, kind := range []string{"Binary", "InlineBinary"} {
			var bytes []byte
			var numbers []int
			if json.Unmarshal(s.Parts[i].Body[kind], &numbers) == nil && len(numbers) > 0 {
				for _, n := range numbers {
					bytes = append(bytes, byte(n))
				}
				sum := sha256.Sum256(bytes)
				out = append(out, hex.EncodeToString(sum[:]))
			}
		}
	}
	return out
}

type stalwartDate struct {
	Year, Month, Day, Hour, Minute, Second int
	TZBefore                               bool `json:"tz_before_gmt"`
	TZHour                                 int  `json:"tz_hour"`
	TZMinute                               int  `json:"tz_minute"`
}

func (d stalwartDate) utc() string {
	offset := time.Duration(d.TZHour)*time.Hour + time.Duration(d.TZMinute)*time.Minute
	if !d.TZBefore {
		offset = -offset
	}
	return time.Date(d.Year, time.Month(d.Month), d.Day, d.Hour, d.Minute, d.Second, 0, time.UTC).Add(offset).Format(time.RFC3339)
}

type stalwartAddresses struct {
	Address struct {
		List []struct{ Name, Address string }
	}
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// measureStalwart compares with the expectations of another project's fixtures.
func measureStalwart(t testing.TB, n *decodedCount) {
	t.Helper()
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
		name := strings.TrimPrefix(filepath.ToSlash(strings.TrimSuffix(file, ".json")), "testdata/corpora/") + ".eml"
		got := email.Parse(raw)
		var subject struct{ Text string }
		if want.header("subject", &subject) {
			n.compare(name, "subject", words(subject.Text), words(got.Subject))
		}
		var from, to stalwartAddresses
		if want.header("from", &from) && len(from.Address.List) > 0 {
			a := from.Address.List[0]
			n.compare(name, "from", a.Name+" "+a.Address, got.From.Name+" "+got.From.Email)
		}
		if want.header("to", &to) && len(to.Address.List) > 0 {
			n.compare(name, "to", to.Address.List[0].Address, emailsOf(got.To[:min(len(got.To), 1)]))
		}
		var date struct{ DateTime stalwartDate }
		if want.header("date", &date) {
			n.compare(name, "date", date.DateTime.utc(), got.Date.Format(time.RFC3339))
		}
		var id struct{ Text string }
		if want.header("message_id", &id) {
			n.compare(name, "message-id", id.Text, got.MessageID)
		}
		if w := words(want.bodies(want.TextBody, "Text")); w != "" {
			n.compare(name, "text", w, words(got.Text))
		}
		if w := words(email.TextOf(want.bodies(want.HTMLBody, "Html", "Text"))); w != "" && want.bodies(want.HTMLBody, "Html") != "" {
			n.compare(name, "html", w, words(email.TextOf(got.HTML)))
		}
		var have []string
		for _, a := range got.Attachments {
			have = append(have, a.SHA256)
		}
		for _, sum := range want.files() {
			n.compare(name, "file", "there: true", "there: "+map[bool]string{true: "true", false: "false"}[slices.Contains(have, sum)])
		}
	}
}

func emailsOf(list []email.Address) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Email)
	}
	return strings.Join(out, " ")
}
