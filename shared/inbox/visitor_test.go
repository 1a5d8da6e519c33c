package inbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
)

var (
	passer   = events.Contact{ID: "c9"}
	chatOpen = events.ThreadOpened{Inbox: "i1", Account: "a2", Channel: "chat", Subject: "Two places?", Contact: passer, Chatflow: "f1"}
	chatSaid = events.MessageReceived{Message: "m1", Contact: passer, Body: events.Body{Text: "Two places?"}, Preview: "Two places?", Chat: &events.Chat{Client: "k1", Page: "https://kiln.example/"}}
	answer   = events.MessageSent{Message: "m2", From: events.Address{Name: "Mara"}, Body: events.Body{Text: "Yes."}, Preview: "Yes."}
)

func TestAChatNeedsNoAddress(t *testing.T) {
	head := given(t, chatOpen, chatSaid)
	if head.WaitingSince.IsZero() || head.Channel != inbox.ChannelChat {
		t.Errorf("nobody waits: %+v", head)
	}
	d, err := head.Reply(mara, answer)
	if err != nil || len(d.Jobs) != 0 || len(d.Facts) != 2 {
		t.Errorf("%+v %v", d, err)
	}
	byMail := answer
	byMail.To, byMail.Delivery = []events.Address{{Email: "lena@shop.example"}}, "d1"
	if d, err := head.Reply(mara, byMail); err != nil || len(d.Jobs) != 1 {
		t.Errorf("an address was left, and no delivery is owed: %+v %v", d, err)
	}
	lost := answer
	lost.To = byMail.To
	if _, err := head.Reply(mara, lost); !fault.Is(err, fault.Invalid) {
		t.Errorf("a recipient without a delivery: %v", err)
	}
	if _, err := given(t, open, mail).Reply(mara, answer); !fault.Is(err, fault.Invalid) {
		t.Errorf("an email thread takes a reply to nobody: %v", err)
	}
	if head := given(t, chatOpen, chatSaid, answer); !head.WaitingSince.IsZero() {
		t.Error("an answered visitor still waits")
	}
	closed := given(t, chatOpen, chatSaid, answer, events.ThreadClosed{})
	if d, err := closed.Receive(chatSaid); err != nil || len(d.Facts) != 2 {
		t.Errorf("a visitor's message reopens: %+v %v", d, err)
	}
}

func TestWhatAVisitorSees(t *testing.T) {
	stranger := mail
	stranger.ThirdParty = true
	spam := mail
	spam.Filter = &events.Filter{Folder: "spam"}
	forward := reply
	forward.Forwards = 2
	long := answer
	long.Body = events.Body{TextRef: "t/1"}
	var lines []inbox.VisitorLine
	for i, f := range []events.Fact{
		chatOpen, chatSaid, note,
		events.ThreadAssigned{},
		answer, long, stranger, spam, forward, mail,
		events.MessageWithdrawn{Message: "m2", Sent: 5, Delivery: "d"},
		bounce,
		events.ThreadClosed{},
	} {
		e, err := events.Seal("e", "t1", int64(i+1), t0, mara, f)
		if err != nil {
			t.Fatal(err)
		}
		entry, err := inbox.EntryOf(e)
		if err != nil {
			t.Fatal(err)
		}
		if line, ok := entry.ForVisitor(); ok {
			lines = append(lines, line)
		}
	}
	want := []inbox.VisitorLine{
		{Seq: 2, At: t0, By: events.Visitor, Text: "Two places?", Client: "k1"},
		{Seq: 5, At: t0, By: events.Agent, Who: inbox.Face("u1"), Name: "Mara", Text: "Yes."},
		{Seq: 6, At: t0, By: events.Agent, Who: inbox.Face("u1"), Name: "Mara", More: true},
		{Seq: 10, At: t0, By: events.Visitor, Text: "m1", Mail: true},
		{Seq: 11, At: t0, By: events.Agent, Gone: true, Ref: 5},
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
