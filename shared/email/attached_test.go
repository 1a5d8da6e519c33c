package email_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/shared/email"
)

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// mixed is a multipart/mixed of parts.
func mixed(parts ...string) []byte {
	return crlf("From: a@x.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + strings.Join(parts, "\n--b\n") + "\n--b--\n")
}

func TestAttachedMails(t *testing.T) {
	const inner = "From: =?utf-8?q?J=C3=BCrgen?= <j@x.example>\nSubject: Re: Gru\u00df / a:b\nDate: Mon, 2 Jan 2006 15:04:05 +0000\n\nhello\n"
	head := &email.Head{From: email.Address{Name: "Jürgen", Email: "j@x.example"}, Subject: "Re: Gru\u00df / a:b", Date: time.Date(2006, 1, 2, 15, 4, 5, 0, time.UTC)}
	for name, c := range map[string]struct {
		part, want string
		mail       *email.Head
	}{
		"by its subject":  {"Content-Type: message/rfc822\n\n" + inner, "Re_ Gru\u00df - a_b.eml", head},
		"by its own name": {"Content-Type: message/rfc822; name=x.eml\n\n" + inner, "x.eml", head},
		"no disposition":  {"Content-Type: message/rfc822\nContent-Disposition: attachment\n\nFrom: j@x.example\n\nx", "message.eml", &email.Head{From: email.Address{Email: "j@x.example"}}},
		"no header":       {"Content-Type: message/rfc822\n\njust words", "message.eml", nil},
		"base64":          {"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTogakB4LmV4YW1wbGUKU3ViamVjdDogaGkKCng=", "hi.eml", &email.Head{From: email.Address{Email: "j@x.example"}, Subject: "hi"}},
		"a file":          {"Content-Type: application/octet-stream; name=\"old mail.EML\"\n\n" + inner, "old mail.EML", head},
		"path in subject": {"Content-Type: message/rfc822\n\nSubject: ../../etc/passwd\n\nx", "-..-etc-passwd.eml", &email.Head{Subject: "../../etc/passwd"}},
	} {
		m := email.Parse(mixed("\ntext", c.part))
		if len(m.Attachments) != 1 || m.Attachments[0].Name != c.want {
			t.Errorf("%s: %+v", name, m.Attachments)
			continue
		}
		if d := cmp.Diff(c.mail, m.Attachments[0].Mail); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if m.Text != "text" || m.From.Email != "a@x.example" {
			t.Errorf("%s: the attached mail leaked out: %q %v", name, m.Text, m.From)
		}
	}
}

func TestCrypto(t *testing.T) {
	const sig, text = "\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n", "From: a@x.example\nContent-Type: "
	for raw, want := range map[string][2]string{
		text + "multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n\n--b\n\nhello" + sig:                                                                                                       {"pgp-signed", "hello"},
		text + "multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: application/pkcs7-signature\n\nx\n--b--\n":                                             {"smime-signed", "hello"},
		text + "multipart/signed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: application/x-pkcs7-signature\n\nx\n--b--\n":                                                                                     {"smime-signed", "hello"},
		text + "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--\n": {"pgp-encrypted", ""},
		text + "multipart/mixed; boundary=b\n\n--b\n\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--\n":                                    {"pgp-encrypted", ""},
		text + "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nx":                                                                                                                           {"smime-encrypted", ""},
		text + "application/pkcs7-mime; smime-type=authEnveloped-data\n\nx":                                                                                                                                       {"smime-encrypted", ""},
		text + "application/x-pkcs7-mime; name=smime.p7m\n\nx":                                                                                                                                                    {"smime-encrypted", ""},
		text + "text/plain\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n":                                                         {"pgp-signed", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----"},
		text + "text/plain\n\n-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----\n":                                                                                                                      {"pgp-encrypted", "-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----"},
		text + "text/plain\n\nWhat is this?\n> -----BEGIN PGP MESSAGE-----\n":                                                                                                                                     {"", "What is this?\n> -----BEGIN PGP MESSAGE-----"},
		text + "multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: application/pkcs7-mime; smime-type=certs-only\n\nx\n--b--\n":                                                                      {"", "hello"},
	} {
		if m := email.Parse(crlf(raw)); m.Crypto != want[0] || m.Text != want[1] {
			t.Errorf("%q:\n%q %q", raw, m.Crypto, m.Text)
		}
	}
	for file, want := range map[string][2]string{"signed-inside": {"smime-signed", "Signed Grüße"}, "signed-inside-streamed": {"smime-signed", "Signed Grüße"}, "encrypted": {"smime-encrypted", ""}} {
		raw, err := os.ReadFile("testdata/crypto/" + file + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		m := email.Parse(raw)
		if m.Crypto != want[0] || m.Text != want[1] || len(m.Attachments) != 1 || m.Attachments[0].Name != "smime.p7m" {
			t.Errorf("%s: %q %q %+v", file, m.Crypto, m.Text, m.Attachments)
		}
		for i := range raw { // cut off anywhere, it is still a mail
			checkMessage(t, email.Parse(raw[:i]))
		}
	}
}

func TestListAndOriginalFrom(t *testing.T) {
	for raw, want := range map[string]string{
		"List-Id: The list <the.list.example>\n": "the.list.example", "List-Id: the.list.example\n": "the.list.example", "List-ID: \"<x>\" <the.list.example\n": "the.list.example", "": "",
		"List-Id: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n <the.list.example>\n": "the.list.example",
	} {
		if m := email.Parse(crlf(raw + "From: a@x.example\n\nx")); m.List != want {
			t.Errorf("%q: %q", raw, m.List)
		}
	}
	m := email.Parse(crlf("From: 'Ann' via Sales <sales@x.example>\nX-Original-From: =?utf-8?q?Ann_B=C3=A9?= <ann@y.example>\n\nx"))
	if m.OriginalFrom == nil || *m.OriginalFrom != (email.Address{Name: "Ann Bé", Email: "ann@y.example"}) || m.From.Email != "sales@x.example" {
		t.Errorf("%+v %+v", m.OriginalFrom, m.From)
	}
	if m := email.Parse(crlf("From: a@x.example\nX-Original-From: nobody\n\nx")); m.OriginalFrom != nil {
		t.Errorf("%+v", m.OriginalFrom)
	}
}

func TestFormatFlowed(t *testing.T) {
	for in, want := range map[string]string{
		"one \ntwo\nthree":                    "one two\nthree",
		"> quoted \n> on\n>> deeper \n> back": "> quoted on\n>> deeper \n> back",
		">quoted \n>on":                       "> quoted on",
		"end \n-- \nname":                     "end \n-- \nname",
		"> end \n> -- \n> name":               "> end \n> -- \n> name",
		" stuffed\n >not a quote\n From here": "stuffed\n>not a quote\nFrom here",
		"a \n\nb":                             "a \n\nb",
		"a \n \nb":                            "a \n\nb",
		"\n\nfirst":                           "first",
		"x\n\n> a \n> b \n> c\n\nreply \ngoes \non": "x\n\n> a b c\n\nreply goes on",
	} {
		m := email.Parse(crlf("Content-Type: text/plain; charset=utf-8; format=flowed\n\n" + in))
		if m.Text != want {
			t.Errorf("%q became %q, want %q", in, m.Text, want)
		}
	}
	if m := email.Parse(crlf("Content-Type: text/plain; charset=utf-8; Format=Flowed; DelSp=Yes\n\n日本 \n語 \n> x \n> y")); m.Text != "日本語\n> xy" {
		t.Errorf("DelSp: %q", m.Text)
	}
	if m := email.Parse(crlf("Content-Type: text/plain\n\none \ntwo")); m.Text != "one \ntwo" {
		t.Errorf("not flowed: %q", m.Text)
	}
	if m := email.Parse(crlf("Content-Type: text/plain; format=flowed\nContent-Transfer-Encoding: quoted-printable\n\none=20\ntwo \nthree")); m.Text != "one two\nthree" {
		t.Errorf("quoted-printable: %q", m.Text)
	}
}

// What the HTML shows is inline, however it calls it; what it does not show is an attachment, whatever it says.
func TestInlineImages(t *testing.T) {
	const image = "Content-Type: image/png; name=\"logo.png\"\n"
	page := func(src string) string {
		return "Content-Type: text/html\n\n<p>x</p><IMG alt=\"a\" src=\"" + src + "\">"
	}
	for name, c := range map[string]struct {
		page, head string
		inline     bool
	}{
		"cid":                         {page("cid:a@b"), image + "Content-ID: <a@b>\n", true},
		"cid, escaped":                {page("cid:a%40b"), image + "Content-ID: <a@b>\n", true},
		"cid, no brackets":            {page("cid:a@b"), image + "Content-ID: a@b\nContent-Disposition: attachment\n", true},
		"location":                    {page("logo.png"), image + "Content-Location: logo.png\n", true},
		"location, absolute":          {page("http://x.example/i/logo.png"), image + "Content-Location: http://x.example/i/logo.png\n", true},
		"location, file of":           {page("logo.png"), image + "Content-Location: file:///C:/tmp/logo.png\n", true},
		"location beside an id":       {page("logo.png"), image + "Content-Location: logo.png\nContent-ID: <a@b>\n", true},
		"by its name":                 {page("cid:logo.png"), image, true},
		"inline, but never shown":     {page("cid:other"), image + "Content-ID: <a@b>\nContent-Disposition: inline\n", false},
		"a plain text cannot show it": {"\nwords", image + "Content-ID: <a@b>\nContent-Disposition: inline\n", false},
	} {
		m := email.Parse(crlf("From: a@x.example\nContent-Type: multipart/related; boundary=b\n\n--b\n" + c.page + "\n--b\n" + c.head + "\nx\n--b--\n"))
		if len(m.Attachments) != 1 || m.Attachments[0].Inline != c.inline {
			t.Errorf("%s: %+v", name, m.Attachments)
			continue
		}
		if c.inline && !strings.Contains(strings.ReplaceAll(m.HTML, "%40", "@"), `src="cid:`+m.Attachments[0].ContentID+`"`) {
			t.Errorf("%s: %q does not call %q", name, m.HTML, m.Attachments[0].ContentID)
		}
	}
}
