package issuer

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

type desk struct {
	t      *testing.T
	server *httptest.Server
	issuer *Issuer
	now    time.Time
	http   *http.Client
	disco  struct {
		Authorization string   `json:"authorization_endpoint"`
		Token         string   `json:"token_endpoint"`
		Revocation    string   `json:"revocation_endpoint"`
		EndSession    string   `json:"end_session_endpoint"`
		Methods       []string `json:"code_challenge_methods_supported"`
	}
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Now()}
	mux := http.NewServeMux()
	d.server = httptest.NewServer(mux)
	t.Cleanup(d.server.Close)
	d.open(t.TempDir())
	mux.Handle("/id/", http.StripPrefix("/id", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.issuer.Handler().ServeHTTP(w, r) })))
	d.http = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	d.get(d.server.URL+"/id/.well-known/openid-configuration", &d.disco)
	return d
}

func (d *desk) open(dir string) {
	d.t.Helper()
	i, err := Open(Config{
		URL: d.server.URL + "/id", File: filepath.Join(dir, "issuer.json"), Origins: []string{d.server.URL},
		Users:   []User{{Email: "ada@parley.localhost", Name: "Ada", Groups: []string{"admins"}, Password: "parley"}},
		Welcome: "welcome", Now: func() time.Time { return d.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.issuer = i
}

func (d *desk) get(url string, into any) {
	d.t.Helper()
	r, err := http.Get(url)
	if err != nil {
		d.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != 200 {
		d.t.Fatalf("%s: %s", url, r.Status)
	}
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		d.t.Fatal(err)
	}
}

const verifier = "a-verifier-of-more-than-forty-three-characters-in-length"

func (d *desk) authorize(change func(url.Values)) *http.Response {
	d.t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {Client}, "response_type": {"code"}, "redirect_uri": {d.server.URL + "/callback"}, "scope": {Scopes}, "state": {"s1"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}, "nonce": {"n1"},
	}
	if change != nil {
		change(q)
	}
	r, err := d.http.Get(d.disco.Authorization + "?" + q.Encode())
	if err != nil {
		d.t.Fatal(err)
	}
	r.Body.Close()
	return r
}

// signIn walks the browser's way from authorize to the code.
func (d *desk) signIn(password string) (status int, code string) {
	d.t.Helper()
	r := d.authorize(nil)
	at, err := r.Location()
	if err != nil {
		d.t.Fatalf("authorize: %s", r.Status)
	}
	page, err := d.http.Get(at.String())
	if err != nil {
		d.t.Fatal(err)
	}
	page.Body.Close()
	if p := page.Header.Get("Content-Security-Policy"); !strings.Contains(p, "form-action 'self' "+d.server.URL) || strings.Contains(p, "unsafe") {
		d.t.Errorf("policy %q", p)
	}
	r, err = d.http.PostForm(at.Scheme+"://"+at.Host+at.Path, url.Values{"request": {at.Query().Get("request")}, "email": {"ADA@parley.localhost "}, "password": {password}})
	if err != nil {
		d.t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusSeeOther {
		return r.StatusCode, ""
	}
	r, err = d.http.Get(r.Header.Get("Location"))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Body.Close()
	back, err := r.Location()
	if err != nil || back.Query().Get("state") != "s1" || back.Path != "/callback" {
		d.t.Fatalf("back at %v %v (%s)", back, err, r.Status)
	}
	return http.StatusSeeOther, back.Query().Get("code")
}

type tokens struct {
	Access  string `json:"access_token"`
	ID      string `json:"id_token"`
	Refresh string `json:"refresh_token"`
	Expires int    `json:"expires_in"`
	Error   string `json:"error"`
}

func (d *desk) token(v url.Values) (out tokens, status int) {
	d.t.Helper()
	v.Set("client_id", Client)
	r, err := http.PostForm(d.disco.Token, v)
	if err != nil {
		d.t.Fatal(err)
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(body, &out); err != nil {
		d.t.Fatalf("%s: %s", r.Status, body)
	}
	return out, r.StatusCode
}

func (d *desk) exchange(code, verifier string) (tokens, int) {
	return d.token(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "code_verifier": {verifier}, "redirect_uri": {d.server.URL + "/callback"}})
}

func (d *desk) refresh(token string) (tokens, int) {
	return d.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

func TestSignInGivesTokensLikeCognitos(t *testing.T) {
	d := newDesk(t)
	if status, _ := d.signIn("wrong"); status != http.StatusUnauthorized {
		t.Errorf("a wrong password: %d", status)
	}
	_, code := d.signIn("parley")
	got, status := d.exchange(code, verifier)
	if status != 200 || got.Refresh == "" || got.Expires < 3500 {
		t.Fatalf("%d %+v", status, got)
	}
	p, err := oidc.NewProvider(context.Background(), d.server.URL+"/id")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Verifier(&oidc.Config{ClientID: Client, SupportedSigningAlgs: []string{"RS256"}}).Verify(context.Background(), got.ID); err != nil {
		t.Errorf("ID token: %v", err)
	}
	access, err := p.Verifier(&oidc.Config{SkipClientIDCheck: true}).Verify(context.Background(), got.Access)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Use    string   `json:"token_use"`
		Client string   `json:"client_id"`
		Groups []string `json:"cognito:groups"`
		Email  string   `json:"email"`
		Name   string   `json:"name"`
		Sub    string   `json:"sub"`
	}
	if err := access.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if claims.Use != "access" || claims.Client != Client || len(claims.Groups) != 1 || claims.Groups[0] != "admins" || claims.Email != "ada@parley.localhost" || claims.Name != "Ada" || claims.Sub == "" {
		t.Errorf("%+v", claims)
	}
	if again, status := d.exchange(code, verifier); status != 400 || again.Error != "invalid_grant" {
		t.Errorf("a code used twice: %d %+v", status, again)
	}
}

func TestOnlyPKCEWithTheRightVerifier(t *testing.T) {
	d := newDesk(t)
	_, code := d.signIn("parley")
	if got, status := d.exchange(code, verifier+"x"); status != 400 || got.Access != "" {
		t.Errorf("%d %+v", status, got)
	}
	for name, change := range map[string]func(url.Values){
		"no challenge":   func(q url.Values) { q.Del("code_challenge"); q.Del("code_challenge_method") },
		"plain":          func(q url.Values) { q.Set("code_challenge_method", "plain") },
		"implicit":       func(q url.Values) { q.Set("response_type", "token") },
		"prompt none":    func(q url.Values) { q.Set("prompt", "none") },
		"foreign return": func(q url.Values) { q.Set("redirect_uri", "https://evil.example/callback") },
		"foreign path":   func(q url.Values) { q.Set("redirect_uri", d.server.URL+"/elsewhere") },
		"other client":   func(q url.Values) { q.Set("client_id", "other") },
	} {
		r := d.authorize(change)
		if at := r.Header.Get("Location"); strings.Contains(at, signInPath) || strings.HasPrefix(at, "https://evil.example") {
			t.Errorf("%s: led to %q", name, at)
		}
	}
	if r := d.authorize(func(q url.Values) { q.Set("redirect_uri", "http://localhost:5173/callback") }); !strings.Contains(r.Header.Get("Location"), signInPath) {
		t.Errorf("a development server on another loopback port: %s %s", r.Status, r.Header.Get("Location"))
	}
}

func TestRefreshTokensRotateAndSurvive(t *testing.T) {
	d := newDesk(t)
	_, code := d.signIn("parley")
	first, _ := d.exchange(code, verifier)
	second, status := d.refresh(first.Refresh)
	if status != 200 || second.Refresh == "" || second.Refresh == first.Refresh || second.Access == "" {
		t.Fatalf("%d %+v", status, second)
	}
	if _, status := d.refresh(first.Refresh); status != 200 {
		t.Errorf("within the grace of a rotation: %d", status)
	}
	d.open(filepath.Dir(d.issuer.cfg.File)) // a restart
	third, status := d.refresh(second.Refresh)
	if status != 200 {
		t.Fatalf("after a restart: %d %+v", status, third)
	}
	d.now = d.now.Add(rotationGrace + time.Second)
	if _, status := d.refresh(first.Refresh); status != 400 {
		t.Errorf("a replayed token: %d", status)
	}
	if _, status := d.refresh(third.Refresh); status != 400 {
		t.Errorf("after a replay the whole sign-in ends, not so: %d", status)
	}
}

func TestRevocationAndEndSession(t *testing.T) {
	d := newDesk(t)
	_, code := d.signIn("parley")
	got, _ := d.exchange(code, verifier)
	r, err := http.PostForm(d.disco.Revocation, url.Values{"token": {got.Refresh}, "client_id": {Client}})
	if err != nil || r.StatusCode != 200 {
		t.Fatal(err, r.Status)
	}
	r.Body.Close()
	if _, status := d.refresh(got.Refresh); status != 400 {
		t.Errorf("a revoked token: %d", status)
	}
	r, err = d.http.Get(d.disco.EndSession + "?" + url.Values{"id_token_hint": {got.ID}, "post_logout_redirect_uri": {d.server.URL + "/"}}.Encode())
	if err != nil || r.Header.Get("Location") != d.server.URL+"/" {
		t.Errorf("%v %s %q", err, r.Status, r.Header.Get("Location"))
	}
	r.Body.Close()
}

func TestTokenForPrograms(t *testing.T) {
	d := newDesk(t)
	token, err := d.issuer.Token(context.Background(), "ada@parley.localhost", 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	p, err := oidc.NewProvider(context.Background(), d.server.URL+"/id")
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Verifier(&oidc.Config{ClientID: Client}).Verify(context.Background(), token)
	if err != nil || time.Until(v.Expiry) < 23*time.Hour {
		t.Errorf("%v %v", v, err)
	}
}
