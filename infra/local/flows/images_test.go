package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/infra/local/run"
	"parley/shared/fault"
	"parley/shared/fetch"
	"parley/shared/limit"
	"parley/shared/remote"
	"parley/shared/secret"
)

// pictured is what an agent gets of a mail.
type pictured struct {
	HTML   string
	Images struct {
		Count int
		Hosts []string
	}
}

// pictures brings in a mail with images at these addresses and returns their links, in order.
func (s *setup) pictures(addresses ...string) (p pictured, links []string) {
	s.t.Helper()
	page := "<p>Look:</p>"
	for _, a := range addresses {
		page += `<img src="` + html.EscapeString(a) + `" width="40">`
	}
	from, subject := s.at("vera"), s.about("Pictures")
	s.post(from, s.Address, letter(from, subject, s.id("pic", len(addresses)), "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n", page))
	th := s.bySubject(subject)
	s.call("GET", "/threads/"+th.ID+"/entries/"+strconv.FormatInt(th.Seq, 10)+"/body", nil, &p)
	for _, m := range regexp.MustCompile(`src="([^"]*)"`).FindAllStringSubmatch(p.HTML, -1) {
		links = append(links, strings.TrimSuffix(s.API, "/api")+html.UnescapeString(m[1]))
	}
	if p.Images.Count != len(addresses) || len(links) != len(addresses) {
		s.t.Fatalf("%d images became %+v", len(addresses), p)
	}
	return p, links
}

func (s *setup) refused(link string, status int, code fault.Code) {
	s.t.Helper()
	got, header, body := s.send("GET", link, "", nil)
	var p struct{ Code fault.Code }
	if json.Unmarshal(body, &p) != nil || got != status || p.Code != code || header.Get("Content-Type") != "application/problem+json" || header.Get("X-Content-Type-Options") != "nosniff" {
		s.t.Errorf("%s: %d %v %s, want %d %s", link, got, header, body, status, code)
	}
}

// No mail makes this machine, or whatever is near it, be asked for anything; and nobody but us makes a link.
func TestFlowPicturesOfPrivatePlaces(t *testing.T) {
	s := flow(t)
	asked := 0
	near := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer near.Close()
	p, links := s.pictures(near.URL+"/x.png", "http://localhost/x.png", "http://127.0.0.1:80/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/iam/", "http://[fd00:ec2::254]/",
		"http://10.0.0.1:443/", "http://user:secret@192.168.1.1/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", s.API+"/config")
	if strings.Contains(p.HTML, `"http`) {
		t.Errorf("the page would ask by itself: %s", p.HTML)
	}
	for _, link := range links {
		s.refused(link, 403, fault.Denied)
	}
	if asked != 0 {
		t.Errorf("the server on this machine was asked %d times", asked)
	}
	good := links[0]
	for _, link := range []string{
		s.API + "/image", s.API + "/image?u=http%3A%2F%2Fexample.com%2F", strings.Replace(good, "u=http", "u=https", 1),
		regexp.MustCompile(`e=\d+`).ReplaceAllString(good, "e=99999999999"), regexp.MustCompile(`s=[\w-]+`).ReplaceAllString(good, "s=AAAAAAAAAAAAAAAAAAAAAA"),
	} {
		s.refused(link, 403, fault.Denied)
	}
	if status, _, _ := s.send("POST", good, "", nil); status != 401 { // another route, which wants a token
		t.Errorf("POST: %d", status)
	}
}

// internet is one of a test's own.
type internet map[string]fetch.Answer

func (i internet) Get(_ context.Context, r fetch.Request) (fetch.Answer, error) {
	a, ok := i[r.URL]
	if !ok {
		return a, fault.New(fault.NotFound, "The server does not answer.")
	}
	return a, nil
}

// Local mode with an internet of the test's own: a picture comes through byte for byte, of any size, and an old link is worth nothing.
func TestFlowPicturesAreShown(t *testing.T) {
	picture := func(pad int) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 40))); err != nil {
			t.Fatal(err)
		}
		return append(b.Bytes(), make([]byte, pad)...)
	}
	small, large := picture(0), picture(limit.ImageBytes-len(picture(0)))
	dir := t.TempDir()
	p, err := run.Start(run.Config{DataDir: dir, Log: problems, Fetch: internet{
		"https://pictures.example/small.png?a=1&b=%41": {Status: 200, Body: small},
		"https://pictures.example/large.png":           {Status: 200, Body: large},
		"https://pictures.example/page.png":            {Status: 200, Body: []byte("<script>alert(1)</script>")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	s := &setup{Ready: p.Ready, t: t, tag: "shown"}
	got, links := s.pictures("https://pictures.example/small.png?a=1&b=%41", "https://pictures.example/large.png", "https://pictures.example/page.png", "https://away.example/x.png")
	if fmt.Sprint(got.Images.Hosts) != "[pictures.example away.example]" {
		t.Errorf("%+v", got.Images)
	}
	for i, want := range [][]byte{small, large} {
		status, header, body := s.send("GET", links[i], "", nil)
		if status != 200 || !bytes.Equal(body, want) || header.Get("Content-Type") != "image/png" || !strings.HasPrefix(header.Get("Cache-Control"), "private, max-age=") ||
			header.Get("Cross-Origin-Resource-Policy") != "same-origin" || !strings.Contains(header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%d: %d %v, %d bytes", i, status, header, len(body))
		}
	}
	s.refused(links[2], 422, fault.Invalid)
	s.refused(links[3], 404, fault.NotFound)
	raw, err := os.ReadFile(filepath.Join(dir, "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string][]byte
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	old := remote.NewSigner(keys[secret.ImageSigningKey]).Link("https://pictures.example/large.png", time.Now().Add(-2*limit.ImageLinkLife))
	s.refused(strings.TrimSuffix(s.API, "/api")+old, 410, fault.Gone)
	if bytes.Equal(keys[secret.ImageSigningKey], keys[secret.MailSigningKey]) {
		t.Error("one key for pictures and for mail")
	}
}
