package ingest_test

import (
	"strings"
	"testing"
	"time"

	"parley/functions/ingest"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/store"
)

// rows are the quarantine's, newest first; ids say which.
func (d *desk) rows(t *testing.T, resolved bool) []store.Quarantined {
	t.Helper()
	list, _, err := d.st.Quarantine.List(hosttest.Context(), resolved, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// again does what agentapi does for a row, and brings the message to ingest.
func (d *desk) again(t *testing.T, id string) {
	t.Helper()
	if _, err := d.st.Quarantine.Again(hosttest.Context(), id); err != nil {
		t.Fatal(err)
	}
	answer, err := d.h.Invoke(hosttest.Context(), hosttest.QueuePayload(`{"reprocess":"`+id+`"}`))
	if err != nil || len(hosttest.Failures(t, answer)) > 0 {
		t.Fatalf("%s %v", answer, err)
	}
}

func TestReprocess(t *testing.T) {
	d := open(t)
	d.take(t, mail{id: "a", to: []string{"support@parley.example", "hello-kiln@parley.example", "nobody@parley.example"}, raw: letter(lena, "a@x.example", "A vase", "a")})
	if rows := d.rows(t, false); len(rows) != 2 || rows[0].Notification == "" || rows[0].State != store.QuarantineParked || len(rows[0].To) != 1 {
		t.Fatalf("%+v", rows)
	}
	d.adds(t, 1, 0, 2, 0)
	var id string
	for _, q := range d.rows(t, false) {
		if q.To[0] == "hello-kiln@parley.example" {
			id = q.ID
		}
	}
	d.again(t, id) // too early: it waits again
	if q, err := d.st.Quarantine.Get(hosttest.Context(), id); err != nil || q.State != store.QuarantineParked || q.Reason != "no such mailbox" || q.Tries != 1 {
		t.Errorf("%+v %v", q, err)
	}
	a := d.connect(t, inbox.Forwarded, "hello@kiln.example")
	for _, q := range d.rows(t, false) {
		d.again(t, q.ID)
	}
	head := d.threads(t)[0]
	if head.Account != a.ID {
		head = d.threads(t)[1]
	}
	if m := d.last(t, head.ID).Received; head.Account != a.ID || m.Email.Raw != "in/a" || m.Email.Mailbox != "hello@kiln.example" {
		t.Errorf("%+v %+v", head, m.Email)
	}
	done := d.rows(t, true)
	if len(done) != 1 || done[0].ID != id || done[0].Thread != head.ID || done[0].Outcome != store.Threaded || len(d.rows(t, false)) != 1 {
		t.Errorf("resolved %+v", done)
	}
	d.adds(t, 2, 0, 1, 0)
	// Whoever says it again, and whatever comes late, makes no second message.
	answer, err := d.h.Invoke(hosttest.Context(), hosttest.QueuePayload(`{"reprocess":"`+id+`"}`, `{"reprocess":"nothing"}`,
		d.notification(t, mail{id: "a", to: []string{"hello-kiln@parley.example"}, raw: letter(lena, "a@x.example", "A vase", "a")})))
	if err != nil || len(hosttest.Failures(t, answer)) > 0 || d.messages(t) != 2 {
		t.Errorf("%s %v, %d messages", answer, err, d.messages(t))
	}
}

// A mail without a Message-ID is known by SES's id alone: a notification that comes after the row was run again adds nothing.
func TestReprocessedOnceWithoutAnID(t *testing.T) {
	d := open(t)
	m := mail{id: "a", to: []string{"hello-kiln@parley.example"}, raw: letter(lena, "", "A vase", "a")}
	d.take(t, m)
	d.connect(t, inbox.Forwarded, "hello@kiln.example")
	d.again(t, d.rows(t, false)[0].ID)
	d.take(t, m, m)
	if d.messages(t) != 1 {
		t.Errorf("%d messages", d.messages(t))
	}
	d.adds(t, 1, 0, 0, 0)
}

// A row of an older build knows neither its arrival nor the notification.
func TestReprocessAnOldRow(t *testing.T) {
	d := open(t)
	ctx := hosttest.Context()
	d.Put("mail", "in/old1", []byte(letter(lena, "a@x.example", "A vase", "a")))
	a, err := d.st.Ledger.Accept(ctx, "made up", "", d.Now())
	if err != nil {
		t.Fatal(err)
	}
	old := store.Quarantined{ID: "old1.stray", Reason: "no such mailbox", From: "lena@atelier-novak.example", To: []string{"support@parley.example"}, At: d.Now().Add(-time.Hour), Raw: "in/old1"}
	if err := d.st.Ledger.Settle(ctx, a, store.Settled{Outcome: store.Parked, Park: &old}); err != nil {
		t.Fatal(err)
	}
	d.again(t, "old1.stray")
	head := d.only(t)
	if q := d.rows(t, true); len(q) != 1 || q[0].Thread != head.ID || len(d.rows(t, false)) != 0 {
		t.Errorf("%+v", q)
	}
	if got := d.ledger(t); got.Threaded != 1 {
		t.Errorf("%+v", got)
	}
}

// What is larger than any mail can be is parked at once, instead of coming again and again.
func TestTooLargeToRead(t *testing.T) {
	d := open(t)
	d.Strike = func(call string, done bool) error {
		if call == "get mail/" && !done {
			return invalid
		}
		return nil
	}
	d.take(t, mail{id: "a", raw: letter(lena, "a@x.example", "A", "a")})
	if got := d.parked(t); len(got) != 1 || !strings.Contains(got[0], "larger") {
		t.Errorf("%v", got)
	}
	d.adds(t, 0, 0, 1, 0)
}

func TestReprocessAtEveryCrash(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
		strike := w.Strike
		w.Strike = nil
		d := openIn(t, w)
		d.take(t, mail{id: "a", to: []string{"hello-kiln@parley.example"}, raw: letter(lena, "a@x.example", "A", "a")})
		d.connect(t, inbox.Forwarded, "hello@kiln.example")
		id := d.rows(t, false)[0].ID
		if _, err := d.st.Quarantine.Again(hosttest.Context(), id); err != nil {
			t.Fatal(err)
		}
		payload := hosttest.QueuePayload(`{"reprocess":"` + id + `"}`)
		w.Strike = strike
		_, _, _ = hosttest.Invoke(d.h, payload)
		w.Strike = nil
		d.h = w.Build(t, ingest.New)
		for range 2 {
			answer, died, err := hosttest.Invoke(d.h, payload)
			if err != nil || died || len(hosttest.Failures(t, answer)) > 0 {
				t.Fatalf("again: %s %v", answer, err)
			}
		}
		if q := d.rows(t, true); len(q) != 1 || q[0].Thread != d.only(t).ID || d.messages(t) != 1 || len(d.rows(t, false)) != 0 {
			t.Errorf("%+v, %d messages", q, d.messages(t))
		}
		d.adds(t, 1, 0, 0, 0)
	})
}
