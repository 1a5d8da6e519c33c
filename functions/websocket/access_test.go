package websocket_test

import (
	"slices"
	"testing"

	"parley/events"
	"parley/shared/inbox"
	"parley/shared/live"
	"parley/shared/store"
)

// Who does not see an inbox hears nothing of it, nor of its threads; who was disabled hears nothing at all, and nobody of what is another's.
func TestWhoMayWatchWhat(t *testing.T) {
	w := newWorld(t)
	by := events.Actor{Kind: events.Agent, ID: "mara"}
	box, account, err := w.store.Settings.NewInbox(ctx, by, "Staff matters", "parley.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Settings.ChangeInbox(ctx, by, box.ID, "members", func(in inbox.Inbox) (inbox.Inbox, error) {
		return in.With(inbox.Members{Users: []string{"mara"}})
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Threads.Do(ctx, "t9", "", func(h inbox.Thread) (inbox.Decision, error) {
		c := events.Contact{ID: "c1"}
		return h.Open(events.ThreadOpened{Inbox: box.ID, Account: account.ID, Channel: "email", Contact: c}, events.MessageReceived{Message: "m", Contact: c})
	}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"mara", "jo", "vi"} {
		w.as(id, store.Identity{Kind: "agent", ID: id})
	}
	for _, c := range []struct {
		who, topics string
		want        string // of the first frame
	}{
		{"mara", `"inbox:` + box.ID + `","thread:t9"`, "watching"},
		{"vi", `"thread:t9"`, "watching"}, // a viewer sees every inbox
		{"jo", `"thread:t9"`, "error"},
		{"jo", `"inbox:` + box.ID + `"`, "error"},
		{"jo", `"me"`, "watching"},
		{"jo", `"user:mara"`, "error"},
	} {
		if got := w.on(c.who, `{"action":"watch","topics":[`+c.topics+`]}`); len(got) == 0 || got[0].T != c.want {
			t.Errorf("%s watches %s: %+v", c.who, c.topics, got)
		}
	}
	if conns, _ := w.store.Sockets.Watchers(ctx, live.ThreadTopic("t9")); len(conns) != 2 {
		t.Errorf("watched by %v", conns)
	}
	if conns, _ := w.store.Sockets.Watchers(ctx, live.UserTopic("jo")); len(conns) != 1 {
		t.Errorf("watched by %v", conns)
	}
	// Who only looks types nothing.
	w.on("vi", `{"action":"typing","thread":"t9"}`)
	if got := w.push.takeOf(w, "mara"); slices.ContainsFunc(got, func(f live.Frame) bool { return f.T == "typing" }) {
		t.Errorf("%+v", got)
	}
	if _, err := w.store.Settings.SetAccess(ctx, by, "jo", true); err != nil {
		t.Fatal(err)
	}
	w.at = w.at.Add(20_000_000_000) // as long as a process trusts its copy
	if got := w.on("jo", `{"action":"watch","topics":["me"]}`); len(got) != 1 || got[0].T != "error" {
		t.Errorf("%+v", got)
	}
}

// Who loses access while a socket is open hears nothing more on it: neither one of a disabled user's, nor of an inbox that somebody was taken out of,
// nor of a thread that moved to where they do not look.
func TestLostAccessEndsWhatAnOpenSocketHears(t *testing.T) {
	w := newWorld(t)
	by := events.Actor{Kind: events.Agent, ID: "mara"}
	if _, err := w.store.Settings.Invited(ctx, by, store.User{ID: "ivo", Name: "Ivo", Role: inbox.Agent}); err != nil {
		t.Fatal(err)
	}
	box, account, err := w.store.Settings.NewInbox(ctx, by, "Staff matters", "parley.example")
	if err != nil {
		t.Fatal(err)
	}
	members := func(users ...string) {
		t.Helper()
		if _, err := w.store.Settings.ChangeInbox(ctx, by, box.ID, "members", func(in inbox.Inbox) (inbox.Inbox, error) {
			return in.With(inbox.Members{Users: users})
		}); err != nil {
			t.Fatal(err)
		}
		w.at = w.at.Add(20_000_000_000) // as long as a process trusts its copy
	}
	members("mara", "jo", "ivo")
	c, err := w.store.Threads.Do(ctx, "t9", "", func(h inbox.Thread) (inbox.Decision, error) {
		c := events.Contact{ID: "c1"}
		return h.Open(events.ThreadOpened{Inbox: box.ID, Account: account.ID, Channel: "email", Contact: c}, events.MessageReceived{Message: "m", Contact: c})
	})
	if err != nil {
		t.Fatal(err)
	}
	everybody := []string{"mara", "jo", "ivo", "vi"}
	for _, id := range everybody {
		w.as(id, store.Identity{Kind: "agent", ID: id})
		w.on(id, `{"action":"watch","topics":["me","inbox:`+box.ID+`","thread:t9"]}`)
	}
	l := live.New(w.store, w.push)
	hear := func() map[string][]string {
		t.Helper()
		for _, id := range everybody {
			w.push.takeOf(w, id)
		}
		l.Committed(ctx, c)
		if err := l.Head(ctx, c.Thread); err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		for _, id := range everybody {
			for _, f := range w.push.takeOf(w, id) {
				got[id] = append(got[id], f.T+f.Code)
			}
		}
		return got
	}
	all := []string{"entries", "thread"}
	check := func(when string, got, want map[string][]string) {
		t.Helper()
		for _, id := range everybody {
			if !slices.Equal(got[id], want[id]) {
				t.Errorf("%s: %s hears %v, want %v", when, id, got[id], want[id])
			}
		}
	}
	check("all belong", hear(), map[string][]string{"mara": all, "jo": all, "ivo": all, "vi": all})
	members("mara", "ivo")
	lost := []string{"errornotfound", "errornotfound"}
	check("jo was taken out", hear(), map[string][]string{"mara": all, "jo": lost, "ivo": all, "vi": all})
	check("jo has been told", hear(), map[string][]string{"mara": all, "ivo": all, "vi": all})

	if _, err := w.store.Settings.SetAccess(ctx, by, "ivo", true); err != nil {
		t.Fatal(err)
	}
	w.at = w.at.Add(20_000_000_000)
	check("ivo was disabled", hear(), map[string][]string{"mara": all, "ivo": {"errordenied"}, "vi": all})
	if got := w.on("ivo", `{"action":"ping"}`); len(got) != 0 {
		t.Errorf("ivo's ping is answered: %+v", got)
	}
	if topics, _ := w.store.Sockets.Topics(ctx, "ivo"); len(topics) != 0 {
		t.Errorf("ivo watches %v", topics)
	}
	if err := l.End(ctx, "vi"); err != nil {
		t.Fatal(err)
	}
	check("vi's was ended at once", hear(), map[string][]string{"mara": all})

	c.Thread.Inbox = "elsewhere" // it moved
	mara := hear()
	check("mara sees all inboxes", mara, map[string][]string{"mara": mara["mara"]})
	if !slices.Contains(mara["mara"], "entries") {
		t.Errorf("mara hears %v", mara)
	}
}
