package store_test

import (
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
	"parley/shared/table/local"
)

func TestOneContactPerAddress(t *testing.T) {
	s, _ := openStore(t)
	ids := make([]string, 16)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			c, err := s.Contacts.ByEmail(ctx, "Lena@Shop.example ", "")
			if err != nil {
				t.Error(err)
			}
			ids[i] = c.ID
		})
	}
	wg.Wait()
	if len(slices.Compact(ids)) != 1 {
		t.Fatalf("contacts %v", ids)
	}
	c, err := s.Contacts.ByEmail(ctx, "lena@shop.example", "Lena Novak")
	if err != nil || c.ID != ids[0] || c.Name != "Lena Novak" {
		t.Errorf("learning a name: %+v, %v", c, err)
	}
	c, err = s.Contacts.ByEmail(ctx, "lena@shop.example", "Somebody Else")
	if err != nil || c.Name != "Lena Novak" {
		t.Errorf("mail overwrote a name: %+v, %v", c, err)
	}
	if got, err := s.Contacts.Get(ctx, c.ID); err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("get %+v, %v", got, err)
	}
	if _, err := s.Contacts.Get(ctx, "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("get nobody: %v", err)
	}
	if _, err := s.Contacts.ByEmail(ctx, "  ", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("no address: %v", err)
	}
}

func TestBirthHappensOnce(t *testing.T) {
	s, _ := openStore(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := s.Settings.Birth(ctx, "Parley.localhost"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	inboxes, err := s.Settings.Inboxes(ctx)
	if err != nil || len(inboxes) != 1 {
		t.Fatalf("inboxes %v, %v", inboxes, err)
	}
	a, err := s.Settings.AccountByAddress(ctx, "support@parley.localhost")
	if err != nil || a.Inbox != inboxes[0].ID {
		t.Errorf("account %+v, %v", a, err)
	}
	if _, err := s.Settings.AccountByAddress(ctx, "nobody@parley.localhost"); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such mailbox: %v", err)
	}
	if got, err := s.Settings.Account(ctx, a.ID); err != nil || got != a {
		t.Errorf("account by id %+v, %v", got, err)
	}
}

func TestSigningIn(t *testing.T) {
	s, _ := openStore(t)
	for _, c := range []struct {
		name, email string
		admin       bool
		want        store.User
	}{
		{"", "mara@team.example", true, store.User{ID: "s1", Name: "mara", Email: "mara@team.example", Role: inbox.Admin}},
		{"Mara Okafor", "mara@team.example", false, store.User{ID: "s1", Name: "Mara Okafor", Email: "mara@team.example", Role: inbox.Admin}},
		{"", "m@team.example", false, store.User{ID: "s1", Name: "Mara Okafor", Email: "m@team.example", Role: inbox.Admin}},
	} {
		if got, err := s.Settings.SignedIn(ctx, "s1", c.name, c.email, c.admin); err != nil || got != c.want {
			t.Errorf("signed in %+v, %v; want %+v", got, err, c.want)
		}
		if got, err := s.Settings.User(ctx, "s1"); err != nil || got != c.want {
			t.Errorf("read back %+v, %v; want %+v", got, err, c.want)
		}
	}
	if _, err := s.Settings.User(ctx, "s2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
}

func TestTicketsOpenOneSocket(t *testing.T) {
	s, c := openStore(t)
	me := store.Identity{Kind: "agent", ID: "u1", Name: "Mara"}
	ticket, err := s.Sockets.IssueTicket(ctx, me)
	if err != nil {
		t.Fatal(err)
	}
	won := make(chan store.Identity, 8)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if id, err := s.Sockets.UseTicket(ctx, ticket); err == nil {
				won <- id
			} else if !fault.Is(err, fault.Denied) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(won)
	var got []store.Identity
	for id := range won {
		got = append(got, id)
	}
	if len(got) != 1 || got[0] != me {
		t.Errorf("one ticket opened sockets for %v", got)
	}
	late, err := s.Sockets.IssueTicket(ctx, me)
	if err != nil {
		t.Fatal(err)
	}
	c.pass(limit.TicketLife + time.Second)
	for _, bad := range []string{late, "made-up", ""} {
		if _, err := s.Sockets.UseTicket(ctx, bad); !fault.Is(err, fault.Denied) {
			t.Errorf("ticket %q: %v", bad, err)
		}
	}
}

func TestWatching(t *testing.T) {
	s, _ := openStore(t)
	check := func(topic string, want ...string) {
		t.Helper()
		got, err := s.Sockets.Watchers(ctx, topic)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is watched by %v (%v), want %v", topic, got, err, want)
		}
	}
	for _, conn := range []string{"a", "b"} {
		if err := s.Sockets.Connect(ctx, conn, store.Identity{Kind: "agent", ID: "u-" + conn}); err != nil {
			t.Fatal(err)
		}
		if err := s.Sockets.Watch(ctx, conn, "inbox:1", "thread:"+conn); err != nil {
			t.Fatal(err)
		}
	}
	check("inbox:1", "a", "b")
	check("thread:b", "b")
	if err := s.Sockets.Unwatch(ctx, "a", "inbox:1", "thread:never"); err != nil {
		t.Fatal(err)
	}
	check("inbox:1", "b")
	for range 2 {
		if err := s.Sockets.Disconnect(ctx, "b"); err != nil {
			t.Fatal(err)
		}
	}
	check("inbox:1")
	check("thread:b")
	check("thread:a", "a")
	if err := s.Sockets.Watch(ctx, "b", "inbox:1"); !fault.Is(err, fault.Gone) {
		t.Errorf("a closed connection watches: %v", err)
	}
	many := make([]string, limit.WatchedTopics+1)
	for i := range many {
		many[i] = "thread:" + string(rune('A'+i))
	}
	if err := s.Sockets.Watch(ctx, "a", many...); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many topics: %v", err)
	}
	if err := s.Sockets.NotePushed(ctx, "t1", 4); err != nil {
		t.Fatal(err)
	}
	if seq, err := s.Sockets.Pushed(ctx, "t1"); err != nil || seq != 4 {
		t.Errorf("pushed %d, %v", seq, err)
	}
}

func TestInvited(t *testing.T) {
	s, _ := openStore(t)
	first := store.User{ID: "u1", Email: "noah@parley.example", Role: inbox.Admin}
	u, err := s.Settings.Invited(ctx, events.Actor{ID: "a1"}, first)
	if first.Name = "noah"; err != nil || u != first {
		t.Fatalf("%+v %v", u, err)
	}
	u, err = s.Settings.Invited(ctx, events.Actor{ID: "a1"}, store.User{ID: "u1", Email: "other@parley.example", Name: "Other", Role: inbox.Agent})
	if err != nil || u != first {
		t.Errorf("invited again: %+v %v", u, err)
	}
	u, err = s.Settings.SignedIn(ctx, "u1", "Noah Berg", "noah@parley.example", false)
	if first.Name = "Noah Berg"; err != nil || u != first {
		t.Errorf("signed in: %+v %v", u, err)
	}
}

func TestSetAccess(t *testing.T) {
	s, _ := openStore(t)
	for _, u := range []store.User{{ID: "a1", Role: inbox.Admin}, {ID: "a2", Role: inbox.Admin}, {ID: "u1", Role: inbox.Agent}} {
		if _, err := s.Settings.Invited(ctx, events.Actor{ID: "a1"}, u); err != nil {
			t.Fatal(err)
		}
	}
	u, err := s.Settings.SetAccess(ctx, events.Actor{ID: "a1"}, "u1", true)
	if err != nil || !u.Disabled {
		t.Fatalf("%+v %v", u, err)
	}
	if u, err = s.Settings.SignedIn(ctx, "u1", "New Name", "u1@parley.example", true); err != nil || !u.Disabled || u.Role != inbox.Agent {
		t.Errorf("a sign-in let somebody in: %+v %v", u, err)
	}
	if u, err = s.Settings.SetAccess(ctx, events.Actor{ID: "a1"}, "u1", false); err != nil || u.Disabled || u.Name != "New Name" {
		t.Errorf("%+v %v", u, err)
	}
	for _, c := range []struct {
		by, id string
		code   fault.Code
	}{{"a1", "a1", fault.Invalid}, {"u1", "a1", fault.Denied}, {"nobody", "a1", fault.Denied}, {"a1", "nobody", fault.NotFound}} {
		if _, err := s.Settings.SetAccess(ctx, events.Actor{ID: c.by}, c.id, true); !fault.Is(err, c.code) {
			t.Errorf("%s by %s: %v, want %s", c.id, c.by, err, c.code)
		}
	}
}

// Two admins who disable each other at once: one of them stays.
func TestTheLastAdminStays(t *testing.T) {
	for range 10 {
		s, _ := openStore(t)
		for _, id := range []string{"a1", "a2"} {
			if _, err := s.Settings.Invited(ctx, events.Actor{ID: "a1"}, store.User{ID: id, Role: inbox.Admin}); err != nil {
				t.Fatal(err)
			}
		}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, pair := range [][2]string{{"a1", "a2"}, {"a2", "a1"}} {
			wg.Go(func() { _, errs[i] = s.Settings.SetAccess(ctx, events.Actor{ID: pair[0]}, pair[1], true) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || !fault.Is(errs[0], fault.Denied) && !fault.Is(errs[1], fault.Denied) {
			t.Fatalf("%v, %v", errs[0], errs[1])
		}
	}
}

// Somebody who came by way of another process is known at once.
func TestANewcomerIsKnownAtOnce(t *testing.T) {
	db, err := local.Open(t.TempDir(), schemas)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s, other := store.Open(db, names, time.Now, host.NewID), store.Open(db, names, time.Now, host.NewID)
	if _, err := s.Settings.Users(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Settings.Invited(ctx, events.Actor{ID: "a1"}, store.User{ID: "u1", Name: "Noah", Role: inbox.Agent}); err != nil {
		t.Fatal(err)
	}
	if u, err := s.Settings.User(ctx, "u1"); err != nil || u.Name != "Noah" {
		t.Errorf("%+v %v", u, err)
	}
	if _, err := s.Settings.User(ctx, "u2"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}
