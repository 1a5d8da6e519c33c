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

// bombs are small mails that are expensive to careless parsers, and large ones that hold much. They are made here and kept
// nowhere.
func bombs() map[string]func() string {
	rep := strings.Repeat
	tnef := func(content string) string {
		return "Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x00" + content
	}
	return map[string]func() string{
		"24 levels, open":          func() string { return nested(24, false) },
		"2,000 levels, open":       func() string { return nested(2000, false) },
		"60 levels, closed":        func() string { return nested(60, true) },
		"20,000 parts":             func() string { return siblings(20_000, "\r\nx\r\n") },
		"200,000 parts":            func() string { return siblings(200_000, "\r\n\r\n") },
		"same boundary in itself":  func() string { return siblings(5000, "Content-Type: multipart/mixed; boundary=b\r\n\r\n") },
		"2 MB of --":               func() string { return siblings(700_000, "") + rep("--\n", 700_000) },
		"300,000 headers":          func() string { return rep("X: y\r\n", 300_000) + "\r\nbody" },
		"one header of 30 MB":      func() string { return "Subject: " + rep(" a\r\n", 7_000_000) + "\r\nbody" },
		"no header, 4 MB":          func() string { return rep("no colon here\r\n", 300_000) },
		"300,000 addresses":        func() string { return "From: " + rep("a@b.example, ", 300_000) + "\r\n\r\nx" },
		"addresses in parentheses": func() string { return "From: " + rep("(", 250_000) + "\r\n\r\nx" },
		"brackets without end":     func() string { return "From: " + rep("<a@b ", 50_000) + "\r\n\r\nx" },
		"commas":                   func() string { return "To: " + rep("a,", 120_000) + "\r\n\r\nx" },
		"400,000 encoded words":    func() string { return "Subject: " + rep("=?utf-8?q?=41?= ", 400_000) + "\r\n\r\nx" },
		"encoded words without end": func() string {
			return "Subject: " + rep("=?a?q?", 40_000) + "\r\nFrom: " + rep("=?a?b?,", 30_000) + "\r\n\r\nx"
		},
		"encoded words of no kind": func() string { return "Subject: " + rep("=?a?x?", 40_000) + "?=\r\n\r\nx" },
		"parameters":               func() string { return "Content-Type: text/plain" + rep("; a*0*=x", 30_000) + "\r\n\r\nx" },
		"dashes in the header": func() string {
			return "Content-Type: multipart/mixed; boundary=" + rep("x", 200_000) + "\r\n" + rep("--a: b\r\n", 900) + "\r\nx"
		},
		"references":             func() string { return "References: " + rep("<a@b> ", 40_000) + "\r\n\r\nx" },
		"references without end": func() string { return "References: " + rep("<", 250_000) + "\r\n\r\nx" },
		"2 MB of div":            func() string { return "Content-Type: text/html\r\n\r\n" + rep("<div>", 400_000) },
		"2 MB of blockquote":     func() string { return "Content-Type: text/html\r\n\r\n" + rep("<blockquote>a<br>", 120_000) },
		"2 MB of links": func() string {
			return "Content-Type: text/html\r\n\r\n" + rep("<a href=http://x>", 50_000) + rep("word ", 100_000) + rep("</a>", 100_000)
		},
		"2 MB of attributes": func() string { return "Content-Type: text/html\r\n\r\n<div " + rep("a=b ", 500_000) + ">" },
		"2 MB of style": func() string {
			return "Content-Type: text/html\r\n\r\n<div style=\"" + rep("color:red;", 200_000) + "\">x"
		},
		"2 MB of <":                  func() string { return "Content-Type: text/html\r\n\r\n" + rep("<", 2_000_000) },
		"utf-7":                      func() string { return "Content-Type: text/plain; charset=utf-7\r\n\r\n" + rep("+", 2_000_000) },
		"quoted-printable of equals": func() string { return "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + rep("=", 4_000_000) },
		"broken base64": func() string {
			return "Content-Transfer-Encoding: base64\r\nContent-Type: application/pdf\r\n\r\n" + rep("A=-", 3_000_000)
		},
		"30 MB of text": func() string {
			return "Content-Type: text/plain; charset=utf-16\r\n\r\n" + rep("words and words\n", 2_000_000)
		},
		"empty": func() string { return "" }, "one byte": func() string { return "\xff" },
		"only line ends": func() string { return rep("\r\n", 1_000_000) }, "only NUL": func() string { return rep("\x00", 1_000_000) },

		"100,000 events": func() string {
			return "Content-Type: text/calendar\r\n\r\n" + rep("BEGIN:VEVENT\r\n", 100_000) + rep("END:VEVENT\r\n", 100_000)
		},
		"100,000 zones": func() string {
			return "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + rep("BEGIN:VTIMEZONE\r\nTZID:a\r\nBEGIN:STANDARD\r\nRRULE:FREQ=YEARLY;BYMONTH=1\r\n", 100_000)
		},
		"a calendar of one fold": func() string {
			return "Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nSUMMARY:" + rep("\r\n a", 1_000_000)
		},
		"parameters of a property": func() string {
			return "Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nATTENDEE" + rep(";a=\"", 1_000_000)
		},
		"500 calendars": func() string {
			return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + rep("--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\n"+rep("SUMMARY:x\\n\r\n", 4000), 500)
		},
		"a report of 200,000": func() string {
			return "From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" + rep("Final-Recipient: rfc822; a@b.example\r\n\r\n", 200_000)
		},
		"a bounce of 100,000 lines": func() string {
			return "Return-Path: <>\r\nFrom: MAILER-DAEMON@x.example\r\n\r\n" + numbered("<a%d@b.example>: no\r\n", 100_000)
		},
		"a bounce of empty lines": func() string {
			return "Return-Path: <>\r\nFrom: MAILER-DAEMON@x.example\r\n\r\n" + numbered("<a%d@b.example>:\r\n", 400) + rep("\r\n", 200_000)
		},
		"a bounce of headers": func() string {
			return "Return-Path: <>\r\nFrom: MAILER-DAEMON@x.example\r\n\r\n" + rep("To: a@b.example\r\n", 200_000)
		},
		"a bounce of one line": func() string {
			return "Return-Path: <>\r\nFrom: MAILER-DAEMON@x.example\r\n\r\n" + rep("recipient a@b.example ", 100_000)
		},
		"X-Failed-Recipients": func() string {
			return "Return-Path: <>\r\nFrom: MAILER-DAEMON@x.example\r\nX-Failed-Recipients: " + numbered("a%d@b.example, ", 10_000) + "\r\n\r\n" + rep("550 5.1.1 no such user here\r\n", 10_000)
		},
		"2 MB flowed": func() string { return "Content-Type: text/plain; format=flowed\r\n\r\n" + rep("a \r\n", 600_000) },
		"2 MB of >":   func() string { return "Content-Type: text/plain; format=flowed\r\n\r\n" + rep(">", 2_000_000) },
		"GBK that nobody declares": func() string {
			return "Subject: " + rep("\xc4\xe3\xba\xc3", 60_000) + "\r\n\r\n" + rep("\xc4\xe3\xba\xc3", 500_000)
		},
		"500 parts that nobody declares": func() string { return siblings(500, "Content-Type: text/plain\r\n\r\n"+rep("\xe9t\xe9 ", 2000)+"\r\n") },
		"10,000 names in KOI8": func() string {
			return "To: " + rep("\xf0\xd2\xc9\xd7\xc5\xd4 \xcd\xc9\xd2 <a@b.example>, ", 10_000) + "\r\n\r\nx"
		},
		"TNEF of empty attributes": func() string { return tnef(rep("\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00", 1_000_000)) },
		"TNEF that promises much": func() string {
			return tnef("\x01\x03\x90\x06\x00\xff\xff\xff\x7f" + "\xff\xff\xff\xff" + rep("\x1f\x10\x00\x10\xff\xff\xff\xff", 500_000))
		},
		"500 TNEFs of RTF": func() string {
			return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + rep("--b\r\n"+tnef(compressedBomb())+"\r\n", 500)
		},
		"PKCS7 of indefinite length": func() string {
			return "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\n" + rep("\x30\x80", 500_000)
		},
		"a page of images": func() string {
			return "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n" + rep("<img src=a.png>", 130_000) + "\r\n--b\r\nContent-Location: a.png\r\nContent-Type: image/png\r\n\r\nx\r\n--b--"
		},
		"500 attached mails": func() string { return siblings(500, "Content-Type: message/rfc822\r\n\r\n"+rep("X: y\r\n", 10_000)) },
	}
}

// numbered repeats a line with the numbers up to n.
func numbered(line string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line, i)
	}
	return b.String()
}

// compressedBomb is the attribute of a winmail.dat whose RTF says 17 bytes with every two.
func compressedBomb() string {
	var data strings.Builder
	for i := 0; data.Len() < 60_000; i++ {
		data.WriteString("\xff" + strings.Repeat("\x00\x0f", 8))
	}
	rtf := "\x00\x00\x00\x00\xff\xff\xff\x7fLZFu\x00\x00\x00\x00" + data.String()
	return string(attribute(1, 0x69003, props(map[uint16]any{0x1009: []byte(rtf)})))
}

// What one mail may cost: reference/email.md §4.
const (
	bombTime   = time.Second // of processors, so that neighbours who have the machine do not count
	bombMemory = 256         // MB allocated in all
)

func TestBombs(t *testing.T) {
	for name, bomb := range bombs() {
		t.Run(name, func(t *testing.T) {
			raw := bomb()
			m, took, mb := measured([]byte(raw))
			if took > bombTime || mb > slower*bombMemory {
				t.Errorf("took %v and %d MB for %d bytes", took, mb, len(raw))
			}
			checkMessage(t, m)
			t.Logf("%v, %d MB for %d KB; %v", took, mb, len(raw)>>10, m.Problems)
		})
	}
}

// measured parses, and says what it took: paced processor time, of the whole process and its best of three, and MB allocated in all.
func measured(raw []byte) (m email.Message, took time.Duration, mb uint64) {
	const tries = 3
	for i := range tries {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := processorTime()
		m = email.Parse(raw)
		spent := paced(processorTime() - start)
		runtime.ReadMemStats(&after)
		if i == 0 || spent < took {
			took, mb = spent, (after.TotalAlloc-before.TotalAlloc)>>20
		}
		if took < bombTime/2 {
			break
		}
	}
	return m, took, mb
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
