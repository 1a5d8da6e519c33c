package agentapi_test

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/remote"
	"parley/shared/secret"
)

type shown struct {
	Text, HTML string
	Images     struct {
		Count int
		Hosts []string
	}
}

// mailed opens a thread by a mail of this HTML, as ingest keeps it, and returns what an agent sees of it.
func (w *world) letter(page string) (s shown) {
	w.Helper()
	w.files.objs["t/t1/m1.html"] = []byte(page)
	w.receive("t1", func(m *events.MessageReceived) {
		m.Body = events.Body{Text: "See", HTMLRef: "t/t1/m1.html"}
		m.Attachments = []events.Attachment{{Name: "pic.png", Type: "image/png", Size: 3, Ref: "t/t1/m1/1", Inline: true, ContentID: "pic@shop"}}
	})
	var th struct{ Entries []struct{ Seq int } }
	w.mara("GET", "/api/threads/t1", "").into(200, &th)
	w.mara("GET", fmt.Sprintf("/api/threads/t1/entries/%d/body", th.Entries[len(th.Entries)-1].Seq), "").into(200, &s)
	return s
}

// sources are the addresses of the images of a page, "" for one without.
func sources(t *testing.T, page string) (out []string) {
	t.Helper()
	for z := html.NewTokenizer(strings.NewReader(page)); z.Next() != html.ErrorToken; {
		tag := z.Token()
		if tag.Data != "img" || tag.Type != html.StartTagToken {
			continue
		}
		src := ""
		for _, a := range tag.Attr {
			if a.Key == "src" {
				src = a.Val
			}
		}
		out = append(out, src)
	}
	return out
}

func behind(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil || u.Host != "" || u.Path != remote.Path {
		t.Fatalf("link %q: %v", link, err)
	}
	address, _, err := remote.NewSigner([]byte("0123456789abcdef0123456789abcdef")).Open(u.Query(), time.Now())
	if err != nil {
		t.Errorf("%s: %v", link, err)
	}
	return address
}

func TestRemoteImages(t *testing.T) {
	w := newWorld(t)
	s := w.letter(email.Sanitise(`<p title="<img src='https://not.example/x'>">a</p><img src="https://b.example/1.png?u=a%40b&v=&quot;" alt="1"><img src="http://A.example:80/2.png">
		<img src=https://b.example/3.png><img src="cid:pic@shop"><img src=data:image/png;base64,AAAA><img alt="none">
		<img src=https://spy.example/o.gif width=1 height="1"><img src=https://spy.example/o.gif height=0 width=1px><img src=https://c.example/line.gif width=600 height=1>`))
	got := sources(t, s.HTML)
	want := []string{"https://b.example/1.png?u=a%40b&v=\"", "http://A.example:80/2.png", "https://b.example/3.png", "file", "data:image/png;base64,AAAA", "", "", "", "https://c.example/line.gif"}
	for i, src := range got {
		switch {
		case strings.HasPrefix(src, "/api/"):
			got[i] = behind(t, src)
		case strings.HasPrefix(src, "https://files.example/"):
			got[i] = "file"
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if s.Images.Count != 4 || cmp.Diff([]string{"b.example", "A.example", "c.example"}, s.Images.Hosts) != "" {
		t.Errorf("%+v", s.Images)
	}
	if strings.Contains(regexp.MustCompile(`u=[^"]*`).ReplaceAllString(s.HTML, ""), "spy.example") || strings.Contains(s.HTML, `"https://b.example`) {
		t.Errorf("an address of a stranger is left: %s", s.HTML)
	}
	if !strings.Contains(s.HTML, `<p title="&lt;img src=`) || !strings.Contains(s.HTML, `alt="1"`) {
		t.Errorf("the rest has changed: %s", s.HTML)
	}
	// The same mail has the same links, so that the browser need not load again; the key is made once and asked for by its name.
	again := w.letter(string(w.files.objs["t/t1/m1.html"]))
	if again.HTML != s.HTML {
		t.Error("other links at the second look")
	}
	if cmp.Diff([]string{secret.ImageSigningKey, secret.ImageSigningKey}, w.secrets.asked) != "" {
		t.Errorf("asked for %v", w.secrets.asked)
	}
}

// A mail without remote images needs no key and says that there are none.
func TestNoRemoteImages(t *testing.T) {
	w := newWorld(t)
	for _, page := range []string{"<p>a</p>", `<img src="cid:pic@shop">`, `<img src="https://spy.example/o.gif" width="1" height="1">`} {
		if s := w.letter(page); s.Images.Count != 0 || s.Images.Hosts == nil {
			t.Errorf("%s: %+v", page, s.Images)
		}
	}
	if len(w.secrets.asked) != 0 {
		t.Errorf("asked for %v", w.secrets.asked)
	}
	w.secrets.err = errors.New("no rights")
	w.files.objs["t/t2/m1.html"] = []byte(`<img src="https://b.example/1.png">`)
	w.receive("t2", func(m *events.MessageReceived) { m.Body = events.Body{HTMLRef: "t/t2/m1.html"} })
	w.mara("GET", "/api/threads/t2/entries/2/body", "").refused(500, fault.Internal)
}

// Whatever a mail holds, what an agent is sent fits an answer, and no address of a stranger's is left in it.
func TestImagesAreBounded(t *testing.T) {
	w := newWorld(t)
	for name, page := range map[string]string{
		"many":       strings.Repeat(`<img src="https://x.example/1.png">`, 30_000),
		"long":       strings.Repeat(`<img src="https://x.example/`+strings.Repeat("a", 6000)+`">`, 300),
		"too long":   `<img src="https://x.example/` + strings.Repeat("a", 8100) + `">`,
		"hosts":      strings.Repeat("<p>", 10) + numbered(`<img src="https://x%d.example/1.png">`, 100),
		"every sign": numbered(`<img src="https://x%d.example/`+strings.Repeat("&amp;", 600)+`">`, 500),
	} {
		s := w.letter(email.Sanitise(page))
		linked := 0
		for _, src := range sources(t, s.HTML) {
			if src == "" {
				continue
			}
			linked++
			if !strings.HasPrefix(behind(t, src), "https://x") {
				t.Errorf("%s: %.100s", name, src)
			}
		}
		if linked != s.Images.Count || linked > limit.ImagesPerMail || len(s.Images.Hosts) > 20 || name != "too long" && linked < 60 {
			t.Errorf("%s: %d links, %+v", name, linked, s.Images)
		}
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestTheLargestBodyFits: two megabytes of text and as much HTML, of the signs that JSON writes longest. (What JSON makes of an answer, the
// gateway refuses over 6 MB.) The HTML is what an agent sees; of the text the beginning is left.
func TestTheLargestBodyFits(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		text, html string
		least      int
	}{
		"quotes":   {`"`, `<br title="&quot;">`, 100_000},
		"controls": {"\x01", `<p>"</p>`, 100_000},
		"words":    {"Wörter 文字 ", "<p>Wörter 文字</p>", limit.MailHTMLBytes - 100},
	} {
		w.files.objs["t/t1/m1.html"] = []byte(email.Sanitise(strings.Repeat(c.html, limit.MailHTMLBytes/len(c.html))))
		w.files.objs["t/t1/m1.txt"] = []byte(strings.Repeat(c.text, limit.MailHTMLBytes/len(c.text)))
		thread := "t" + name
		w.receive(thread, func(m *events.MessageReceived) {
			m.Body = events.Body{TextRef: "t/t1/m1.txt", HTMLRef: "t/t1/m1.html"}
		})
		raw, err := w.handler.Invoke(ctx, w.payload(call{method: "GET", path: "/api/threads/" + thread + "/entries/2/body", user: "mara"}))
		if err != nil || len(raw) > limit.APIBodyBytes {
			t.Errorf("%s: %d bytes, %v", name, len(raw), err)
		}
		var s shown
		w.mara("GET", "/api/threads/"+thread+"/entries/2/body", "").into(200, &s)
		if s.HTML != string(w.files.objs["t/t1/m1.html"]) || len(s.Text) < c.least || !strings.HasPrefix(string(w.files.objs["t/t1/m1.txt"]), s.Text) {
			t.Errorf("%s: %d bytes of HTML, %d of text", name, len(s.HTML), len(s.Text))
		}
	}
}
