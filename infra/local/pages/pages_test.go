package pages

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/shared/fault"
)

func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, http.NoBody)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWeb(t *testing.T) {
	dir := t.TempDir()
	h := &Web{Dir: filepath.Join(dir, "dist"), Connect: []string{"ws://desk:1"}, Media: []string{"http://desk:1"}}
	if w := get(h, "/"); w.Code != 404 || !strings.Contains(w.Body.String(), "npm run build") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("not built: %d %s", w.Code, w.Body)
	}
	write(t, dir, "dist/index.html", "<p>app")
	write(t, dir, "dist/assets/app-1a2b.js", "let a")
	write(t, dir, "dist/assets/app-1a2b.js.br", "compressed")
	write(t, dir, "secret.txt", "secret")
	for _, path := range []string{"/", "/inbox/open/01h", "/callback?code=x", "/outbox-like"} {
		w := get(h, path)
		if w.Code != 200 || w.Body.String() != "<p>app" || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		p := w.Header().Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self' ws://desk:1;", " http://desk:1; connect-src", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(p, want) {
				t.Errorf("%s: no %s in %s", path, want, p)
			}
		}
		if strings.Contains(p, "unsafe") {
			t.Error(p)
		}
	}
	w := get(h, "/assets/app-1a2b.js")
	if w.Body.String() != "let a" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	w = get(h, "/assets/app-1a2b.js", "Accept-Encoding", "gzip, br")
	if w.Body.String() != "compressed" || w.Header().Get("Content-Encoding") != "br" || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	if w := get(h, "/assets/app-older.js"); w.Code != 404 {
		t.Errorf("an older build's file: %d", w.Code)
	}
	for _, path := range []string{"/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt"} {
		if w := get(h, path); strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s left the folder", path)
		}
	}
}

func TestAssetsFollowTheWeb(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "tokens/tokens.css", ":root { --a: 1 }\n[data-theme=\"dark\"] { --a: 2 }\n")
	if w := get(Assets(dir), Base+"tokens.css"); !strings.Contains(w.Body.String(), "@media (prefers-color-scheme: dark) { :root { --a: 2 } }") {
		t.Errorf("%s", w.Body)
	}
	if w := get(Assets(dir), Base+"../pages.go"); w.Code != 404 {
		t.Errorf("%d", w.Code)
	}
}

const letter = "From: Ada <support@parley.localhost>\r\nTo: a@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe_<b>?=\r\nMessage-ID: <m1@x>\r\n" +
	"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe <script>\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0PkhhbGxv\r\n--b--\r\n--o\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"a.txt\"\r\n\r\nx\r\n--o--\r\n"

func TestOutbox(t *testing.T) {
	s := Sent{ID: "1", At: time.Now(), From: "support@parley.localhost", To: []string{"a@example.com"}, Raw: []byte(letter), Note: "Passed on to the relay."}
	o := &Outbox{List: func(int) ([]Sent, error) { return []Sent{s}, nil }, Get: func(id string) (Sent, error) {
		if id != s.ID {
			return Sent{}, fault.New(fault.NotFound, "no such mail")
		}
		return s, nil
	}}
	mux := http.NewServeMux()
	o.Register(mux)
	var rows []map[string]any
	if err := json.Unmarshal(get(mux, "/outbox.json").Body.Bytes(), &rows); err != nil || rows[0]["subject"] != "Grüße <b>" || rows[0]["messageId"] != "<m1@x>" || rows[0]["raw"] != letter || rows[0]["from"] != s.From {
		t.Errorf("%v %v", rows, err)
	}
	if b := get(mux, "/outbox").Body.String(); !strings.Contains(b, "Grüße &lt;b&gt;") {
		t.Error(b)
	}
	w := get(mux, "/outbox/1")
	if b := w.Body.String(); !strings.Contains(b, "Grüße &lt;script&gt;") || !strings.Contains(b, "<iframe class=\"mail\" sandbox ") || !strings.Contains(b, "a.txt") || !strings.Contains(b, s.Note) || strings.Contains(b, "<script") {
		t.Error(b)
	}
	w = get(mux, "/outbox/1/html")
	if p := w.Header().Get("Content-Security-Policy"); w.Body.String() != "<script>alert(1)</script>Hallo" || !strings.HasPrefix(p, "sandbox; default-src 'none'") || strings.Contains(p, "allow-") || strings.Contains(p, "script") {
		t.Errorf("%s %s", p, w.Body)
	}
	if w := get(mux, "/outbox/1/raw"); w.Body.String() != letter || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("%v", w.Header())
	}
	if w := get(mux, "/outbox/2"); w.Code != 404 {
		t.Errorf("%d", w.Code)
	}
	if w := get(mux, "/outbox.json?limit=0"); w.Code != 422 {
		t.Errorf("%d", w.Code)
	}
	s.Raw = []byte("not a mail at all")
	if b := get(mux, "/outbox/1").Body.String(); !strings.Contains(b, "not a mail at all") {
		t.Error(b)
	}
	o.List = func(int) ([]Sent, error) { return nil, nil }
	if b := get(mux, "/outbox").Body.String(); !strings.Contains(b, "Nothing has gone out yet") {
		t.Error(b)
	}
	if b := get(mux, "/outbox.json").Body.String(); b != "[]\n" {
		t.Errorf("%q", b)
	}
}
