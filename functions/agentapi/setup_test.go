package agentapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/notice"
	"parley/shared/store"
)

// The first-run guide knows what is done, from what is there.
func TestSetup(t *testing.T) {
	w := newWorld(t)
	type steps struct {
		Named, Email, Chat, Installed, Hours bool
		Address                              string
		People                               int
	}
	look := func() (s steps) {
		t.Helper()
		w.later += 11 * time.Second
		w.mara("GET", "/api/setup", "").into(200, &s)
		return s
	}
	if got := look(); got != (steps{Address: "support@parley.example", People: 1}) {
		t.Errorf("%+v", got)
	}
	w.mara("PUT", "/api/workspace", `{"name":"Kiln","zone":"Europe/London","language":"de"}`).into(200, nil)
	w.mara("POST", "/api/users", noah).into(200, nil)
	w.mara("POST", "/api/chats", `{"inbox":"`+w.inbox+`","name":"Kiln","origin":"https://kiln.example"}`).into(201, nil)
	w.connect("hosted", "hello@parley.example", "Kiln").into(201, nil)
	var h struct{ ID string }
	w.mara("POST", "/api/hours", `{"name":"Shop","zone":"Europe/London","week":[]}`).into(201, &h)
	w.mara("PUT", "/api/inboxes/"+w.inbox+"/hours", `{"hours":"`+h.ID+`"}`).into(200, nil)
	if got := look(); got != (steps{Named: true, Email: true, Chat: true, Hours: true, Address: "support@parley.example", People: 2}) {
		t.Errorf("%+v", got)
	}
}

// Everybody's notices and preferences are their own.
func TestNotices(t *testing.T) {
	w := newWorld(t)
	w.hire("ada")
	for i := range 3 {
		if _, err := w.store.Notices.Tell(ctx, store.Notice{ID: fmt.Sprint("e", i), User: "ada", Kind: notice.Reply, Thread: "t1", Seq: int64(i), At: time.Now().Add(time.Duration(i) * time.Second)}, true, false); err != nil {
			t.Fatal(err)
		}
	}
	type told struct {
		Notices []store.Notice
		Unseen  countOf
	}
	ada := func(method, path, body string) answer {
		return w.call(call{method: method, path: path, user: "ada", body: body})
	}
	var got told
	if ada("GET", "/api/notices", "").into(200, &got); len(got.Notices) != 3 || got.Notices[0].ID != "e2" || got.Unseen.Count != 3 {
		t.Fatalf("%+v", got)
	}
	ada("PUT", "/api/notices/seen", `{"at":"`+got.Notices[1].At.Format(time.RFC3339Nano)+`"}`).into(204, nil)
	if ada("GET", "/api/notices", "").into(200, &got); got.Unseen.Count != 1 {
		t.Errorf("%+v", got.Unseen)
	}
	var hers told
	if w.mara("GET", "/api/notices", "").into(200, &hers); len(hers.Notices) != 0 {
		t.Errorf("another's notices: %+v", hers)
	}
	var p notice.Prefs
	ada("GET", "/api/me/notifications", "").into(200, &p)
	if !p.Kinds[notice.Mention].Email || p.Kinds[notice.New].App || p.Quiet.On {
		t.Errorf("%+v", p)
	}
	body := `{"kinds":{"new":{"app":true,"browser":false,"push":false,"email":false}},"quiet":{"on":true,"from":"18:30","until":"08:00","days":[1,2,3],"zone":"Europe/London"},"text":false,"sound":true}`
	ada("PUT", "/api/me/notifications", body).into(200, &p)
	if !p.Kinds[notice.New].App || !p.Kinds[notice.Mention].Browser || !p.Quiet.On || p.Text {
		t.Errorf("%+v", p)
	}
	ada("PUT", "/api/me/notifications", strings.Replace(body, "Europe/London", "Mars", 1)).refused(422, fault.Invalid)
	ada("PUT", "/api/me/notifications", strings.Replace(body, `"new"`, `"party"`, 1)).refused(422, fault.Invalid)
}

func TestHandOver(t *testing.T) {
	w := newWorld(t)
	w.hire("ada", "ben")
	for i := range 12 {
		w.receive(fmt.Sprint("t", i))
		w.mara("PUT", fmt.Sprintf("/api/threads/t%d/assignee", i), `{"agent":"ada"}`).into(200, nil)
	}
	for _, bad := range []string{`{"kind":"agent","id":"ada"}`, `{"kind":"elsewhere"}`} {
		w.mara("POST", "/api/users/ada/handover", bad).refused(422, fault.Invalid)
	}
	w.mara("POST", "/api/users/ada/handover", `{"kind":"agent","id":"nobody"}`).refused(404, fault.NotFound)
	w.call(call{method: "POST", path: "/api/users/ada/handover", user: "ben", body: `{"kind":"nobody"}`}).refused(403, fault.Denied)
	var got struct {
		Moved int
		More  bool
	}
	w.mara("POST", "/api/users/ada/handover", `{"kind":"agent","id":"ben"}`).into(200, &got)
	if got.Moved != 10 || !got.More {
		t.Errorf("%+v", got)
	}
	left, err := w.store.Settings.Handovers(ctx)
	if err != nil || len(left) != 1 || left[0].To.Name != "Ben" {
		t.Errorf("%+v %v", left, err)
	}
	loads, err := w.store.Threads.Loads(ctx, "ada", "ben")
	if err != nil || loads["ben"].Weight() != 5 || loads["ada"].Weight() != 1 {
		t.Errorf("%+v %v", loads, err)
	}
}

func TestBulk(t *testing.T) {
	w := newWorld(t)
	w.hire("ada")
	var ids []string
	for i := range 5 {
		ids = append(ids, fmt.Sprintf("%q", fmt.Sprint("t", i)))
		w.receive(fmt.Sprint("t", i))
	}
	all := strings.Join(ids, ",")
	var got struct {
		Results []struct {
			Thread, Code string
			Head         *inbox.Summary
		}
	}
	for range 2 { // again changes nothing
		w.mara("POST", "/api/threads/bulk", `{"threads":[`+all+`],"change":{"agent":"ada","priority":"high","status":"closed","read":true}}`).into(200, &got)
		for _, r := range got.Results {
			if r.Head == nil || r.Head.Status != inbox.Closed || r.Head.Assignee.ID != "ada" || r.Head.Priority != inbox.High || r.Head.Seq != 5 {
				t.Errorf("%+v %+v", r, r.Head)
			}
		}
	}
	// What one cannot take is said of it, and the others are done.
	w.mara("PUT", "/api/threads/t0/status", `{"status":"open"}`).into(200, nil)
	w.mara("POST", "/api/threads/bulk", `{"threads":[`+all+`],"change":{"snooze":{}}}`).into(200, &got)
	if got.Results[0].Code != "" || got.Results[1].Code != "conflict" {
		t.Errorf("%+v", got.Results)
	}
	for _, bad := range []string{
		`{"threads":[` + all + `],"change":{}}`, `{"threads":[],"change":{"read":true}}`, `{"threads":["t0"],"change":{"agent":"nobody"}}`,
		`{"threads":[` + strings.TrimSuffix(strings.Repeat(`"x",`, 101), ",") + `],"change":{"read":true}}`,
	} {
		w.mara("POST", "/api/threads/bulk", bad).refused(422, fault.Invalid)
	}
}
