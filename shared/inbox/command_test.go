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
	t0    = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	lena  = events.Contact{ID: "c1", Name: "Lena Novak", Address: "lena@shop.example"}
	mara  = events.Actor{Kind: events.Agent, ID: "u1", Name: "Mara"}
	open  = events.ThreadOpened{Inbox: "i1", Account: "a1", Channel: "email", Subject: "Charged twice", Contact: lena}
	mail  = received("m1", "")
	auto  = received("m2", "auto-submitted")
	reply = events.MessageSent{
		Message: "m9", Delivery: "d9", To: []events.Address{{Email: lena.Address}}, Body: events.Body{Text: "Refunded."}, Preview: "Refunded.",
	}
	post      = events.Actor{Kind: events.System, ID: "mailstatus"}
	bounce    = events.MessageBounced{Message: "m9", Sent: 3, Delivery: "d9", Address: lena.Address, Kind: "Permanent/General", Reason: "550"}
	doubtful  = events.MessageBounced{Message: "m9", Sent: 3, Delivery: "d9", Address: lena.Address, Doubtful: true, Kind: "Transient/General", Reason: "later"}
	complaint = events.MessageComplained{Message: "m9", Sent: 3, Delivery: "d9", Address: lena.Address, Kind: "abuse"}
	note      = events.CommentAdded{Comment: "n1", Body: events.Body{Text: "Solo renewal"}, Preview: "Solo renewal"}
)

func received(id, auto string) events.MessageReceived {
	return events.MessageReceived{
		Message: id, Contact: lena, From: events.Address{Name: lena.Name, Email: lena.Address}, Preview: id,
		Body: events.Body{Text: id}, Email: &events.Email{MessageID: id + "@shop.example", Auto: auto},
	}
}

// given folds facts into a head, one a minute.
func given(t *testing.T, facts ...events.Fact) inbox.Thread {
	t.Helper()
	var head inbox.Thread
	for i, f := range facts {
		e, err := events.Seal("e", "t1", int64(i+1), t0.Add(time.Duration(i)*time.Minute), mara, f)
		if err != nil {
			t.Fatal(err)
		}
		if head, err = head.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	return head
}

func TestCommands(t *testing.T) {
	anna := &events.Assignee{Kind: "agent", ID: "u2", Name: "Anna"}
	job := func(fact int) []inbox.Job { return []inbox.Job{{ID: "d9", Kind: inbox.JobMail, Fact: fact}} }
	begun := []events.Fact{open, mail}
	closed := []events.Fact{open, mail, events.ThreadClosed{}}
	for name, c := range map[string]struct {
		given []events.Fact
		when  func(inbox.Thread) (inbox.Decision, error)
		then  []events.Fact
		jobs  []inbox.Job
		fault fault.Code
	}{
		"a first mail opens a thread": {
			when: func(h inbox.Thread) (inbox.Decision, error) { return h.Open(open, mail) }, then: []events.Fact{open, mail},
		},
		"a thread opens once": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Open(open, mail) }, fault: fault.Conflict,
		},
		"a thread needs a contact": {
			when:  func(h inbox.Thread) (inbox.Decision, error) { return h.Open(events.ThreadOpened{Inbox: "i1"}, mail) },
			fault: fault.Invalid,
		},
		"a message joins an open thread": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(mail) }, then: []events.Fact{mail},
		},
		"a message reopens a closed thread": {
			given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(mail) },
			then: []events.Fact{events.ThreadReopened{Cause: "message"}, mail},
		},
		"an automatic message does not": {
			given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(auto) }, then: []events.Fact{auto},
		},
		"no message joins what does not exist": {
			when: func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(mail) }, fault: fault.NotFound,
		},
		"a reply owes a delivery": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Reply(mara, reply) },
			then: []events.Fact{reply, taken}, jobs: job(0),
		},
		"a reply reopens a closed thread, and the job is of the message": {
			given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Reply(mara, reply) },
			then: []events.Fact{events.ThreadReopened{Cause: "reply"}, reply, taken}, jobs: job(1),
		},
		"a reply needs a recipient": {
			given: begun, fault: fault.Invalid,
			when: func(h inbox.Thread) (inbox.Decision, error) {
				r := reply
				r.To = nil
				return h.Reply(mara, r)
			},
		},
		"a reply needs text": {
			given: begun, fault: fault.Invalid,
			when: func(h inbox.Thread) (inbox.Decision, error) {
				r := reply
				r.Body.Text = " \n\t"
				return h.Reply(mara, r)
			},
		},
		"a comment": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Comment(mara, note) }, then: []events.Fact{note},
		},
		"a comment leaves a closed thread closed": {
			given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Comment(mara, note) }, then: []events.Fact{note},
		},
		"a bounce reopens a closed thread": {
			given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Bounce(post, bounce) },
			then: []events.Fact{events.ThreadReopened{Cause: "bounce"}, bounce},
		},
		"a bounce joins an open thread": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Bounce(post, bounce) }, then: []events.Fact{bounce},
		},
		"a doubtful bounce leaves a closed thread closed": {
			given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Bounce(post, doubtful) }, then: []events.Fact{doubtful},
		},
		"a bounce needs an address": {
			given: begun, fault: fault.Invalid,
			when: func(h inbox.Thread) (inbox.Decision, error) {
				b := bounce
				b.Address = ""
				return h.Bounce(post, b)
			},
		},
		"no bounce in what does not exist": {
			when: func(h inbox.Thread) (inbox.Decision, error) { return h.Bounce(post, bounce) }, fault: fault.NotFound,
		},
		"a complaint leaves a closed thread closed": {
			given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Complain(post, complaint) }, then: []events.Fact{complaint},
		},
		"a complaint needs its message": {
			given: begun, fault: fault.Invalid,
			when: func(h inbox.Thread) (inbox.Decision, error) {
				return h.Complain(post, events.MessageComplained{Address: lena.Address})
			},
		},
		"an empty comment": {
			given: begun, fault: fault.Invalid,
			when: func(h inbox.Thread) (inbox.Decision, error) {
				return h.Comment(mara, events.CommentAdded{Comment: "n"})
			},
		},
		"assign": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Assign(mara, anna, nil) },
			then: []events.Fact{events.ThreadAssigned{To: anna}},
		},
		"assign whom it has": {
			given: append(begun[:2:2], events.ThreadAssigned{To: anna}),
			when:  func(h inbox.Thread) (inbox.Decision, error) { return h.Assign(mara, anna, nil) },
		},
		"take from its owner": {
			given: append(begun[:2:2], events.ThreadAssigned{To: anna}),
			when:  func(h inbox.Thread) (inbox.Decision, error) { return h.Assign(mara, nil, nil) },
			then:  []events.Fact{events.ThreadAssigned{}},
		},
		"take from nobody": {given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Assign(mara, nil, nil) }},
		"close": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(mara, inbox.Closed) },
			then: []events.Fact{events.ThreadClosed{}},
		},
		"close a closed one": {given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(mara, inbox.Closed) }},
		"reopen by hand": {
			given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(mara, inbox.Open) },
			then: []events.Fact{events.ThreadReopened{Cause: "agent"}},
		},
		"no other status": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(mara, "snoozed") }, fault: fault.Invalid,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := c.when(given(t, c.given...))
			if got := fault.CodeOf(err); got != c.fault {
				t.Fatalf("error %v, want %q", err, c.fault)
			}
			if diff := cmp.Diff(c.then, d.Facts); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.jobs, d.Jobs); diff != "" {
				t.Errorf("jobs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHead(t *testing.T) {
	second := received("m3", "")
	second.From, second.Cc = events.Address{Email: "cfo@shop.example"}, []events.Address{{Email: lena.Address}, {Email: "cto@shop.example"}}
	second.Email.References = []string{"m1@shop.example"}
	second.Email.ReplyTo = []events.Address{{Email: "desk@shop.example"}}
	head := given(t, open, mail, reply, second, note, events.ThreadClosed{})
	if head.Status != inbox.Closed || head.Messages != 3 || head.Comments != 1 || head.Seq != 6 {
		t.Errorf("head %+v", head)
	}
	if head.Preview != "Solo renewal" || !head.PreviewNote || !head.ActiveAt.Equal(t0.Add(4*time.Minute)) {
		t.Errorf("preview %q (note %v) at %v", head.Preview, head.PreviewNote, head.ActiveAt)
	}
	want := []inbox.Participant{{Name: lena.Name, Email: lena.Address}, {Email: "cfo@shop.example"}, {Email: "cto@shop.example"}}
	if d := cmp.Diff(want, head.Participants); d != "" {
		t.Errorf("participants (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"m1@shop.example", "m3@shop.example"}, head.LastReferences); d != "" {
		t.Errorf("references (-want +got):\n%s", d)
	}
	if len(head.LastReplyTo) != 1 || head.LastReplyTo[0].Email != "desk@shop.example" {
		t.Errorf("reply to %v", head.LastReplyTo)
	}
	if !head.Takes("cto@shop.example") || head.Takes("stranger@x.example") || head.Takes("") {
		t.Error("Takes does not know who is on the thread")
	}
}

func TestAThirdPartyMovesNothing(t *testing.T) {
	eve := received("evil", "")
	eve.From, eve.Cc = events.Address{Email: "eve@evil.example"}, []events.Address{{Email: "mallory@evil.example"}}
	eve.ThirdParty, eve.Email.ReplyTo = true, []events.Address{{Email: "eve@evil.example"}}
	before, after := given(t, open, mail, reply), given(t, open, mail, reply, eve)
	if after.Takes("eve@evil.example") || after.Takes("mallory@evil.example") {
		t.Errorf("participants %v", after.Participants)
	}
	if d := cmp.Diff(before.LastReplyTo, after.LastReplyTo); d != "" || after.LastMessageID != before.LastMessageID {
		t.Errorf("answers would go elsewhere (-before +after):\n%s", d)
	}
	if after.Messages != 3 || after.WaitingSince.IsZero() || after.Preview != "evil" {
		t.Errorf("the message is not shown: %+v", after)
	}
}

func TestWaiting(t *testing.T) {
	first := t0.Add(time.Minute)
	for name, c := range map[string]struct {
		facts []events.Fact
		want  time.Time
	}{
		"since the first unanswered message": {[]events.Fact{open, mail, mail}, first},
		"not after an answer":                {[]events.Fact{open, mail, reply}, time.Time{}},
		"a comment is no answer":             {[]events.Fact{open, mail, note}, first},
		"an automatic mail asks nothing":     {[]events.Fact{open, auto}, time.Time{}},
		"again after reopening":              {[]events.Fact{open, mail, events.ThreadClosed{}, events.ThreadReopened{Cause: "message"}, mail}, t0.Add(4 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := given(t, c.facts...).WaitingSince; !got.Equal(c.want) {
				t.Errorf("waiting since %v, want %v", got, c.want)
			}
		})
	}
}

func TestLongThreadsKeepTheRootAndTheNewestReferences(t *testing.T) {
	m := received("last", "")
	for i := range 80 {
		m.Email.References = append(m.Email.References, string(rune('A'+i)))
	}
	refs := given(t, open, m).LastReferences
	if len(refs) != 50 || refs[0] != "A" || refs[49] != "last@shop.example" {
		t.Errorf("%d references, first %q, last %q", len(refs), refs[0], refs[len(refs)-1])
	}
}
