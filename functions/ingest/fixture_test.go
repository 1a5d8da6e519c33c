package ingest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/functions/ingest"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

var signer = email.NewSigner(hosttest.Key, "parley.example")

// mail is one mail on its way in: what the test says of the envelope and the lines of the message.
type mail struct {
	id   string   // SES's
	to   []string // envelope; default support@
	from string   // envelope; default lena@
	raw  string
	at   string // when it came; default SES's sample
	edit func(receipt map[string]any)
}

// lines joins a message with CRLF; "" ends the header.
func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n" }

// letter is a plain message.
func letter(from, messageID, subject, text string, more ...string) string {
	head := []string{"From: " + from, "To: Support <support@parley.example>", "Subject: " + subject, "Date: Mon, 2 Mar 2026 09:59:55 +0100"}
	if messageID != "" {
		head = append(head, "Message-ID: <"+messageID+">")
	}
	return lines(append(append(head, more...), "", text)...)
}

const lena = "Lena Novak <lena@atelier-novak.example>"

// desk is the function in its world.
type desk struct {
	*hosttest.World
	h  host.Handler
	st *store.Store
}

func open(t *testing.T) *desk { return openIn(t, hosttest.New(t)) }

func openIn(t *testing.T, w *hosttest.World) *desk {
	n := 0
	names := store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}
	return &desk{w, w.Build(t, ingest.New), store.Open(w.DB, names, w.Now, func() string { n++; return fmt.Sprintf("test%06d", n) })}
}

// notification is SES's sample with this mail in it; the raw mail goes into the bucket.
func (d *desk) notification(t *testing.T, m mail) string {
	t.Helper()
	raw, err := os.ReadFile("../../events/samples/ses/received.json")
	if err != nil {
		t.Fatal(err)
	}
	var n map[string]map[string]any
	var whole map[string]any
	if err := json.Unmarshal(raw, &whole); err != nil {
		t.Fatal(err)
	}
	n = map[string]map[string]any{"mail": whole["mail"].(map[string]any), "receipt": whole["receipt"].(map[string]any)}
	if m.to == nil {
		m.to = []string{"support@parley.example"}
	}
	if m.from == "" {
		m.from = "lena@atelier-novak.example"
	}
	n["mail"]["messageId"], n["mail"]["source"], n["receipt"]["recipients"] = m.id, m.from, m.to
	n["receipt"]["action"].(map[string]any)["objectKey"] = "in/" + m.id
	if m.at != "" {
		n["mail"]["timestamp"] = m.at
	}
	if m.edit != nil {
		m.edit(n["receipt"])
	}
	d.Put("mail", "in/"+m.id, []byte(m.raw))
	raw, err = json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// take brings mails in and fails the test if one does not go through.
func (d *desk) take(t *testing.T, mails ...mail) {
	t.Helper()
	for _, m := range mails {
		answer, err := d.h.Invoke(hosttest.Context(), hosttest.QueuePayload(d.notification(t, m)))
		if err != nil {
			t.Fatal(err)
		}
		if failed := hosttest.Failures(t, answer); len(failed) > 0 {
			t.Fatalf("mail %s comes again", m.id)
		}
	}
}

// atOnce brings mails in all at the same time, each as often as it takes.
func (d *desk) atOnce(t *testing.T, mails []mail) {
	t.Helper()
	var wg sync.WaitGroup
	for _, m := range mails {
		payload := hosttest.QueuePayload(d.notification(t, m))
		wg.Go(func() {
			for {
				answer, err := d.h.Invoke(hosttest.Context(), payload)
				if err != nil {
					t.Error(err)
					return
				}
				if len(hosttest.Failures(t, answer)) == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
}

// threads lists the heads of all inboxes, open and closed.
func (d *desk) threads(t *testing.T) []inbox.Thread {
	t.Helper()
	return d.views(t, store.ViewOpen, store.ViewClosed)
}

// all lists those that are put aside, too.
func (d *desk) all(t *testing.T) []inbox.Thread {
	t.Helper()
	return d.views(t, store.ViewOpen, store.ViewClosed, store.ViewFiltered, store.ViewSpam)
}

func (d *desk) views(t *testing.T, views ...store.View) []inbox.Thread {
	t.Helper()
	ctx := hosttest.Context()
	inboxes, err := d.st.Settings.Inboxes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var out []inbox.Thread
	for _, in := range inboxes {
		for _, view := range views {
			for cursor := ""; ; {
				heads, next, err := d.st.Threads.View(ctx, store.ViewQuery{Inbox: in.ID, View: view, Limit: 100, Cursor: cursor})
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, heads...)
				if cursor = next; next == "" {
					break
				}
			}
		}
	}
	return out
}

// only returns the one thread there is to be in the inbox.
func (d *desk) only(t *testing.T) inbox.Thread {
	t.Helper()
	heads := d.threads(t)
	if len(heads) != 1 {
		t.Fatalf("%d threads, want 1: %+v", len(heads), heads)
	}
	return heads[0]
}

// entries reads a thread's log.
func (d *desk) entries(t *testing.T, thread string) []inbox.Entry {
	t.Helper()
	log, err := d.st.Threads.Entries(hosttest.Context(), thread, 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var out []inbox.Entry
	for i, e := range log {
		entry, err := inbox.EntryOf(e)
		if err != nil {
			t.Fatal(err)
		}
		if entry.Seq != int64(i+1) {
			t.Fatalf("entry %d has seq %d", i+1, entry.Seq)
		}
		out = append(out, entry)
	}
	return out
}

// last returns a thread's last received message.
func (d *desk) last(t *testing.T, thread string) inbox.Entry {
	t.Helper()
	for _, e := range slices.Backward(d.entries(t, thread)) {
		if e.Received != nil {
			return e
		}
	}
	t.Fatal("no message came in")
	return inbox.Entry{}
}

// messages counts received messages over all threads.
func (d *desk) messages(t *testing.T) (n int) {
	t.Helper()
	for _, head := range d.all(t) {
		for _, e := range d.entries(t, head.ID) {
			if e.Received != nil {
				n++
			}
		}
	}
	return n
}

// ledger is the sum of all days, and must add up.
func (d *desk) ledger(t *testing.T) store.LedgerDay {
	t.Helper()
	var sum store.LedgerDay
	for _, account := range append([]string{"-"}, d.accounts(t)...) {
		days, err := d.st.Ledger.Days(hosttest.Context(), limit.LedgerDaysMost, account)
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range days {
			if min(day.Accepted, day.Threaded, day.Filtered, day.Quarantined, day.Dropped, day.Underway) < 0 {
				t.Errorf("%s: %+v", account, day)
			}
			sum = sum.Plus(day)
		}
	}
	return sum
}

func (d *desk) accounts(t *testing.T) (ids []string) {
	t.Helper()
	all, err := d.st.Settings.Accounts(hosttest.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		ids = append(ids, a.ID)
	}
	return ids
}

// adds demands what the ledger says: threaded, filtered, quarantined, dropped, and nothing under way.
func (d *desk) adds(t *testing.T, threaded, filtered, quarantined, dropped int64) {
	t.Helper()
	want := store.LedgerDay{
		Accepted: threaded + filtered + quarantined + dropped, Threaded: threaded, Filtered: filtered, Quarantined: quarantined, Dropped: dropped,
	}
	if got := d.ledger(t); got != want {
		t.Errorf("the ledger says %+v, want %+v", got, want)
	}
}

// parked lists the quarantine's reasons.
func (d *desk) parked(t *testing.T) []string {
	t.Helper()
	list, _, err := d.st.Quarantine.List(hosttest.Context(), false, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, q := range list {
		out = append(out, q.Reason)
	}
	return out
}

var invalid = fault.New(fault.Invalid, "the file is larger than %d bytes", limit.MailInBytes)
