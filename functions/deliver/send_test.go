package deliver_test

import (
	"errors"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/mailer"
)

func held(m *events.MessageSent) { m.Held = true }

// header reads a mail's header as any program does.
func header(t *testing.T, raw []byte) mail.Header {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return m.Header
}

func (p *post) order() (ids []string) {
	for _, e := range p.Sent() {
		ids = append(ids, e.Tags["delivery"])
	}
	return ids
}

func (p *post) withdraw(t *testing.T, id string, seq int64) {
	t.Helper()
	_, err := p.st.Threads.Do(hosttest.Context(), thread, "", func(th inbox.Thread) (inbox.Decision, error) {
		return th.Withdraw(mara, events.MessageWithdrawn{Message: id, Delivery: "d" + id, Sent: seq})
	}, p.st.Outbox.Withdrawal(thread, seq))
	if err != nil {
		t.Fatal(err)
	}
}

func (p *post) retry(t *testing.T, id string, seq int64) error {
	t.Helper()
	j := p.job(t, seq)
	_, to := j.Again()
	if len(to) == 0 {
		to = []string{"nobody"}
	}
	_, err := p.st.Threads.Do(hosttest.Context(), thread, "", func(th inbox.Thread) (inbox.Decision, error) {
		return th.Retry(mara, events.MessageRetried{Message: id, Delivery: "d" + id, Sent: seq, To: to})
	}, p.st.Outbox.Again(thread, seq, to))
	return err
}

func (p *post) head(t *testing.T) inbox.Thread {
	t.Helper()
	h, err := p.st.Threads.Head(hosttest.Context(), thread)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// A held message is sent by sweep if nobody ends its hold, and those behind it keep their place.
func TestAHeldMessageHoldsBackThoseBehindIt(t *testing.T) {
	p := open(t)
	p.reply(t, "m1", held)
	p.reply(t, "m2", nil)
	p.run(t)
	if len(p.Sent()) != 0 || p.job(t, 3).State != inbox.DeliveryHeld {
		t.Fatalf("sent %v, %+v", p.order(), p.job(t, 3))
	}
	p.Pass(limit.UndoTime)
	p.minutes(t, 1)
	if !slices.Equal(p.order(), []string{"dm1", "dm2"}) {
		t.Errorf("sent %v", p.order())
	}
}

// A worker who comes for another message after the hold's time sends the held one first: nobody waits for sweep.
func TestAnOverdueHoldIsNoHold(t *testing.T) {
	p := open(t)
	p.reply(t, "m1", held)
	p.run(t)
	p.Pass(limit.UndoTime + time.Second)
	p.reply(t, "m2", nil)
	p.run(t)
	if !slices.Equal(p.order(), []string{"dm1", "dm2"}) {
		t.Errorf("sent %v", p.order())
	}
}

func TestAReleasedMessageGoesAtOnce(t *testing.T) {
	p := open(t)
	p.reply(t, "m1", held)
	p.reply(t, "m2", nil)
	p.run(t)
	if _, err := p.st.Outbox.Release(hosttest.Context(), thread, 3); err != nil {
		t.Fatal(err)
	}
	p.run(t)
	if !slices.Equal(p.order(), []string{"dm1", "dm2"}) {
		t.Errorf("sent %v", p.order())
	}
}

// What is withdrawn is never sent, and those behind it go at once.
func TestAWithdrawnMessageLetsTheOthersGo(t *testing.T) {
	p := open(t)
	p.reply(t, "m1", held)
	p.reply(t, "m2", nil)
	p.run(t)
	p.withdraw(t, "m1", 3)
	p.run(t)
	if !slices.Equal(p.order(), []string{"dm2"}) {
		t.Errorf("sent %v", p.order())
	}
	p.pos = 0 // every record once more
	p.run(t)
	p.minutes(t, 15)
	if len(p.Sent()) != 1 || p.job(t, 3).State != inbox.DeliveryWithdrawn {
		t.Errorf("sent %v, %+v", p.order(), p.job(t, 3))
	}
}

// Blind copies are in the envelope and nowhere in the mail; the headers are those of people's mail.
func TestHeaders(t *testing.T) {
	p := open(t)
	p.reply(t, "m1", func(m *events.MessageSent) {
		m.Cc = []events.Address{{Email: "cfo@x.example"}}
		m.Bcc = []events.Address{{Name: "Boss", Email: "boss@parley.example"}, {Email: "lena@x.example"}}
	})
	p.run(t)
	e := p.Sent()[0]
	if !slices.Equal(e.To, []string{"lena@x.example", "cfo@x.example", "boss@parley.example"}) {
		t.Errorf("envelope %v", e.To)
	}
	if strings.Contains(strings.ToLower(string(e.Raw)), "boss") {
		t.Errorf("the mail tells of the blind copy:\n%s", e.Raw)
	}
	h := header(t, e.Raw)
	for _, name := range []string{"Bcc", "Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "List-Unsubscribe", "List-Id"} {
		if h.Get(name) != "" {
			t.Errorf("%s: %s", name, h.Get(name))
		}
	}
	if own := "<" + signer.MessageID(thread, "m1") + ">"; h.Get("Message-ID") != own || !strings.HasSuffix(h.Get("References"), own) || h.Get("In-Reply-To") != "<first@x.example>" {
		t.Errorf("ids %v", h)
	}
	if !strings.Contains(h.Get("Reply-To"), signer.ReplyAddress(thread)) {
		t.Errorf("reply-to %s", h.Get("Reply-To"))
	}
}

// Rule 11: a forward does not carry the thread's signed address, and answers nothing.
func TestAForwardCarriesNoKey(t *testing.T) {
	p := open(t)
	m := events.MessageSent{
		Message: "m1", Delivery: "dm1", From: events.Address{Name: "Mara", Email: "support@parley.example"}, To: []events.Address{{Email: "maker@parts.example"}},
		Subject: "Fwd: Invoice", Body: events.Body{Text: "Please look."}, Forwards: 2,
	}
	if _, err := p.st.Threads.Do(hosttest.Context(), thread, "", func(th inbox.Thread) (inbox.Decision, error) { return th.Forward(mara, m) }); err != nil {
		t.Fatal(err)
	}
	p.run(t)
	raw := p.Sent()[0].Raw
	if strings.Contains(string(raw), signer.ReplyAddress(thread)) {
		t.Errorf("the signed address:\n%s", raw)
	}
	h := header(t, raw)
	if own := "<" + signer.MessageID(thread, "m1") + ">"; h.Get("Reply-To") != "" || h.Get("In-Reply-To") != "" || h.Get("References") != own {
		t.Errorf("headers %v", h)
	}
}

// Rich text goes as it was kept, with its images beside it and its files behind.
func TestRichText(t *testing.T) {
	p := open(t)
	p.Put("files", "t/1.html", []byte(`<p>See <img src="cid:pic@parley.example"></p>`))
	p.Put("files", "t/pic", []byte("PNG"))
	p.Put("files", "t/file", []byte("PDF"))
	p.reply(t, "m1", func(m *events.MessageSent) {
		m.Body = events.Body{Text: "See", HTMLRef: "t/1.html"}
		m.Attachments = []events.Attachment{
			{Name: "pic.png", Type: "image/png", Ref: "t/pic", Inline: true, ContentID: "pic@parley.example"}, {Name: "a.pdf", Type: "application/pdf", Ref: "t/file"},
		}
	})
	p.run(t)
	raw := p.Sent()[0].Raw
	m := email.Parse(raw)
	if m.Text != "See" || !strings.Contains(m.HTML, `src="cid:pic@parley.example"`) || len(m.Attachments) != 2 || !m.Attachments[0].Inline || m.Attachments[1].Inline {
		t.Errorf("%q %q %+v", m.Text, m.HTML, m.Attachments)
	}
	var kinds []string
	for _, line := range strings.Split(string(raw), "\r\n") {
		if kind, ok := strings.CutPrefix(line, "Content-Type: "); ok {
			kinds = append(kinds, strings.SplitN(kind, ";", 2)[0])
		}
	}
	if want := "multipart/mixed multipart/related multipart/alternative text/plain text/html image/png application/pdf"; strings.Join(kinds, " ") != want {
		t.Errorf("parts %v", kinds)
	}
}

// A failed message stands out in its thread, once for everybody it was for, whatever crashes; a retry goes to those alone.
func TestAFailureIsTold(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
		p := openIn(t, w)
		strike := w.Strike
		w.Strike = nil
		p.reply(t, "m1", func(m *events.MessageSent) { m.Cc = []events.Address{{Email: "cfo@x.example"}} })
		p.Send = func(mailer.Envelope) (string, error) { return "", fault.New(fault.Invalid, "No.") }
		w.Strike = strike
		p.run(t)
		w.Strike = nil
		p.minutes(t, 15)
		head := p.head(t)
		j := p.job(t, 3)
		if j.State != inbox.DeliveryFailed || j.Code != inbox.CarrierRefused || j.Recipients[1].Code != inbox.CarrierRefused || head.Undelivered != 5 || head.Seq != 5 {
			t.Errorf("%+v, undelivered %d of %d entries", j, head.Undelivered, head.Seq)
		}
	})
}

func TestRetry(t *testing.T) {
	p := open(t)
	p.reply(t, "m1", func(m *events.MessageSent) { m.Cc = []events.Address{{Email: "cfo@x.example"}} })
	p.run(t)
	if err := p.retry(t, "m1", 3); !fault.Is(err, fault.Conflict) {
		t.Errorf("nobody is lost: %v", err)
	}
	first := p.job(t, 3)
	if _, err := p.st.Outbox.Hear(hosttest.Context(), thread, 3, "dm1", inbox.News{Carrier: first.Carrier, Recipients: []inbox.Recipient{
		{Address: "cfo@x.example", State: "bounced", Code: inbox.MailboxFull},
	}}); err != nil {
		t.Fatal(err)
	}
	p.reply(t, "m2", nil)
	p.run(t)
	if err := p.retry(t, "m1", 3); err != nil {
		t.Fatal(err)
	}
	p.run(t)
	sent := p.Sent()
	if len(sent) != 3 || !slices.Equal(sent[2].To, []string{"cfo@x.example"}) || sent[2].Tags["try"] != "1" || sent[0].Tags["try"] != "" {
		t.Fatalf("sent %v", sent)
	}
	if h := header(t, sent[2].Raw); !strings.Contains(h.Get("To"), "lena@x.example") || h.Get("Message-ID") != header(t, sent[0].Raw).Get("Message-ID") {
		t.Errorf("it is another mail: %v", h)
	}
	if j := p.job(t, 3); j.State != inbox.DeliverySent || j.Recipients[0].State != "sent" || j.Recipients[1].State != "sent" || j.Carrier == first.Carrier {
		t.Errorf("%+v", j)
	}
	p.pos = 0
	p.run(t)
	p.minutes(t, 5)
	if n := len(p.Sent()); n != 3 {
		t.Errorf("%d sent after redelivery", n)
	}
}

// A retry that finds the thread in another worker's hands waits for sweep.
func TestARetryThatFindsTheLeaseTaken(t *testing.T) {
	p := open(t)
	p.Send = func(mailer.Envelope) (string, error) { return "", fault.New(fault.Invalid, "No.") }
	p.reply(t, "m1", nil)
	p.run(t)
	p.Send = nil
	lease, ok, err := p.st.Outbox.Lease(hosttest.Context(), thread, "another", 0)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if err := p.retry(t, "m1", 3); err != nil {
		t.Fatal(err)
	}
	p.run(t)
	if _, err := lease.Release(hosttest.Context()); err != nil || len(p.Sent()) != 0 {
		t.Fatal(err, p.order())
	}
	p.minutes(t, 2)
	if !slices.Equal(p.order(), []string{"dm1"}) || p.job(t, 3).State != inbox.DeliverySent {
		t.Errorf("sent %v, %+v", p.order(), p.job(t, 3))
	}
}

// While it is in doubt, nobody knows of any recipient; what is known in the end overrules it.
func TestDoubtShowsOnRecipients(t *testing.T) {
	p := open(t)
	p.Send = func(mailer.Envelope) (string, error) { return "", errors.New("connection reset") }
	p.reply(t, "m1", nil)
	p.run(t)
	if j := p.job(t, 3); j.State != inbox.DeliveryUnknown || j.Code != inbox.InDoubt || j.Recipients[0].State != "unknown" || j.Recipients[0].Code != inbox.InDoubt {
		t.Errorf("%+v", j)
	}
	if _, err := p.st.Outbox.Hear(hosttest.Context(), thread, 3, "dm1", inbox.News{Carrier: "ses-1"}); err != nil {
		t.Fatal(err)
	}
	if j := p.job(t, 3); j.State != inbox.DeliverySent || j.Code != "" || j.Recipients[0].State != "sent" || j.Recipients[0].Code != "" {
		t.Errorf("%+v", j)
	}
}
