package email_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/shared/email"
)

// TestGatesReplies: what is kept of 64 mails, and of how many what is folded, is exactly what people say it should be.
func TestGatesReplies(t *testing.T) {
	const root = "testdata/corpora/discourse/"
	files, err := filepath.Glob(root + "emails/*")
	if err != nil || len(files) < 64 {
		t.Fatalf("%d mails: %v", len(files), err)
	}
	replies, quotes := 0, 0
	for _, f := range files {
		name := filepath.Base(f)
		text := strings.ReplaceAll(read(t, f), "\r\n", "\n")
		reply, quoted := split(strings.Trim(text, "\n"))
		if want := read(t, root+"trimmed/"+name); trimLines(reply) == trimLines(want) {
			replies++
		} else {
			t.Logf("%s\n--- got\n%.300s\n--- want\n%.300s", name, reply, want)
		}
		if want := read(t, root+"elided/"+name); bareWords(quoted) == bareWords(want) {
			quotes++
		} else {
			t.Logf("%s\n--- folded\n%.300s\n--- want\n%.300s", name, quoted, want)
		}
	}
	reach(t, "replies-exact", replies, len(files), 97)
	reach(t, "folds-exact", quotes, len(files), 97)
}

// trimLines drops the empty lines and blanks at both ends.
func trimLines(s string) string { return strings.TrimRight(strings.Trim(s, "\n"), " \n") }

// bareWords drops blanks and what marks a quote: the corpus joins lines and writes every mark as ">".
func bareWords(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \n\t>|", r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ReplaceAll(s, "Richard>", ""), "C>", ""))
}

// TestGatesForwardedSender: whom 113 forwards of thirteen programs in seven languages, and ten of Discourse's, are from. Ten of the
// files are answers, and are not to be taken for forwards.
func TestGatesForwardedSender(t *testing.T) {
	const root = "testdata/corpora/crisp-forward/"
	bodies, err := filepath.Glob(root + "*_body*.txt")
	if err != nil || len(bodies) < 100 {
		t.Fatalf("%d mails: %v", len(bodies), err)
	}
	right, of := 0, 0
	check := func(name, subject, text string, want email.Address) {
		of++
		h := email.Forwarded(subject, text, nil)
		if h == nil {
			h = &email.Head{}
		}
		if h.From == want {
			right++
		} else {
			t.Logf("%s: %+v, want %+v", name, h.From, want)
		}
	}
	for _, f := range bodies {
		name := filepath.Base(f)
		subject := "Fwd: Integer consequat non purus"
		if s, err := os.ReadFile(root + strings.Replace(name, "_body", "_subject", 1)); err == nil {
			subject = string(s)
		}
		want := email.Address{Name: "John Doe", Email: "john.doe@acme.com"}
		switch {
		case strings.HasSuffix(name, "_variant_4.txt"):
			subject, want = "Re: Integer consequat non purus", email.Address{}
		case strings.HasSuffix(name, "_variant_5.txt"):
			want.Name = ""
		case strings.HasSuffix(name, "_variant_11.txt"):
			want.Name = "John, Doe"
		case strings.HasSuffix(name, "_variant_12.txt"):
			want.Email = ""
		}
		check(name, subject, read(t, f), want)
	}
	for name, want := range map[string]email.Address{
		"email_headers_1":          {Name: "Outlook user"},
		"email_headers_2":          {Name: "Discourse", Email: "info@discourse.org"},
		"email_headers_3":          {Name: "Some One", Email: "discuss@foo.bar"},
		"email_headers_4":          {Name: "Sally54721"},
		"embedded_email_german_3":  {Name: "Discourse Team", Email: "team@discourse.org"},
		"embedded_email_spanish_2": {Name: "Miguel", Email: "foo@bar.es"},
		"forwarded_apple":          {Name: "Foo Discourse", Email: "foo@discourse.org"},
		"forwarded_gmail":          {Name: "Foo Discourse", Email: "foo@discourse.org"},
		"forwarded_message":        {Name: "Some One", Email: "foo@bar.com"},
		"email_headers_5":          {Name: "Erlend Sogge Heggen", Email: "meta@discoursemail.com"},
	} {
		check(name, "Fwd: x", read(t, "testdata/corpora/discourse/emails/"+name+".txt"), want)
	}
	reach(t, "forwarded-sender", right, of, 97)
}

// gate prints "name value target" and fails below the target; both are percent.
func reach(t *testing.T, name string, right, of int, target float64) {
	t.Helper()
	value := 100 * float64(right) / float64(of)
	fmt.Printf("gate: %s %.1f %% >= %g\n", name, value, target)
	if value < target {
		t.Errorf("%s: %d of %d, want %g %%", name, right, of, target)
	}
}

// checkHead states what holds for whatever is found of another mail.
func checkHead(t testing.TB, h email.Head) {
	t.Helper()
	for _, s := range []string{h.From.Name, h.From.Email, h.Subject} {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00") || utf8.RuneCountInString(s) > 2000 {
			t.Errorf("%+v", h)
		}
	}
	if h.From == (email.Address{}) {
		t.Errorf("nobody: %+v", h)
	}
}

func read(t testing.TB, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// split gives the lines that are shown, and those that are folded.
func split(text string) (reply, quoted string) {
	lines := strings.Split(text, "\n")
	folded := make([]bool, len(lines))
	for _, f := range email.SplitText(text) {
		for i := f.From; i < f.To; i++ {
			folded[i] = true
		}
	}
	pick := func(want bool) string {
		var out []string
		for i, l := range lines {
			if folded[i] == want {
				out = append(out, l)
			}
		}
		return strings.Join(out, "\n")
	}
	return pick(false), pick(true)
}
