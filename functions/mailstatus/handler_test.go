package mailstatus_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	awsevents "github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/functions/mailstatus"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/store"
)

const (
	thread = "01k0000000000000000000000a"
	ses    = "0102019cadb1e5d1-2f6f1c52-1a3a-4f7e-9a57-6d1f1f9b8a31-000000"
)

var (
	lena = events.Contact{ID: "c1", Name: "Lena", Address: "lena@atelier-novak.example"}
	mara = events.Actor{Kind: events.Bot, ID: "u1", Name: "Mara"} // a bot: who answers as an agent takes the thread, which is another test's
)

// desk is the function in its world: a thread with one reply, entry 3, to lena and cfo.
type desk struct {
	*hosttest.World
	h  host.Handler
	st *store.Store
}

func openIn(t *testing.T, w *hosttest.World) *desk {
	t.Helper()
	strike := w.Strike
	w.Strike = nil
	n := 0
	d := &desk{World: w, h: w.Build(t, mailstatus.New)}
	d.st = store.Open(w.DB, store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Settings: "settings", Sockets: "sockets"}, w.Now, func() string { n++; return fmt.Sprintf("test%06d", n) })
	d.do(t, func(th inbox.Thread) (inbox.Decision, error) {
		return th.Open(events.ThreadOpened{Inbox: "i1", Account: "a1", Channel: "email", Subject: "Invoice", Contact: lena}, events.MessageReceived{Message: "m0", Contact: lena})
	})
	d.do(t, func(th inbox.Thread) (inbox.Decision, error) {
		return th.Reply(mara, events.MessageSent{
			Message: "m1", Delivery: "d1", To: []events.Address{{Email: lena.Address}}, Cc: []events.Address{{Email: "cfo@atelier-novak.example"}}, Body: events.Body{Text: "Here."},
		})
	})
	w.Strike = strike
	return d
}

func open(t *testing.T) *desk { return openIn(t, hosttest.New(t)) }

func (d *desk) do(t *testing.T, f func(inbox.Thread) (inbox.Decision, error)) {
	t.Helper()
	if _, err := d.st.Threads.Do(hosttest.Context(), thread, "", f); err != nil {
		t.Fatal(err)
	}
}

// send does what deliver does, up to a state.
func (d *desk) send(t *testing.T, state inbox.DeliveryState) {
	t.Helper()
	ctx := hosttest.Context()
	l, ok, err := d.st.Outbox.Lease(ctx, thread, "worker", 0)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	jobs, err := l.Owed(ctx)
	if err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err)
	}
	j, err := l.Sending(ctx, jobs[0])
	switch state {
	case inbox.DeliverySent:
		if err == nil {
			err = d.st.Threads.Claim(ctx, store.CarrierClaim(ses), thread, 3)
		}
		if err == nil {
			_, err = l.Sent(ctx, j, ses)
		}
	case inbox.DeliveryUnknown:
		j.Doubt++
		_, err = l.Unknown(ctx, j, "no answer")
	case inbox.DeliveryFailed:
		_, err = l.Failed(ctx, j, inbox.CarrierRefused, "Twice we could not tell.")
	}
	if err == nil {
		_, err = l.Release(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sample reads a payload; edits replace text in it.
func sample(t *testing.T, name string, edits ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../events/samples/ses/event-" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.NewReplacer(edits...).Replace(string(raw)))
}

func (d *desk) hear(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := d.h.Invoke(hosttest.Context(), sample(t, name)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// states are the delivery's, lena's and cfo's.
func (d *desk) states(t *testing.T) string {
	t.Helper()
	j, err := d.st.Outbox.Get(hosttest.Context(), thread, 3)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(j.State, " ", j.Recipients[0].State, " ", j.Recipients[1].State)
}

// after lists the facts behind the reply.
func (d *desk) after(t *testing.T) []events.Fact {
	t.Helper()
	log, err := d.st.Threads.Entries(hosttest.Context(), thread, 4, 99)
	if err != nil {
		t.Fatal(err)
	}
	facts := []events.Fact{}
	for _, e := range log {
		f, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		if e.Actor != (events.Actor{Kind: events.System, ID: "mailstatus"}) {
			t.Errorf("%s by %+v", e.Type, e.Actor)
		}
		facts = append(facts, f)
	}
	return facts
}

var (
	bounced = events.MessageBounced{
		Message: "m1", Sent: 3, Delivery: "d1", Address: lena.Address, Kind: "Permanent/General", Reason: "smtp; 550 5.1.1 user unknown",
		Code: "no-such-address",
	}
	doubtful = events.MessageBounced{
		Message: "m1", Sent: 3, Delivery: "d1", Address: lena.Address, Doubtful: true, Kind: "Transient/General", Reason: "Transient/General",
		Code: "perhaps-auto-reply",
	}
	suppressed = events.MessageBounced{
		Message: "m1", Sent: 3, Delivery: "d1", Address: "cfo@atelier-novak.example", Kind: "suppressed",
		Reason: "The address is on the suppression list of our mail service: an earlier message came back or was called spam.", Code: "suppressed",
	}
	complained = events.MessageComplained{Message: "m1", Sent: 3, Delivery: "d1", Address: lena.Address, Kind: "abuse"}
)

func rejected(address, reason, code string) events.MessageBounced {
	return events.MessageBounced{Message: "m1", Sent: 3, Delivery: "d1", Address: address, Kind: "rejected", Reason: reason, Code: code}
}

func TestWhatSESSays(t *testing.T) {
	for name, c := range map[string]struct {
		says   []string
		states string
		facts  []events.Fact
	}{
		"sent":                        {[]string{"send"}, "sent sent sent", nil},
		"delivered":                   {[]string{"send", "delivery"}, "sent delivered sent", nil},
		"delayed":                     {[]string{"delay"}, "sent delayed sent", nil},
		"delayed, late":               {[]string{"delivery", "delay"}, "sent delivered sent", nil},
		"bounced":                     {[]string{"bounce"}, "sent bounced sent", []events.Fact{bounced}},
		"bounced, repeated":           {[]string{"bounce", "send", "bounce", "delivery"}, "sent bounced sent", []events.Fact{bounced}},
		"bounced in doubt":            {[]string{"bounce-doubtful"}, "sent bounced sent", []events.Fact{doubtful}},
		"delivered and out of office": {[]string{"delivery", "bounce-doubtful"}, "sent delivered sent", nil},
		"in doubt, then for good":     {[]string{"bounce-doubtful", "bounce"}, "sent bounced sent", []events.Fact{doubtful, bounced}},
		"suppressed":                  {[]string{"bounce-suppressed"}, "sent sent suppressed", []events.Fact{suppressed}},
		"complained":                  {[]string{"complaint", "delivery", "complaint"}, "sent complained sent", []events.Fact{complained}},
		"rejected": {[]string{"reject", "send"}, "failed failed failed", []events.Fact{
			rejected(lena.Address, "Bad content", "harmful-file"), rejected("cfo@atelier-novak.example", "Bad content", "harmful-file"),
		}},
		"not made": {[]string{"rendering-failure"}, "failed failed failed", []events.Fact{
			rejected(lena.Address, "Attribute 'attributeName' is not present in the rendering data.", "carrier-refused"),
			rejected("cfo@atelier-novak.example", "Attribute 'attributeName' is not present in the rendering data.", "carrier-refused"),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			d.send(t, inbox.DeliverySent)
			d.hear(t, c.says...)
			if got := d.states(t); got != c.states {
				t.Errorf("states %s, want %s", got, c.states)
			}
			if c.facts == nil {
				c.facts = []events.Fact{}
			}
			if diff := cmp.Diff(c.facts, d.after(t)); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestABounceReopens(t *testing.T) {
	d := open(t)
	d.send(t, inbox.DeliverySent)
	d.do(t, func(th inbox.Thread) (inbox.Decision, error) {
		return th.SetStatus(events.Actor{Kind: events.System, ID: "mailstatus"}, inbox.Closed)
	})
	d.hear(t, "bounce")
	if diff := cmp.Diff([]events.Fact{events.ThreadClosed{}, events.ThreadReopened{Cause: "bounce"}, bounced}, d.after(t)); diff != "" {
		t.Error(diff)
	}
}

// Whatever deliver believes, a word of SES's proves that it took the message, and answers to it find the thread.
func TestWhatWasInDoubtIsSent(t *testing.T) {
	for _, state := range []inbox.DeliveryState{inbox.DeliverySending, inbox.DeliveryUnknown, inbox.DeliveryFailed, inbox.DeliverySent} {
		t.Run(string(state), func(t *testing.T) {
			d := open(t)
			d.send(t, state)
			d.hear(t, "send")
			if got := d.states(t); got != "sent sent sent" {
				t.Errorf("states %s", got)
			}
			claim := store.CarrierClaim(ses)
			found, err := d.st.Threads.ByClaims(hosttest.Context(), claim)
			if err != nil || found[claim] != (store.Claim{Thread: thread, Seq: 3}) {
				t.Errorf("claim %v, %v", found, err)
			}
		})
	}
}

// After a retry, the first try's bounce says nothing new of who is tried again, and the second one's is another fact.
func TestEveryTryIsHeardByItself(t *testing.T) {
	d := open(t)
	d.send(t, inbox.DeliverySent)
	d.hear(t, "bounce")
	j, err := d.st.Outbox.Get(hosttest.Context(), thread, 3)
	if err != nil {
		t.Fatal(err)
	}
	_, to := j.Again()
	_, err = d.st.Threads.Do(hosttest.Context(), thread, "", func(th inbox.Thread) (inbox.Decision, error) {
		return th.Retry(events.Actor{Kind: events.System, ID: "mailstatus"}, events.MessageRetried{Message: "m1", Sent: 3, Delivery: "d1", To: to})
	}, d.st.Outbox.Again(thread, 3, to))
	if err != nil {
		t.Fatal(err)
	}
	d.hear(t, "bounce", "send")
	if got := d.states(t); got != "pending pending sent" {
		t.Errorf("states %s", got)
	}
	second := []string{`"delivery": [`, `"try": ["1"], "delivery": [`, `"delivery":[`, `"try":["1"],"delivery":[`, ses, ses + "-2"}
	for range 2 {
		if _, err := d.h.Invoke(hosttest.Context(), sample(t, "bounce", second...)); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.states(t); got != "sent bounced sent" {
		t.Errorf("states %s", got)
	}
	retried := events.MessageRetried{Message: "m1", Sent: 3, Delivery: "d1", To: []string{lena.Address}}
	if diff := cmp.Diff([]events.Fact{bounced, retried, bounced}, d.after(t)); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	bad := []string{`"delivery": [`, `"try": ["x"], "delivery": [`, `"delivery":[`, `"try":["x"],"delivery":[`}
	if _, err := d.h.Invoke(hosttest.Context(), sample(t, "bounce", bad...)); err != nil {
		t.Errorf("a tag that is none of ours: %v", err)
	}
}

func TestStrangersArePassedOver(t *testing.T) {
	d := open(t)
	d.send(t, inbox.DeliverySent)
	for name, edits := range map[string][]string{
		"no tags":          {`"tags"`, `"labels"`},
		"another delivery": {`"d1"`, `"d2"`},
		"another entry":    {`"3"`, `"2"`},
		"no number":        {`"3"`, `"x"`},
		"another thread":   {thread, "t2"},
		"another type":     {`"Bounce"`, `"Open"`},
		"other addresses":  {"Lena@", "stranger@"},
	} {
		if _, err := d.h.Invoke(hosttest.Context(), sample(t, "bounce", edits...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := d.states(t); got != "sent sent sent" || len(d.after(t)) != 0 {
		t.Errorf("states %s, facts %v", got, d.after(t))
	}
	for _, broken := range []string{`{`, `{"detail":[]}`} {
		if _, err := d.h.Invoke(hosttest.Context(), []byte(broken)); err == nil {
			t.Errorf("%s passed: nobody would ever see it", broken)
		}
	}
}

func TestEveryCrash(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
		d := openIn(t, w)
		strike := w.Strike
		w.Strike = nil
		d.send(t, inbox.DeliveryUnknown)
		w.Strike = strike
		_, died, err := hosttest.Invoke(d.h, sample(t, "bounce"))
		w.Strike = nil
		if died || err != nil { // Lambda calls again
			d.hear(t, "bounce")
		}
		if diff := cmp.Diff([]events.Fact{bounced}, d.after(t)); diff != "" || d.states(t) != "sent bounced sent" {
			t.Errorf("states %s, facts:\n%s", d.states(t), diff)
		}
	})
}

func TestWatchersSeeIt(t *testing.T) {
	d := open(t)
	ctx := hosttest.Context()
	d.send(t, inbox.DeliverySent)
	d.Connect("c1")
	if _, err := d.st.Settings.SignedIn(ctx, "u1", "u1", "u1@team.example", true); err != nil { // admins see every inbox
		t.Fatal(err)
	}
	if err := d.st.Sockets.Connect(ctx, "c1", store.Identity{Kind: "agent", ID: "u1"}); err != nil {
		t.Fatal(err)
	}
	if err := d.st.Sockets.Watch(ctx, "c1", "thread:"+thread); err != nil {
		t.Fatal(err)
	}
	d.Pass(1e9)
	d.hear(t, "bounce", "bounce")
	f := d.Frames("c1")
	if len(f) != 2 || !strings.Contains(f[0], `"bounced":{`) || !strings.Contains(f[1], `"t":"delivery"`) || !strings.Contains(f[1], `"state":"bounced"`) {
		t.Errorf("frames %v", f)
	}
}

// Our struct and AWS's own read the same.
func TestSamplesAreEvents(t *testing.T) {
	files, err := os.ReadDir("../../events/samples/ses")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		name, ok := strings.CutPrefix(f.Name(), "event-")
		if !ok {
			continue
		}
		n++
		raw := sample(t, strings.TrimSuffix(name, ".json"))
		var theirs awsevents.EventBridgeEvent
		var ours host.BusEvent
		if err := json.Unmarshal(raw, &theirs); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &ours); err != nil {
			t.Fatal(err)
		}
		if theirs.ID != ours.ID || theirs.Source != ours.Source || theirs.DetailType != ours.Type || !theirs.Time.Equal(ours.Time) || string(theirs.Detail) != string(ours.Detail) {
			t.Errorf("%s: %+v, ours %+v", f.Name(), theirs, ours)
		}
	}
	if n < 8 {
		t.Errorf("%d samples", n)
	}
}
