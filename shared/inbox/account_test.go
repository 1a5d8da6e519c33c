package inbox_test

import (
	"strings"
	"testing"
	"time"

	"parley/shared/fault"
	"parley/shared/inbox"
)

var (
	hosted = inbox.Account{
		ID: "a1", Inbox: "i1", Channel: "email", Name: "Support", Address: "support@mail.example", State: inbox.AccountActive, Way: inbox.Hosted,
		FromName: inbox.FromAgent, Fallback: true,
	}
	forwarded = inbox.Account{
		ID: "a2", Inbox: "i1", Channel: "email", Name: "Kiln & Clay", Address: "hello@kiln.example", State: inbox.AccountActive, Way: inbox.Forwarded,
		ForwardTo: "hello-kiln@mail.example", FromName: inbox.FromAgent,
	}
)

func with(a inbox.Account, f func(*inbox.Account)) inbox.Account {
	f(&a)
	return a
}

func TestAnAccountOfAnOlderBuild(t *testing.T) {
	old := inbox.Account{ID: "a1", Inbox: "i1", Channel: "email", Name: "Support", Address: "support@mail.example"}
	if got := old.Settled(); got != hosted {
		t.Errorf("%+v", got)
	}
	if got := forwarded.Settled(); got != forwarded {
		t.Errorf("%+v", got)
	}
}

func TestWhoseMail(t *testing.T) {
	gone := with(forwarded, func(a *inbox.Account) { a.State = inbox.AccountDisconnected })
	paused := with(forwarded, func(a *inbox.Account) { a.State = inbox.AccountPaused })
	direct := with(forwarded, func(a *inbox.Account) { a.Way, a.ForwardTo = inbox.Direct, "" })
	for _, c := range []struct {
		a             inbox.Account
		address       string
		takes, itsOwn bool
	}{
		{hosted, "support@mail.example", true, true},
		{hosted, "other@mail.example", false, false},
		{forwarded, "hello-kiln@mail.example", true, true},
		{forwarded, "hello@kiln.example", false, true},
		{paused, "hello-kiln@mail.example", true, true},
		{gone, "hello-kiln@mail.example", false, true},
		{direct, "hello@kiln.example", true, true},
		{direct, "", false, false},
	} {
		if got := c.a.Takes(c.address); got != c.takes {
			t.Errorf("%s %s takes %s: %v", c.a.Way, c.a.State, c.address, got)
		}
		if got := c.a.Owns(c.address); got != c.itsOwn {
			t.Errorf("%s %s owns %s: %v", c.a.Way, c.a.State, c.address, got)
		}
	}
}

func TestWhereMailLeavesFrom(t *testing.T) {
	verified := with(forwarded, func(a *inbox.Account) { a.Sending = inbox.SendingVerified })
	for name, c := range map[string]struct {
		a    inbox.Account
		want string
	}{
		"hosted":                     {hosted, "support@mail.example"},
		"forwarded, nothing proved":  {forwarded, "hello-kiln@mail.example"},
		"forwarded, pending":         {with(forwarded, func(a *inbox.Account) { a.Sending = inbox.SendingPending }), "hello-kiln@mail.example"},
		"forwarded, failed":          {with(forwarded, func(a *inbox.Account) { a.Sending = inbox.SendingFailed }), "hello-kiln@mail.example"},
		"forwarded, verified":        {verified, "hello@kiln.example"},
		"paused":                     {with(verified, func(a *inbox.Account) { a.State = inbox.AccountPaused }), "hello@kiln.example"},
		"disconnected":               {with(verified, func(a *inbox.Account) { a.State = inbox.AccountDisconnected }), "support@mail.example"},
		"direct, nothing proved":     {with(forwarded, func(a *inbox.Account) { a.Way, a.ForwardTo = inbox.Direct, "" }), "support@mail.example"},
		"direct, verified":           {with(verified, func(a *inbox.Account) { a.Way, a.ForwardTo = inbox.Direct, "" }), "hello@kiln.example"},
		"the fallback's own inbox":   {with(hosted, func(a *inbox.Account) { a.State = inbox.AccountPaused }), "support@mail.example"},
		"hosted, an older build's":   {inbox.Account{Address: "support@mail.example"}.Settled(), "support@mail.example"},
		"hosted and no longer there": {with(hosted, func(a *inbox.Account) { a.Address, a.State = "x@mail.example", inbox.AccountDisconnected }), "support@mail.example"},
	} {
		if got := c.a.SendsFrom(hosted); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestFromNames(t *testing.T) {
	for _, c := range []struct {
		policy       inbox.FromName
		team, agent  string
		want, reason string
	}{
		{inbox.FromAgent, "Support", "Mara Lind", "Mara Lind (Support)", ""},
		{inbox.FromFirst, "Kiln & Clay", "Mara Lind", "Mara at Kiln & Clay", ""},
		{inbox.FromTeam, "Support", "Mara Lind", "Support", ""},
		{inbox.FromAgent, "Support", "", "Support", "nobody"},
		{inbox.FromAgent, "Support", "mara@x.example", "Support", "an address is no name"},
		{inbox.FromAgent, "Support", "Support", "Support", "once is enough"},
		{inbox.FromFirst, "", "Mara Lind", "Mara Lind", "no team"},
	} {
		a := inbox.Account{Name: c.team, FromName: c.policy}
		if got := a.Signs(c.agent); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestConnect(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	c := inbox.Connection{ID: "a2", Inbox: "i1", By: "u1", Name: "Kiln & Clay", Address: "hello@kiln.example", Way: inbox.Forwarded, ForwardTo: "hello-kiln@mail.example", At: at}
	want := with(forwarded, func(a *inbox.Account) { a.ConnectedBy, a.ConnectedAt = "u1", at })
	if got, err := (inbox.Account{}).Connect(c); err != nil || got != want {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := want.Connect(c); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	gone, err := want.Disconnect()
	if err != nil || gone.State != inbox.AccountDisconnected {
		t.Fatal(gone, err)
	}
	gone.Signature, gone.FromName = "<p>Kind regards</p>", inbox.FromTeam
	again := c
	again.ID, again.Inbox = "a9", "i2"
	back, err := gone.Connect(again)
	if err != nil || back.ID != "a2" || back.Inbox != "i2" || back.State != inbox.AccountActive || back.Signature != gone.Signature || back.FromName != inbox.FromTeam {
		t.Errorf("%+v %v", back, err)
	}
	for name, change := range map[string]func(*inbox.Connection){
		"no way":        func(c *inbox.Connection) { c.Way = "imap" },
		"no inbox":      func(c *inbox.Connection) { c.Inbox = "" },
		"no address":    func(c *inbox.Connection) { c.Address = "" },
		"no target":     func(c *inbox.Connection) { c.ForwardTo = "" },
		"no name":       func(c *inbox.Connection) { c.Name = " " },
		"blanks":        func(c *inbox.Connection) { c.Name = " Kiln" },
		"a line break":  func(c *inbox.Connection) { c.Name = "Kiln\r\nBcc: x@y.example" },
		"a long name":   func(c *inbox.Connection) { c.Name = strings.Repeat("ä", 101) },
		"broken letter": func(c *inbox.Connection) { c.Name = "Kiln \xff" },
	} {
		bad := c
		change(&bad)
		if _, err := (inbox.Account{}).Connect(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEdit(t *testing.T) {
	text, policy, paused, active := "New", inbox.FromTeam, inbox.AccountPaused, inbox.AccountActive
	got, err := forwarded.Edit(inbox.Edit{Name: &text, FromName: &policy, Signature: &text, State: &paused})
	if err != nil || got.Name != "New" || got.FromName != policy || got.Signature != "New" || got.State != paused || got.Address != forwarded.Address {
		t.Errorf("%+v %v", got, err)
	}
	if back, err := got.Edit(inbox.Edit{State: &active}); err != nil || back.State != active || back.Name != "New" {
		t.Errorf("%+v %v", back, err)
	}
	if same, err := forwarded.Edit(inbox.Edit{}); err != nil || same != forwarded {
		t.Errorf("%+v %v", same, err)
	}
	empty, odd, away := "", inbox.FromName("robot"), inbox.AccountDisconnected
	for name, e := range map[string]inbox.Edit{"name": {Name: &empty}, "from-name": {FromName: &odd}, "state": {State: &away}} {
		if _, err := forwarded.Edit(e); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	gone, err := forwarded.Disconnect()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := gone.Disconnect(); err != nil || again != gone {
		t.Errorf("%+v %v", again, err)
	}
	if _, err := gone.Edit(inbox.Edit{State: &active}); !fault.Is(err, fault.Conflict) {
		t.Errorf("resumed what is not connected: %v", err)
	}
}

// The fallback address works whatever anybody does.
func TestTheFallbackStays(t *testing.T) {
	paused := inbox.AccountPaused
	if _, err := hosted.Edit(inbox.Edit{State: &paused}); !fault.Is(err, fault.Invalid) {
		t.Errorf("paused: %v", err)
	}
	if _, err := hosted.Disconnect(); !fault.Is(err, fault.Invalid) {
		t.Errorf("disconnected: %v", err)
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"Support": "support", "Müller & Söhne": "muller-sohne", "Straße 7": "strasse-7", "  ": "team", "日本": "team", "c": "team", "Abuse": "team-abuse",
		"--a--b--": "a-b", strings.Repeat("ab ", 40): strings.TrimSuffix(strings.Repeat("ab-", 14), "-")[:40],
	} {
		if got := inbox.Slug(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if got := inbox.Slug("hello", "kiln.example"); got != "hello-kiln-example" {
		t.Error(got)
	}
	if in, err := (inbox.Inbox{ID: "i1", Name: "Support"}).Named("Sales"); err != nil || in.Name != "Sales" || in.ID != "i1" {
		t.Errorf("%+v %v", in, err)
	}
	if _, err := (inbox.Inbox{}).Named(""); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}
