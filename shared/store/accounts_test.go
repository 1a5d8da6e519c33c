package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/shared/channel"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
	"parley/shared/table/local"
)

// born is a store with its first inbox.
func born(t *testing.T) (*store.Store, *clock, inbox.Account) {
	t.Helper()
	s, clk := openStore(t)
	if err := s.Settings.Birth(ctx, "mail.example"); err != nil {
		t.Fatal(err)
	}
	a, err := s.Settings.AccountByAddress(ctx, "support@mail.example")
	if err != nil || !a.Fallback || a.Way != inbox.Hosted || a.State != inbox.AccountActive || a.Revision != 1 {
		t.Fatalf("%+v %v", a, err)
	}
	return s, clk, a
}

func connection(inboxID, address string) inbox.Connection {
	return inbox.Connection{Inbox: inboxID, Name: "Kiln", Address: address, Way: inbox.Forwarded, ForwardTo: "hello-kiln@mail.example"}
}

func TestConnectAndChangeAnAccount(t *testing.T) {
	s, _, first := born(t)
	a, err := s.Settings.Connect(ctx, mara, connection(first.Inbox, "hello@kiln.example"))
	if err != nil || a.ID == "" || a.ForwardTo != "hello-kiln@mail.example" || a.ConnectedBy != "u1" || a.Revision != 1 {
		t.Fatalf("%+v %v", a, err)
	}
	if got, err := s.Settings.AccountByAddress(ctx, "hello-kiln@mail.example"); err != nil || got.ID != a.ID {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := s.Settings.AccountByAddress(ctx, "hello@kiln.example"); !fault.Is(err, fault.NotFound) {
		t.Errorf("mail to a mailbox elsewhere is not ours: %v", err)
	}
	for _, address := range []string{"hello@kiln.example", "hello-kiln@mail.example", "support@mail.example"} {
		if _, err := s.Settings.Connect(ctx, mara, connection(first.Inbox, address)); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s a second time: %v", address, err)
		}
	}
	if _, err := s.Settings.Connect(ctx, mara, connection("nowhere", "x@kiln.example")); !fault.Is(err, fault.Invalid) {
		t.Errorf("into no inbox: %v", err)
	}
	if b, err := s.Settings.Connect(ctx, mara, connection(first.Inbox, "other@kiln.example")); err != nil || b.ForwardTo != "hello-kiln-2@mail.example" {
		t.Errorf("a hosted address that is taken: %+v %v", b, err)
	}
	paused := inbox.AccountPaused
	pause := func(a inbox.Account) (inbox.Account, error) { return a.Edit(inbox.Edit{State: &paused}) }
	for range 2 { // the second one changes nothing
		if a, err = s.Settings.ChangeAccount(ctx, mara, a.ID, "paused", pause); err != nil || a.State != paused || a.Revision != 2 {
			t.Fatalf("%+v %v", a, err)
		}
	}
	if _, err := s.Settings.ChangeAccount(ctx, mara, "nobody", "paused", pause); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if a, err = s.Settings.ChangeAccount(ctx, mara, a.ID, "disconnected", inbox.Account.Disconnect); err != nil || a.State != inbox.AccountDisconnected {
		t.Fatalf("%+v %v", a, err)
	}
	if _, err := s.Settings.AccountByAddress(ctx, "hello-kiln@mail.example"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a disconnected account takes mail: %v", err)
	}
	c := connection(first.Inbox, "hello@kiln.example")
	c.ForwardTo = "something-else@mail.example"
	back, err := s.Settings.Connect(ctx, mara, c)
	if err != nil || back.ID != a.ID || back.State != inbox.AccountActive || back.ForwardTo != "hello-kiln@mail.example" || back.Revision != 4 {
		t.Errorf("%+v %v", back, err)
	}

	changes, _, err := s.Settings.Changes(ctx, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	var did []string
	for _, c := range changes {
		if c.By != mara || c.What != "account" || c.At.IsZero() || c.Of == "" {
			t.Errorf("%+v", c)
		}
		did = append(did, c.Did)
	}
	if got := strings.Join(did, " "); got != "connected disconnected paused connected connected" {
		t.Errorf("recorded, newest first: %s", got)
	}
	var before, after inbox.Account
	if err := json.Unmarshal(changes[1].Before, &before); err != nil || before.State != paused {
		t.Errorf("%s %v", changes[1].Before, err)
	}
	if err := json.Unmarshal(changes[1].After, &after); err != nil || after.State != inbox.AccountDisconnected || changes[4].Before != nil {
		t.Errorf("%s %s %v", changes[1].After, changes[4].Before, err)
	}
}

// Whoever is first has the address; the others are told.
// Whoever connects a mailbox writes to it at once: other processes know it without waiting for what they remember to grow old.
func TestANewAccountIsKnownAtOnce(t *testing.T) {
	db, err := local.Open(t.TempDir(), schemas)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s, other := store.Open(db, names, time.Now, host.NewID), store.Open(db, names, time.Now, host.NewID)
	if err := s.Settings.Birth(ctx, "mail.example"); err != nil {
		t.Fatal(err)
	}
	first, err := s.Settings.AccountByAddress(ctx, "support@mail.example") // and the accounts are remembered
	if err != nil {
		t.Fatal(err)
	}
	made, err := other.Settings.Connect(ctx, mara, connection(first.Inbox, "hello@kiln.example"))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := s.Settings.AccountByAddress(ctx, made.ForwardTo); err != nil || a.ID != made.ID {
		t.Errorf("%+v %v", a, err)
	}
	if _, err := s.Settings.Account(ctx, "nobody's"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestOneAddressOneAccount(t *testing.T) {
	s, _, first := born(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := map[string]bool{}
	for range 8 {
		wg.Go(func() {
			a, err := s.Settings.Connect(ctx, mara, connection(first.Inbox, "hello@kiln.example"))
			if err != nil && !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				won[a.ID] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	accounts, err := s.Settings.Accounts(ctx)
	if err != nil || len(accounts) != 2 || len(won) != 1 {
		t.Errorf("%d accounts, won by %v, %v", len(accounts), won, err)
	}
	hosted := map[string]bool{}
	for i := range 6 {
		wg.Go(func() {
			a, err := s.Settings.Connect(ctx, mara, connection(first.Inbox, fmt.Sprintf("t%d@kiln.example", i)))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if hosted[a.ForwardTo] {
				t.Errorf("%s twice", a.ForwardTo)
			}
			hosted[a.ForwardTo] = true
		})
	}
	wg.Wait()
}

// An inbox is born with an address that works.
func TestNewInbox(t *testing.T) {
	s, _, first := born(t)
	in, a, err := s.Settings.NewInbox(ctx, mara, "Größere Aufträge", "Mail.Example")
	if err != nil || a.Address != "grossere-auftrage@mail.example" || a.Inbox != in.ID || !a.Fallback {
		t.Fatalf("%+v %+v %v", in, a, err)
	}
	if got, err := s.Settings.Fallback(ctx, in.ID); err != nil || got != a.Settled() && got.ID != a.ID {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := s.Settings.Fallback(ctx, first.Inbox); err != nil || got.ID != first.ID {
		t.Errorf("%+v %v", got, err)
	}
	_, b, err := s.Settings.NewInbox(ctx, mara, "Support", "mail.example")
	if err != nil || b.Address != "support-2@mail.example" {
		t.Errorf("%+v %v", b, err)
	}
	if _, _, err := s.Settings.NewInbox(ctx, mara, " ", "mail.example"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	rename := func(name string) func(inbox.Inbox) (inbox.Inbox, error) {
		return func(in inbox.Inbox) (inbox.Inbox, error) { return in.Named(name) }
	}
	for range 2 {
		if in, err = s.Settings.ChangeInbox(ctx, mara, in.ID, "renamed", rename("Orders")); err != nil || in.Name != "Orders" || in.Revision != 2 {
			t.Errorf("%+v %v", in, err)
		}
	}
	if _, err := s.Settings.ChangeInbox(ctx, mara, "nowhere", "renamed", rename("Orders")); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if all, err := s.Settings.Inboxes(ctx); err != nil || len(all) != 3 {
		t.Errorf("%+v %v", all, err)
	}
}

// An account sends as the nearest domain that the carrier knows.
func TestSenders(t *testing.T) {
	s, clk, first := born(t)
	a, err := s.Settings.Connect(ctx, mara, connection(first.Inbox, "hello@team.kiln.example"))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Settings.SenderOf(ctx, a); ok || err != nil || a.Sending != "" {
		t.Error(ok, err, a.Sending)
	}
	set := func(domain string, state inbox.Sending) {
		t.Helper()
		if err := s.Settings.SetSender(ctx, store.Sender{Domain: domain, State: state, Made: true, CheckedAt: clk.now()}); err != nil {
			t.Fatal(err)
		}
	}
	set("kiln.example", inbox.SendingVerified)
	set("example", inbox.SendingFailed) // no domain of anybody's
	if a, err = s.Settings.Account(ctx, a.ID); err != nil || a.Sending != inbox.SendingVerified {
		t.Errorf("%+v %v", a, err)
	}
	set("team.kiln.example", inbox.SendingPending)
	if id, ok, err := s.Settings.SenderOf(ctx, a); !ok || err != nil || id.Domain != "team.kiln.example" || !id.CheckedAt.Equal(clk.now()) {
		t.Errorf("%+v %v %v", id, ok, err)
	}
	if ok, err := s.Settings.DropSender(ctx, "team.kiln.example"); ok || err != nil {
		t.Errorf("dropped while an account sends as it: %v", err)
	}
	if _, err := s.Settings.ChangeAccount(ctx, mara, a.ID, "disconnected", inbox.Account.Disconnect); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.Settings.DropSender(ctx, "team.kiln.example"); !ok || err != nil {
		t.Error(ok, err)
	}
	if id, ok, err := s.Settings.SenderOf(ctx, a); !ok || err != nil || id.Domain != "kiln.example" {
		t.Errorf("%+v %v %v", id, ok, err)
	}
}

func TestTheMailRuleFollowsTheAccounts(t *testing.T) {
	s, clk, first := born(t)
	for _, c := range []struct {
		address string
		way     inbox.Way
	}{{"a@kiln.example", inbox.Direct}, {"b@kiln.example", inbox.Direct}, {"c@clay.example", inbox.Direct}, {"d@other.example", inbox.Forwarded}} {
		conn := connection(first.Inbox, c.address)
		conn.Way = c.way
		if c.way == inbox.Direct {
			conn.ForwardTo = ""
		}
		a, err := s.Settings.Connect(ctx, mara, conn)
		if err != nil {
			t.Fatal(err)
		}
		if c.address == "c@clay.example" {
			if _, err := s.Settings.ChangeAccount(ctx, mara, a.ID, "disconnected", inbox.Account.Disconnect); err != nil {
				t.Fatal(err)
			}
		}
	}
	rule, wanted, err := s.Settings.MailRule(ctx)
	if err != nil || len(rule.Domains) != 0 || strings.Join(wanted, " ") != "kiln.example" {
		t.Errorf("%+v %v %v", rule, wanted, err)
	}
	for domain, want := range map[string]bool{"kiln.example": true, "clay.example": false, "other.example": false} {
		if got, err := s.Settings.TakesDomain(ctx, domain); err != nil || got != want {
			t.Errorf("%s: %v %v", domain, got, err)
		}
	}
	if err := s.Settings.SetMailRule(ctx, store.Rule{Domains: []string{"mail.example", "kiln.example"}, At: clk.now()}); err != nil {
		t.Fatal(err)
	}
	if rule, _, err = s.Settings.MailRule(ctx); err != nil || len(rule.Domains) != 2 {
		t.Errorf("%+v %v", rule, err)
	}
}

// Health costs at most a write an hour, however much mail comes; what was refused shows until something is taken.
func TestHealth(t *testing.T) {
	s, clk, a := born(t)
	health := func() channel.Health {
		t.Helper()
		all, err := s.Settings.Health(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return all[a.ID]
	}
	began := clk.now().UTC()
	for range 13 {
		if err := s.Settings.Received(ctx, a.ID); err != nil {
			t.Fatal(err)
		}
		clk.pass(5 * time.Minute)
	}
	if h := health(); !h.ReceivedAt.Equal(began.Add(limit.HealthPause)) || !h.SentAt.IsZero() {
		t.Errorf("%+v", h)
	}
	if err := s.Settings.Sent(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	clk.pass(time.Minute)
	for range 2 {
		if err := s.Settings.Refused(ctx, a.ID, "not verified"); err != nil {
			t.Fatal(err)
		}
	}
	h := health()
	if h.Refused == nil || h.Refused.Reason != "not verified" || channel.Of(a, h).State != channel.Wrong {
		t.Errorf("%+v", h)
	}
	clk.pass(time.Minute)
	if err := s.Settings.Sent(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	if h := health(); h.Refused != nil || channel.Of(a, h).State != channel.OK {
		t.Errorf("%+v", h)
	}
	test := channel.Test{ID: "t1", SentAt: clk.now().UTC()}
	if _, err := s.Settings.ChangeHealth(ctx, a.ID, func(h channel.Health) (channel.Health, bool) { h.Test = &test; return h, true }); err != nil {
		t.Fatal(err)
	}
	if h := health(); h.Test == nil || h.Test.ID != "t1" || h.ReceivedAt.IsZero() {
		t.Errorf("%+v", h)
	}
	if err := s.Settings.Note(ctx, mara, "suppression", "x@y.example", "lifted"); err != nil {
		t.Fatal(err)
	}
	if c, _, err := s.Settings.Changes(ctx, "", 1); err != nil || len(c) != 1 || c[0].Of != "x@y.example" || c[0].Before != nil {
		t.Errorf("%+v %v", c, err)
	}
}
