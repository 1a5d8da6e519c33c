package ingest_test

import (
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/channel"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/store"
)

var ada = events.Actor{Kind: events.Agent, ID: "ada", Name: "Ada"}

// connect adds an account; way mx takes mail at its own domain, forward at hello-kiln@.
func (d *desk) connect(t *testing.T, way inbox.Way, address string) inbox.Account {
	t.Helper()
	ctx := hosttest.Context()
	if err := d.st.Settings.Birth(ctx, "parley.example"); err != nil {
		t.Fatal(err)
	}
	inboxes, err := d.st.Settings.Inboxes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c := inbox.Connection{Inbox: inboxes[0].ID, Name: "Kiln", Address: address, Way: way}
	if way == inbox.Forwarded {
		c.ForwardTo = "hello-kiln@parley.example"
	}
	a, err := d.st.Settings.Connect(ctx, ada, c)
	if err != nil {
		t.Fatal(err)
	}
	d.Pass(time.Minute) // past what the function remembers of the settings
	return a
}

func (d *desk) health(t *testing.T, a inbox.Account) channel.Health {
	t.Helper()
	all, err := d.st.Settings.Health(hosttest.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all[a.ID]
}

func (d *desk) set(t *testing.T, a inbox.Account, change func(inbox.Account) (inbox.Account, error)) {
	t.Helper()
	if _, err := d.st.Settings.ChangeAccount(hosttest.Context(), ada, a.ID, "changed", change); err != nil {
		t.Fatal(err)
	}
	d.Pass(time.Minute)
}

func pauseAs(s inbox.AccountState) func(inbox.Account) (inbox.Account, error) {
	return func(a inbox.Account) (inbox.Account, error) { return a.Edit(inbox.Edit{State: &s}) }
}

// folder lists the heads that stand in a folder.
func (d *desk) folder(t *testing.T, v store.View) []inbox.Thread {
	t.Helper()
	ctx := hosttest.Context()
	inboxes, err := d.st.Settings.Inboxes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	heads, _, err := d.st.Threads.View(ctx, store.ViewQuery{Inbox: inboxes[0].ID, View: v, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return heads
}

// Mail finds a connected account by the envelope, whatever its header says.
func TestAccountsByEnvelope(t *testing.T) {
	d := open(t)
	forward := d.connect(t, inbox.Forwarded, "hello@kiln.example")
	direct := d.connect(t, inbox.Direct, "help@clay.example")
	for i, c := range []struct {
		to   string
		want inbox.Account
	}{
		{"hello-kiln@parley.example", forward},
		{"Hello-Kiln+anything@Parley.example", forward},
		{"help@clay.example", direct},
		{"help+order-7@clay.example", direct},
	} {
		id := "m" + string(rune('a'+i))
		d.take(t, mail{id: id, to: []string{c.to}, raw: letter(lena, id+"@shop.example", "Subject "+id, "Text")})
		for _, head := range d.threads(t) {
			if head.Subject == "Subject "+id && (head.Account != c.want.ID || head.Inbox != c.want.Inbox) {
				t.Errorf("%s came to %s, want %s", c.to, head.Account, c.want.ID)
			}
		}
	}
	if n := len(d.threads(t)); n != 4 {
		t.Errorf("%d threads", n)
	}
	if h := d.health(t, forward); h.ReceivedAt.IsZero() {
		t.Errorf("%+v", h)
	}
	// What nobody has, at a domain that is ours, is kept; what is of others is not ours to judge.
	d.take(t, mail{id: "mx", to: []string{"sales@clay.example"}, raw: letter(lena, "mx@shop.example", "Who", "Text")})
	d.take(t, mail{id: "my", to: []string{"support@parley.example", "cc@elsewhere.example", "hello@kiln.example"}, raw: letter(lena, "my@shop.example", "Three", "Text")})
	if got := strings.Join(d.parked(t), ", "); got != "no such mailbox" {
		t.Errorf("parked: %s", got)
	}
}

func TestPausedAndDisconnected(t *testing.T) {
	d := open(t)
	a := d.connect(t, inbox.Forwarded, "hello@kiln.example")
	at := []string{"hello-kiln@parley.example"}
	d.take(t, mail{id: "m1", to: at, raw: letter(lena, "m1@shop.example", "Before", "Text")})
	running := d.only(t)

	d.set(t, a, pauseAs(inbox.AccountPaused))
	d.take(t, mail{id: "m2", to: at, raw: letter(lena, "m2@shop.example", "Re: Before", "More", "In-Reply-To: <m1@shop.example>")})
	d.take(t, mail{id: "m3", to: at, raw: letter(lena, "m3@shop.example", "While paused", "Text")})
	if got := d.only(t); got.ID != running.ID || got.Messages != 2 {
		t.Errorf("a running conversation while paused: %+v", got)
	}
	aside := d.folder(t, store.ViewFiltered)
	if len(aside) != 1 || aside[0].Subject != "While paused" {
		t.Fatalf("put aside: %+v", aside)
	}
	log := d.entries(t, aside[0].ID)
	if filed := log[len(log)-1]; filed.Type != "thread.filed" || log[len(log)-2].Received.Filter == nil || log[len(log)-2].Received.Filter.Why.Rule != "paused" {
		t.Errorf("%+v", filed)
	}

	d.set(t, a, pauseAs(inbox.AccountActive))
	d.take(t, mail{id: "m4", to: at, raw: letter(lena, "m4@shop.example", "Re: While paused", "Still there?", "In-Reply-To: <m3@shop.example>")})
	if n := len(d.threads(t)); n != 2 {
		t.Errorf("%d threads: what waited comes back with its next message", n)
	}

	d.set(t, a, inbox.Account.Disconnect)
	d.take(t, mail{id: "m5", to: at, raw: letter(lena, "m5@shop.example", "Too late", "Text")})
	d.take(t, mail{id: "m6", to: []string{signer.ReplyAddress(running.ID)}, raw: letter(lena, "m6@shop.example", "Re: Before", "An answer")})
	if got := strings.Join(d.parked(t), ", "); got != "no such mailbox" {
		t.Errorf("parked: %s", got)
	}
	head, err := d.st.Threads.Head(hosttest.Context(), running.ID)
	if err != nil || head.Messages != 3 {
		t.Errorf("a conversation of a disconnected account: %+v %v", head, err)
	}
}

const test = "01k0000000000000000000000t"

// probe is a test mail as it comes in: forwarded as it is, unless change says otherwise.
func probeMail(a inbox.Account, change func(head map[string]string)) string {
	token := signer.Probe(a.ID, test)
	head := map[string]string{
		"From": "Parley <" + channel.Prober("parley.example") + ">", "To": a.Address, "Subject": "Parley test mail (" + token + ")",
		email.ProbeHeader: token, "Message-ID": "<p1@eu-west-1.amazonses.com>", "Auto-Submitted": "auto-generated",
	}
	if change != nil {
		change(head)
	}
	var l []string
	for name, value := range head {
		if value != "" {
			l = append(l, name+": "+value)
		}
	}
	return lines(append(l, "", "A test.")...)
}

// longID is an account whose id is as the product makes them: tokens hold nothing shorter.
func (d *desk) longID(t *testing.T, address, hosted string) inbox.Account {
	t.Helper()
	st := store.Open(d.DB, store.Names{Settings: "settings"}, d.Now, func() string { return "01k000000000000000000000a" + string(address[0]) })
	ctx := hosttest.Context()
	if err := d.st.Settings.Birth(ctx, "parley.example"); err != nil {
		t.Fatal(err)
	}
	inboxes, err := d.st.Settings.Inboxes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	a, err := st.Settings.Connect(ctx, ada, inbox.Connection{Inbox: inboxes[0].ID, Name: "Kiln", Address: address, Way: inbox.Forwarded, ForwardTo: hosted})
	if err != nil {
		t.Fatal(err)
	}
	d.Pass(time.Minute)
	return a
}

func TestTestMail(t *testing.T) {
	for name, c := range map[string]struct {
		change          func(map[string]string)
		to              string
		message         bool
		astray, altered bool
	}{
		"forwarded as it is": {},
		"by a list that says who wrote": {change: func(h map[string]string) {
			h["From"], h["X-Original-From"] = "x via Kiln <hello@kiln.example>", channel.Prober("parley.example")
		}},
		"redirected, without the header": {change: func(h map[string]string) { delete(h, email.ProbeHeader) }},
		"as a new message": {change: func(h map[string]string) {
			delete(h, email.ProbeHeader)
			h["From"], h["Subject"] = "Kiln <hello@kiln.example>", "FW: "+h["Subject"]
		}, altered: true},
		"with another sender":          {change: func(h map[string]string) { h["From"] = "Kiln <hello@kiln.example>" }, altered: true},
		"to another account's address": {to: "bakery@parley.example", astray: true},
		"answered by a person": {change: func(h map[string]string) {
			delete(h, email.ProbeHeader)
			h["From"], h["Subject"] = "Kiln <hello@kiln.example>", "Re: "+h["Subject"]
			h["In-Reply-To"] = "<p1@eu-west-1.amazonses.com>"
		}, message: true},
		"sent by a stranger": {change: func(h map[string]string) { delete(h, email.ProbeHeader); h["From"] = lena }, message: true},
		"forged":             {change: func(h map[string]string) { h[email.ProbeHeader] = "p-x.y.z"; h["Subject"] = "Test" }, message: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			a := d.longID(t, "hello@kiln.example", "hello-kiln@parley.example")
			d.longID(t, "bread@bakery.example", "bakery@parley.example")
			_, err := d.st.Settings.ChangeHealth(hosttest.Context(), a.ID, func(h channel.Health) (channel.Health, bool) {
				h.Test = &channel.Test{ID: test, SentAt: d.Now()}
				return h, true
			})
			if err != nil {
				t.Fatal(err)
			}
			if c.to == "" {
				c.to = "hello-kiln@parley.example"
			}
			for range 2 { // a redelivery
				d.take(t, mail{id: "m1", to: []string{c.to}, raw: probeMail(a, c.change)})
			}
			heads := len(d.threads(t)) + len(d.folder(t, store.ViewFiltered))
			h := d.health(t, a)
			if c.message {
				if heads != 1 || !h.Test.ArrivedAt.IsZero() {
					t.Errorf("%d threads, %+v", heads, h.Test)
				}
				return
			}
			if heads != 0 || h.Test.ArrivedAt.IsZero() || h.Test.At != c.to || h.Test.Astray != c.astray || h.Test.Altered != c.altered || !h.ReceivedAt.IsZero() {
				t.Errorf("%d threads, %+v", heads, h.Test)
			}
		})
	}
}

// A test mail is for its note: if that cannot be written, it comes again.
func TestATestMailIsNotLost(t *testing.T) {
	w := hosttest.New(t)
	d := openIn(t, w)
	a := d.longID(t, "hello@kiln.example", "hello-kiln@parley.example")
	if _, err := d.st.Settings.ChangeHealth(hosttest.Context(), a.ID, func(h channel.Health) (channel.Health, bool) {
		h.Test = &channel.Test{ID: test, SentAt: d.Now()}
		return h, true
	}); err != nil {
		t.Fatal(err)
	}
	m := mail{id: "m1", to: []string{"hello-kiln@parley.example"}, raw: probeMail(a, nil)}
	body := d.notification(t, m)
	w.Strike = func(call string, done bool) error {
		if call == "transact settings" && !done {
			return fault.New(fault.Busy, "not now")
		}
		return nil
	}
	answer, err := d.h.Invoke(hosttest.Context(), hosttest.QueuePayload(body))
	if err != nil || len(hosttest.Failures(t, answer)) != 1 {
		t.Errorf("%s %v", answer, err)
	}
	w.Strike = nil
	d.take(t, m)
	if h := d.health(t, a); h.Test.ArrivedAt.IsZero() {
		t.Errorf("%+v", h.Test)
	}
}

// A provider's confirmation is shown to the admin, and is a conversation as any other.
func TestConfirmation(t *testing.T) {
	d := open(t)
	a := d.connect(t, inbox.Forwarded, "hello@kiln.example")
	const link = "https://mail-settings.google.com/mail/vf-%5BANGjdJ8abc%5D-xyz0"
	raw := letter("Gmail Team <forwarding-noreply@google.com>", "g1@mail.gmail.com", "(#99427480) Gmail Forwarding Confirmation - Receive Mail from hello@kiln.example",
		"Please click: "+link)
	d.take(t, mail{id: "m1", to: []string{"hello-kiln@parley.example"}, raw: raw})
	d.take(t, mail{id: "m2", to: []string{"support@parley.example"}, raw: strings.Replace(raw, "g1@", "g2@", 1)}) // not where anything forwards to
	c := d.health(t, a).Confirmation
	if c == nil || c.Provider != "gmail" || c.Code != "99427480" || c.Link != link || !c.Proven || c.From != "forwarding-noreply@google.com" {
		t.Fatalf("%+v", c)
	}
	heads := append(d.threads(t), d.folder(t, store.ViewFiltered)...)
	if len(heads) != 2 {
		t.Errorf("%d threads", len(heads))
	}
	if _, err := d.st.Threads.Head(hosttest.Context(), c.Thread); err != nil {
		t.Errorf("the thread of the confirmation: %v", err)
	}
	if h := d.health(t, a); !h.ReceivedAt.IsZero() {
		t.Error("a confirmation is no proof that mail comes")
	}
	unproven := func(receipt map[string]any) { receipt["dmarcVerdict"] = map[string]any{"status": "FAIL"} }
	d = open(t)
	a = d.connect(t, inbox.Forwarded, "hello@kiln.example")
	d.take(t, mail{id: "m3", to: []string{"hello-kiln@parley.example"}, raw: raw, edit: unproven})
	if c := d.health(t, a).Confirmation; c == nil || c.Proven {
		t.Errorf("nobody proved that it is Google's: %+v", c)
	}
}
