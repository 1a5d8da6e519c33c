package agentapi_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/channel"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/sender"
)

type channelBody struct {
	Account                        inbox.Account
	Health                         channel.Is
	Hosted, SendsFrom, ConnectedBy string
	Checks                         []channel.Check
	Test                           *channel.Test
	Confirmation                   *channel.Confirmation
	CheckedAt                      *time.Time
}

func (c channelBody) check(t testing.TB, name string) channel.Check {
	t.Helper()
	for _, x := range c.Checks {
		if x.Name == name {
			return x
		}
	}
	t.Fatalf("no check %s: %+v", name, c.Checks)
	return channel.Check{}
}

// connect is Mara's; she is an admin.
func (w *world) connect(way, address, name string) answer {
	w.Helper()
	return w.mara("POST", "/api/channels", `{"inbox":"`+w.inbox+`","way":"`+way+`","address":"`+address+`","name":"`+name+`"}`)
}

func (w *world) channel(id string) (c channelBody) {
	w.Helper()
	w.mara("GET", "/api/channels/"+id, "").into(200, &c)
	return c
}

func (w *world) changes() string {
	w.Helper()
	list, _, err := w.store.Settings.Changes(ctx, "", 20)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, c := range list {
		if c.Did == "joined" { // whoever calls for the first time
			continue
		}
		if c.By.Name != "Mara Lind" {
			w.Errorf("%+v", c)
		}
		out = append(out, c.What+" "+c.Did)
	}
	return strings.Join(out, ", ")
}

func TestTheFallbackIsAChannel(t *testing.T) {
	w := newWorld(t)
	var got struct {
		Channels   []channelBody
		MailDomain string
	}
	w.call(call{method: "GET", path: "/api/channels", user: "jonas"}).into(200, &got)
	if len(got.Channels) != 1 || got.MailDomain != "parley.example" {
		t.Fatalf("%+v", got)
	}
	c := got.Channels[0]
	if !c.Account.Fallback || c.Hosted != "support@parley.example" || c.SendsFrom != c.Hosted || c.Health.State != channel.OK || c.Account.Way != inbox.Hosted {
		t.Errorf("%+v", c)
	}
	for _, r := range []struct{ method, path, body string }{
		{"DELETE", "/api/channels/" + w.account.ID, ""}, {"PUT", "/api/channels/" + w.account.ID, `{"state":"paused"}`},
	} {
		if p := w.mara(r.method, r.path, r.body).refused(422, fault.Invalid); !strings.Contains(p.Detail, "always works") {
			t.Error(p.Detail)
		}
	}
	w.mara("GET", "/api/channels/nobody", "").refused(404, fault.NotFound)
}

func TestConnectAForwardingMailbox(t *testing.T) {
	w := newWorld(t)
	w.zone["TXT _dmarc.kiln.example"] = []string{"v=DMARC1; p=reject"}
	var c channelBody
	a := w.connect("forward", " Hello@Kiln.example", "Kiln  & Clay").into(201, &c)
	if a.headers["etag"] != `"1"` || c.Account.Address != "hello@kiln.example" || c.Account.Name != "Kiln & Clay" || c.Hosted != "hello-kiln@parley.example" || c.ConnectedBy != "Mara Lind" {
		t.Fatalf("%v %+v", a.headers, c)
	}
	if c.Account.Sending != inbox.SendingPending || c.SendsFrom != c.Hosted || c.CheckedAt == nil || c.Health.Code != "test-never" {
		t.Errorf("%+v", c)
	}
	if id := c.check(t, "identity"); id.State != channel.Waiting || len(id.Records) != 3 || id.Records[0].Name != "t1._domainkey.kiln.example" {
		t.Errorf("%+v", id)
	}
	if c.check(t, "dmarc").Code != "dmarc-found" || c.check(t, "account").Code != "account-open" {
		t.Errorf("%+v", c.Checks)
	}
	w.connect("forward", "hello@kiln.example", "Kiln").refused(409, fault.Conflict)

	// The records are there now.
	w.senders.Set(sender.Identity{Domain: "kiln.example", Status: sender.Verified, Tokens: []string{"t1", "t2", "t3"}})
	w.mara("POST", "/api/channels/"+c.Account.ID+"/check", "").into(200, &c)
	if c.Account.Sending != inbox.SendingVerified || c.SendsFrom != "hello@kiln.example" || c.check(t, "identity").Code != "identity-verified" {
		t.Errorf("%+v", c)
	}
	if got := w.changes(); got != "account connected" {
		t.Error(got)
	}
	var boxes struct {
		Inboxes []struct{ Accounts []inbox.Account }
	}
	w.mara("GET", "/api/inboxes", "").into(200, &boxes)
	if len(boxes.Inboxes[0].Accounts) != 2 {
		t.Errorf("%+v", boxes)
	}
}

func TestWhatCannotBeConnected(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct{ way, address, name string }{
		"no address":          {"forward", "hello", "Kiln"},
		"two addresses":       {"forward", "a@b.example, c@d.example", "Kiln"},
		"a header":            {"forward", `a@b.example\r\nBcc: x@y.example`, "Kiln"},
		"no name":             {"forward", "hello@kiln.example", " "},
		"a name of two lines": {"forward", "hello@kiln.example", `Kiln\u0000`},
		"no way":              {"imap", "hello@kiln.example", "Kiln"},
		"hosted elsewhere":    {"hosted", "hello@kiln.example", "Kiln"},
		"forwarding to us":    {"forward", "hello@parley.example", "Kiln"},
		"reply addresses":     {"hosted", "c@parley.example", "Kiln"},
		"tagged":              {"hosted", "a+b@parley.example", "Kiln"},
		"test mails' sender":  {"hosted", "channel-test@parley.example", "Kiln"},
		"an exchanger of all": {"mx", "kiln@gmail.com", "Kiln"},
	} {
		if p := w.connect(c.way, c.address, c.name).refused(422, fault.Invalid); p.Detail == "" {
			t.Error(name)
		}
	}
	w.mara("POST", "/api/channels", `{"inbox":"nowhere","way":"forward","address":"x@kiln.example","name":"Kiln"}`).refused(422, fault.Invalid)
	if calls := w.senders.Calls(); len(calls) != 0 {
		t.Errorf("the mail system was asked: %v", calls)
	}
	// Nobody can prove a provider's domain, but its mailbox can forward.
	var c channelBody
	w.connect("forward", "kiln@gmail.com", "Kiln").into(201, &c)
	if c.check(t, "identity").Code != "identity-public" || c.Account.Sending != "" || c.SendsFrom != "kiln-gmail@parley.example" {
		t.Errorf("%+v", c)
	}
	for _, call := range w.senders.Calls() {
		if call != "account" {
			t.Error(call)
		}
	}
}

func TestOnlyAdminsChangeChannels(t *testing.T) {
	w := newWorld(t)
	id := w.account.ID
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/api/channels", `{"inbox":"` + w.inbox + `","way":"forward","address":"x@kiln.example","name":"Kiln"}`},
		{"PUT", "/api/channels/" + id, `{"name":"Other"}`},
		{"DELETE", "/api/channels/" + id, ""},
		{"POST", "/api/channels/" + id + "/check", ""},
		{"POST", "/api/channels/" + id + "/test", ""},
		{"DELETE", "/api/channels/" + id + "/confirmation", ""},
		{"POST", "/api/inboxes", `{"name":"Sales"}`},
		{"PUT", "/api/inboxes/" + w.inbox, `{"name":"Sales"}`},
	} {
		w.call(call{method: c.method, path: c.path, user: "jonas", body: c.body}).refused(403, fault.Denied)
		w.call(call{method: c.method, path: c.path, body: c.body}).refused(401, fault.Denied)
	}
	if got := w.changes(); got != "" || len(w.mailed.sent) != 0 {
		t.Error(got, w.mailed.sent)
	}
}

func TestEditPauseDisconnect(t *testing.T) {
	w := newWorld(t)
	var c channelBody
	w.connect("forward", "hello@kiln.example", "Kiln").into(201, &c)
	at := "/api/channels/" + c.Account.ID
	w.mara("PUT", at, `{"name":"Kiln & Clay","fromName":"first","signature":"<p onclick=x()>Regards</p><script>x()</script>"}`, "If-Match", `"1"`).into(200, &c)
	if c.Account.Name != "Kiln & Clay" || c.Account.FromName != inbox.FromFirst || c.Account.Signature != "<p>Regards</p>" || c.Account.Revision != 2 {
		t.Errorf("%+v", c.Account)
	}
	w.mara("PUT", at, `{"name":"Too late"}`, "If-Match", `"1"`).refused(412, fault.Conflict)
	w.mara("PUT", at, `{"signature":"`+strings.Repeat("x", limit.SignatureBytes+1)+`"}`).refused(422, fault.Invalid)
	w.mara("PUT", at, `{"state":"disconnected"}`).refused(422, fault.Invalid)
	w.mara("PUT", at, `{"state":"paused"}`).into(200, &c)
	if c.Account.State != inbox.AccountPaused || c.Health.State != channel.Waiting {
		t.Errorf("%+v", c)
	}
	w.mara("PUT", at, `{"state":"active"}`).into(200, &c)
	w.mara("DELETE", at, "", "If-Match", `"1"`).refused(412, fault.Conflict)
	w.mara("DELETE", at, "").into(200, &c)
	if c.Account.State != inbox.AccountDisconnected || c.Health.Code != "is-disconnected" || c.SendsFrom != "support@parley.example" {
		t.Errorf("%+v", c)
	}
	if calls := w.senders.Calls(); calls[len(calls)-1] != "forget kiln.example" { // it was never proved, and nobody else needs it
		t.Error(calls)
	}
	for _, r := range [][2]string{{"PUT", at}, {"POST", at + "/check"}, {"POST", at + "/test"}} {
		w.mara(r[0], r[1], `{"name":"x"}`).refused(409, fault.Conflict)
	}
	if got := w.changes(); got != "account disconnected, account resumed, account paused, account edited, account connected" {
		t.Error(got)
	}
	// Back again, with all it was.
	w.senders.Set(sender.Identity{Domain: "kiln.example", Status: sender.Verified})
	id := c.Account.ID
	w.connect("forward", "hello@kiln.example", "Kiln & Clay").into(201, &c)
	if c.Account.ID != id || c.Account.Signature != "<p>Regards</p>" || c.SendsFrom != "hello@kiln.example" {
		t.Errorf("%+v", c)
	}
	w.mara("DELETE", at, "").into(200, nil)
	if calls := w.senders.Calls(); calls[len(calls)-1] == "forget kiln.example" {
		t.Error("a proved domain was taken away")
	}
}

// A test mail is one that only we can have written, from a sender that is no mailbox.
func TestSendATest(t *testing.T) {
	w := newWorld(t)
	var c channelBody
	w.connect("forward", "hello@kiln.example", "Kiln").into(201, &c)
	at := "/api/channels/" + c.Account.ID
	w.mara("POST", at+"/test", "").into(200, &c)
	if c.Test == nil || !c.Test.ArrivedAt.IsZero() || len(w.mailed.sent) != 1 {
		t.Fatalf("%+v %d", c.Test, len(w.mailed.sent))
	}
	e := w.mailed.sent[0]
	m := email.Parse(e.Raw)
	signer := email.NewSigner(hosttest.Key, "parley.example")
	account, id, ok := signer.ProbeOf(m.Probe)
	_, inSubject, okToo := signer.ProbeOf(m.Subject)
	if e.From != channel.Prober("parley.example") || len(e.To) != 1 || e.To[0] != "hello@kiln.example" || !ok || account != c.Account.ID || id != c.Test.ID || !okToo || inSubject != id || m.Auto == "" || m.Loop != "" {
		t.Errorf("%+v %q %q", e, m.Probe, m.Subject)
	}
	w.mailed.no = fault.New(fault.Invalid, "the mail service refuses the message: Email address is not verified.")
	if p := w.mara("POST", at+"/test", "").refused(422, fault.Invalid); !strings.Contains(p.Detail, "not verified") {
		t.Error(p.Detail)
	}
	if c := w.channel(c.Account.ID); c.Test != nil {
		t.Errorf("a test that was not sent: %+v", c.Test)
	}
}

func TestDismissAConfirmation(t *testing.T) {
	w := newWorld(t)
	var c channelBody
	w.connect("forward", "hello@kiln.example", "Kiln").into(201, &c)
	if _, err := w.store.Settings.ChangeHealth(ctx, c.Account.ID, func(h channel.Health) (channel.Health, bool) {
		h.Confirmation = &channel.Confirmation{Provider: "gmail", Link: "https://mail-settings.google.com/mail/vf-1", From: "forwarding-noreply@google.com"}
		return h, true
	}); err != nil {
		t.Fatal(err)
	}
	w.mara("POST", "/api/channels/"+c.Account.ID+"/check", "").into(200, &c)
	if c.Confirmation == nil || c.Health.Code != "confirmation-waits" {
		t.Errorf("%+v", c)
	}
	for range 2 {
		w.mara("DELETE", "/api/channels/"+c.Account.ID+"/confirmation", "").into(200, &c)
		if c.Account.ID == "" || w.channel(c.Account.ID).Confirmation != nil || c.Health.Code != "test-never" {
			t.Errorf("%+v", c)
		}
	}
}

// What does not answer is unknown, never wrong.
func TestChecksWithoutAnswers(t *testing.T) {
	w := newWorld(t)
	w.senders.Down = fault.New(fault.Busy, "not now")
	w.zone = nil
	var c channelBody
	w.connect("mx", "help@clay.example", "Clay").into(201, &c)
	for _, x := range c.Checks {
		if x.State != channel.Unknown && x.Name != "test" {
			t.Errorf("%+v", x)
		}
	}
	if c.SendsFrom != "support@parley.example" || c.Account.Sending != "" {
		t.Errorf("%+v", c)
	}
}

// Which domain is asked for, which one is made known, and what is begun anew.
func TestIdentities(t *testing.T) {
	for name, c := range map[string]struct {
		known   []sender.Identity
		address string
		calls   string
		state   inbox.Sending
	}{
		"nobody knows it":       {nil, "a@team.kiln.example", "identity team.kiln.example, identity kiln.example, prove team.kiln.example", inbox.SendingPending},
		"it is known":           {[]sender.Identity{{Domain: "kiln.example", Status: sender.Verified}}, "a@kiln.example", "identity kiln.example", inbox.SendingVerified},
		"the one above is":      {[]sender.Identity{{Domain: "kiln.example", Status: sender.Verified}}, "a@team.kiln.example", "identity team.kiln.example, identity kiln.example", inbox.SendingVerified},
		"it failed, of others'": {[]sender.Identity{{Domain: "kiln.example", Status: sender.Failed}}, "a@kiln.example", "identity kiln.example", inbox.SendingFailed},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for _, i := range c.known {
				w.senders.Set(i)
			}
			var got channelBody
			w.connect("forward", c.address, "Kiln").into(201, &got)
			var calls []string
			for _, x := range w.senders.Calls() {
				if x != "account" {
					calls = append(calls, x)
				}
			}
			if s := strings.Join(calls, ", "); s != c.calls || got.Account.Sending != c.state {
				t.Errorf("%s, %s", s, got.Account.Sending)
			}
		})
	}
	w := newWorld(t)
	var c channelBody
	w.connect("forward", "a@kiln.example", "Kiln").into(201, &c)
	w.senders.Set(sender.Identity{Domain: "kiln.example", Status: sender.Failed})
	w.mara("POST", "/api/channels/"+c.Account.ID+"/check", "").into(200, &c)
	calls := slices.DeleteFunc(w.senders.Calls(), func(x string) bool { return x == "account" }) // asked at the same time
	if s := strings.Join(calls, ", "); !strings.Contains(s, "forget kiln.example, prove kiln.example") || c.Account.Sending != inbox.SendingPending {
		t.Errorf("ours failed: %s, %s", s, c.Account.Sending)
	}
}

// thread is a conversation of an account.
func (w *world) threadOf(id string, a inbox.Account) {
	w.Helper()
	w.account = a
	w.receive(id)
}

func (w *world) reply(thread string) events.MessageSent {
	w.Helper()
	var c changeBody
	w.mara("POST", "/api/threads/"+thread+"/messages", `{"text":"Hello"}`, "Idempotency-Key", thread+time.Now().String()).into(201, &c)
	return *c.sent(w)
}

// Replies leave from the hosted address until the domain is proved, and from the inbox's own when the account is gone. A reply finds out by
// itself that the domain is proved by now.
func TestWhereRepliesLeaveFrom(t *testing.T) {
	w := newWorld(t)
	var c channelBody
	w.connect("forward", "hello@kiln.example", "Kiln").into(201, &c)
	w.threadOf("t1", c.Account)
	if m := w.reply("t1"); m.From != (events.Address{Name: "Mara Lind (Kiln)", Email: "hello-kiln@parley.example"}) {
		t.Errorf("pending: %+v", m.From)
	}
	w.senders.Set(sender.Identity{Domain: "kiln.example", Status: sender.Verified})
	asked := len(w.senders.Calls())
	if m := w.reply("t1"); m.From.Email != "hello-kiln@parley.example" || len(w.senders.Calls()) != asked {
		t.Errorf("asked again within minutes: %+v %v", m.From, w.senders.Calls()[asked:])
	}
	w.later = limit.ProofPause + time.Minute
	if m := w.reply("t1"); m.From.Email != "hello@kiln.example" {
		t.Errorf("proved: %+v", m.From)
	}
	asked = len(w.senders.Calls())
	w.later *= 3
	if w.reply("t1"); len(w.senders.Calls()) != asked {
		t.Errorf("a proved domain was asked for: %v", w.senders.Calls()[asked:])
	}
	if p := w.mara("POST", "/api/threads/t1/messages", `{"text":"x","to":[{"email":"hello-kiln@parley.example"}]}`, "Idempotency-Key", "own").refused(422, fault.Invalid); !strings.Contains(p.Detail, "own address") {
		t.Error(p.Detail)
	}
	w.mara("PUT", "/api/channels/"+c.Account.ID, `{"fromName":"team"}`).into(200, nil)
	w.mara("DELETE", "/api/channels/"+c.Account.ID, "").into(200, nil)
	if m := w.reply("t1"); m.From != (events.Address{Name: "Kiln", Email: "support@parley.example"}) {
		t.Errorf("disconnected: %+v", m.From)
	}
	var view struct{ ReplyTo []events.Address }
	w.threadOf("t2", c.Account)
	w.mara("GET", "/api/threads/t2", "").into(200, &view)
	if len(view.ReplyTo) != 1 || view.ReplyTo[0].Email != lena.Address {
		t.Errorf("%+v", view)
	}
}

// A mail system that does not answer keeps no reply back.
func TestAReplyDoesNotWaitForTheProof(t *testing.T) {
	w := newWorld(t)
	var c channelBody
	w.connect("forward", "hello@kiln.example", "Kiln").into(201, &c)
	w.threadOf("t1", c.Account)
	w.later, w.senders.Down = time.Hour, fault.New(fault.Busy, "not now")
	if m := w.reply("t1"); m.From.Email != "hello-kiln@parley.example" {
		t.Errorf("%+v", m.From)
	}
}

func TestMakeInboxes(t *testing.T) {
	w := newWorld(t)
	var in struct {
		inbox.Inbox
		Accounts []inbox.Account
	}
	a := w.mara("POST", "/api/inboxes", `{"name":" Front  desk "}`).into(201, &in)
	if in.Name != "Front desk" || len(in.Accounts) != 1 || in.Accounts[0].Address != "front-desk@parley.example" || a.headers["etag"] != `"1"` {
		t.Fatalf("%+v %v", in, a.headers)
	}
	w.mara("PUT", "/api/inboxes/"+in.ID, `{"name":"Reception"}`, "If-Match", `"1"`).into(200, &in)
	if in.Name != "Reception" || in.Revision != 2 || len(in.Accounts) != 1 {
		t.Errorf("%+v", in)
	}
	w.mara("PUT", "/api/inboxes/"+in.ID, `{"name":"Late"}`, "If-Match", `"1"`).refused(412, fault.Conflict)
	// The name, the members and the hours are of one revision: who looked before any of them changed is told.
	members, worked := "/api/inboxes/"+in.ID+"/members", "/api/inboxes/"+in.ID+"/hours"
	w.mara("PUT", members, `{"everyone":false,"users":["mara"]}`, "If-Match", `"1"`).refused(412, fault.Conflict)
	if a := w.mara("PUT", members, `{"everyone":false,"users":["mara"]}`, "If-Match", `"2"`).into(200, &in); a.headers["etag"] != `"3"` || in.Members.Everyone {
		t.Errorf("%+v %v", in, a.headers)
	}
	w.mara("PUT", worked, `{"hours":""}`, "If-Match", `"2"`).refused(412, fault.Conflict)
	w.mara("PUT", members, `{"everyone":true}`, "If-Match", `"2"`).refused(412, fault.Conflict)
	w.mara("PUT", "/api/inboxes/"+in.ID, `{"name":" "}`).refused(422, fault.Invalid)
	w.mara("PUT", "/api/inboxes/nowhere", `{"name":"X"}`).refused(404, fault.NotFound)
	w.mara("POST", "/api/inboxes", `{"name":""}`).refused(422, fault.Invalid)
	if got := w.changes(); got != "inbox members, inbox renamed, inbox created" {
		t.Error(got)
	}
}

func TestLiftASuppression(t *testing.T) {
	w := newWorld(t)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	w.senders.Lifted["a+b@shop.example"] = sender.Suppressed{Address: "a+b@shop.example", Reason: "BOUNCE", At: at}
	var s struct {
		Address, Reason string
		At              time.Time
	}
	agent := func(method, path string) answer {
		return w.call(call{method: method, path: path, user: "jonas"})
	}
	agent("GET", "/api/suppressed/A%2Bb@Shop.example").into(200, &s)
	if s.Address != "a+b@shop.example" || s.Reason != "BOUNCE" || !s.At.Equal(at) {
		t.Errorf("%+v", s)
	}
	agent("DELETE", "/api/suppressed/a%2Bb@shop.example").into(204, nil)
	agent("GET", "/api/suppressed/a%2Bb@shop.example").refused(404, fault.NotFound)
	agent("DELETE", "/api/suppressed/a%2Bb@shop.example").refused(404, fault.NotFound)
	agent("DELETE", "/api/suppressed/nobody").refused(422, fault.Invalid)
	list, _, err := w.store.Settings.Changes(ctx, "", 10)
	if err != nil || len(list) != 2 || list[0].By.Name != "Jonas" || list[0].Of != "a+b@shop.example" || list[0].What != "suppression" {
		t.Errorf("%+v %v", list, err)
	}
}
