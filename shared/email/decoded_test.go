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

	"parley/shared/email"
)

// decodedCount is how many decoded fields are as expected.
type decodedCount struct {
	all, right int
	peculiar   []string // differences that were looked at: the expectation is not what a person would say
	wrong      []string
}

// peculiar are the expectations that were looked at and found to be another parser's, not a person's. The gate counts them as
// wrong all the same.
var peculiar = map[string]string{
	"stalwart/malformed/008.eml text":                                      "the outer boundary ends an inner multipart that was not closed",
	"stalwart/malformed/009.eml text":                                      "as 008",
	"stalwart/malformed/011.eml text":                                      "as 008",
	"stalwart/malformed/016.eml text":                                      "a delimiter is the whole line, also if the boundary is longer than RFC 2046 allows",
	"stalwart/malformed/019.eml date":                                      "a date cut off in its seconds; the next Date field is whole",
	"stalwart/malformed/019.eml html":                                      "bytes that a fuzzer made; which of the pieces are shown is anybody's guess",
	"stalwart/malformed/020.eml text":                                      "two Content-Types in a part: the multipart is believed",
	"stalwart/malformed/021.eml text":                                      "as 020",
	"ruby-mail/invalid_subject_characters.eml subject":                     "raw bytes of Latin 1 become letters, not replacement characters",
	"ruby-mail/missing_body.eml to":                                        "an undisclosed-recipient:; with a domain hung on is nobody",
	"ruby-mail/content_transfer_encoding_7-bit.eml text":                   "UTF-8 under the label of Latin 1 is read as UTF-8",
	"enmime/parts/chardet-success-iso-8859-1.raw text":                     "no charset is declared: the letters are there, not replacement characters",
	"enmime/parts/chardet-fail.raw text":                                   "an image in a text part",
	"enmime/mime-bad-content-transfer-encoding.raw text":                   "plain words under the label of base64 are shown as words",
	"enmime/mail/malformed-multiple-address-header-values.raw from":        "two senders without a comma: the last one wins (reference/email.md §1)",
	"enmime/mail/malformed-multiple-address-header-values.raw text":        "a named text that is not the first part is a file (RFC 8621 §4.1.4)",
	"enmime/mail/malformed-multiple-address-header-values.raw attachments": "as its text",
	"enmime/mail/inlinemultipart.raw text":                                 "a named text that is not the first part is a file (RFC 8621 §4.1.4)",
	"enmime/mail/inlinemultipart.raw attachments":                          "as its text",
	"enmime/parts/nestedmulti.raw text":                                    "named texts beside the HTML of a multipart/related are files",
	"enmime/parts/nestedmulti.raw attachments":                             "as its text",
	"enmime/parts/multi-malformed.raw text":                                "a part without a header is shown, not lost",
	"enmime/dsn/delayed_dsn.raw attachments":                               "the parts of a report behind the first are files",
	"enmime/parts/ctype-invalid-characters.raw attachments":                "text/plain with a bracket behind it is text",
	"mailparser/decoderended.eml attachments":                              "an empty message/rfc822 is there, though empty",
}

func (n *decodedCount) compare(file, field, want, got string) {
	key := file + " " + field
	switch {
	case want == got:
		n.all++
		n.right++
	case peculiar[key] != "":
		n.peculiar = append(n.peculiar, key)
	default:
		n.all++
		n.wrong = append(n.wrong, key+": got "+got+", want "+want)
	}
}

// measureDecoded compares what Parse says with what is expected. testdata/expect.json holds, of the corpora without
// expectations of their own, the fields on which at least two of three independent parsers agree (Python 3.11's email, mailparser
// 3.14.2, postal-mime 4.0.0); of a text the hash of its words, of attachments the hashes of their bytes.
func measureDecoded(t testing.TB) (n decodedCount) {
	t.Helper()
	measureStalwart(t, &n)
	data, err := os.ReadFile("testdata/expect.json")
	if err != nil {
		t.Fatal(err)
	}
	var files map[string]struct {
		Subject, From, To, Date, Attachments *string
		Text                                 *struct {
			Words  int
			SHA256 string
			Begins string
		}
	}
	if err := json.Unmarshal(data, &files); err != nil || len(files) < 160 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for file, want := range files {
		raw, err := os.ReadFile(filepath.Join("testdata/corpora", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		m := email.Parse(raw)
		field := func(name string, want *string, got string) {
			if want != nil {
				n.compare(file, name, *want, got)
			}
		}
		field("subject", want.Subject, words(m.Subject))
		field("from", want.From, strings.TrimSpace(m.From.Name+" "+strings.ToLower(m.From.Email)))
		field("to", want.To, strings.ToLower(emailsOf(m.To)))
		date := ""
		if !m.Date.IsZero() {
			date = m.Date.Format("2006-01-02T15:04:05Z")
		}
		field("date", want.Date, date)
		var sums []string
		for _, a := range m.Attachments {
			sums = append(sums, a.SHA256[:12])
		}
		slices.Sort(sums)
		field("attachments", want.Attachments, strings.Join(sums, " "))
		if want.Text != nil {
			got := words(m.Text)
			sum := sha256.Sum256([]byte(got))
			if hash := hex.EncodeToString(sum[:8]); hash == want.Text.SHA256 {
				n.compare(file, "text", hash, hash)
			} else {
				n.compare(file, "text", want.Text.Begins+" …", got[:min(len(got), 60)])
			}
		}
	}
	return n
}

// Every difference from what is expected has been looked at, and every one in the table is still there.
func TestDecodedFields(t *testing.T) {
	n := measureDecoded(t)
	for _, w := range n.wrong {
		t.Error(w)
	}
	for key := range peculiar {
		if !slices.Contains(n.peculiar, key) {
			t.Errorf("no longer different, or no longer there: %s", key)
		}
	}
	if n.all < 980 {
		t.Errorf("only %d fields", n.all)
	}
}
