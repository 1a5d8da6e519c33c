package email_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/shared/email"
)

// line is a text of one line as a person may write it, or paste it: words in several scripts, or one word without end.
var line = rapid.Custom(func(t *rapid.T) string {
	words := rapid.SliceOfN(rapid.SampledFrom([]string{
		"Hello", "größer", "日本語", "🙂", "=?utf-8?q?x?=", "a.b", "From", ".", "--", "=3D", "x=y", "&amp;", "naïve", "\"quoted\"", "it's", "(so)", "Ünï;", "100 %",
	}), 0, 12).Draw(t, "words")
	if rapid.IntRange(0, 9).Draw(t, "long") == 0 {
		words = append(words, strings.Repeat(rapid.SampledFrom([]string{"x", "ß", "語", "="}).Draw(t, "letter"), rapid.IntRange(70, 3000).Draw(t, "length")))
	}
	return strings.Join(words, " ")
})

// title is a line that fits a header: a subject, or somebody's name. Quotes around a name are the sender's program's: reading drops them.
var title = rapid.Custom(func(t *rapid.T) string {
	s := []rune(line.Draw(t, "title"))
	return strings.Trim(strings.Join(strings.Fields(string(s[:min(len(s), 200)])), " "), `" `)
})

var fileNames = rapid.SampledFrom([]string{
	"a.pdf", "two words.pdf", "größe.pdf", "日本語の長い名前のファイルです、本当に長い名前です、七十八文字を超えるように.xlsx", "it's 100%.txt", "x;y=z.txt", "=3D.txt",
	strings.Repeat("long", 20) + ".bin", "e\u0301tude.pdf", "🙂.png",
})

var outgoings = rapid.Custom(func(t *rapid.T) email.Outgoing {
	o := outgoing()
	o.To, o.Cc, o.Bcc = []email.Address{{Name: title.Draw(t, "to"), Email: "to@x.example"}}, nil, nil
	for i := range rapid.IntRange(0, 5).Draw(t, "copies") {
		o.Cc = append(o.Cc, email.Address{Name: title.Draw(t, "cc"), Email: fmt.Sprintf("cc%d@x.example", i)})
	}
	o.From.Name, o.Subject = title.Draw(t, "from"), title.Draw(t, "subject")
	o.Text = "Dear all,\n" + strings.Join(rapid.SliceOfN(line, 1, 8).Draw(t, "text"), "\n")
	if rapid.Bool().Draw(t, "html") {
		o.HTML = "<p>" + strings.ReplaceAll(o.Text, "\n", "</p>\n<p>") + "</p>"
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "files") {
		a := email.Attachment{Name: fileNames.Draw(t, "file"), Type: "application/octet-stream", Content: rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "content")}
		if o.HTML != "" && rapid.Bool().Draw(t, "inline") {
			a.Inline, a.ContentID, a.Type = true, fmt.Sprintf("pic-%d@x.example", i), "image/png"
			o.HTML += `<img src="cid:` + a.ContentID + `">`
		}
		o.Attachments = append(o.Attachments, a)
	}
	return o
})

// TestWhatWeComposeComesBack: our parser finds in a mail of ours what was put in.
func TestWhatWeComposeComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := outgoings.Draw(t, "mail")
		raw, err := email.Compose(o)
		if err != nil {
			t.Fatal(err)
		}
		m := email.Parse(raw)
		if len(m.Problems) > 0 || m.Subject != o.Subject || m.From != o.From || !slices.Equal(m.To, o.To) || !slices.Equal(m.Cc, o.Cc) {
			t.Fatalf("%v\n%q %q\n%v %v\n%v %v\n%v %v", m.Problems, m.Subject, o.Subject, m.From, o.From, m.To, o.To, m.Cc, o.Cc)
		}
		if tidy(m.Text) != tidy(o.Text) || len(m.Attachments) != len(o.Attachments) {
			t.Fatalf("%q\n%q\n%+v", m.Text, o.Text, m.Attachments)
		}
		for i, a := range ordered(o.Attachments) {
			got := m.Attachments[i]
			if got.Name != a.Name || !bytes.Equal(got.Content, a.Content) || got.Inline != a.Inline || got.ContentID != a.ContentID || got.Type != a.Type {
				t.Fatalf("%+v is %+v", a, got)
			}
		}
	})
}

// tidy is a text without what a mail may add or lose at its ends and its line ends.
func tidy(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\u00a0", " "))
}

// packed is a name without blanks: between two encoded words Python reads one that is not there and writes none that is (python/cpython#128110, #92081).
func packed(s string) string { return strings.ReplaceAll(s, " ", "") }

// ordered are attachments as they stand in a mail: what the text shows, then the files.
func ordered(all []email.Attachment) []email.Attachment {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b email.Attachment) int {
		switch {
		case a.Inline == b.Inline:
			return 0
		case a.Inline:
			return -1
		}
		return 1
	})
	return all
}

// python lets Python's own email package do something with mails: the program is the flows' mail client.
func python(t *testing.T, what string, in, out any) {
	t.Helper()
	stdin, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "python3", "../../infra/local/flows/testdata/client.py", what)
	cmd.Stdin = bytes.NewReader(stdin)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	got, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3, which make need-clients installs: %v\n%s", err, problems.Bytes())
	}
	if err := json.Unmarshal(got, out); err != nil {
		t.Fatal(err)
	}
}

// TestPythonReadsWhatWeCompose: the other side finds the same, and nothing that it would have to forgive.
func TestPythonReadsWhatWeCompose(t *testing.T) {
	var all []email.Outgoing
	var raws [][]byte // as base64, by encoding/json
	for seed := range 300 {
		o := outgoings.Example(seed)
		all, raws = append(all, o), append(raws, mustCompose(t, o))
	}
	var got []struct {
		Subject, InReplyTo, Shape                          string
		From, FromName, To, ToName, Cc, CcName, References []string
		Defects                                            []string
		Leaves                                             []struct{ Type, Disposition, Name, ID, SHA256, Text string }
	}
	python(t, "read", raws, &got)
	for i, o := range all {
		m := got[i]
		if len(m.Defects) != 0 || m.Subject != o.Subject || packed(m.FromName[0]) != packed(o.From.Name) || m.From[0] != o.From.Email || packed(m.ToName[0]) != packed(o.To[0].Name) || m.To[0] != o.To[0].Email {
			t.Errorf("seed %d: %v\n%q %q\n%q %q\n%q %q", i, m.Defects, m.Subject, o.Subject, m.FromName, o.From.Name, m.ToName, o.To)
		}
		for n, a := range o.Cc {
			if m.Cc[n] != a.Email || packed(m.CcName[n]) != packed(a.Name) {
				t.Errorf("seed %d: %q <%s>, want %+v", i, m.CcName[n], m.Cc[n], a)
			}
		}
		if m.InReplyTo != "<b@x.example>" || !slices.Equal(m.References, []string{"<a@x.example>", "<b@x.example>", "<" + o.MessageID + ">"}) {
			t.Errorf("seed %d: %s %v", i, m.InReplyTo, m.References)
		}
		texts := 1
		if o.HTML != "" {
			texts = 2
			if tidy(m.Leaves[1].Text) != tidy(o.HTML) {
				t.Errorf("seed %d: %q, want %q", i, m.Leaves[1].Text, o.HTML)
			}
		}
		if tidy(m.Leaves[0].Text) != tidy(o.Text) || len(m.Leaves) != texts+len(o.Attachments) {
			t.Errorf("seed %d: %s with %q, want %q", i, m.Shape, m.Leaves[0].Text, o.Text)
			continue
		}
		for n, a := range ordered(o.Attachments) {
			leaf := m.Leaves[texts+n]
			sum := sha256.Sum256(a.Content)
			if leaf.Name != a.Name || leaf.SHA256 != hex.EncodeToString(sum[:]) || leaf.ID != a.ContentID || (leaf.Disposition == "inline") != a.Inline || leaf.Type != a.Type {
				t.Errorf("seed %d: %+v is %+v", i, a.Name, leaf)
			}
		}
	}
}

// pythonic is a mail that Python is told to write.
type pythonic struct {
	Name     string   `json:"name"`
	Subject  string   `json:"subject"`
	Text     string   `json:"text"`
	HTML     string   `json:"html"`
	Encoding string   `json:"encoding"`
	Charset  string   `json:"charset"`
	Image    []byte   `json:"image"`
	File     string   `json:"file"`
	Files    []string `json:"files"`
	Content  []byte   `json:"content"`
}

// plain is a title without what Python 3.11 writes wrongly: what looks like an encoded word it passes on as one, and a name with a semicolon that
// it folds it forgets to quote (python/cpython#121284).
func plain(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("=?utf-8?q?x?=", "", ";", "").Replace(s)), " ")
}

var pythonics = rapid.Custom(func(t *rapid.T) pythonic {
	m := pythonic{
		Name: plain(title.Draw(t, "name")), Subject: plain(title.Draw(t, "subject")), Encoding: rapid.SampledFrom([]string{"8bit", "quoted-printable", "base64"}).Draw(t, "encoding"),
		Charset: rapid.SampledFrom([]string{"utf-8", "iso-8859-1", "iso-2022-jp", "windows-1252"}).Draw(t, "charset"),
		Files:   rapid.SliceOfN(fileNames, 0, 3).Draw(t, "files"), Content: rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "content"),
		Image: []byte{}, File: fileNames.Draw(t, "file"),
	}
	m.Text = "Dear all,\n" + strings.Join(rapid.SliceOfN(line, 1, 8).Draw(t, "text"), "\n") + "\n"
	m.Text = strings.Map(func(r rune) rune { // what the charset has
		switch {
		case r < 0x80, m.Charset == "utf-8", m.Charset == "iso-2022-jp" && r > 0x3000 && r < 0xa000, m.Charset != "iso-2022-jp" && r < 0x100:
			return r
		}
		return -1
	}, m.Text)
	if m.Encoding == "8bit" && (m.Charset == "iso-2022-jp" || slices.ContainsFunc(strings.Split(m.Text, "\n"), func(l string) bool { return len(l) > 900 })) {
		m.Encoding = "base64" // Python refuses lines over 998 octets
	}
	if rapid.Bool().Draw(t, "html") {
		m.HTML = "<p>Hello &auml;</p>\n"
		if rapid.Bool().Draw(t, "image") {
			m.HTML += `<img src="cid:pic@x.example">` + "\n"
			m.Image = rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "picture")
		}
	}
	return m
})

// TestWeReadWhatPythonComposes: what another builder writes, in its ways (8bit, quoted-printable and base64; names in RFC 2231 and RFC 2047 words;
// mixed, related and alternative), comes in whole.
func TestWeReadWhatPythonComposes(t *testing.T) {
	var all []pythonic
	for seed := range 300 {
		all = append(all, pythonics.Example(seed))
	}
	var raws []string
	python(t, "write", all, &raws)
	for i, w := range all {
		raw, err := base64.StdEncoding.DecodeString(raws[i])
		if err != nil {
			t.Fatal(err)
		}
		m := email.Parse(raw)
		if len(m.Problems) != 0 || packed(m.Subject) != packed(w.Subject) || packed(m.From.Name) != packed(w.Name) || tidy(m.Text) != tidy(w.Text) {
			t.Errorf("seed %d (%s %s): %v\n%q %q\n%q %q\n%q\n%q\n%s", i, w.Encoding, w.Charset, m.Problems, m.Subject, w.Subject, m.From.Name, w.Name, m.Text, w.Text, raw)
			continue
		}
		files := m.Attachments
		if len(w.Image) > 0 {
			if a := files[0]; !bytes.Equal(a.Content, w.Image) || !a.Inline || a.ContentID != "pic@x.example" || a.Name != w.File {
				t.Errorf("seed %d: the picture is %+v, want %q", i, a, w.File)
			}
			files = files[1:]
		}
		for n, name := range w.Files {
			if n >= len(files) || files[n].Name != name || !bytes.Equal(files[n].Content, w.Content) {
				t.Errorf("seed %d: file %q is not among %+v", i, name, files)
			}
		}
	}
}
