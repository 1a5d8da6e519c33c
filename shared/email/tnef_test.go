package email_test

import (
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"parley/shared/email"
)

// winmail wraps a winmail.dat as Outlook does: beside what Exchange made of the text, if anything.
func winmail(text string, content []byte) email.Message {
	const wrap = 76
	var b strings.Builder
	for s := base64.StdEncoding.EncodeToString(content); s != ""; {
		n := min(wrap, len(s))
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	return email.Parse(mixed("\n"+text, "Content-Type: application/ms-tnef; name=\"winmail.dat\"\nContent-Transfer-Encoding: base64\n\n"+b.String()))
}

// tnefMissing counts the names of MimeKit's lists that are not found, and names them.
func tnefMissing(t testing.TB) (all int, missing []string) {
	t.Helper()
	files, _ := filepath.Glob("testdata/corpora/mimekit-tnef/*.tnef")
	if len(files) != 17 {
		t.Fatalf("%d files", len(files))
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list, err := os.ReadFile(strings.TrimSuffix(file, ".tnef") + ".list")
		if err != nil {
			t.Fatal(err)
		}
		m := winmail("", content)
		checkMessage(t, m)
		names := map[string]int{}
		for _, a := range m.Attachments {
			names[a.Name]++
		}
		if m.HTML != "" && m.Text != "" { // what was the body is the body
			names["body.html"]++
			names["body.rtf"]++
		}
		for _, name := range strings.Split(strings.TrimSpace(string(list)), "\n") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			all++
			if names[name]--; names[name] < 0 {
				missing = append(missing, filepath.Base(file)+": "+name)
			}
		}
	}
	return all, missing
}

func TestTNEFFiles(t *testing.T) {
	if all, missing := tnefMissing(t); len(missing) > 0 || all < 32 {
		t.Errorf("%d names, missing %v", all, missing)
	}
	// Sizes of what MimeKit takes out of the same files.
	for file, want := range map[string]map[string]int64{
		"MAPI_ATTACH_DATA_OBJ":   {"VIA_Nytt_1402.doc": 61952, "VIA_Nytt_1402.pdf": 213685, "body.rtf": 2429},
		"attachments":            {"zappa_av1.jpg": 2937, "body.rtf": 443},
		"data-before-name":       {"AUTOEXEC.BAT": 0, "CONFIG.SYS": 0, "boot.ini": 289, "body.rtf": 163},
		"missing-filenames":      {"TechlibDEC99.doc": 33792, "TechlibDEC99-JAN00.doc": 34304, "TechlibNOV99.doc": 33792, "generpts.src": 61210},
		"multi-value-attribute":  {"208225__5_seconds__Voice_Mail.mp3": 10656},
		"panic":                  {"image001.jpg": 11250, "image002.jpg": 9583, "image003.png": 7147},
		"two-files":              {"AUTHORS": 244, "README": 893},
		"unicode-mapi-attr":      {"example.dat": 1024},
		"unicode-mapi-attr-name": {"image001.png": 3815, "image002.png": 3573, "image003.png": 3792},
		"long-filename":          {"allproductsmar2000.dat": 279}, "garbage-at-end": {}, "multi-name-property": {}, "one-file": {"AUTHORS": 244}, "winmail": {"body.rtf": 13412},
	} {
		content, err := os.ReadFile("testdata/corpora/mimekit-tnef/" + file + ".tnef")
		if err != nil {
			t.Fatal(err)
		}
		m := winmail("the text that Exchange made", content)
		got := map[string]int64{}
		for _, a := range m.Attachments {
			got[a.Name] = a.Size
		}
		for name, size := range want {
			if n, ok := got[name]; !ok || n != size {
				t.Errorf("%s: %s has %d bytes (%v), want %d", file, name, n, ok, size)
			}
		}
		if _, kept := got["winmail.dat"]; kept || len(m.Problems) > 0 || m.Text != "the text that Exchange made" {
			t.Errorf("%s: %v %v %q", file, got, m.Problems, m.Text)
		}
	}
}

func TestTNEFBodies(t *testing.T) {
	for file, want := range map[string][2]string{
		"body":                   {"THE BILL OF RIGHTS\nAmendments 1-10", "<font face=\"Arial\" size=\"2\">THE BILL OF RIGHTS<br>"},
		"rtf":                    {"aafgag'alga'kgk\n\nagka;kgag", ""},
		"triples":                {"Sample description", ""},
		"unicode-mapi-attr-name": {"Przesyłam poprawiony plik\n\nProszę", "src=\"cid:image001.png@01CF8C82.F4A2A290\""},
		"MAPI_ATTACH_DATA_OBJ":   {"Det er jo en velkjent sak at bodødamene er noe mer jålete", ""},
		"multi-value-attribute":  {"You received a voice mail from Curie Conf Room at 208225.", "Tahoma"},
	} {
		content, err := os.ReadFile("testdata/corpora/mimekit-tnef/" + file + ".tnef")
		if err != nil {
			t.Fatal(err)
		}
		m := winmail("", content)
		if !strings.HasPrefix(m.Text, want[0]) || !strings.Contains(m.HTML, want[1]) || want[1] == "" && m.HTML != "" {
			t.Errorf("%s: text %.200q html %.300q", file, m.Text, m.HTML)
		}
		for _, a := range m.Attachments {
			if shown := strings.Contains(m.HTML, "cid:"+a.ContentID); a.ContentID != "" && a.Inline != shown {
				t.Errorf("%s: %s inline %v", file, a.Name, a.Inline)
			}
		}
	}
}

// attribute is one attribute of a winmail.dat.
func attribute(level byte, tag uint32, data []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{level}, tag)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(append(b, data...), 0, 0)
}

// props is a list of properties with one value each; a string is a Unicode one, bytes are binary, a number is a long.
func props(values map[uint16]any) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(values)))
	for id, v := range values {
		var data []byte
		kind := uint16(0x0102)
		switch v := v.(type) {
		case string:
			kind = 0x1f
			for _, u := range utf16.Encode([]rune(v + "\x00")) {
				data = binary.LittleEndian.AppendUint16(data, u)
			}
		case []byte:
			data = v
		case int:
			b = binary.LittleEndian.AppendUint16(b, 3)
			b = binary.LittleEndian.AppendUint16(b, id)
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
			continue
		}
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = binary.LittleEndian.AppendUint16(b, id)
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
		b = append(b, data...)
		b = append(b, make([]byte, (4-len(data)%4)%4)...)
	}
	return b
}

func winmailDat(attributes ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0x223e9f78)
	b = append(b, 1, 0)
	for _, a := range attributes {
		b = append(b, a...)
	}
	return b
}

func names(m email.Message) string {
	var out []string
	for _, a := range m.Attachments {
		out = append(out, a.Name)
	}
	return strings.Join(out, " ")
}

func TestTNEFAttachments(t *testing.T) {
	file := func(p map[uint16]any) []byte {
		return append(attribute(2, 0x69002, nil), attribute(2, 0x69005, props(p))...)
	}
	// The long name is taken before the short one, and that before the one that is shown.
	m := winmail("x", winmailDat(
		append(attribute(2, 0x69002, nil), append(attribute(2, 0x18010, []byte("SHORT~1.TXT\x00")), append(attribute(2, 0x6800f, []byte("abc")), attribute(2, 0x69005, props(map[uint16]any{0x3707: "a long näme.txt"}))...)...)...),
		file(map[uint16]any{0x3704: "SHORT~2.PDF", 0x3701: []byte("def")}), file(map[uint16]any{0x3001: "shown", 0x3701: []byte("g"), 0x370e: "image/png"}),
		file(map[uint16]any{0x3701: []byte("h"), 0x370e: "image/png"}), file(map[uint16]any{0x3707: "../../x.ics", 0x3701: []byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:s\nDTSTART:20240101T000000Z\nEND:VEVENT\n")}),
	))
	if got := names(m); got != "a long näme.txt SHORT~2.PDF shown attachment.png x.ics" || m.Attachments[0].Type != "text/plain" || m.Attachments[1].Type != "application/pdf" || m.Attachments[3].Type != "image/png" || len(m.Problems) > 0 {
		t.Errorf("%s %+v %v", got, m.Attachments, m.Problems)
	}
	if len(m.Calendar) != 1 || m.Calendar[0].Summary != "s" || string(m.Attachments[0].Content) != "abc" {
		t.Errorf("%+v", m.Calendar)
	}
	// A mail within: its body and its files are files.
	inner := winmailDat(attribute(1, 0x69003, props(map[uint16]any{0x37: "Inner / mail", 0x1000: "inner text"})), file(map[uint16]any{0x3707: "in.txt", 0x3701: []byte("in")}))
	m = winmail("x", winmailDat(file(map[uint16]any{0x3705: 5, 0x3701: append(make([]byte, 16), inner...)})))
	if got := names(m); got != "attachment" { // a binary, not an object: what it is cannot be told
		t.Errorf("%s", got)
	}
	object := props(map[uint16]any{0x3705: 5})
	object[0] = 2
	object = append(object, 0x0d, 0, 0x01, 0x37, 1, 0, 0, 0)
	object = binary.LittleEndian.AppendUint32(object, uint32(16+len(inner)))
	object = append(append(object, make([]byte, 16)...), inner...)
	m = winmail("x", winmailDat(append(attribute(2, 0x69002, nil), attribute(2, 0x69005, object)...)))
	if got := names(m); got != "Inner - mail.txt in.txt" || string(m.Attachments[0].Content) != "inner text" {
		t.Errorf("%s", got)
	}
}

// A broken winmail.dat gives what it can, and stays.
func TestTNEFBroken(t *testing.T) {
	good := winmailDat(attribute(2, 0x69002, nil), attribute(2, 0x18010, []byte("a.txt")), attribute(2, 0x6800f, []byte("abc")), attribute(2, 0x69002, nil), attribute(2, 0x18010, []byte("b.txt")), attribute(2, 0x6800f, []byte("defghi")))
	m := winmail("x", good[:len(good)-4])
	if got := names(m); got != "a.txt b.txt winmail.dat" || len(m.Problems) != 1 || m.Problems[0].Name != email.ProblemTNEF {
		t.Errorf("%s %v", got, m.Problems)
	}
	if m = winmail("x", append(good, "garbage behind it"...)); names(m) != "a.txt b.txt" || len(m.Problems) != 0 {
		t.Errorf("%s %v", names(m), m.Problems)
	}
	if m = winmail("x", []byte("no such thing")); names(m) != "winmail.dat" {
		t.Errorf("%s", names(m))
	}
	if m = winmail("x", good[:6]); names(m) != "" || m.Text != "x" {
		t.Errorf("empty: %s", names(m))
	}
	if m = winmail("", good[:6]); names(m) != "winmail.dat" {
		t.Errorf("empty, and the mail too: %s", names(m))
	}
	for _, file := range []string{"panic", "rtf", "unicode-mapi-attr", "multi-name-property"} {
		content, err := os.ReadFile("testdata/corpora/mimekit-tnef/" + file + ".tnef")
		if err != nil {
			t.Fatal(err)
		}
		content = content[:min(len(content), 4000)]
		for i := range content { // cut off, and with one wrong byte, anywhere
			checkMessage(t, winmail("", content[:i]))
			broken := append([]byte(nil), content...)
			broken[i] ^= 0xff
			checkMessage(t, winmail("", broken))
		}
	}
}

// mela is RTF as winmail.dat has it, not compressed.
func mela(rtf string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(rtf)+12))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(rtf)))
	b = binary.LittleEndian.AppendUint32(b, 0x414c454d)
	return append(binary.LittleEndian.AppendUint32(b, 0), rtf...)
}

func TestRTF(t *testing.T) {
	for rtf, want := range map[string][2]string{
		`{\rtf1\ansi\ansicpg1252 Gr\'fc\'dfe\par two\line three\tab x}`:                                                          {"Grüße\ntwo\nthree\tx", ""},
		`{\rtf1\ansi\ansicpg1251\deff0{\fonttbl{\f0\fcharset204 A;}{\f1\fcharset128 B;}}\f0\'cf\'f0 \f1\'82\'b1}`:                {"Пр こ", ""},
		`{\rtf1\uc1 \u1055?\u1088 ?\u-10179?\u-8704? {\uc2\u945 ab}\uc0\u946 c}`:                                                 {"Пр😀 αβc", ""},
		`{\rtf1{\fonttbl{\f0 Arial;}}{\colortbl;\red0;}{\*\generator x;}{\info{\title no}}{\pict 00ff}yes\{\}\\{\*\unknown no}}`: {`yes{}\`, ""},
		`{\rtf1 a{\b b}{\i c}\emdash\lquote d\rquote}`:                                                                           {"abc—‘d’", ""},
		`{\rtf1 not closed {\b and`:     {"not closed and", ""},
		`}}}{\rtf1 closed too often}}}`: {"closed too often", ""},
		`{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\b\htmlrtf0 1 {\*\htmltag84 &lt;} 2\htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}{\*\htmltag148 <script>x</script>}{\*\mhtmltag no}{\*\htmltag84 <b>}a<b{\*\htmltag92 </b>}}`: {"1 < 2\n\na<b", "<p>1 &lt; 2</p><b>a&lt;b</b>"},
		``: {"", ""},
	} {
		m := winmail("", winmailDat(attribute(1, 0x69003, props(map[uint16]any{0x1009: mela(rtf)}))))
		if m.Text != want[0] || m.HTML != want[1] {
			t.Errorf("%s:\n%q %q", rtf, m.Text, m.HTML)
		}
		if wantFile := want[1] == "" && rtf != ""; wantFile != (names(m) == "body.rtf") {
			t.Errorf("%s: %s", rtf, names(m))
		}
	}
}

// FuzzTNEF: whatever a winmail.dat holds, reading it ends and gives what may be given.
func FuzzTNEF(f *testing.F) {
	files, _ := filepath.Glob("testdata/corpora/mimekit-tnef/*.tnef")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil && len(b) < 20_000 {
			f.Add(b)
		}
	}
	f.Add(winmailDat(attribute(1, 0x69003, props(map[uint16]any{0x1009: mela(`{\rtf1\fromhtml1 {\*\htmltag64 <p>}\u1234?\'82\f3}`)}))))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 6 {
			copy(b, winmailDat())
		}
		checkMessage(t, winmail("", b))
	})
}
