package agentapi_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/store"
)

type sessionBody struct {
	AccessToken string
	ExpiresIn   int
	User        store.User
}

var verifier = strings.Repeat("v", 43)

func signIn(code, redirect string) call {
	body, _ := json.Marshal(map[string]string{"code": code, "verifier": verifier, "redirectUri": redirect})
	return call{method: "POST", path: "/api/session", body: string(body)}
}

func TestSession(t *testing.T) {
	w := newWorld(t)
	var s sessionBody
	a := w.call(signIn("good", origin+"/callback")).into(200, &s)
	if s.AccessToken != "access" || s.ExpiresIn != 3600 || s.User != (store.User{ID: "mara", Name: "Mara Lind", Email: "mara@parley.example", Role: "admin"}) {
		t.Errorf("session %+v", s)
	}
	const want = "parley_refresh=r+1%2B%2F%3D; Path=/api/session; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict"
	if len(a.cookies) != 1 || a.cookies[0] != want {
		t.Errorf("cookies %q", a.cookies)
	}

	refresh := call{method: "POST", path: "/api/session/refresh", headers: map[string]string{"X-Parley": "1"}, cookies: []string{"theme=dark", "parley_refresh=r+1%2B%2F%3D"}}
	a = w.call(refresh).into(200, &s)
	if len(a.cookies) != 1 || !strings.HasPrefix(a.cookies[0], "parley_refresh=r+1%2B%2F%3Dx;") {
		t.Errorf("the cookie was not rotated: %q", a.cookies)
	}

	a = w.call(refresh) // the old one
	if a.refused(401, fault.Denied); len(a.cookies) != 1 || !strings.Contains(a.cookies[0], "Max-Age=0") {
		t.Errorf("a dead cookie stays: %q", a.cookies)
	}
	w.issuer.down = true
	if a = w.call(refresh); a.refused(500, fault.Internal).Status == 500 && len(a.cookies) != 0 {
		t.Errorf("an unreachable issuer ended the session: %q", a.cookies)
	}

	out := call{method: "DELETE", path: "/api/session", headers: map[string]string{"X-Parley": "1"}, cookies: []string{"parley_refresh=r+1%2B%2F%3Dx"}}
	a = w.call(out).into(204, nil)
	if w.issuer.revoked != "r 1+/=x" || len(a.cookies) != 1 || !strings.HasPrefix(a.cookies[0], "parley_refresh=;") || !strings.Contains(a.cookies[0], "Max-Age=0") {
		t.Errorf("revoked %q, cookies %q", w.issuer.revoked, a.cookies)
	}
}

func TestSessionRefusals(t *testing.T) {
	w := newWorld(t)
	x := map[string]string{"X-Parley": "1"}
	for name, c := range map[string]struct {
		call   call
		status int
		code   fault.Code
	}{
		"a bad code":                      {signIn("bad", origin+"/callback"), 403, fault.Denied},
		"a redirect elsewhere":            {signIn("good", "https://evil.example/callback"), 422, fault.Invalid},
		"a redirect to a longer host":     {signIn("good", origin+".evil.example/callback"), 422, fault.Invalid},
		"a short verifier":                {call{method: "POST", path: "/api/session", body: `{"code":"good","verifier":"v","redirectUri":"` + origin + `/"}`}, 422, fault.Invalid},
		"refresh without a cookie":        {call{method: "POST", path: "/api/session/refresh", headers: x}, 401, fault.Denied},
		"refresh without the header":      {call{method: "POST", path: "/api/session/refresh", cookies: []string{"parley_refresh=r1"}}, 403, fault.Denied},
		"refresh with nonsense":           {call{method: "POST", path: "/api/session/refresh", headers: x, cookies: []string{"parley_refresh=%zz"}}, 401, fault.Denied},
		"signing out without the header":  {call{method: "DELETE", path: "/api/session"}, 403, fault.Denied},
		"a secret is not echoed anywhere": {call{method: "POST", path: "/api/session", body: `{"code":"sesame","verifier":7}`}, 422, fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.call(c.call)
			if a.refused(c.status, c.code); strings.Contains(a.body, "sesame") {
				t.Errorf("echoed: %s", a.body)
			}
		})
	}
	if users, _ := w.store.Settings.Users(ctx); len(users) != 0 {
		t.Errorf("a refused sign-in created %v", users)
	}
}

// The sample is the event as API Gateway sends it: cookies stand apart, the body is absent.
func TestRefreshSample(t *testing.T) {
	w := newWorld(t)
	w.issuer.refresh = "r1"
	raw, err := os.ReadFile("../../events/samples/http/refresh.json")
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.handler.Invoke(ctx, raw)
	if err != nil {
		t.Fatal(err)
	}
	var a host.HTTPAnswer
	if err := json.Unmarshal(out, &a); err != nil || a.Status != 200 || len(a.Cookies) != 1 || !strings.HasPrefix(a.Cookies[0], "parley_refresh=r1x;") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestConfig(t *testing.T) {
	w := newWorld(t)
	var got map[string]string
	w.call(call{method: "GET", path: "/api/config"}).into(200, &got)
	want := map[string]string{"issuer": "https://issuer.example", "clientId": "client", "scopes": "openid email profile", "product": "Parley", "mailDomain": "parley.example"}
	for k, v := range want {
		if got[k] != v || len(got) != len(want) {
			t.Errorf("config %v", got)
		}
	}
}

func TestTicket(t *testing.T) {
	w := newWorld(t)
	var got struct{ Ticket, URL, Protocol string }
	w.mara("POST", "/api/ticket", "").into(200, &got)
	if got.URL != "wss://inbox.parley.example/ws" || got.Protocol != "parley" {
		t.Errorf("ticket %+v", got)
	}
	id, err := w.store.Sockets.UseTicket(ctx, got.Ticket)
	if err != nil || id != (store.Identity{Kind: "agent", ID: "mara", Name: "Mara Lind"}) {
		t.Errorf("%+v %v", id, err)
	}
	if _, err := w.store.Sockets.UseTicket(ctx, got.Ticket); !fault.Is(err, fault.Denied) {
		t.Errorf("a ticket was good twice: %v", err)
	}
}
