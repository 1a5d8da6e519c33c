package flows

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/refusals.json anew; review it as a diff")

// refusals are the requests that must be refused as testdata/refusals.json says, word for word.
func refusals(large, second string) map[string]map[string]any {
	var crowd []string
	for i := range 51 {
		crowd = append(crowd, fmt.Sprintf("p%d@example.com", i))
	}
	const kim = "kim@example.com"
	file := func(upload, name string) []map[string]any {
		return []map[string]any{{"upload": upload, "name": name}}
	}
	return map[string]map[string]any{
		"51 people in to":                {"text": "x", "to": to(crowd...)},
		"51 people in to, cc and bcc":    {"text": "x", "to": to(crowd[:17]...), "cc": to(crowd[17:34]...), "bcc": to(crowd[34:]...)},
		"an address without @":           {"text": "x", "to": to("kim.example.com")},
		"an address without a domain":    {"text": "x", "cc": to("kim@")},
		"two addresses in one":           {"text": "x", "to": to("kim@example.com, eve@example.com")},
		"an address that opens brackets": {"text": "x", "to": to("kim@example.com> <eve@example.com")},
		"umlaut before the @":            {"text": "x", "bcc": to("jürgen@example.com")},
		"line break in an address":       {"text": "x", "to": to(kim + "\r\nBcc: eve@example.com")},
		"line break in a name":           {"text": "x", "cc": []address{{"Kim\r\nX-Evil: 1", kim}}},
		"line feed alone in a name":      {"text": "x", "bcc": []address{{"Kim\nX-Evil: 1", kim}}},
		"NUL in a name":                  {"text": "x", "to": []address{{"Kim\x00", kim}}},
		"line break in a file's name":    {"text": "x", "to": to(kim), "attachments": file(second, "a.pdf\r\nX-Evil: 1")},
		"a program":                      {"text": "x", "to": to(kim), "attachments": file(second, "film.exe")},
		"an upload that is no more":      {"text": "x", "to": to(kim), "attachments": file("01k0000000000000000000000a", "a.pdf")},
		"40 MB and more in two files":    {"text": "x", "to": to(kim), "attachments": append(file(large, "a.mov"), file(second, "b.mov")...)},
		"nothing to say":                 {"to": to(kim)},
	}
}

// Each refusal says what is wrong in the same words on every set-up; nothing is sent to anybody, and the draft stays as it was.
func TestFlowRefusals(t *testing.T) {
	s := flow(t)
	kit := s.at("kit")
	s.post(kit, s.Address, letter(kit, s.about("Refused"), s.id("kit", 1), "", "Well?"))
	th := s.bySubject(s.about("Refused"))
	half := bytes.Repeat([]byte{0x5a}, 15<<20)
	a, b := s.upload("a.mov", "video/quicktime", half), s.upload("b.mov", "video/quicktime", half)
	var draft struct{ Tag string }
	s.call("PUT", "/threads/"+th.ID+"/drafts/reply", map[string]any{"text": "My words.", "cc": to("cc@example.com")}, &draft)
	_, _, before := s.try("GET", "/threads/"+th.ID+"/drafts", nil)

	got := map[string]any{}
	problem := func(name string, status int, kind string, body []byte) {
		t.Helper()
		var p map[string]any
		if err := json.Unmarshal(body, &p); err != nil || kind != "application/problem+json" || status/100 != 4 {
			t.Errorf("%s: %d %s %s", name, status, kind, body)
		}
		delete(p, "requestId") // the request's id is another each time
		got[name] = p
	}
	for name, m := range refusals(a, b) {
		m["draft"] = draft.Tag
		status, h, body := s.try("POST", "/threads/"+th.ID+"/messages", m)
		problem(name, status, h.Get("Content-Type"), body)
	}
	status, h, body := s.try("POST", "/uploads", map[string]any{"name": "film.mov", "type": "video/quicktime", "size": 41 << 20})
	problem("a file of 41 MB", status, h.Get("Content-Type"), body)
	var in struct {
		Inboxes []struct{ Accounts []struct{ ID string } }
	}
	s.call("GET", "/inboxes", nil, &in)
	for name, subject := range map[string]string{"line break in a subject": "Hello\r\nBcc: eve@example.com", "a subject of 1001 characters": strings.Repeat("x", 1001)} {
		status, h, body = s.try("POST", "/threads", map[string]any{"account": in.Inboxes[0].Accounts[0].ID, "to": to("kim@example.com"), "subject": subject, "text": "x"})
		problem(name, status, h.Get("Content-Type"), body)
	}

	if now := s.thread(th.ID).Thread; now.Seq != th.Seq || now.Messages != 1 {
		t.Errorf("the thread changed: %+v", now)
	}
	if _, _, after := s.try("GET", "/threads/"+th.ID+"/drafts", nil); !bytes.Equal(after, before) || !strings.Contains(string(after), "My words.") {
		t.Errorf("the draft was\n%s\nand is\n%s", before, after)
	}
	for _, who := range []string{"kim@example.com", "eve@example.com", "p0@example.com", "p50@example.com", "cc@example.com", kit} {
		if n := len(s.outbox(who)); n != 0 {
			t.Errorf("%d mails went to %s", n, who)
		}
	}

	s.compare(got)

	// What is not wanted is thrown away; what is put right goes out, and is no draft any more.
	s.call("DELETE", "/uploads/"+a, nil, nil)
	if status, _, _ := s.try("GET", "/uploads/01k0000000000000000000000a", nil); status != 404 {
		t.Errorf("an upload that never was: %d", status)
	}
	s.call("POST", "/threads/"+th.ID+"/messages", map[string]any{"text": "My words.", "draft": draft.Tag}, nil)
	s.sentTo(kit, 1)
	if left := s.answering(th.ID).Drafts; len(left) != 0 {
		t.Errorf("sent, and still a draft: %v", left)
	}
}

// compare holds the refusals against the file.
func (s *setup) compare(got map[string]any) {
	s.t.Helper()
	path := filepath.Join("testdata", "refusals.json")
	raw, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		s.t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if !bytes.Equal(append(raw, '\n'), want) {
		s.t.Errorf("refusals differ from %s; they are now\n%s", path, raw)
	}
}
