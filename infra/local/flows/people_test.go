package flows

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const proof = "a-verifier-of-more-than-forty-three-characters-in-length"

// person is somebody who signed in as a browser does.
type person struct {
	setup
	cookie string
}

// send is a request without a token and without following redirects; header holds pairs of name and value.
func (s *setup) send(method, to, contentType string, body []byte, header ...string) (int, http.Header, []byte) {
	s.t.Helper()
	r, err := http.NewRequest(method, to, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	out, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.StatusCode, a.Header, out
}

// code walks a browser's way from the issuer's authorization endpoint over the sign-in page to a code; "" if the page says no.
func (s *setup) code(email, redirect string) string {
	s.t.Helper()
	read := func(from string, into any) {
		if status, _, body := s.send("GET", from, "", nil); status != 200 || json.Unmarshal(body, into) != nil {
			s.t.Fatalf("GET %s: %d %s", from, status, body)
		}
	}
	var config struct{ Issuer, ClientID, Scopes string }
	read(s.API+"/config", &config)
	var discovery struct {
		Authorization string `json:"authorization_endpoint"`
	}
	read(config.Issuer+"/.well-known/openid-configuration", &discovery)
	sum := sha256.Sum256([]byte(proof))
	_, header, _ := s.send("GET", discovery.Authorization+"?"+url.Values{
		"client_id": {config.ClientID}, "response_type": {"code"}, "redirect_uri": {redirect}, "scope": {config.Scopes}, "state": {"s"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}.Encode(), "", nil)
	page, err := url.Parse(header.Get("Location"))
	if err != nil || page.Query().Get("request") == "" {
		s.t.Fatalf("authorization led to %q", header.Get("Location"))
	}
	form := url.Values{"request": {page.Query().Get("request")}, "email": {email}, "password": {s.Password}}
	page.RawQuery = ""
	status, header, _ := s.send("POST", page.String(), "application/x-www-form-urlencoded", []byte(form.Encode()))
	if status/100 != 3 {
		return ""
	}
	_, header, _ = s.send("GET", header.Get("Location"), "", nil)
	back, err := url.Parse(header.Get("Location"))
	if err != nil {
		s.t.Fatal(err)
	}
	return back.Query().Get("code")
}

// signIn opens a session; nil if the sign-in page or the API says no.
func (s *setup) signIn(email string) *person {
	s.t.Helper()
	redirect := strings.TrimSuffix(s.API, "/api") + "/callback"
	code := s.code(email, redirect)
	if code == "" {
		return nil
	}
	in, err := json.Marshal(map[string]string{"code": code, "verifier": proof, "redirectUri": redirect})
	if err != nil {
		s.t.Fatal(err)
	}
	status, header, body := s.send("POST", s.API+"/session", "application/json", in)
	p := &person{setup: *s}
	var session struct{ AccessToken string }
	if status != 200 || json.Unmarshal(body, &session) != nil {
		return nil
	}
	p.Token = session.AccessToken
	p.cookie, _, _ = strings.Cut(header.Get("Set-Cookie"), ";")
	return p
}

// refresh is a page that comes back for another access token.
func (p *person) refresh() int {
	p.t.Helper()
	status, header, _ := p.send("POST", p.API+"/session/refresh", "application/json", nil, "X-Parley", "1", "Cookie", p.cookie)
	if status == 200 {
		p.cookie, _, _ = strings.Cut(header.Get("Set-Cookie"), ";")
	}
	return status
}

type user struct {
	ID, Name, Email, Role string
	Disabled              bool
}

// An admin invites somebody, who signs in and works; disables them, which ends all they can do; and lets them in again.
func TestFlowPeopleComeAndGo(t *testing.T) {
	s := flow(t)
	email := s.at("noah")
	if s.signIn(email) != nil {
		t.Fatal("somebody who was not invited signed in")
	}
	var first, again user
	s.call("POST", "/users", map[string]any{"email": email, "name": "Noah Berg", "role": "agent"}, &first)
	s.call("POST", "/users", map[string]any{"email": strings.ToUpper(email), "name": "Somebody", "role": "admin"}, &again)
	if first.ID == "" || first.Email != email || first.Name != "Noah Berg" || first.Role != "agent" || again != first {
		t.Fatalf("%+v, again %+v", first, again)
	}
	noah := s.signIn(email)
	if noah == nil {
		t.Fatal("the one who was invited cannot sign in")
	}
	var me user
	if noah.call("GET", "/me", nil, &me); me != first {
		t.Errorf("me %+v", me)
	}
	if status := noah.refresh(); status != 200 {
		t.Errorf("refresh: %d", status)
	}
	for path, body := range map[string]any{"/users": map[string]any{"email": s.at("eve"), "role": "admin"}, "/users/" + first.ID + "/access": map[string]any{"disabled": true}} {
		method := map[bool]string{true: "PUT", false: "POST"}[strings.HasSuffix(path, "/access")]
		if status, _, out := noah.try(method, path, body); status != 403 {
			t.Errorf("an agent's %s %s: %d %s", method, path, status, out)
		}
	}

	s.access(first.ID, true)
	noah.shutOut(email)
	if status, _, out := s.try("PUT", "/users/"+s.me().ID+"/access", map[string]any{"disabled": true}); status != 422 {
		t.Errorf("an admin disabled themselves: %d %s", status, out)
	}

	s.access(first.ID, false)
	if status := noah.refresh(); status/100 != 4 {
		t.Errorf("an ended session came back: %d", status)
	}
	if noah = s.signIn(email); noah == nil {
		t.Fatal("cannot sign in again")
	}
	end := time.Now().Add(15 * time.Second)
	for status := 0; status != 200; time.Sleep(50 * time.Millisecond) {
		if status, _, _ = noah.try("GET", "/me", nil); time.Now().After(end) {
			t.Fatalf("let in again, but still %d", status)
		}
	}
}

func (s *setup) me() (u user) {
	s.t.Helper()
	s.call("GET", "/me", nil, &u)
	return u
}

func (s *setup) access(id string, disabled bool) {
	s.t.Helper()
	var u user
	if s.call("PUT", "/users/"+id+"/access", map[string]any{"disabled": disabled}, &u); u.ID != id || u.Disabled != disabled {
		s.t.Errorf("%+v", u)
	}
}

// shutOut checks that a disabled user can do nothing. Every process of the API keeps its list of users for ten seconds.
func (p *person) shutOut(email string) {
	t := p.t
	t.Helper()
	end := time.Now().Add(15 * time.Second)
	for _, c := range [][2]string{{"GET", "/me"}, {"POST", "/ticket"}, {"GET", "/users"}, {"GET", "/inboxes"}} {
		status, _, body := p.try(c[0], c[1], nil)
		for ; status == 200 && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			status, _, body = p.try(c[0], c[1], nil)
		}
		if status != 403 || !strings.Contains(string(body), "disabled") {
			t.Errorf("%v: %d %s", c, status, body)
		}
	}
	if status := p.refresh(); status/100 != 4 {
		t.Errorf("refresh: %d", status)
	}
	if p.signIn(email) != nil {
		t.Error("a disabled user signed in")
	}
}
