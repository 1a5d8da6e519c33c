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
