package oidc_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/identity/oidc"
)

var (
	ctx = context.Background()
	now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	b64 = base64.RawURLEncoding
)

// issuer is an OpenID provider as far as a public client sees it. Its endpoints stand on other paths than anybody would guess.
type issuer struct {
	testing.TB
	*httptest.Server
	mu       sync.Mutex
	key      *rsa.PrivateKey
	kid      string
	fetched  map[string]int
	form     url.Values // the last form it was sent
	answer   map[string]any
	status   int
	keysDown bool
	noRevoke bool
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	i := &issuer{TB: t, fetched: map[string]int{}, status: 200}
	i.turn("k1")
	i.Server = httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.Server.Close)
	return i
}

// turn gives the issuer a new key.
func (i *issuer) turn(kid string) {
	i.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		i.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key, i.kid = key, kid
}

func (i *issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fetched[r.URL.Path]++
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		meta := map[string]any{
			"issuer": i.URL, "authorization_endpoint": i.URL + "/a", "token_endpoint": i.URL + "/b", "jwks_uri": i.URL + "/c",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		}
		if !i.noRevoke {
			meta["revocation_endpoint"] = i.URL + "/d"
		}
		_ = json.NewEncoder(w).Encode(meta)
	case "/c":
		if i.keysDown {
			w.WriteHeader(502)
			return
		}
		e := big.NewInt(int64(i.key.E)).Bytes()
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "kid": i.kid, "alg": "RS256", "use": "sig", "n": b64.EncodeToString(i.key.N.Bytes()), "e": b64.EncodeToString(e),
		}}})
	case "/b", "/d":
		_ = r.ParseForm()
		if _, _, basic := r.BasicAuth(); basic {
			i.Error("a public client has no secret to send")
		}
		i.form = r.PostForm
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(i.status)
		_ = json.NewEncoder(w).Encode(i.answer)
	default:
		w.WriteHeader(404)
	}
}

func (i *issuer) open() *oidc.Issuer {
	return oidc.New(i.URL, "client", func() time.Time { return now })
}

// sign makes a JWT of claims over good defaults; a nil value takes the default away.
func (i *issuer) sign(header, claims map[string]any) string {
	i.Helper()
	h := map[string]any{"alg": "RS256", "kid": i.kid, "typ": "JWT"}
	c := map[string]any{"iss": i.URL, "sub": "u1", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix()}
	for k, v := range header {
		h[k] = v
	}
	for k, v := range claims {
		if v == nil {
			delete(c, k)
			continue
		}
		c[k] = v
	}
	hj, _ := json.Marshal(h)
	cj, _ := json.Marshal(c)
	signing := b64.EncodeToString(hj) + "." + b64.EncodeToString(cj)
	sum := sha256.Sum256([]byte(signing))
	sig, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		i.Fatal(err)
	}
	return signing + "." + b64.EncodeToString(sig)
}

var cognito = map[string]any{"client_id": "client", "token_use": "access", "cognito:groups": []string{"admins"}, "username": "x"}

func TestVerify(t *testing.T) {
	i := newIssuer(t)
	for name, c := range map[string]struct {
		header, claims map[string]any
		good           bool
	}{
		"as Cognito writes it":       {nil, cognito, true},
		"with aud":                   {nil, map[string]any{"aud": "client"}, true},
		"with aud among others":      {nil, map[string]any{"aud": []string{"other", "client"}}, true},
		"for another client":         {nil, map[string]any{"client_id": "other"}, false},
		"for another audience":       {nil, map[string]any{"aud": []string{"other"}}, false},
		"for nobody":                 {nil, nil, false},
		"an ID token":                {nil, map[string]any{"aud": "client", "token_use": "id"}, false},
		"expired":                    {nil, map[string]any{"client_id": "client", "exp": now.Add(-time.Second).Unix()}, false},
		"without expiry":             {nil, map[string]any{"client_id": "client", "exp": nil}, false},
		"of another issuer":          {nil, map[string]any{"client_id": "client", "iss": "https://evil.example"}, false},
		"without a subject":          {nil, map[string]any{"client_id": "client", "sub": nil}, false},
		"not yet":                    {nil, map[string]any{"client_id": "client", "nbf": now.Add(time.Hour).Unix()}, false},
		"with another key's name":    {map[string]any{"kid": "k9"}, cognito, false},
		"claiming to be unsigned":    {map[string]any{"alg": "none"}, cognito, false},
		"claiming HMAC":              {map[string]any{"alg": "HS256"}, cognito, false},
		"signed with RS256 as RS512": {map[string]any{"alg": "RS512"}, cognito, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := i.open().Verify(ctx, i.sign(c.header, c.claims))
			if c.good != (err == nil) || !c.good && !fault.Is(err, fault.Denied) {
				t.Fatalf("%+v %v", got, err)
			}
			if c.good && (got.Sub != "u1" || !got.Expires.Equal(now.Add(time.Hour))) {
				t.Errorf("%+v", got)
			}
		})
	}
	good := i.sign(nil, cognito)
	for _, bad := range []string{"", "x", "a.b.c", good[:len(good)-4], good + "AA", strings.Replace(good, ".", "..", 1)} {
		if _, err := i.open().Verify(ctx, bad); !fault.Is(err, fault.Denied) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	c, err := i.open().Verify(ctx, good)
	if err != nil || len(c.Groups) != 1 || c.Groups[0] != "admins" {
		t.Errorf("%+v %v", c, err)
	}
}

// Discovery and keys are fetched once; a token is verified once; a new key is found; an expired token is no longer good.
func TestVerifyIsCheap(t *testing.T) {
	i := newIssuer(t)
	at := now
	o := oidc.New(i.URL, "client", func() time.Time { return at })
	token := i.sign(nil, cognito)
	for range 3 {
		if _, err := o.Verify(ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	if i.fetched["/.well-known/openid-configuration"] != 1 || i.fetched["/c"] != 1 {
		t.Errorf("fetched %v", i.fetched)
	}
	i.keysDown = true
	if _, err := o.Verify(ctx, i.sign(nil, map[string]any{"client_id": "client", "sub": "u2"})); err != nil {
		t.Errorf("a known key was fetched again: %v", err)
	}
	i.keysDown = false
	i.turn("k2")
	if _, err := o.Verify(ctx, i.sign(nil, cognito)); err != nil {
		t.Errorf("a new key was not found: %v", err)
	}
	at = now.Add(2 * time.Hour)
	if _, err := o.Verify(ctx, token); !fault.Is(err, fault.Denied) {
		t.Errorf("a remembered token outlived its expiry: %v", err)
	}
}

// Not reaching the issuer says nothing about the token.
func TestUnreachable(t *testing.T) {
	i := newIssuer(t)
	i.keysDown = true
	o := i.open()
	if _, err := o.Verify(ctx, i.sign(nil, cognito)); err == nil || fault.CodeOf(err) != fault.Internal {
		t.Errorf("without keys: %v", err)
	}
	i.keysDown = false
	if _, err := o.Verify(ctx, i.sign(nil, cognito)); err != nil {
		t.Errorf("with keys again: %v", err)
	}
	gone := oidc.New("http://127.0.0.1:1", "client", time.Now)
	for name, f := range map[string]func() error{
		"Verify":   func() error { _, err := gone.Verify(ctx, "x"); return err },
		"Exchange": func() error { _, err := gone.Exchange(ctx, "c", "v", "r"); return err },
		"Refresh":  func() error { _, err := gone.Refresh(ctx, "r"); return err },
		"Revoke":   func() error { return gone.Revoke(ctx, "r") },
	} {
		if err := f(); err == nil || fault.CodeOf(err) != fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	i.status = 503
	if _, err := o.Refresh(ctx, "r"); err == nil || fault.CodeOf(err) != fault.Internal {
		t.Errorf("a 503 of the token endpoint: %v", err)
	}
}

func TestExchange(t *testing.T) {
	i := newIssuer(t)
	o := i.open()
	id := map[string]any{"aud": "client", "token_use": "id", "email": "mara@parley.example", "name": "Mara Lind", "cognito:groups": []string{"admins"}}
	i.answer = map[string]any{"access_token": "a1", "refresh_token": "r1", "expires_in": 3600, "token_type": "Bearer", "id_token": i.sign(nil, id)}
	got, err := o.Exchange(ctx, "code", "verifier", "https://inbox.example/callback")
	if err != nil || got.Access != "a1" || got.Refresh != "r1" || got.ExpiresIn != time.Hour {
		t.Fatalf("%+v %v", got, err)
	}
	if c := got.Claims; c.Sub != "u1" || c.Email != "mara@parley.example" || c.Name != "Mara Lind" || len(c.Groups) != 1 {
		t.Errorf("claims %+v", c)
	}
	for k, want := range map[string]string{
		"grant_type": "authorization_code", "code": "code", "code_verifier": "verifier", "client_id": "client", "redirect_uri": "https://inbox.example/callback",
	} {
		if i.form.Get(k) != want {
			t.Errorf("%s=%q", k, i.form.Get(k))
		}
	}
	i.answer["id_token"] = i.sign(nil, map[string]any{"aud": "other", "token_use": "id"})
	if _, err := o.Exchange(ctx, "code", "verifier", "x"); !fault.Is(err, fault.Denied) {
		t.Errorf("an ID token for another client: %v", err)
	}
	i.status, i.answer = 400, map[string]any{"error": "invalid_grant"}
	if _, err := o.Exchange(ctx, "spent", "verifier", "x"); !fault.Is(err, fault.Denied) {
		t.Errorf("a spent code: %v", err)
	}
	if i.fetched["/b"] != 3 {
		t.Errorf("a code was sent %d times for 3 exchanges", i.fetched["/b"])
	}
}

func TestRefresh(t *testing.T) {
	i := newIssuer(t)
	o := i.open()
	i.answer = map[string]any{"access_token": i.sign(nil, map[string]any{"client_id": "client", "given_name": "Mara", "family_name": "Lind"}), "expires_in": 300, "token_type": "Bearer"}
	got, err := o.Refresh(ctx, "r1")
	if err != nil || got.Refresh != "" || got.ExpiresIn != 5*time.Minute || got.Claims.Name != "Mara Lind" {
		t.Fatalf("not rotated, no ID token: %+v %v", got, err)
	}
	if i.form.Get("grant_type") != "refresh_token" || i.form.Get("refresh_token") != "r1" || i.form.Get("client_id") != "client" {
		t.Errorf("form %v", i.form)
	}
	i.answer["refresh_token"] = "r2"
	if got, err = o.Refresh(ctx, "r1"); err != nil || got.Refresh != "r2" {
		t.Errorf("rotated: %+v %v", got, err)
	}
	i.status, i.answer = 400, map[string]any{"error": "invalid_grant"}
	if _, err := o.Refresh(ctx, "dead"); !fault.Is(err, fault.Denied) {
		t.Errorf("a dead token: %v", err)
	}
}

func TestRevoke(t *testing.T) {
	i := newIssuer(t)
	if err := i.open().Revoke(ctx, "r1"); err != nil || i.form.Get("token") != "r1" || i.form.Get("client_id") != "client" {
		t.Errorf("%v %v", err, i.form)
	}
	i.status = 500
	if err := i.open().Revoke(ctx, "r1"); err == nil {
		t.Error("a failed revocation went unnoticed")
	}
	i.noRevoke = true
	if err := i.open().Revoke(ctx, "r1"); err != nil {
		t.Errorf("an issuer that revokes nothing: %v", err)
	}
}

func BenchmarkVerify(b *testing.B) {
	i := newIssuer(b)
	o, token := i.open(), i.sign(nil, cognito)
	for b.Loop() {
		if _, err := o.Verify(ctx, token); err != nil {
			b.Fatal(err)
		}
	}
}
