package agentapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/functions/agentapi"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/store"
)

var update = flag.Bool("update", false, "write testdata/openapi.json")

// Web generates its types from this file, so a change of it is a change of the contract.
func TestOpenAPI(t *testing.T) {
	w := newWorld(t)
	a := w.call(call{method: "GET", path: "/api/openapi.json"}).into(200, nil)
	if again := w.call(call{method: "GET", path: "/api/openapi.json"}); again.body != a.body {
		t.Error("served twice, it is not the same")
	}
	var got bytes.Buffer
	if err := json.Indent(&got, []byte(a.body), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	if *update {
		if err := os.WriteFile("testdata/openapi.json", got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("the API changed; if it should, run with -update (-want +got):\n%s", d)
	}
}

// What the description says of limits is what package limit holds.
func TestDocsNameLimits(t *testing.T) {
	w := newWorld(t)
	spec := w.call(call{method: "GET", path: "/api/openapi.json"}).into(200, nil).body
	for _, want := range []string{
		fmt.Sprintf("%d if not given, at most %d.", limit.ThreadPage, limit.ThreadPageMax), fmt.Sprintf("%d if not given, at most %d.", limit.EntryPage, limit.EntryPageMax),
		fmt.Sprintf("The newest %d, oldest first.", limit.EntryPage), fmt.Sprintf("at most %d bytes: the same key", limit.IdempotencyKey),
		fmt.Sprintf("at most %d MiB", limit.TextBytes>>20), fmt.Sprintf("Exact up to %d.", limit.CountExact), fmt.Sprintf("Good for %.0f minutes", limit.LinkLife.Minutes()),
		fmt.Sprintf("within %.0f seconds", limit.TicketLife.Seconds()), fmt.Sprintf("Good for %.0f days.", limit.UploadKeep.Hours()/24),
		fmt.Sprintf("within %.0f minutes, straight", limit.UploadLife.Minutes()), fmt.Sprintf("about %d MB together", limit.MailOutFileBytes>>20),
		fmt.Sprintf("at most %d MB can be sent", limit.MailOutBytes>>20), fmt.Sprintf("at most %d bytes.", limit.FileNameBytes), "Hold it for ten seconds",
		fmt.Sprintf("At most %d KiB", limit.SignatureBytes>>10), fmt.Sprintf("At most %d characters", limit.SubjectRunes), fmt.Sprintf("The newest %d, to the minute", limit.DraftPage), fmt.Sprintf("Newest first, at most %d.", limit.QuarantinePage),
	} {
		if !strings.Contains(spec, want) {
			t.Errorf("nothing says %q", want)
		}
	}
}

// Every operation that is not open to anybody refuses a request without a token.
func TestEveryOperationNeedsAToken(t *testing.T) {
	w := newWorld(t)
	var spec struct {
		Paths map[string]map[string]struct{ Security []any }
	}
	w.call(call{method: "GET", path: "/api/openapi.json"}).into(200, &spec)
	var public []string
	for path, methods := range spec.Paths {
		concrete := strings.NewReplacer("{thread}", "t1", "{inbox}", "i1", "{seq}", "1", "{n}", "0", "{id}", "q1").Replace(path)
		for method, o := range methods {
			if len(o.Security) == 0 {
				public = append(public, strings.ToUpper(method)+" "+path)
				continue
			}
			a := w.call(call{method: strings.ToUpper(method), path: concrete, body: `{}`})
			if a.refused(401, fault.Denied); a.headers["www-authenticate"] != "Bearer" {
				t.Errorf("%s %s without WWW-Authenticate", method, path)
			}
		}
	}
	slices.Sort(public)
	want := []string{"DELETE /api/session", "GET /api/config", "POST /api/session", "POST /api/session/refresh"}
	if d := cmp.Diff(want, public); d != "" {
		t.Errorf("open to anybody (-want +got):\n%s", d)
	}
	if len(spec.Paths) < 20 {
		t.Errorf("only %d paths", len(spec.Paths))
	}
}

func TestSecurityHeaders(t *testing.T) {
	w := newWorld(t)
	for _, a := range []answer{w.mara("GET", "/api/me", ""), w.mara("GET", "/api/nowhere", ""), w.call(call{method: "GET", path: "/api/config"}), w.mara("PATCH", "/api/me", "")} {
		for name, want := range map[string]string{
			"cache-control": "no-store", "x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
			"referrer-policy": "no-referrer", "cross-origin-resource-policy": "same-origin",
		} {
			if a.headers[name] != want {
				t.Errorf("status %d: %s is %q", a.status, name, a.headers[name])
			}
		}
	}
}

func TestErrorsAreProblems(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	key := []string{"Idempotency-Key", "k1"}
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		code               fault.Code
	}{
		"unknown path":              {"GET", "/api/nowhere", "", nil, 404, fault.NotFound},
		"wrong method":              {"PATCH", "/api/me", "", nil, 405, fault.Invalid},
		"unknown thread":            {"GET", "/api/threads/nope", "", nil, 404, fault.NotFound},
		"thread id too long":        {"GET", "/api/threads/" + strings.Repeat("x", 65), "", nil, 422, fault.Invalid},
		"unknown inbox":             {"GET", "/api/inboxes/nope/threads", "", nil, 404, fault.NotFound},
		"counts of unknown inbox":   {"GET", "/api/inboxes/nope/counts", "", nil, 404, fault.NotFound},
		"unknown view":              {"GET", "/api/inboxes/" + w.inbox + "/threads?view=nonsense", "", nil, 422, fault.Invalid},
		"limit no number":           {"GET", "/api/inboxes/" + w.inbox + "/threads?limit=x", "", nil, 422, fault.Invalid},
		"limit below zero":          {"GET", "/api/inboxes/" + w.inbox + "/threads?limit=-1", "", nil, 422, fault.Invalid},
		"cursor of nothing":         {"GET", "/api/inboxes/" + w.inbox + "/threads?cursor=%21%21", "", nil, 422, fault.Invalid},
		"entries of unknown thread": {"GET", "/api/threads/nope/entries", "", nil, 404, fault.NotFound},
		"entry beyond the end":      {"GET", "/api/threads/t1/entries/99/body", "", nil, 404, fault.NotFound},
		"entry zero":                {"GET", "/api/threads/t1/entries/0/body", "", nil, 422, fault.Invalid},
		"body of an opening":        {"GET", "/api/threads/t1/entries/1/body", "", nil, 404, fault.NotFound},
		"raw of an opening":         {"GET", "/api/threads/t1/entries/1/raw", "", nil, 404, fault.NotFound},
		"no such attachment":        {"GET", "/api/threads/t1/entries/2/attachments/0", "", nil, 404, fault.NotFound},
		"malformed JSON":            {"POST", "/api/threads/t1/comments", `{"text":`, key, 400, fault.Invalid},
		"no body":                   {"POST", "/api/threads/t1/comments", ``, key, 400, fault.Invalid},
		"not JSON":                  {"POST", "/api/threads/t1/comments", `text=x`, append(key, "Content-Type", "application/x-www-form-urlencoded"), 415, fault.Invalid},
		"no text":                   {"POST", "/api/threads/t1/comments", `{}`, key, 422, fault.Invalid},
		"text of another type":      {"POST", "/api/threads/t1/comments", `{"text":7}`, key, 422, fault.Invalid},
		"unknown member":            {"POST", "/api/threads/t1/comments", `{"text":"x","colour":"red"}`, key, 422, fault.Invalid},
		"blank text":                {"POST", "/api/threads/t1/comments", `{"text":" \n"}`, key, 422, fault.Invalid},
		"no idempotency key":        {"POST", "/api/threads/t1/comments", `{"text":"x"}`, nil, 422, fault.Invalid},
		"idempotency key too long":  {"POST", "/api/threads/t1/comments", `{"text":"x"}`, []string{"Idempotency-Key", strings.Repeat("k", 201)}, 422, fault.Invalid},
		"comment on nothing":        {"POST", "/api/threads/nope/comments", `{"text":"x"}`, key, 404, fault.NotFound},
		"long comment on nothing":   {"POST", "/api/threads/nope/comments", `{"text":"` + strings.Repeat("x", 3000) + `"}`, key, 404, fault.NotFound},
		"text too long":             {"POST", "/api/threads/t1/comments", `{"text":"` + strings.Repeat("x", 1<<20+1) + `"}`, key, 422, fault.Invalid},
		"reply to nothing":          {"POST", "/api/threads/nope/messages", `{"text":"x"}`, key, 404, fault.NotFound},
		"blank reply":               {"POST", "/api/threads/t1/messages", `{"text":" "}`, key, 422, fault.Invalid},
		"reply to no address":       {"POST", "/api/threads/t1/messages", `{"text":"x","to":[{"email":"lena"}]}`, key, 422, fault.Invalid},
		"reply with bad cc":         {"POST", "/api/threads/t1/messages", `{"text":"x","cc":[{"email":"a@b@c"}]}`, key, 422, fault.Invalid},
		"reply to ourselves":        {"POST", "/api/threads/t1/messages", `{"text":"x","to":[{"email":"support@parley.example"}]}`, key, 422, fault.Invalid},
		"reply to a reply address":  {"POST", "/api/threads/t1/messages", `{"text":"x","cc":[{"email":"c+t1.abc@parley.example"}]}`, key, 422, fault.Invalid},
		"name with a control":       {"POST", "/api/threads/t1/messages", `{"text":"x","to":[{"email":"a@b.example","name":"a\u0000b"}]}`, key, 422, fault.Invalid},
		"too many recipients":       {"POST", "/api/threads/t1/messages", `{"text":"x","to":[` + many(30, "a") + `],"cc":[` + many(30, "b") + `]}`, key, 422, fault.Invalid},
		"assign to a stranger":      {"PUT", "/api/threads/t1/assignee", `{"agent":"nobody"}`, nil, 422, fault.Invalid},
		"assign nothing":            {"PUT", "/api/threads/nope/assignee", `{"agent":""}`, nil, 404, fault.NotFound},
		"unknown status":            {"PUT", "/api/threads/t1/status", `{"status":"snoozed"}`, nil, 422, fault.Invalid},
		"status of nothing":         {"PUT", "/api/threads/nope/status", `{"status":"closed"}`, nil, 404, fault.NotFound},
		"status, stale":             {"PUT", "/api/threads/t1/status", `{"status":"closed"}`, []string{"If-Match", `"1"`}, 412, fault.Conflict},
		"status, weak tag":          {"PUT", "/api/threads/t1/status", `{"status":"closed"}`, []string{"If-Match", `W/"2"`}, 412, fault.Conflict},
		"assignee, stale":           {"PUT", "/api/threads/t1/assignee", `{"agent":""}`, []string{"If-Match", `"1"`}, 412, fault.Conflict},
		"read of nothing":           {"PUT", "/api/threads/nope/read", `{"seq":1}`, nil, 404, fault.NotFound},
		"read below zero":           {"PUT", "/api/threads/t1/read", `{"seq":-1}`, nil, 422, fault.Invalid},
		"no such quarantined mail":  {"GET", "/api/quarantine/nope/raw", "", nil, 404, fault.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			p := w.mara(c.method, c.path, c.body, c.headers...).refused(c.status, c.code)
			if strings.Contains(p.Detail, "store:") || strings.Contains(p.Detail, "fault") {
				t.Errorf("detail tells internals: %s", p.Detail)
			}
		})
	}
	if head, _ := w.store.Threads.Head(ctx, "t1"); head.Seq != 2 {
		t.Errorf("refused requests left %d entries", head.Seq)
	}
	if len(w.files.objs) != 0 {
		t.Errorf("refused requests left objects: %v", slices.Collect(maps.Keys(w.files.objs)))
	}
}

func many(n int, name string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = `{"email":"` + name + string(rune('a'+i%26)) + string(rune('a'+i/26)) + `@x.example"}`
	}
	return strings.Join(list, ",")
}

// An internal error tells the caller nothing of the inside and the log everything.
func TestInternalErrors(t *testing.T) {
	w := newWorld(t)
	var log bytes.Buffer
	c := w.cloud(slog.New(slog.NewJSONHandler(&log, nil)))
	c.Table = broken{}
	var err error
	if w.handler, err = c.Build(agentapi.New); err != nil {
		t.Fatal(err)
	}
	p := w.mara("GET", "/api/me", "").refused(500, fault.Internal)
	if strings.Contains(p.Detail, "disk") || !strings.Contains(log.String(), "disk on fire") || !strings.Contains(log.String(), p.RequestID) {
		t.Errorf("detail %q, log %s", p.Detail, log.String())
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(env)), c.EnvRead()); d != "" {
		t.Errorf("environment (-set +read):\n%s", d)
	}
	c.Table = busy{}
	if w.handler, err = c.Build(agentapi.New); err != nil {
		t.Fatal(err)
	}
	a := w.mara("GET", "/api/me", "")
	if a.refused(503, fault.Busy); a.headers["retry-after"] != "1" {
		t.Errorf("no Retry-After: %v", a.headers)
	}
	c.Table = panics{}
	if w.handler, err = c.Build(agentapi.New); err != nil {
		t.Fatal(err)
	}
	log.Reset()
	if w.mara("GET", "/api/me", "").refused(500, fault.Internal); !strings.Contains(log.String(), "out of its mind") {
		t.Errorf("a panic was not logged: %s", log.String())
	}
}

func TestMissingEnvironmentIsNamed(t *testing.T) {
	w := newWorld(t)
	c := w.cloud(nil, "PARLEY_ORIGIN")
	if _, err := c.Build(agentapi.New); err == nil || !strings.Contains(err.Error(), "PARLEY_ORIGIN") {
		t.Errorf("built without PARLEY_ORIGIN: %v", err)
	}
}

func TestUsers(t *testing.T) {
	w := newWorld(t)
	t.Run("a program's token with an address creates its user", func(t *testing.T) {
		var me store.User
		w.call(call{method: "GET", path: "/api/me", user: "mara"}).into(200, &me)
		if want := (store.User{ID: "mara", Name: "Mara Lind", Email: "mara@parley.example", Role: "admin"}); me != want {
			t.Errorf("me %+v", me)
		}
		w.call(call{method: "GET", path: "/api/me", user: "ivo"}).into(200, &me)
		if want := (store.User{ID: "ivo", Name: "Ivo", Email: "ivo@parley.example", Role: "agent"}); me != want {
			t.Errorf("me %+v", me)
		}
	})
	t.Run("one without has to sign in first", func(t *testing.T) {
		a := w.call(call{method: "GET", path: "/api/me", claims: map[string]string{"sub": "u9"}})
		if p := a.refused(403, fault.Denied); !strings.Contains(p.Detail, "sign in") || a.headers["www-authenticate"] != "" {
			t.Errorf("detail %q, headers %v", p.Detail, a.headers)
		}
	})
	t.Run("the role stays the workspace's own", func(t *testing.T) {
		var me store.User
		w.call(call{method: "GET", path: "/api/me", claims: map[string]string{"sub": "ivo", "email": "ivo@parley.example", "cognito:groups": "[admins]"}}).into(200, &me)
		if me.Role != "agent" {
			t.Errorf("role %s", me.Role)
		}
	})
	t.Run("a token without a subject", func(t *testing.T) {
		w.call(call{method: "GET", path: "/api/me", claims: map[string]string{"email": "x@y.example"}}).refused(401, fault.Denied)
	})
	var all struct{ Users []store.User }
	w.mara("GET", "/api/users", "").into(200, &all)
	if len(all.Users) != 2 || all.Users[0].ID != "ivo" {
		t.Errorf("users %+v", all.Users)
	}
}

var errFire = errors.New("disk on fire")
