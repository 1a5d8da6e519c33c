package email_test

import (
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"parley/shared/email"
)

var update = flag.Bool("update", false, "write the goldens anew")

// corpus returns every copied mail by its path under testdata/corpora.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	const root = "testdata/corpora"
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".eml" && filepath.Ext(path) != ".raw" {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		out[filepath.ToSlash(name)] = raw
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 60 {
		t.Fatalf("only %d mails found", len(out))
	}
	return out
}

// checkMessage states what holds for whatever Parse returns.
func checkMessage(t testing.TB, m email.Message) {
	t.Helper()
	all := []string{m.Subject, m.From.Name, m.From.Email, m.Text, m.HTML, m.MessageID, m.List}
	if m.Report != nil {
		all = append(append(all, m.Report.Original.MessageID, m.Report.Original.Subject, m.Report.Feedback), m.Report.Original.To...)
		for _, r := range m.Report.Recipients {
			all = append(all, r.Address, r.Action, r.Status, r.Diagnostic)
		}
	}
	for _, s := range all {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Errorf("not clean UTF-8: %q", s)
		}
	}
	for _, s := range []string{m.Subject, m.From.Name, m.From.Email, m.MessageID} {
		if strings.ContainsAny(s, "\r\n") {
			t.Errorf("a header of several lines: %q", s)
		}
	}
	for _, p := range m.Problems {
		if p.Name == email.ProblemPanic {
			t.Errorf("Parse panicked inside: %s", p.Detail)
		}
	}
	for _, a := range m.Attachments {
		if a.Name == "" || strings.ContainsAny(a.Name, "/\\\r\n\x00") || a.Size != int64(len(a.Content)) || len(a.SHA256) != 64 {
			t.Errorf("attachment %q, %d bytes", a.Name, a.Size)
		}
	}
	if len(m.BodyHash) != 64 {
		t.Errorf("BodyHash %q", m.BodyHash)
	}
	if _, err := json.Marshal(m); err != nil {
		t.Errorf("cannot be written as JSON: %v", err)
	}
	checkHTML(t, m.HTML)
}

func TestEveryMailOfTheCorpora(t *testing.T) {
	for name, raw := range corpus(t) {
		start := processorTime()
		m := email.Parse(raw)
		if took := paced(processorTime() - start); took > 2*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		checkMessage(t, m)
		if t.Failed() {
			t.Fatalf("in %s", name)
		}
	}
}

// TestGoldens compares everything Parse says of chosen mails with what a person has looked at.
func TestGoldens(t *testing.T) {
	mails := corpus(t)
	for _, name := range []string{
		"chatwoot/attachments_without_filename.eml", "chatwoot/attachments_without_text.eml", "chatwoot/bounced_with_no_from.eml",
		"chatwoot/mail_with_inline_images.eml", "chatwoot/mail_with_quote.eml", "chatwoot/multiple_in_reply_to.eml", "chatwoot/references.eml",
		"enmime/attachment.raw", "enmime/bad-header-start.raw", "enmime/bad-header-wrap.raw", "enmime/html-mime-inline.raw",
		"enmime/mime-bad-8bit-filename.raw", "enmime/multipart-wo-boundary.raw", "enmime/simple_dsn.raw",
		"postal-mime/arf.eml", "postal-mime/bounce.eml", "postal-mime/mixed.eml",
		"ruby-mail/invalid_subject_characters.eml", "ruby-mail/japanese_iso_2022.eml", "ruby-mail/japanese_shift_jis.eml", "ruby-mail/ks_c_5601-1987.eml",
		"ruby-mail/japanese_attachment_long_name.eml", "ruby-mail/multiple_content_types.eml", "ruby-mail/report_422.eml", "ruby-mail/weird_to_header.eml",
		"stalwart/malformed/021.eml", "stalwart/rfc/007.eml",
	} {
		t.Run(name, func(t *testing.T) {
			raw, ok := mails[name]
			if !ok {
				t.Fatal("no such mail")
			}
			got, err := json.MarshalIndent(email.Parse(raw), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata/golden", strings.ReplaceAll(name, "/", "_")+".json")
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.TrimSpace(string(want)), string(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

// Every folder of other people's mail says whose it is and under which licence.
func TestCorporaAreCredited(t *testing.T) {
	folders, err := os.ReadDir("testdata/corpora")
	if err != nil || len(folders) < 10 {
		t.Fatal(len(folders), err)
	}
	readme := strings.Split(read(t, "testdata/corpora/README.md"), "\n")
	row := regexp.MustCompile("^\\| `[^`]+` \\| github\\.com/\\S+ .* \\| [0-9a-f]{40} \\| .*(MIT|BSD-2-Clause|Apache-2\\.0).* \\|$")
	for _, f := range folders {
		if f.IsDir() && !slices.ContainsFunc(readme, func(l string) bool { return strings.HasPrefix(l, "| `"+f.Name()+"/") && row.MatchString(l) }) {
			t.Errorf("testdata/corpora/README.md does not say whose %s is", f.Name())
		}
	}
}
