package inbox_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
)

var (
	hand    = &events.Why{Rule: "hand"}
	putAway = events.Filter{Folder: "filtered", Why: events.Why{Rule: "auto"}}
	junk    = events.Filter{Folder: "spam", Why: events.Why{Rule: "deny", Inputs: map[string]string{"entry": "shop.example"}}}
)

// filtered is a mail that the filters put aside.
func filtered(id string, f events.Filter) events.MessageReceived {
	m := received(id, "")
	m.Filter = &f
	return m
}

// filed is the fact by which the filters put a thread aside.
func filed(f events.Filter) events.ThreadFiled {
	return events.ThreadFiled{Folder: f.Folder, Why: &f.Why}
}

func TestFolders(t *testing.T) {
	kim := events.Contact{ID: "c2", Name: "Kim", Address: "kim@shop.example"}
	gone := events.MessageWithdrawn{Message: "m9", Sent: 3, Delivery: "d9"}
	begun := []events.Fact{open, mail}
	closed := []events.Fact{open, mail, events.ThreadClosed{}}
	aside := []events.Fact{open, filtered("m1", putAway), filed(putAway)}
	spam := []events.Fact{open, filtered("m1", junk), filed(junk)}
	asideAndClosed := append(aside[:3:3], events.ThreadClosed{})
	for name, c := range map[string]struct {
		given []events.Fact
		when  func(inbox.Thread) (inbox.Decision, error)
		then  []events.Fact
		fault fault.Code
	}{
		"what the filters put aside opens its thread in their folder": {
			when: func(h inbox.Thread) (inbox.Decision, error) { return h.Open(open, filtered("m1", putAway)) }, then: aside,
		},
		"spam does, too": {
			when: func(h inbox.Thread) (inbox.Decision, error) { return h.Open(open, filtered("m1", junk)) }, then: spam,
		},
		"in a thread of the inbox it is shown, and changes nothing": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(filtered("m2", junk)) },
			then: []events.Fact{filtered("m2", junk)},
		},
		"it does not reopen": {
			given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(filtered("m2", junk)) },
			then: []events.Fact{filtered("m2", junk)},
		},
		"one that passes brings a filtered thread back": {
			given: aside, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(mail) },
			then: []events.Fact{mail, events.ThreadFiled{Why: &events.Why{Rule: "passed"}}},
		},
		"and reopens it": {
			given: asideAndClosed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(mail) },
			then: []events.Fact{events.ThreadReopened{Cause: "message"}, mail, events.ThreadFiled{Why: &events.Why{Rule: "passed"}}},
		},
		"spam stays spam": {
			given: spam, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(mail) }, then: []events.Fact{mail},
		},
		"an answer takes it out": {
			given: spam, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Reply(mara, reply) },
			then: []events.Fact{events.ThreadFiled{Why: &events.Why{Rule: "reply"}}, reply, taken},
		},
		"spam by hand": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.File(mara, inbox.Spam, hand) },
			then: []events.Fact{events.ThreadFiled{Folder: "spam", Why: hand}},
		},
		"not spam": {
			given: spam, when: func(h inbox.Thread) (inbox.Decision, error) { return h.File(mara, inbox.Inboxed, hand) },
			then: []events.Fact{events.ThreadFiled{Why: hand}},
		},
		"spam that is spam": {given: spam, when: func(h inbox.Thread) (inbox.Decision, error) { return h.File(mara, inbox.Spam, hand) }},
		"no other folder": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.File(mara, "attic", hand) }, fault: fault.Invalid,
		},
		"nothing to file": {when: func(h inbox.Thread) (inbox.Decision, error) { return h.File(mara, inbox.Spam, hand) }, fault: fault.NotFound},

		"somebody else is meant": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.SetContact(mara, kim, hand) },
			then: []events.Fact{events.ThreadContactChanged{Contact: kim, Why: hand}},
		},
		"the one who is meant already": {given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.SetContact(mara, lena, hand) }},
		"nobody is meant": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.SetContact(mara, events.Contact{}, hand) }, fault: fault.Invalid,
		},
		"no thread to be of": {when: func(h inbox.Thread) (inbox.Decision, error) { return h.SetContact(mara, kim, hand) }, fault: fault.NotFound},

		"withdraw": {
			given: append(begun[:2:2], reply), when: func(h inbox.Thread) (inbox.Decision, error) { return h.Withdraw(mara, gone) }, then: []events.Fact{gone},
		},
		"withdraw what is not named": {
			given: begun, fault: fault.Invalid,
			when: func(h inbox.Thread) (inbox.Decision, error) {
				return h.Withdraw(mara, events.MessageWithdrawn{Message: "m9"})
			},
		},
		"withdraw from nothing": {when: func(h inbox.Thread) (inbox.Decision, error) { return h.Withdraw(mara, gone) }, fault: fault.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := c.when(given(t, c.given...))
			if got := fault.CodeOf(err); got != c.fault {
				t.Fatalf("error %v, want %q", err, c.fault)
			}
			if diff := cmp.Diff(c.then, d.Facts); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeadInAFolder(t *testing.T) {
	head := given(t, open, filtered("m1", junk), filed(junk))
	if head.Folder != inbox.Spam || head.Filed == nil || head.Filed.Rule != "deny" || head.Summary().Folder != inbox.Spam || head.Summary().Filed != head.Filed {
		t.Errorf("%q %+v", head.Folder, head.Filed)
	}
	if head = given(t, open, filtered("m1", junk), filed(junk), events.ThreadFiled{Why: hand}); head.Folder != inbox.Inboxed || head.Filed != nil {
		t.Errorf("restored: %q %+v", head.Folder, head.Filed)
	}
}

// A filtered mail in a thread of the inbox neither waits for an answer nor is answered.
func TestFilteredMailIsOnlyShown(t *testing.T) {
	eve := filtered("m2", junk)
	eve.From, eve.ThirdParty = events.Address{Email: "eve@evil.example"}, true
	before, after := given(t, open, mail, reply), given(t, open, mail, reply, eve)
	if !after.WaitingSince.IsZero() || after.LastMessageID != before.LastMessageID || after.Messages != before.Messages+1 || after.Preview != "m2" {
		t.Errorf("%+v", after)
	}
}

func TestAnswersGoToWhoIsMeant(t *testing.T) {
	kim := events.Contact{ID: "c2", Name: "Kim", Address: "kim@shop.example"}
	second := received("m2", "")
	second.Email.ReplyTo = []events.Address{{Email: "desk@shop.example"}, {Email: lena.Address}}
	changed := events.ThreadContactChanged{Contact: kim}
	before := given(t, open, mail, second)
	head := given(t, open, mail, second, changed)
	want := []events.Address{{Email: "desk@shop.example"}, {Name: "Kim", Email: "kim@shop.example"}}
	if d := cmp.Diff(want, head.LastReplyTo); d != "" || head.Contact != kim || before.LastReplyTo[1].Email != lena.Address {
		t.Errorf("%+v, before %+v:\n%s", head.Contact, before.LastReplyTo, d)
	}
}

func TestTheTeamIsNobodyOnTheThread(t *testing.T) {
	m := received("m1", "")
	m.To = []events.Address{{Email: "support@parley.example"}, {Email: "mara@parley.example"}}
	m.Cc = []events.Address{{Email: "cfo@shop.example"}}
	m.Email.Mailbox, m.Email.Team = "support@parley.example", []string{"mara@parley.example"}
	head := given(t, open, m)
	if len(head.Participants) != 2 || head.Takes("mara@parley.example") || !head.Takes("cfo@shop.example") {
		t.Errorf("%+v", head.Participants)
	}
}

func TestWithdrawn(t *testing.T) {
	gone := events.MessageWithdrawn{Message: "m9", Sent: 3, Delivery: "d9"}
	head := given(t, open, mail, held, gone)
	if head.Messages != 1 || !head.WaitingSince.Equal(t0.Add(time.Minute)) || head.Preview != "" {
		t.Errorf("%d messages, waiting since %v, preview %q", head.Messages, head.WaitingSince, head.Preview)
	}
	passed := reply
	passed.Forwards = 2
	if head := given(t, open, mail, passed); head.WaitingSince.IsZero() {
		t.Error("passing a message on answers nobody")
	}
}

func TestStale(t *testing.T) {
	day := 24 * time.Hour
	running := given(t, open, mail)
	closed := given(t, open, mail, events.ThreadClosed{}, note)
	for name, c := range map[string]struct {
		head  inbox.Thread
		after time.Duration
		want  bool
	}{
		"a month of silence":       {running, 31 * day, true},
		"not quite":                {running, 30 * day, false},
		"closed for a month":       {closed, 31 * day, true},
		"closed a moment ago":      {closed, day, false},
		"before it began":          {running, -day, false},
		"a thread that is not one": {inbox.Thread{}, 31 * day, false},
	} {
		if got := c.head.Stale(t0.Add(c.after)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	closed.ActiveAt = t0.Add(31 * day) // a note, long after it was closed
	if !closed.Stale(t0.Add(32 * day)) {
		t.Error("a note does not make a closed matter a new one")
	}
}

func TestFallout(t *testing.T) {
	before := inbox.Delivery{ID: "d9", Seq: 3, Recipients: []inbox.Recipient{
		{Address: "a@x", State: "sent"}, {Address: "b@x", State: "bounced"}, {Address: "c@x", State: "sent"}, {Address: "d@x", State: "sent"}, {Address: "e@x", State: "sent"},
	}}
	news := inbox.News{Recipients: []inbox.Recipient{
		{Address: "A@x", State: "bounced", Reason: "550"},
		{Address: "b@x", State: "bounced", Reason: "again"},
		{Address: "c@x", State: "delivered"},
		{Address: "d@x", State: "complained"},
		{Address: "e@x", State: "suppressed"},
	}}
	fallout := inbox.Fallout(before, before.Hear(news))
	got := map[string]string{}
	for _, r := range fallout {
		got[r.Address] = r.State
	}
	if d := cmp.Diff(map[string]string{"a@x": "bounced", "d@x": "complained", "e@x": "suppressed"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	head := given(t, open, mail, reply, events.ThreadClosed{})
	w := inbox.Word{By: post, Kind: "Permanent/5.1.1", Raw: "in/r"}
	want := map[string][]events.Fact{
		"a@x": {events.ThreadReopened{Cause: "bounce"}, events.MessageBounced{Message: "m9", Sent: 3, Delivery: "d9", Address: "a@x", Kind: "Permanent/5.1.1", Reason: "550", Raw: "in/r"}},
		"d@x": {events.MessageComplained{Message: "m9", Sent: 3, Delivery: "d9", Address: "d@x", Kind: "Permanent/5.1.1", Raw: "in/r"}},
		"e@x": {events.ThreadReopened{Cause: "bounce"}, events.MessageBounced{Message: "m9", Sent: 3, Delivery: "d9", Address: "e@x", Kind: "suppressed", Raw: "in/r"}},
	}
	for _, r := range fallout {
		d, err := head.Suffer(w, "m9", before, r)
		if diff := cmp.Diff(want[r.Address], d.Facts); diff != "" || err != nil || d.Actor != post {
			t.Errorf("%s: %v\n%s", r.Address, err, diff)
		}
	}
}
