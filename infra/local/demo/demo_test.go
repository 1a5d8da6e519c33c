package main

import (
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/infra/local/run"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/store"
)

// A month, smaller: it opens in the product, its views hold something, every place in a text was filled, nothing waits to be mailed or routed,
// and the same seed says the same things.
func TestAMonth(t *testing.T) {
	var said [2][]string
	for i := range said {
		dir := filepath.Join(t.TempDir(), "demo")
		if err := fill(dir, 300, 7); err != nil {
			t.Fatal(err)
		}
		if err := fill(dir, 300, 8); err != nil { // what is there stays
			t.Fatal(err)
		}
		db, err := tables(dir)
		if err != nil {
			t.Fatal(err)
		}
		s := store.Open(db, store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings"}, time.Now, host.NewID)
		boxes, err := s.Settings.Inboxes(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []store.View{store.ViewOpen, store.ViewClosed, store.ViewSpam, store.ViewFiltered, store.ViewSnoozed} {
			for cursor := ""; ; {
				heads, next, err := s.Threads.View(ctx, store.ViewQuery{Inbox: boxes[0].ID, View: v, Limit: 100, Cursor: cursor})
				if err != nil || cursor == "" && len(heads) == 0 {
					t.Fatalf("%s: %d %v", v, len(heads), err)
				}
				for _, h := range heads {
					said[i] = append(said[i], h.Subject+"|"+h.Preview+"|"+string(h.Status))
				}
				if cursor = next; next == "" {
					break
				}
			}
		}
		for _, text := range said[i] {
			if strings.ContainsAny(text, "{}") {
				t.Errorf("not filled: %s", text)
			}
		}
		if jobs, err := s.Outbox.Due(ctx, 100); err != nil || len(jobs) != 0 {
			t.Errorf("%d mails would go out, %v", len(jobs), err)
		}
		if n, _, err := s.Assignments.Waiting(ctx); err != nil || n != 0 {
			t.Errorf("%d threads wait for an owner, %v", n, err)
		}
		users, err := s.Settings.Users(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range users {
			loads, err := s.Threads.Loads(ctx, u.ID)
			if err != nil || u.Role == inbox.Viewer && loads[u.ID].Weight() != 0 {
				t.Errorf("%s holds %g, %v", u.Name, loads[u.ID].Weight(), err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		p, err := run.Start(run.Config{DataDir: dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Close(ctx); err != nil {
			t.Fatal(err)
		}
		slices.Sort(said[i])
	}
	same := 0
	for _, text := range said[0] {
		if slices.Contains(said[1], text) {
			same++
		}
	}
	if len(said[0]) != len(said[1]) || same < len(said[0])*9/10 { // what is young depends on the hour
		t.Errorf("%d and %d threads, %d the same", len(said[0]), len(said[1]), same)
	}
}
