package email_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"parley/shared/email"
	"parley/shared/limit"
)

func TestSubjectDecoding(t *testing.T) {
	for raw, want := range map[string]string{
		"=?utf-8?q?a_b=C3=A9?=":                         "a bé",
		"=?utf-8?q?a?= =?utf-8?q?b?=\r\n =?utf-8?q?c?=": "abc",
		"=?utf-8?b?ww==?= =?utf-8?b?p8Op?= x":           "çé x", // a character in two words
		"=?iso-8859-1*en?q?caf=E9?= au lait":            "café au lait",
		"=?UTF-8?Q?with space in it?=":                  "with space in it",
		"=?UTF-8?Q?raw \xc3\xa9?=":                      "raw é",
		"=?nobody-knows?q?caf=C3=A9?=":                  "café",
		"=?utf-8?q?unfinished_w=C3=B6rd":                "unfinished wörd", // cut off on the way
		"Re: =?utf-8?b?SGVsbG8=":                        "Re: Hello",
		"=?utf-8?q?unfinished word":                     "=?utf-8?q?unfinished word",
		"=?utf-8?q?really?=3F_yes?= x":                  "really?? yes x",
		"=?utf-8?q?a?=ab":                               "aab",
		"=??q?caf=C3=A9?=":                              "café",
		"=?utf-8?B?SGVsbG8gV29y bGQ=?=":                 "Hello World",
		"=?utf-8?q?a?==?utf-8?q?b?=":                    "ab",
		"=?utf-8?x?foo?=":                               "=?utf-8?x?foo?=",
		"caf\xe9":                                       "café",
		"café":                                          "café",
		"\x1b$B%F%9%H\x1b(B":                            "テスト",
		"=?gb2312?B?xOO6ww==?=":                         "你好",
		"=?unicode-1-1-utf-7?Q?caf+AOk-?=":              "café",
		"=?ks_c_5601-1987?B?sKE=?=":                     "가",
		"a\x00b\x07c":                                   "abc",
		"folded\r\n\tonce":                              "folded once",
	} {
		if got := email.Parse([]byte("Subject: " + raw + "\r\n\r\nx")).Subject; got != want {
			t.Errorf("%q\n got %q\nwant %q", raw, got, want)
		}
	}
}

func TestRawHeaderTakesTheCharsetOfTheText(t *testing.T) {
	m := email.Parse([]byte("Subject: \xc4\xe3\xba\xc3\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n\xc4\xe3"))
	if m.Subject != "你好" || m.Text != "你" {
		t.Errorf("%q %q", m.Subject, m.Text)
	}
}

func TestIDs(t *testing.T) {
	m := email.Parse([]byte("Message-ID:  <Me@x>\r\nIn-Reply-To: <a@x> <>  (comment)\r\nReferences: <1@x><2@x>\r\n <2@x>\r\n\t< 3@x >\r\n\r\n"))
	if m.MessageID != "Me@x" || !reflect.DeepEqual(m.InReplyTo, []string{"a@x"}) || !reflect.DeepEqual(m.References, []string{"1@x", "2@x", "3@x"}) {
		t.Errorf("%q %q %q", m.MessageID, m.InReplyTo, m.References)
	}
	if m := email.Parse([]byte("Message-ID: bare@x\r\nReferences: a@x b@x\r\n\r\n")); m.MessageID != "bare@x" || len(m.References) != 2 {
		t.Errorf("%q %q", m.MessageID, m.References)
	}
	var refs strings.Builder
	for i := range 500 {
		fmt.Fprintf(&refs, " <%d@x>", i)
	}
	m = email.Parse([]byte("References:" + refs.String() + "\r\n\r\n"))
	if n := len(m.References); n != limit.MailReferences || m.References[n-1] != "499@x" {
		t.Errorf("%d references, last %q", n, m.References[n-1])
	}
}

func TestAuto(t *testing.T) {
	for raw, want := range map[string]string{
		"Auto-Submitted: auto-replied (vacation)": "auto-submitted", "Auto-Submitted: no": "", "Precedence: bulk": "precedence", "Precedence: first-class": "",
		"X-Autoreply: yes": "x-autoreply", "List-Id: <x.example>": "list-id", "From: No-Reply@x.example": "from", "From: noreply.me@x.example": "",
		"Subject: Automatic reply: Hello": "subject", "Subject: Abwesenheitsnotiz": "subject", "Subject: about automatic reply": "",
		"X-Auto-Response-Suppress: OOF, AutoReply": "x-auto-response-suppress", "X-Auto-Response-Suppress: DR": "", "X-Loop: a": "x-loop",
	} {
		if got := email.Parse([]byte(raw + "\r\n\r\nx")).Auto; got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

func TestBounce(t *testing.T) {
	for raw, want := range map[string]bool{
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--":                             true,
		"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\ny\r\n--b--": true,
		"Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--":                             false,
		"Return-Path: <>\r\nFrom: MAILER-DAEMON@x.example\r\n\r\nx":                                                                        true,
		"Return-Path: <>\r\nFrom: MAILER-DAEMON (Mail)\r\n\r\nx":                                                                           true,
		"Return-Path: <>\r\nFrom: ann@x.example\r\n\r\nx":                                                                                  false,
		"Return-Path: <a@x.example>\r\nFrom: postmaster@x.example\r\n\r\nx":                                                                false,
		"From: postmaster@x.example\r\n\r\nx":                                                                                              false,
	} {
		if got := email.Parse([]byte(raw)).Bounce; got != want {
			t.Errorf("%q: %v", raw, got)
		}
	}
}

func TestVerdictsAndHops(t *testing.T) {
	m := email.Parse([]byte("Return-Path: <a@x>\r\nReceived: from x by inbound-smtp.eu-west-1.amazonaws.com\r\nX-SES-Spam-Verdict: FAIL\r\nX-SES-Virus-Verdict: pass\r\n" +
		"Received: from y\r\nX-SES-Spam-Verdict: PASS\r\nFrom: a@x.example\r\n\r\nx"))
	if m.Verdicts["X-SES-Spam-Verdict"] != "FAIL" || m.Verdicts["X-SES-Virus-Verdict"] != "PASS" || m.Hops != 2 {
		t.Errorf("%v, %d hops", m.Verdicts, m.Hops)
	}
	// What the sender wrote himself counts for nothing.
	if m := email.Parse([]byte("Received: from y\r\nReceived: from x\r\nX-SES-Spam-Verdict: PASS\r\n\r\nx")); len(m.Verdicts) != 0 {
		t.Error(m.Verdicts)
	}
	if m := email.Parse([]byte("Received: from y\r\nFrom: a@x.example\r\nX-SES-Virus-Verdict: PASS\r\n\r\nx")); len(m.Verdicts) != 0 {
		t.Error(m.Verdicts)
	}
}

func TestBodyHashIsOfTheBody(t *testing.T) {
	sum := sha256.Sum256([]byte("body\r\nof it\r\n"))
	want := hex.EncodeToString(sum[:])
	for _, head := range []string{"From: a@x.example\r\n", "From x Mon\r\nReceived: y\r\nFrom: b@x.example\r\nSubject: z\r\n"} {
		if got := email.Parse([]byte(head + "\r\nbody\r\nof it\r\n")).BodyHash; got != want {
			t.Errorf("%q: %s", head, got)
		}
	}
}

func TestDates(t *testing.T) {
	for raw, want := range map[string]string{
		"Mon, 2 Jan 2006 15:04:05 -0700":  "2006-01-02T22:04:05Z",
		"2 Jan 2006 15:04:05 +0000 (UTC)": "2006-01-02T15:04:05Z",
		"Mon, 02 Jan 2006 15:04:05 GMT":   "2006-01-02T15:04:05Z",
		"2006-01-02 15:04:05":             "2006-01-02T15:04:05Z",
		"Mon Jan  2 15:04:05 2006":        "2006-01-02T15:04:05Z",
		"Mon, 2 Jan 2006 15:04:05 EDT":    "2006-01-02T19:04:05Z",
		"Mon, 2 Jan 2006 15:04:05 mesz":   "2006-01-02T13:04:05Z",
		"Mon, 2 Jan 2006 15:04:05 UT":     "2006-01-02T15:04:05Z",
		"Mon Jan 2 15:04:05 PST 2006":     "2006-01-02T23:04:05Z",
		"Mon, 2 Jan 2006 15:04:05":        "2006-01-02T15:04:05Z",
		"Mon,2 Jan 06 15:04:05 +0100":     "2006-01-02T14:04:05Z",
	} {
		if got := email.Parse([]byte("Date: " + raw + "\r\n\r\nx")).Date.Format("2006-01-02T15:04:05Z07:00"); got != want {
			t.Errorf("%s: %s", raw, got)
		}
	}
	for _, raw := range []string{"yesterday", "99999-01-01", "Mon, 2 Jan 0001 15:04:05 -0700"} {
		if m := email.Parse([]byte("From: a@x.example\r\nDate: " + raw + "\r\n\r\nx")); !m.Date.IsZero() || len(m.Problems) != 1 || m.Problems[0].Name != email.ProblemDate {
			t.Errorf("%s: %v %v", raw, m.Date, m.Problems)
		}
	}
}

func TestAttachmentNames(t *testing.T) {
	for raw, want := range map[string]string{
		`attachment; filename="../../etc/passwd"`:                                   "passwd",
		`attachment; filename="C:\\tmp\\a.doc"`:                                     "a.doc",
		`attachment; filename="=?utf-8?q?caf=C3=A9.pdf?="`:                          "café.pdf",
		`attachment; filename*=utf-8''caf%C3%A9.pdf`:                                "café.pdf",
		`attachment; filename*0*=utf-8''caf%C3; filename*1*=%A9; filename*2=".pdf"`: "café.pdf",
		"attachment; filename=\"a\u202efdp.exe\"":                                   "afdp.exe",
		`attachment; filename=my file.pdf`:                                          "my file.pdf",
		`attachment; filename="caf` + "\xe9" + `.pdf"`:                              "café.pdf",
		`attachment`:                "attachment.pdf",
		`attachment; filename=".."`: "attachment.pdf",
	} {
		m := email.Parse([]byte("Content-Type: application/pdf\r\nContent-Disposition: " + raw + "\r\n\r\nx"))
		if len(m.Attachments) != 1 || m.Attachments[0].Name != want {
			t.Errorf("%s: %+v", raw, m.Attachments)
		}
	}
}

func TestTransferEncodings(t *testing.T) {
	for head, want := range map[string][2]string{
		"base64":           {"aGVs\r\nbG8=", "hello"},
		"base64 ; x":       {"aGVs bG8", "hello"},
		"BASE64":           {"this is no base64 at all", "this is no base64 at all"},
		"quoted-printable": {"caf=C3=A9 a=\r\nb =3D =zz", "café ab = =zz"},
		"x-uuencode":       {"begin 644 a\r\n%:&5L;&\\\r\n`\r\nend\r\n", "hello"},
		"7-bit":            {"plain", "plain"},
		"whatever":         {"plain", "plain"},
	} {
		m := email.Parse([]byte("Content-Transfer-Encoding: " + head + "\r\n\r\n" + want[0]))
		if m.Text != want[1] {
			t.Errorf("%s: %q, want %q", head, m.Text, want[1])
		}
	}
}

// A block of lines that are no fields, with no empty line behind it, is what somebody wanted to say.
func TestTextInTheHeaderIsNotLost(t *testing.T) {
	m := email.Parse([]byte("Return-Path: <a@x.example>\r\nFrom: a@x.example\r\nplease call me back\r\nit is urgent\r\n"))
	if !strings.Contains(m.Text, "please call me back") || !strings.Contains(m.Text, "it is urgent") || m.From.Email != "a@x.example" {
		t.Errorf("text %q, from %v, problems %v", m.Text, m.From, m.Problems)
	}
}

// Garbage before the header, or a folded line of nothing, is passed over; an mbox line is dropped.
func TestGarbageBeforeTheHeader(t *testing.T) {
	const head = "From: Ann <a@x.example>\r\nSubject: hello\r\n\r\nbody\r\n"
	for _, before := range []string{
		"From ann@x.example Mon Jan  2 15:04:05 2006\r\n", ">From x\r\n", "\r\n\r\n", "\xef\xbb\xbf", " folded from nowhere\r\n", "this is no field\r\n",
		"+OK 1234 octets\r\n", strings.Repeat("garbage\r\n", 19),
	} {
		m := email.Parse([]byte(before + head))
		if m.From.Email != "a@x.example" || m.Subject != "hello" || m.Text != "body" {
			t.Errorf("behind %.30q: from %v, subject %q, text %q", before, m.From, m.Subject, m.Text)
		}
	}
	if m := email.Parse([]byte(strings.Repeat("a text without any header\r\n", 30) + head)); !strings.Contains(m.Text, "a text without any header") || !strings.Contains(m.Text, "From: Ann") {
		t.Errorf("a bare text became %q", m.Text)
	}
}
