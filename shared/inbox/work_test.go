package inbox_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
)

// taken is what an answer of Mara's adds to a thread that is nobody's.
var taken = events.ThreadAssigned{To: &events.Assignee{Kind: "agent", ID: mara.ID, Name: mara.Name}, Why: &events.Why{Rule: "first-reply"}}

func TestWork(t *testing.T) {
	var (
		billing = events.TagRef{ID: "g1", Name: "Billing"}
		export  = events.TagRef{ID: "g2", Name: "Export"}
		team    = &events.TeamRef{ID: "t1", Name: "Billing"}
		toMara  = events.ThreadAssigned{To: taken.To}
		inTeam  = events.ThreadAssigned{Team: team}
		later   = t0.Add(24 * time.Hour)
		snoozed = events.ThreadSnoozed{Until: later}
		here    = events.Place{ID: "i1", Name: "Support"}
		there   = events.Place{ID: "i2", Name: "Sales"}
		call    = note
	)
	call.Mentions = []events.Mention{{ID: "u2", Name: "Priya"}}
	do := func(f func(inbox.Thread) (inbox.Decision, error)) func(inbox.Thread) (inbox.Decision, error) {
		return f
	}
	for name, c := range map[string]struct {
		given []events.Fact
		when  func(inbox.Thread) (inbox.Decision, error)
		then  []events.Fact
		fault fault.Code
	}{
		"who answers what is nobody's takes it": {
			given: []events.Fact{open, mail}, then: []events.Fact{reply, taken},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Reply(mara, reply) }),
		},
		"an answer leaves an owner": {
			given: []events.Fact{open, mail, events.ThreadAssigned{To: &events.Assignee{Kind: "agent", ID: "u2"}}}, then: []events.Fact{reply},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Reply(mara, reply) }),
		},
		"to a team": {
			given: []events.Fact{open, mail, toMara}, then: []events.Fact{events.ThreadAssigned{Team: team}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Give(mara, inbox.Assignment{Team: team}) }),
		},
		"the same team and owner again": {
			given: []events.Fact{open, mail, events.ThreadAssigned{To: taken.To, Team: team}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) {
				return h.Give(mara, inbox.Assignment{To: taken.To, Team: team})
			}),
		},
		"an owner leaves the team": {
			given: []events.Fact{open, mail, inTeam}, then: []events.Fact{toMara},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Assign(mara, taken.To, nil) }),
		},
		"tags": {
			given: []events.Fact{open, mail, events.ThreadTagged{Added: []events.TagRef{export}}}, then: []events.Fact{events.ThreadTagged{Added: []events.TagRef{billing}, Removed: []events.TagRef{export}}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) {
				return h.Tag(mara, []events.TagRef{billing, billing}, []events.TagRef{export})
			}),
		},
		"tags that are there": {
			given: []events.Fact{open, mail, events.ThreadTagged{Added: []events.TagRef{export}}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) {
				return h.Tag(mara, []events.TagRef{export}, []events.TagRef{billing})
			}),
		},
		"priority": {
			given: []events.Fact{open, mail}, then: []events.Fact{events.ThreadPrioritised{Priority: "high"}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Prioritise(mara, inbox.High) }),
		},
		"no such priority": {
			given: []events.Fact{open, mail}, fault: fault.Invalid,
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Prioritise(mara, "soon") }),
		},
		"snooze": {
			given: []events.Fact{open, mail}, then: []events.Fact{snoozed},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Snooze(mara, later, t0) }),
		},
		"snooze until they reply": {
			given: []events.Fact{open, mail, snoozed}, then: []events.Fact{events.ThreadSnoozed{}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Snooze(mara, time.Time{}, t0) }),
		},
		"snooze into the past": {
			given: []events.Fact{open, mail}, fault: fault.Invalid,
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Snooze(mara, t0, t0) }),
		},
		"snooze what is closed": {
			given: []events.Fact{open, mail, events.ThreadClosed{}}, fault: fault.Conflict,
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Snooze(mara, later, t0) }),
		},
		"a message wakes": {
			given: []events.Fact{open, mail, snoozed}, then: []events.Fact{mail, events.ThreadWoken{Cause: "message"}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(mail) }),
		},
		"an automatic answer does not": {
			given: []events.Fact{open, mail, snoozed}, then: []events.Fact{received("m7", "auto-submitted")},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(received("m7", "auto-submitted")) }),
		},
		"a bounce wakes": {
			given: []events.Fact{open, mail, snoozed}, then: []events.Fact{bounce, events.ThreadWoken{Cause: "bounce"}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Bounce(post, bounce) }),
		},
		"the clock wakes in time only": {
			given: []events.Fact{open, mail, snoozed},
			when:  do(func(h inbox.Thread) (inbox.Decision, error) { return h.WakeDue(post, later.Add(-time.Second)) }),
		},
		"the clock wakes": {
			given: []events.Fact{open, mail, snoozed}, then: []events.Fact{events.ThreadWoken{Cause: "time"}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.WakeDue(post, later) }),
		},
		"who threw it away hears of the next message": {
			given: []events.Fact{open, mail, events.ThreadFiled{Folder: "trash"}}, then: []events.Fact{mail, events.ThreadFiled{Why: &events.Why{Rule: "passed"}}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Receive(mail) }),
		},
		"move": {
			given: []events.Fact{open, mail, toMara}, then: []events.Fact{events.ThreadMoved{From: here, To: there}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Move(mara, here, there, true, true) }),
		},
		"move to where the owner is not": {
			given: []events.Fact{open, mail, toMara, inTeam, toMara}, then: []events.Fact{
				events.ThreadMoved{From: here, To: there}, events.ThreadAssigned{Team: &events.TeamRef{}, Why: &events.Why{Rule: "moved"}},
			},
			when: do(func(h inbox.Thread) (inbox.Decision, error) { return h.Move(mara, here, there, false, false) }),
		},
		"seen": {
			given: []events.Fact{open, mail, call}, then: []events.Fact{events.MentionSeen{}},
			when: do(func(h inbox.Thread) (inbox.Decision, error) {
				return h.SeeMention(events.Actor{Kind: events.Agent, ID: "u2"})
			}),
		},
		"seen by who was not called": {
			given: []events.Fact{open, mail, call},
			when:  do(func(h inbox.Thread) (inbox.Decision, error) { return h.SeeMention(mara) }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := c.when(given(t, c.given...))
			if fault.CodeOf(err) != c.fault && (err != nil || c.fault != "") {
				t.Fatalf("error %v, want %q", err, c.fault)
			}
			if diff := cmp.Diff(c.then, d.Facts); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatWorkLeavesOnTheHead(t *testing.T) {
	call := note
	call.Mentions = []events.Mention{{ID: "u1"}, {ID: "u2"}, {ID: "u3"}}
	h := given(t, open, mail, call) // Mara (u1) herself is not called by herself
	if d := cmp.Diff([]string{"u2", "u3"}, h.Mentions); d != "" {
		t.Error(d)
	}
	if h.Wants(inbox.Thread{}) != "new" || h.Burdens() != "" {
		t.Errorf("%q %q", h.Wants(inbox.Thread{}), h.Burdens())
	}
	h = given(t, open, mail, taken)
	if h.Wants(inbox.Thread{}) != "" || h.Burdens() != "u1" {
		t.Errorf("%q %q", h.Wants(inbox.Thread{}), h.Burdens())
	}
	for name, f := range map[string]events.Fact{"closed": events.ThreadClosed{}, "snoozed": events.ThreadSnoozed{}, "spam": events.ThreadFiled{Folder: "spam"}} {
		if h := given(t, open, mail, taken, f); h.Burdens() != "" {
			t.Errorf("%s weighs on %s", name, h.Burdens())
		}
	}
	spam := given(t, open, mail, events.ThreadFiled{Folder: "spam"})
	if back := given(t, open, mail); back.Wants(spam) != "restored" || spam.Wants(inbox.Thread{}) != "" {
		t.Error("spam comes back without an owner")
	}
}

func TestMembers(t *testing.T) {
	teams := []inbox.Team{{ID: "t1", Members: []string{"u1"}}, {ID: "t2", Members: []string{"u2"}}}
	m := inbox.Members{Users: []string{"u3"}, Teams: []string{"t1"}}
	for user, want := range map[string]bool{"u1": true, "u2": false, "u3": true} {
		if m.Has(user, teams) != want {
			t.Errorf("%s: %v", user, !want)
		}
	}
	if old := (inbox.Inbox{ID: "i"}).Settled(); !old.Members.Has("anybody", nil) {
		t.Error("an inbox of an older build belongs to everyone")
	}
	if _, err := (inbox.Inbox{}).With(inbox.Members{}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

func TestAVisitorsPace(t *testing.T) {
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	var th inbox.Thread
	fold := func(seq int64, at time.Time, f events.Fact) {
		t.Helper()
		name, _ := f.FactType()
		next, err := th.With(events.Envelope{Thread: "t", Seq: seq, At: at, Type: name}, f)
		if err != nil {
			t.Fatal(err)
		}
		th = next
	}
	fold(1, at, events.ThreadOpened{Channel: string(inbox.ChannelChat)})
	fold(2, at, events.MessageReceived{Preview: "a"})
	fold(3, at.Add(59*time.Second), events.MessageReceived{Preview: "b"})
	if now := at.Add(59 * time.Second); !th.Flooded(now, 2) || th.Flooded(now, 3) {
		t.Errorf("two in a minute: %+v", th.Pace)
	}
	if th.Flooded(at.Add(time.Minute), 2) {
		t.Error("a minute later it is still a flood")
	}
	fold(4, at.Add(61*time.Second), events.MessageReceived{Preview: "c"})
	if th.Pace.N != 1 {
		t.Errorf("a new minute counts from one: %+v", th.Pace)
	}
	fold(5, at.Add(62*time.Second), events.MessageReceived{Preview: "d", Email: &events.Email{}})
	if th.Pace.N != 1 {
		t.Error("a mail is no chat")
	}
}
