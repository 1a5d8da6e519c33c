package run

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/shared/fetch"
)

// nobody is a web without servers, which notes who was asked for.
type nobody struct{ asked []string }

func (n *nobody) Get(_ context.Context, r fetch.Request) (fetch.Answer, error) {
	n.asked = append(n.asked, r.URL)
	return fetch.Answer{Status: 404}, nil
}

func TestNames(t *testing.T) {
	got := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.Host + r.URL.String() + " " + r.Header.Get("Parley-Signature") + " " + string(body)
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 20))
	}))
	defer server.Close()
	at, err := namesFrom("Hook.example=" + server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	web := &nobody{}
	n := names{web, at}
	a, err := n.Get(t.Context(), fetch.Request{URL: "https://hook.example/x?y=1", Most: 20, Post: []byte("{}"), Header: map[string]string{"Parley-Signature": "s"}})
	if err != nil || a.Status != 200 || len(a.Body) != 20 || got != "POST hook.example/x?y=1 s {}" {
		t.Errorf("%v %v; the server heard %q", a, err, got)
	}
	if _, err := n.Get(t.Context(), fetch.Request{URL: "https://hook.example/", Most: 19}); err == nil {
		t.Error("an answer that is too long is taken")
	}
	if a, err := n.Get(t.Context(), fetch.Request{URL: "https://hook.example/away", Most: 100}); err != nil || a.Status != http.StatusFound {
		t.Errorf("it goes where it is sent: %v %v", a, err)
	}
	for _, u := range []string{"https://other.example/", "https://127.0.0.1/", "https://hook.example:8443/", "%"} {
		_, _ = n.Get(t.Context(), fetch.Request{URL: u, Most: 1})
	}
	if len(web.asked) != 4 {
		t.Errorf("the web was asked for %q", web.asked)
	}
	for _, bad := range []string{"x", "x=", "=127.0.0.1:1", "x=127.0.0.1", "x=10.0.0.1:80", "x=localhost:80", "x=93.184.216.34:443"} {
		if _, err := namesFrom(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
