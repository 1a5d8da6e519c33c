package email_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"parley/shared/email"
)

// nested returns multiparts within multiparts; without ends if closed is false.
func nested(levels int, closed bool) string {
	var b strings.Builder
	b.WriteString("From: a@example.com\r\n")
	for i := range levels {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n--b%d\r\n", i, i)
	}
	b.WriteString("\r\ntext\r\n")
	for i := levels - 1; closed && i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\r\n", i)
	}
	return b.String()
}

func siblings(n int, part string) string {
	return "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n"+part, n)
}

// TestBombs holds small mails that are expensive to careless parsers. They are made here and kept nowhere.
func TestBombs(t *testing.T) {
	rep := strings.Repeat
	bombs := map[string]string{
		"24 levels, open":            nested(24, false),
		"2,000 levels, open":         nested(2000, false),
		"60 levels, closed":          nested(60, true),
		"20,000 parts":               siblings(20_000, "\r\nx\r\n"),
		"200,000 parts":              siblings(200_000, "\r\n\r\n"),
		"same boundary in itself":    siblings(5000, "Content-Type: multipart/mixed; boundary=b\r\n\r\n"),
		"2 MB of --":                 siblings(700_000, "") + rep("--\n", 700_000),
		"300,000 headers":            rep("X: y\r\n", 300_000) + "\r\nbody",
		"one header of 30 MB":        "Subject: " + rep(" a\r\n", 7_000_000) + "\r\nbody",
		"no header, 4 MB":            rep("no colon here\r\n", 300_000),
		"300,000 addresses":          "From: " + rep("a@b.example, ", 300_000) + "\r\n\r\nx",
		"addresses in parentheses":   "From: " + rep("(", 250_000) + "\r\n\r\nx",
		"brackets without end":       "From: " + rep("<a@b ", 50_000) + "\r\n\r\nx",
		"commas":                     "To: " + rep("a,", 120_000) + "\r\n\r\nx",
		"400,000 encoded words":      "Subject: " + rep("=?utf-8?q?=41?= ", 400_000) + "\r\n\r\nx",
		"encoded words without end":  "Subject: " + rep("=?a?q?", 40_000) + "\r\nFrom: " + rep("=?a?b?,", 30_000) + "\r\n\r\nx",
		"encoded words of no kind":   "Subject: " + rep("=?a?x?", 40_000) + "?=\r\n\r\nx",
		"parameters":                 "Content-Type: text/plain" + rep("; a*0*=x", 30_000) + "\r\n\r\nx",
		"dashes in the header":       "Content-Type: multipart/mixed; boundary=" + rep("x", 200_000) + "\r\n" + rep("--a: b\r\n", 900) + "\r\nx",
		"references":                 "References: " + rep("<a@b> ", 40_000) + "\r\n\r\nx",
		"references without end":     "References: " + rep("<", 250_000) + "\r\n\r\nx",
		"2 MB of div":                "Content-Type: text/html\r\n\r\n" + rep("<div>", 400_000),
		"2 MB of blockquote":         "Content-Type: text/html\r\n\r\n" + rep("<blockquote>a<br>", 120_000),
		"2 MB of links":              "Content-Type: text/html\r\n\r\n" + rep("<a href=http://x>", 50_000) + rep("word ", 100_000) + rep("</a>", 100_000),
		"2 MB of attributes":         "Content-Type: text/html\r\n\r\n<div " + rep("a=b ", 500_000) + ">",
		"2 MB of style":              "Content-Type: text/html\r\n\r\n<div style=\"" + rep("color:red;", 200_000) + "\">x",
		"2 MB of <":                  "Content-Type: text/html\r\n\r\n" + rep("<", 2_000_000),
		"utf-7":                      "Content-Type: text/plain; charset=utf-7\r\n\r\n" + rep("+", 2_000_000),
		"quoted-printable of equals": "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + rep("=", 4_000_000),
		"broken base64":              "Content-Transfer-Encoding: base64\r\nContent-Type: application/pdf\r\n\r\n" + rep("A=-", 3_000_000),
		"30 MB of text":              "Content-Type: text/plain; charset=utf-16\r\n\r\n" + rep("words and words\n", 2_000_000),
		"empty":                      "", "one byte": "\xff", "only line ends": rep("\r\n", 1_000_000), "only NUL": rep("\x00", 1_000_000),
	}
	for name, raw := range bombs {
		t.Run(name, func(t *testing.T) {
			m, took, mb := measured([]byte(raw))
			if took > slower*hang || mb > slower*256 {
				t.Errorf("took %v and %d MB for %d bytes", took, mb, len(raw))
			}
			checkMessage(t, m)
			t.Logf("%v, %d MB for %d KB; %v", took, mb, len(raw)>>10, m.Problems)
		})
	}
}

// hang is when a parse counts as one that does not end. All take less than a second of a processor, but a
// test must not fail because neighbours have the machine.
const hang = 10 * time.Second

// measured parses, and says what it took: time, and MB allocated in all.
func measured(raw []byte) (m email.Message, took time.Duration, mb uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	m = email.Parse(raw)
	took = time.Since(start)
	runtime.ReadMemStats(&after)
	return m, took, (after.TotalAlloc - before.TotalAlloc) >> 20
}

func TestGuardSaysWhatItLeftOut(t *testing.T) {
	for name, raw := range map[string]string{"depth": nested(40, true), "parts": siblings(2000, "\r\nx\r\n")} {
		m := email.Parse([]byte(raw))
		if len(m.Problems) == 0 || m.Problems[0].Name != email.ProblemGuard {
			t.Errorf("%s: problems %v", name, m.Problems)
		}
		if m.From.Email != "a@example.com" {
			t.Errorf("%s: from %v", name, m.From)
		}
	}
	if m := email.Parse([]byte(nested(10, true))); m.Text != "text" || len(m.Problems) != 0 {
		t.Errorf("ten levels: %q %v", m.Text, m.Problems)
	}
}
