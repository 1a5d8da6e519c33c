package agentapi_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

// directory is an identity.Directory in memory: the sub is the address before the @.
type directory struct {
	subs  map[string]string
	calls []string
	down  error
}

func (d *directory) Invite(_ context.Context, email, name string) (string, error) {
	d.calls = append(d.calls, "invite "+email+" "+name)
	sub, _, _ := strings.Cut(email, "@")
	d.subs[email] = sub
	return sub, d.down
}

func (d *directory) Disable(_ context.Context, sub string) error {
	d.calls = append(d.calls, "disable "+sub)
	return d.down
}

func (d *directory) Enable(_ context.Context, sub string) error {
	d.calls = append(d.calls, "enable "+sub)
	return d.down
}

const noah = `{"email":" Noah@parley.example","name":" Noah  Berg ","role":"agent"}`

func (w *world) users() []store.User {
	w.Helper()
	var got struct{ Users []store.User }
	w.mara("GET", "/api/users", "").into(200, &got)
	return got.Users
}

func TestInvite(t *testing.T) {
	w := newWorld(t)
	want := store.User{ID: "noah", Name: "Noah Berg", Email: "noah@parley.example", Role: "agent"}
	for range 2 { // an address invited twice is invited once
		var got store.User
		if w.mara("POST", "/api/users", noah).into(200, &got); got != want {
			t.Errorf("%+v", got)
		}
	}
	var got store.User
	w.mara("POST", "/api/users", `{"email":"noah@parley.example","name":"Other","role":"admin"}`).into(200, &got)
	if got != want {
		t.Errorf("inviting again changed somebody: %+v", got)
	}
	if w.people.calls[0] != "invite noah@parley.example Noah Berg" {
		t.Errorf("%q", w.people.calls)
	}
	w.mara("POST", "/api/users", `{"email":"ida@parley.example","role":"admin"}`).into(200, &got)
	if got != (store.User{ID: "ida", Name: "ida", Email: "ida@parley.example", Role: "admin"}) {
		t.Errorf("%+v", got)
	}
	if all := w.users(); len(all) != 3 || all[2] != want {
		t.Errorf("%+v", all)
	}
	// The one who was invited signs in and keeps the role, whatever the token's groups say.
	w.call(call{method: "GET", path: "/api/me", user: "noah"}).into(200, &got)
	if got != want {
		t.Errorf("%+v", got)
	}
}

func TestInviteRefusals(t *testing.T) {
	w := newWorld(t)
	w.call(call{method: "GET", path: "/api/me", user: "mara"}).into(200, nil)
	for name, c := range map[string]struct {
		user, body string
		status     int
		code       fault.Code
	}{
		"no address": {"mara", `{"email":"noah","role":"agent"}`, 422, fault.Invalid},
		"two":        {"mara", `{"email":"a@b.example, c@d.example","role":"agent"}`, 422, fault.Invalid},
		"no role":    {"mara", `{"email":"noah@parley.example"}`, 422, fault.Invalid},
		"odd role":   {"mara", `{"email":"noah@parley.example","role":"owner"}`, 422, fault.Invalid},
		"no admin":   {"jonas", noah, 403, fault.Denied},
		"nobody":     {"", noah, 401, fault.Denied},
	} {
		w.call(call{method: "POST", path: "/api/users", user: c.user, body: c.body}).refused(c.status, c.code)
		if len(w.people.calls) != 0 {
			t.Errorf("%s: %v", name, w.people.calls)
		}
	}
	w.people.down = fault.New(fault.Busy, "Not now.")
	w.mara("POST", "/api/users", noah).refused(503, fault.Busy)
	for _, u := range w.users() {
		if u.ID == "noah" {
			t.Error("known, but not invited")
		}
	}
}

func (w *world) access(user string, disabled string) answer {
	w.Helper()
	return w.mara("PUT", "/api/users/"+user+"/access", `{"disabled":`+disabled+`}`)
}

func TestDisable(t *testing.T) {
	w := newWorld(t)
	w.mara("POST", "/api/users", noah).into(200, nil)
	as := func(method, path, body string) answer {
		return w.call(call{method: method, path: path, user: "noah", body: body})
	}
	head := w.receive("t1")
	as("POST", "/api/ticket", "").into(200, nil)
	w.people.calls = nil
	for range 2 {
		var got store.User
		if w.access("noah", "true").into(200, &got); !got.Disabled || got.ID != "noah" {
			t.Errorf("%+v", got)
		}
	}
	for _, c := range [][2]string{{"GET", "/api/me"}, {"GET", "/api/users"}, {"GET", "/api/inboxes"}, {"POST", "/api/ticket"}, {"GET", "/api/threads/" + head.ID}} {
		if p := as(c[0], c[1], "").refused(403, fault.Denied); !strings.Contains(p.Detail, "disabled") {
			t.Errorf("%v: %s", c, p.Detail)
		}
	}
	if all := w.users(); len(all) != 2 || !all[1].Disabled || all[0].Disabled {
		t.Errorf("%+v", all)
	}
	p := w.mara("PUT", "/api/threads/"+head.ID+"/assignee", `{"agent":"noah"}`).refused(422, fault.Invalid)
	if !strings.Contains(p.Detail, "Noah Berg") {
		t.Error(p.Detail)
	}
	w.access("noah", "false").into(200, nil)
	as("GET", "/api/me", "").into(200, nil)
	w.mara("PUT", "/api/threads/"+head.ID+"/assignee", `{"agent":"noah"}`).into(200, nil)
	if want := []string{"disable noah", "disable noah", "enable noah"}; !reflect.DeepEqual(w.people.calls, want) {
		t.Errorf("%v", w.people.calls)
	}
}

func TestAccessRefusals(t *testing.T) {
	w := newWorld(t)
	w.mara("POST", "/api/users", noah).into(200, nil)
	w.people.calls = nil
	w.call(call{method: "PUT", path: "/api/users/mara/access", user: "noah", body: `{"disabled":true}`}).refused(403, fault.Denied)
	if p := w.access("mara", "true").refused(422, fault.Invalid); !strings.Contains(p.Detail, "admin") {
		t.Error(p.Detail)
	}
	w.access("nobody", "true").refused(404, fault.NotFound)
	w.access("nobody", "false").refused(404, fault.NotFound)
	if len(w.people.calls) != 0 {
		t.Error(w.people.calls)
	}
	w.people.down = fault.New(fault.Busy, "Not now.")
	w.access("noah", "true").refused(503, fault.Busy) // the API refuses them already; asking again finishes it
	w.call(call{method: "GET", path: "/api/me", user: "noah"}).refused(403, fault.Denied)
	w.access("noah", "false").refused(503, fault.Busy)
	w.call(call{method: "GET", path: "/api/me", user: "noah"}).refused(403, fault.Denied)
}

// A disabled user's cookie is worth nothing, even if the issuer should still take it.
func TestDisabledSession(t *testing.T) {
	w := newWorld(t)
	w.call(signIn("good", origin+"/callback")).into(200, nil)
	if _, err := w.store.Settings.Invited(ctx, events.Actor{ID: "a1"}, store.User{ID: "ida", Email: "ida@parley.example", Role: inbox.Admin}); err != nil {
		t.Fatal(err)
	}
	w.call(call{method: "PUT", path: "/api/users/mara/access", user: "ida", body: `{"disabled":true}`}).into(200, nil)
	a := w.call(call{method: "POST", path: "/api/session/refresh", headers: map[string]string{"X-Parley": "1"}, cookies: []string{"parley_refresh=r+1%2B%2F%3D"}})
	if a.refused(403, fault.Denied); len(a.cookies) != 1 || !strings.Contains(a.cookies[0], "Max-Age=0") {
		t.Errorf("cookies %q", a.cookies)
	}
	w.call(signIn("good", origin+"/callback")).refused(403, fault.Denied)
}

// Devices are one's own, and nobody is told anything on those of a user whose access has ended.
func TestDevices(t *testing.T) {
	w := newWorld(t)
	w.mara("POST", "/api/users", noah).into(200, nil)
	const device = `{"name":"Phone","endpoint":"https://push.example/1","p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}`
	type answer struct {
		Key     string
		Devices []struct{ ID, Name, Endpoint string }
	}
	of := func(user string) (got answer) {
		w.call(call{method: "GET", path: "/api/me/push", user: user}).into(200, &got)
		return got
	}
	w.call(call{method: "POST", path: "/api/me/push", user: "noah", body: device}).into(200, nil)
	w.call(call{method: "POST", path: "/api/me/push", user: "noah", body: device}).into(200, nil)
	his := of("noah")
	if len(his.Devices) != 1 || his.Devices[0].Name != "Phone" || his.Devices[0].Endpoint != "" || len(his.Key) != 87 {
		t.Fatalf("%+v", his)
	}
	for _, bad := range []string{strings.Replace(device, "https:", "http:", 1), strings.Replace(device, "BTBZ", "", 1), strings.Replace(device, "BCVx", "AAAA", 1), strings.Replace(device, "Phone", " ", 1)} {
		w.call(call{method: "POST", path: "/api/me/push", user: "noah", body: bad}).refused(422, fault.Invalid)
	}
	if hers := of("mara"); len(hers.Devices) != 0 || hers.Key != his.Key {
		t.Errorf("%+v", hers)
	}
	w.mara("DELETE", "/api/me/push/"+his.Devices[0].ID, "").into(204, nil)
	if len(of("noah").Devices) != 1 {
		t.Error("somebody else took it away")
	}
	w.call(call{method: "DELETE", path: "/api/me/push/" + his.Devices[0].ID, user: "noah"}).into(204, nil)
	if len(of("noah").Devices) != 0 {
		t.Error("it is still there")
	}
	w.call(call{method: "POST", path: "/api/me/push", user: "noah", body: device}).into(200, nil)
	w.mara("PUT", "/api/users/noah/access", `{"disabled":true}`).into(200, nil)
	if left, err := w.store.Devices.Of(ctx, "noah"); err != nil || len(left) != 0 {
		t.Errorf("%+v %v", left, err)
	}
}
