package sweep_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/clerk"
	"parley/shared/fault"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/notice"
	"parley/shared/people"
	"parley/shared/store"
)

// lena leaves traces wherever one can.
func (o *office) lena(t *testing.T) people.Contact {
	t.Helper()
	ctx := hosttest.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	accounts, err := o.st.Settings.Accounts(ctx)
	must(err)
	a := accounts[0]
	must(o.user())
	lena, err := o.st.Contacts.ByEmail(ctx, "lena@gmail.com", "Lena Novak")
	must(err)
	old, err := o.st.Contacts.ByEmail(ctx, "lnovak@old.example", "L. Novak")
	must(err)
	gus, err := o.st.Contacts.ByEmail(ctx, "gus@farm.example", "Gus")
	must(err)
	mail := func(thread string, from people.Contact, cc ...events.Address) {
		ref, html, file, raw := store.BodyKey(thread, "m", "txt"), store.BodyKey(thread, "m", "html"), store.AttachmentKey(thread, "m", 0), store.RawKey(thread)
		words := "The kiln of " + from.Name + " broke."
		for _, k := range []string{ref, html, file} {
			o.Put("files", k, []byte(words))
		}
		head := "From: " + from.Address
		for _, c := range cc {
			head += "\r\nCc: " + c.Email
		}
		o.Put("mail", raw, []byte(head+"\r\n\r\n"+words))
		m := events.MessageReceived{
			Message: "m" + thread, Contact: from.Fact(), From: events.Address{Name: from.Name, Email: from.Address}, To: []events.Address{{Email: a.Address}}, Cc: cc,
			Subject: "Kiln of " + from.Name, Body: events.Body{TextRef: ref, HTMLRef: html}, Preview: inbox.Preview(words),
			Attachments: []events.Attachment{{Name: from.Name + ".pdf", Type: "application/pdf", Size: 9, Ref: file}},
			Email:       &events.Email{MessageID: thread + "@" + strings.SplitN(from.Address, "@", 2)[1], Raw: raw, ReplyTo: []events.Address{{Name: from.Name, Email: from.Address}}},
			Problems:    []events.Problem{{Name: "charset", Detail: from.Name}},
		}
		_, err := o.st.Threads.Do(ctx, thread, "", func(th inbox.Thread) (inbox.Decision, error) {
			return th.Open(events.ThreadOpened{Inbox: a.Inbox, Account: a.ID, Channel: "email", Subject: m.Subject, Contact: m.Contact}, m)
		})
		must(err)
	}
	answer := func(thread string, to people.Contact) {
		_, err := o.st.Threads.Do(ctx, thread, "", func(th inbox.Thread) (inbox.Decision, error) {
			return th.Reply(mara, events.MessageSent{
				Message: "r" + thread, Delivery: "d" + thread, To: []events.Address{{Name: to.Name, Email: to.Address}}, Cc: []events.Address{{Email: "lena@gmail.com"}},
				Subject: "Re: Kiln", Body: events.Body{Text: "Dear " + to.Name}, Preview: "Dear " + to.Name,
			})
		})
		must(err)
	}
	mail("t1", lena)
	answer("t1", lena)
	mail("t2", old)
	mail("t3", gus, events.Address{Name: "Lena Novak", Email: "lena@gmail.com"})
	answer("t3", gus)
	_, err = o.st.Threads.Do(ctx, "t3", "", func(th inbox.Thread) (inbox.Decision, error) { // she takes part in somebody else's conversation
		return th.Receive(events.MessageReceived{
			Message: "m3b", Contact: lena.Fact(), From: events.Address{Name: "Lena Novak", Email: "lena@gmail.com"}, To: []events.Address{{Email: a.Address}},
			Subject: "Re: Kiln", Body: events.Body{Text: "Lena Novak agrees."}, Preview: "Lena Novak agrees.",
		})
	})
	must(err)
	told := func(seq int64, who events.Actor, preview string) {
		_, err := o.st.Notices.Tell(ctx, store.Notice{ID: fmt.Sprint("o", seq), User: "mara", Kind: notice.Reply, Thread: "t3", Seq: seq, Inbox: a.Inbox, Subject: "Kiln of Gus", Who: who, Preview: preview, At: o.Now()}, true, false)
		must(err)
	}
	told(2, events.Actor{Kind: events.Visitor, ID: gus.ID, Name: "Gus"}, "The kiln of Gus broke.")
	told(4, events.Actor{Kind: events.Visitor, ID: lena.ID, Name: "Lena Novak"}, "Lena Novak agrees.")
	_, err = o.st.Threads.Do(ctx, "t1", "", func(th inbox.Thread) (inbox.Decision, error) {
		return th.Comment(mara, events.CommentAdded{Comment: "c", Body: events.Body{Text: "Lena Novak is kind."}, Preview: "Lena Novak is kind.", Mentions: []events.Mention{{ID: "mara"}}})
	})
	must(err)
	_, err = o.st.Threads.Do(ctx, "t1", "", func(th inbox.Thread) (inbox.Decision, error) { return th.SetStatus(mara, inbox.Closed) })
	must(err)
	for id, thread := range map[string]string{"k1": "t1", "k3": "t3"} {
		_, _, err = o.st.Tickets.Create(ctx, id, store.NewTicket{Thread: thread, By: mara})
		must(err)
	}
	_, err = o.st.Notices.Tell(ctx, store.Notice{ID: "n1", User: "mara", Kind: notice.Mention, Thread: "t1", Seq: 3, Inbox: a.Inbox, Subject: "Kiln of Lena Novak", Preview: "Lena Novak is kind.", At: o.Now()}, true, false)
	must(err)
	for _, d := range []store.Draft{
		{DraftPlace: store.DraftPlace{Thread: "t1", Mode: store.DraftReply}, Text: "Dear Lena Novak"},
		{DraftPlace: store.DraftPlace{ID: "d1", Mode: store.DraftNew}, To: []events.Address{{Email: "lena@gmail.com"}}, Text: "Dear Lena Novak"},
	} {
		_, err := o.st.Drafts.Put(ctx, "mara", "", d)
		must(err)
	}
	o.Put("mail", store.RawKey("q1"), []byte("From: lena@gmail.com"))
	arrival, err := o.st.Ledger.Accept(ctx, store.StrayArrival("nobody@parley.example", "q1"), "", o.Now())
	must(err)
	must(o.st.Ledger.Settle(ctx, arrival, store.Settled{Outcome: store.Parked, Park: &store.Quarantined{
		ID: "q1", Reason: "no such mailbox", From: "lena@gmail.com", To: []string{"nobody@parley.example"}, Subject: "x", At: o.Now(), Raw: store.RawKey("q1"), Arrival: arrival.Name,
	}}))
	_, err = o.st.Filters.Put(ctx, a.Inbox, inbox.Deny, store.Listed{Entry: "lena@gmail.com", By: mara})
	must(err)
	_, err = o.st.Contacts.Write(ctx, lena.ID, people.Line{Kind: people.LineNote, By: mara, Text: "Lena Novak collects celadon"})
	must(err)
	_, err = o.st.Contacts.Write(ctx, old.ID, people.Line{Kind: people.LineConsent, By: mara, Consent: &people.Consent{Purpose: "news", Given: true, Text: "Yes", At: o.Now()}})
	must(err)
	rules, _, err := clerk.Rules(ctx, o.st, people.ByAgent)
	must(err)
	_, err = o.st.Contacts.Change(ctx, lena.ID, func(c people.Contact) (people.Contact, people.Line, error) {
		phone := "+386 1 555 0143"
		c, changes, err := c.Edit(people.Edit{Phone: &phone, Props: map[string]string{"title": "Novak the potter"}}, rules)
		return c, people.Line{Kind: people.LineChanged, By: mara, Changes: changes}, err
	})
	must(err)
	fair, err := o.st.Contacts.PutList(ctx, mara, people.List{Name: "Fair", Kind: people.Static}, func(int64) error { return nil })
	must(err)
	for _, c := range []people.Contact{lena, old} {
		_, err = o.st.Contacts.Enlist(ctx, mara, c.ID, fair.ID)
		must(err)
	}
	_, err = o.st.Contacts.Merge(ctx, mara, "hand", gus.ID, old.ID) // and taken back: nothing of it may stay with Gus
	must(err)
	_, _, err = o.st.Contacts.Unmerge(ctx, mara, gus.ID, old.ID)
	must(err)
	_, err = o.st.Contacts.Merge(ctx, mara, "hand", lena.ID, old.ID)
	must(err)
	return lena
}

func (o *office) user() error {
	_, err := o.st.Settings.Invited(hosttest.Context(), mara, store.User{ID: "mara", Name: "Mara", Email: "mara@parley.example", Role: inbox.Admin})
	return err
}

// traces are what says who Lena is: names, addresses, numbers, words.
var traces = []string{"Lena", "Novak", "gmail.com", "old.example", "5550143", "celadon", "potter"}

func (o *office) erased(t *testing.T, e people.Erasure) {
	t.Helper()
	ctx := hosttest.Context()
	if left := o.holding(t, traces...); len(left) > 0 {
		t.Errorf("%d traces are left:\n%s", len(left), strings.Join(left[:min(len(left), 8)], "\n"))
	}
	e, err := o.st.Contacts.Erasure(ctx, e.ID)
	if err != nil || e.EndedAt.IsZero() {
		t.Fatalf("%+v %v", e, err)
	}
	head, err := o.st.Threads.Head(ctx, "t1") // what is counted stays
	if err != nil || head.Messages != 2 || head.Comments != 1 || head.Files != 1 || head.Problems != 1 || head.Status != inbox.Closed || head.Seq != 7 {
		t.Errorf("%+v %v", head, err)
	}
	log, err := o.st.Threads.Entries(ctx, "t1", 1, head.Seq)
	folded, failed := inbox.Fold(log)
	want, _ := json.Marshal(folded)
	if got, _ := json.Marshal(head); err != nil || failed != nil || string(got) != string(want) {
		t.Errorf("the head is no fold of its log: %v %v\n%s\n%s", err, failed, got, want)
	}
	gus, err := o.st.Threads.Head(ctx, "t3") // what others said stays theirs
	if err != nil || gus.Subject != "Kiln of Gus" || gus.Contact.Name != "Gus" || len(gus.Participants) == 0 || o.Object("files", store.BodyKey("t3", "m", "txt")) == nil {
		t.Errorf("%+v %v", gus, err)
	}
	if list, _, _, err := o.st.Notices.List(ctx, "mara", "", 10); err != nil || len(list) != 1 || list[0].Preview != "The kiln of Gus broke." {
		t.Errorf("notices: %+v %v", list, err)
	}
	j, err := o.st.Outbox.Get(ctx, "t3", 3)
	if err != nil || j.State.Final() || j.Recipients[0].Address != "gus@farm.example" {
		t.Errorf("%+v %v", j, err)
	}
	if j, err = o.st.Outbox.Get(ctx, "t1", 3); err != nil || j.State != inbox.DeliveryWithdrawn || j.Ready {
		t.Errorf("what was still to go to who is erased goes: %+v %v", j, err)
	}
	if _, err := o.st.Tickets.Get(ctx, "k1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("her ticket is still there: %v", err)
	}
	if k, err := o.st.Tickets.Get(ctx, "k3"); err != nil || k.Subject != "Kiln of Gus" {
		t.Errorf("a ticket of somebody else: %+v %v", k, err)
	}
	_, ids, err := o.st.Contacts.Long(ctx)
	if err != nil || len(ids) > 0 {
		t.Errorf("%v %v", ids, err)
	}
}

func TestErase(t *testing.T) {
	o := openOffice(t, hosttest.New(t))
	ctx := hosttest.Context()
	lena := o.lena(t)
	for _, x := range traces {
		if len(o.holding(t, x)) == 0 {
			t.Fatalf("%q stands nowhere before: the search proves nothing", x)
		}
	}
	e, err := o.st.Contacts.StartErasure(ctx, mara, lena.ID)
	if err != nil {
		t.Fatal(err)
	}
	if found, _, err := o.st.Contacts.Suggest(ctx, "lena", 5); err != nil || len(found) > 0 { // hidden at once
		t.Errorf("%+v %v", found, err)
	}
	if again, err := o.st.Contacts.StartErasure(ctx, mara, lena.ID); err != nil || again.ID != e.ID {
		t.Errorf("%+v %v", again, err)
	}
	o.tick(t)
	o.erased(t, e)
	done, err := o.st.Contacts.Erasure(ctx, e.ID)
	want := people.Receipt{Contacts: 2, Names: 4, Lines: 6, Threads: 2, Others: 1, Files: 6, Mails: 4, Deliveries: 2, Tickets: 1, Drafts: 2, Notices: 2, Quarantined: 1, Listed: 1}
	if err != nil || done.Receipt != want {
		t.Errorf("receipt %+v\n   want %+v", done.Receipt, want)
	}
	// Who writes again is somebody new.
	c, err := o.st.Contacts.ByEmail(ctx, "lena@gmail.com", "Lena Novak")
	if err != nil || c.ID == lena.ID || len(c.Merged) > 0 {
		t.Errorf("%+v %v", c, err)
	}
}

// Whatever call fails or kills the run, the next minute ends it. A world for each of hundreds of calls takes minutes: every fifth stands for them
// here, make soak takes them all.
func TestEraseSurvivesCrashes(t *testing.T) {
	step := 5
	if *many > 0 {
		step = 1
	}
	runs := 0
	for _, dies := range []bool{true, false} {
		for n, hit := 1, true; hit; n += step {
			c := &hosttest.Crash{N: n, Panic: dies}
			w := hosttest.New(t)
			o := openOffice(t, w)
			lena := o.lena(t)
			e, err := o.st.Contacts.StartErasure(context.Background(), mara, lena.ID)
			if err != nil {
				t.Fatal(err)
			}
			w.Strike = c.Strike
			_, _, _ = hosttest.Invoke(o.h, nil)
			w.Strike = nil
			w.Pass(time.Minute)
			o.tick(t)
			o.erased(t, e)
			if hit = c.Call != ""; t.Failed() {
				t.Fatalf("after a crash in %s", c.Call)
			}
			runs++
		}
	}
	if runs < 400/step {
		t.Errorf("only %d runs", runs)
	}
}
