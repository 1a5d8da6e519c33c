package deliver_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/functions/deliver"
	"parley/functions/sweep"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/mailer"
	"parley/shared/store"
)

var (
	signer = email.NewSigner(hosttest.Key, "parley.example")
	mara   = events.Actor{Kind: events.Bot, ID: "u1", Name: "Mara"} // a bot: who answers as an agent takes the thread, which is another test's
	thread = "01k0000000000000000000000a"
)

// post is the worker in its world, with one thread.
type post struct {
	*hosttest.World
	h, sweep host.Handler
	st       *store.Store
	pos      int64
}

func open(t *testing.T) *post {
	w := hosttest.New(t)
	return openIn(t, w)
}

func openIn(t *testing.T, w *hosttest.World) *post {
	t.Helper()
	strike := w.Strike
	w.Strike = nil
	n := 0
	names := store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}
	p := &post{World: w, h: w.Build(t, deliver.New), sweep: w.Build(t, sweep.New)}
	p.st = store.Open(w.DB, names, w.Now, func() string { n++; return fmt.Sprintf("test%06d", n) })
	ctx := hosttest.Context()
	if err := p.st.Settings.Birth(ctx, "parley.example"); err != nil {
		t.Fatal(err)
	}
	account, err := p.st.Settings.AccountByAddress(ctx, "support@parley.example")
	if err != nil {
		t.Fatal(err)
	}
	lena := events.Contact{ID: "c1", Name: "Lena", Address: "lena@x.example"}
	_, err = p.st.Threads.Do(ctx, thread, "", func(th inbox.Thread) (inbox.Decision, error) {
		return th.Open(events.ThreadOpened{Inbox: account.Inbox, Account: account.ID, Channel: "email", Subject: "Invoice", Contact: lena},
			events.MessageReceived{Message: "m0", Contact: lena, Email: &events.Email{MessageID: "first@x.example"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Strike = strike
	return p
}

// reply commits an answer of Mara's.
func (p *post) reply(t *testing.T, id string, edit func(*events.MessageSent)) {
	t.Helper()
	m := events.MessageSent{
		Message: id, Delivery: "d" + id, From: events.Address{Name: "Mara — Support", Email: "support@parley.example"},
		To:      []events.Address{{Name: "Lena", Email: "lena@x.example"}},
		Subject: "Re: Invoice", Body: events.Body{Text: "Hello Lena,\n\nhere it is: https://x.example/a?b=1&c=2.\n<Mara>"},
		Email: &events.Email{InReplyTo: "first@x.example", References: []string{"root@x.example", "first@x.example"}},
	}
	if edit != nil {
		edit(&m)
	}
	_, err := p.st.Threads.Do(hosttest.Context(), thread, "", func(th inbox.Thread) (inbox.Decision, error) { return th.Reply(mara, m) })
	if err != nil {
		t.Fatal(err)
	}
}

// run brings the stream's ready records to the worker, as the filter of the template lets them through.
func (p *post) run(t *testing.T) {
	t.Helper()
	p.pos = p.Deliver(t, p.h, "outbox", p.pos, 5)
}

// minutes lets the clock run on, with sweep every minute.
func (p *post) minutes(t *testing.T, n int) {
	t.Helper()
	for range n {
		p.Pass(time.Minute)
		if _, err := p.sweep.Invoke(hosttest.Context(), nil); err != nil {
			t.Fatal(err)
		}
		p.run(t)
	}
}

func (p *post) job(t *testing.T, seq int64) store.Job {
	t.Helper()
	j, err := p.st.Outbox.Get(hosttest.Context(), thread, seq)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestSend(t *testing.T) {
	p := open(t)
	p.Put("files", "f/1", []byte("%PDF"))
	p.reply(t, "m1", func(m *events.MessageSent) {
		m.Cc = []events.Address{{Email: "karl@y.example"}, {Email: "lena@x.example"}}
		m.Attachments = []events.Attachment{{Name: "a.pdf", Type: "application/pdf", Size: 4, Ref: "f/1"}}
	})
	p.run(t)
	sent := p.Sent()
	if len(sent) != 1 {
		t.Fatalf("%d sent", len(sent))
	}
	e := sent[0]
	if e.From != "support@parley.example" || !slices.Equal(e.To, []string{"lena@x.example", "karl@y.example"}) || e.Tags["delivery"] != "dm1" || e.Tags["thread"] != thread {
		t.Errorf("envelope %+v", e)
	}
	m := email.Parse(e.Raw)
	own := signer.MessageID(thread, "m1")
	if m.MessageID != own || m.Loop != own || len(m.InReplyTo) != 1 || m.InReplyTo[0] != "first@x.example" || !slices.Equal(m.References, []string{"root@x.example", "first@x.example", own}) {
		t.Errorf("ids %+v", m)
	}
	if len(m.ReplyTo) != 1 || m.ReplyTo[0] != (email.Address{Name: "Support", Email: signer.ReplyAddress(thread)}) || m.From.Name != "Mara — Support" {
		t.Errorf("from %+v, reply to %+v", m.From, m.ReplyTo)
	}
	if !strings.Contains(m.Text, "here it is: https://x.example/a?b=1&c=2.") || !strings.Contains(string(e.Raw), "multipart/alternative") || len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "%PDF" {
		t.Errorf("body %q", m.Text)
	}
	if !strings.Contains(m.HTML, `href="https://x.example/a?b=1&amp;c=2"`) || !strings.Contains(m.HTML, "&lt;Mara&gt;") {
		t.Errorf("html %q", m.HTML)
	}
	j := p.job(t, 3)
	if j.State != inbox.DeliverySent || j.Carrier == "" || j.Attempts != 1 || j.Recipients[0].State != "sent" {
		t.Errorf("job %+v", j)
	}
	c, err := p.st.Threads.ByClaims(hosttest.Context(), store.CarrierClaim(j.Carrier))
	if err != nil || c[store.CarrierClaim(j.Carrier)] != (store.Claim{Thread: thread, Seq: 3}) {
		t.Errorf("claim %v %v", c, err)
	}
	p.pos = 0 // every record once more
	p.run(t)
	p.minutes(t, 15)
	if n := len(p.Sent()); n != 1 {
		t.Errorf("%d sent after redelivery", n)
	}
}

func TestLongTextComesFromTheBucket(t *testing.T) {
	p := open(t)
	p.Put("files", "t/long.txt", []byte(strings.Repeat("Long. ", 1000)))
	p.reply(t, "m1", func(m *events.MessageSent) { m.Body = events.Body{TextRef: "t/long.txt"} })
	p.run(t)
	if m := email.Parse(p.Sent()[0].Raw); !strings.HasPrefix(m.Text, "Long. Long.") {
		t.Errorf("text %q", m.Text)
	}
}

func TestRefusedForGood(t *testing.T) {
	p := open(t)
	p.Send = func(mailer.Envelope) (string, error) {
		return "", fault.New(fault.Invalid, "The address is on the suppression list.")
	}
	p.reply(t, "m1", nil)
	p.reply(t, "m2", nil)
	p.run(t)
	if j := p.job(t, 3); j.State != inbox.DeliveryFailed || j.Reason != "The address is on the suppression list." || j.Recipients[0].State != "failed" {
		t.Errorf("job %+v", j)
	}
	if j := p.job(t, 4); j.State != inbox.DeliveryFailed {
		t.Errorf("the one behind it: %+v", j)
	}
}

func TestWhatCannotBeComposedFails(t *testing.T) {
	p := open(t)
	p.reply(t, "m1", func(m *events.MessageSent) { m.Subject = "a\r\nBcc: all@x.example" })
	p.reply(t, "m2", func(m *events.MessageSent) { m.Body = events.Body{TextRef: "t/missing.txt"} })
	p.reply(t, "m3", nil)
	p.run(t)
	for seq, want := range map[int64]inbox.DeliveryState{3: inbox.DeliveryFailed, 4: inbox.DeliveryFailed, 5: inbox.DeliverySent} {
		if j := p.job(t, seq); j.State != want || want == inbox.DeliveryFailed && j.Reason == "" {
			t.Errorf("job %d: %+v", seq, j)
		}
	}
}

func TestBusyComesAgainInOrder(t *testing.T) {
	p := open(t)
	calls := 0
	p.Send = func(mailer.Envelope) (string, error) {
		if calls++; calls <= 3 {
			return "", fault.New(fault.Busy, "Too many messages.")
		}
		return "", nil
	}
	p.reply(t, "m1", nil)
	p.reply(t, "m2", nil)
	p.run(t)
	if j := p.job(t, 3); j.State != inbox.DeliveryPending || !j.Due.Equal(p.Now().Add(limit.SendBackoff)) || j.Reason != "Too many messages." {
		t.Errorf("job %+v", j)
	}
	if j := p.job(t, 4); j.State != inbox.DeliveryPending || j.Attempts != 0 {
		t.Errorf("the one behind it was tried: %+v", j)
	}
	p.minutes(t, 4)
	var order []string
	for _, e := range p.Sent() {
		order = append(order, e.Tags["delivery"])
	}
	if !slices.Equal(order, []string{"dm1", "dm2"}) || calls != 5 {
		t.Errorf("sent %v in %d calls", order, calls)
	}
}

func TestBusyForEverFails(t *testing.T) {
	p := open(t)
	calls := 0
	p.Send = func(mailer.Envelope) (string, error) { calls++; return "", fault.New(fault.Busy, "Too many messages.") }
	p.reply(t, "m1", nil)
	p.run(t)
	p.minutes(t, 60)
	if j := p.job(t, 3); j.State != inbox.DeliveryFailed || calls != limit.SendAttempts {
		t.Errorf("after %d calls: %+v", calls, j)
	}
}

func TestDoubt(t *testing.T) {
	p := open(t)
	calls := 0
	p.Send = func(m mailer.Envelope) (string, error) {
		if calls++; m.Tags["delivery"] == "dm1" {
			return "", errors.New("connection reset")
		}
		return "", nil
	}
	p.reply(t, "m1", nil)
	p.reply(t, "m2", nil)
	p.run(t)
	if j := p.job(t, 3); j.State != inbox.DeliveryUnknown || j.Reason == "" {
		t.Errorf("job %+v", j)
	}
	if j := p.job(t, 4); j.State != inbox.DeliverySent {
		t.Errorf("the one behind it waits: %+v", j)
	}
	p.minutes(t, 9)
	if calls != 2 {
		t.Errorf("%d calls before its time", calls)
	}
	p.minutes(t, 2)
	if j := p.job(t, 3); calls != 3 || j.State != inbox.DeliveryUnknown {
		t.Errorf("%d calls, %+v", calls, j)
	}
	p.minutes(t, 30)
	if j := p.job(t, 3); calls != 3 || j.State != inbox.DeliveryFailed {
		t.Errorf("it was sent a third time, or waits for ever: %d calls, %+v", calls, j)
	}
}

// TestEveryCrash: whatever call is the last of a process or fails, each message goes out once, or twice only where the carrier had it and its
// answer was lost; then the job was in doubt for limit.UnknownWait in between. Nothing is ever lost or out of order.
func TestEveryCrash(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
		p := openIn(t, w)
		strike := w.Strike
		w.Strike = nil
		p.reply(t, "m1", nil)
		p.reply(t, "m2", nil)
		began := p.Now()
		w.Strike = strike
		p.run(t)
		w.Strike = nil
		p.h = w.Build(t, deliver.New)
		p.minutes(t, 15)
		count := map[string]int{}
		var order []string
		for _, e := range p.Sent() {
			id := e.Tags["delivery"]
			if count[id]++; count[id] == 1 {
				order = append(order, id)
			}
		}
		for seq, id := range map[int64]string{3: "dm1", 4: "dm2"} {
			j := p.job(t, seq)
			if j.State != inbox.DeliverySent || count[id] < 1 || count[id] > 1+j.Doubt {
				t.Errorf("%s sent %d times: %+v", id, count[id], j)
			}
			if j.Doubt > 0 && j.At.Sub(began) < limit.UnknownWait {
				t.Errorf("%s was sent again too soon: %+v", id, j)
			}
		}
		if p.job(t, 3).Doubt == 0 && !slices.IsSorted(order) {
			t.Errorf("order %v", order)
		}
	})
}

func TestTwoWorkersAtOnce(t *testing.T) {
	p := open(t)
	for i := range 10 {
		p.reply(t, fmt.Sprintf("m%d", i), nil)
	}
	changes, err := p.DB.Read(hosttest.Context(), "outbox", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	payload := hosttest.StreamPayload(changes)
	done := make(chan error)
	for range 8 {
		go func() {
			_, err := p.h.Invoke(hosttest.Context(), payload)
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	p.minutes(t, 3)
	var order []string
	for _, e := range p.Sent() {
		order = append(order, e.Tags["delivery"])
	}
	if len(order) != 10 || !slices.IsSorted(order) {
		t.Errorf("sent %v", order)
	}
}

func TestStrangeRecordsPass(t *testing.T) {
	p := open(t)
	for _, r := range []string{
		`{}`, `{"dynamodb":{"NewImage":null}}`, `{"dynamodb":{"NewImage":{"pk":{"S":"T#a"}}}}`,
		`{"dynamodb":{"NewImage":{"pk":{"S":"T#a"},"sk":{"S":"L"},"rev":{"N":"1"},"holder":{"S":"x"}}}}`,
		`{"dynamodb":{"NewImage":{"pk":{"S":"T#a"},"sk":{"S":"D#1"},"rev":{"N":"1"},"kind":{"N":"1"}}}}`,
	} {
		answer, err := p.h.Invoke(hosttest.Context(), []byte(`{"Records":[`+r+`]}`))
		if err != nil || len(hosttest.Failures(t, answer)) > 0 {
			t.Errorf("%s: %s %v", r, answer, err)
		}
	}
}

func TestWatchersSeeTheDelivery(t *testing.T) {
	p := open(t)
	ctx := hosttest.Context()
	p.Connect("c1")
	if _, err := p.st.Settings.SignedIn(ctx, "u1", "u1", "u1@team.example", true); err != nil { // admins see every inbox
		t.Fatal(err)
	}
	if err := p.st.Sockets.Connect(ctx, "c1", store.Identity{Kind: "agent", ID: "u1"}); err != nil {
		t.Fatal(err)
	}
	if err := p.st.Sockets.Watch(ctx, "c1", "thread:"+thread); err != nil {
		t.Fatal(err)
	}
	p.reply(t, "m1", nil)
	p.run(t)
	f := p.Frames("c1")
	if len(f) != 2 || !strings.Contains(f[0], `"state":"sending"`) || !strings.Contains(f[1], `"state":"sent"`) {
		t.Errorf("frames %v", f)
	}
}

// The carrier may say that it has a message while its next sending is prepared: then it is not sent again.
func TestTheCarriersWordStopsASending(t *testing.T) {
	p := open(t)
	heard := false
	p.reply(t, "m1", nil)
	p.Strike = func(call string, done bool) error {
		if call == "query threads" && !done && !heard {
			heard = true
			_, err := p.st.Outbox.Hear(hosttest.Context(), thread, 3, "dm1", inbox.News{Carrier: "ses-1"})
			return err
		}
		return nil
	}
	p.run(t)
	p.minutes(t, 15)
	if j := p.job(t, 3); !heard || len(p.Sent()) != 0 || j.State != inbox.DeliverySent || j.Carrier != "ses-1" {
		t.Errorf("heard %v, %d sent, job %+v", heard, len(p.Sent()), j)
	}
}
