package inbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
)

var (
	held    = func() events.MessageSent { m := reply; m.Held = true; return m }()
	forward = func() events.MessageSent {
		m := reply
		m.Forwards = 2
		m.To = []events.Address{{Email: "maker@parts.example"}}
		return m
	}()
	withdrawn = events.MessageWithdrawn{Message: "m9", Sent: 3, Delivery: "d9"}
	retried   = events.MessageRetried{Message: "m9", Sent: 3, Delivery: "d9", To: []string{lena.Address}}
)

func TestSending(t *testing.T) {
	job := func(fact int, held bool) []inbox.Job {
		return []inbox.Job{{ID: "d9", Kind: inbox.JobMail, Fact: fact, Held: held}}
	}
	begun := []events.Fact{open, mail}
	closed := []events.Fact{open, mail, events.ThreadClosed{}}
	filed := []events.Fact{open, mail, events.ThreadFiled{Folder: "spam"}}
	for name, c := range map[string]struct {
		given []events.Fact
		when  func(inbox.Thread) (inbox.Decision, error)
		then  []events.Fact
		jobs  []inbox.Job
		fault fault.Code
	}{
		"a held reply owes a held delivery": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Reply(mara, held) },
			then: []events.Fact{held, taken}, jobs: job(0, true),
		},
		"a reply takes a thread out of its folder, a forward does not": {
			given: filed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Forward(mara, forward) },
			then: []events.Fact{forward}, jobs: job(0, false),
		},
		"a forward reopens nothing": {
			given: closed, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Forward(mara, forward) },
			then: []events.Fact{forward}, jobs: job(0, false),
		},
		"a forward needs its message": {
			given: begun, fault: fault.NotFound,
			when: func(h inbox.Thread) (inbox.Decision, error) {
				f := forward
				f.Forwards = 3
				return h.Forward(mara, f)
			},
		},
		"a forward needs a recipient": {
			given: begun, fault: fault.Invalid,
			when: func(h inbox.Thread) (inbox.Decision, error) {
				f := forward
				f.To = nil
				return h.Forward(mara, f)
			},
		},
		"a message of the team's begins a thread": {
			when: func(h inbox.Thread) (inbox.Decision, error) { return h.Begin(mara, open, held) },
			then: []events.Fact{open, held, taken}, jobs: job(1, true),
		},
		"a thread begins once": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Begin(mara, open, reply) }, fault: fault.Conflict,
		},
		"a thread cannot begin with nothing": {
			fault: fault.Invalid,
			when: func(h inbox.Thread) (inbox.Decision, error) {
				m := reply
				m.Body = events.Body{}
				return h.Begin(mara, open, m)
			},
		},
		"a held message is withdrawn": {
			given: append(begun[:2:2], held), when: func(h inbox.Thread) (inbox.Decision, error) { return h.Withdraw(mara, withdrawn) },
			then: []events.Fact{withdrawn},
		},
		"send and close, taken back": {
			given: append(begun[:2:2], held, events.ThreadClosed{}), when: func(h inbox.Thread) (inbox.Decision, error) { return h.Withdraw(mara, withdrawn) },
			then: []events.Fact{events.ThreadReopened{Cause: "withdrawn"}, withdrawn},
		},
		"a closed thread in which nobody waited stays closed": {
			given: []events.Fact{open, auto, held, events.ThreadClosed{}}, when: func(h inbox.Thread) (inbox.Decision, error) { return h.Withdraw(mara, withdrawn) },
			then: []events.Fact{withdrawn},
		},
		"a thread that began with it is closed": {
			given: []events.Fact{open, held},
			when: func(h inbox.Thread) (inbox.Decision, error) {
				return h.Withdraw(mara, events.MessageWithdrawn{Message: "m9", Sent: 2, Delivery: "d9"})
			},
			then: []events.Fact{events.MessageWithdrawn{Message: "m9", Sent: 2, Delivery: "d9"}, events.ThreadClosed{}},
		},
		"unless somebody has made a note in it": {
			given: []events.Fact{open, held, note},
			when: func(h inbox.Thread) (inbox.Decision, error) {
				return h.Withdraw(mara, events.MessageWithdrawn{Message: "m9", Sent: 2, Delivery: "d9"})
			},
			then: []events.Fact{events.MessageWithdrawn{Message: "m9", Sent: 2, Delivery: "d9"}},
		},
		"withdrawing needs the delivery": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) {
				return h.Withdraw(mara, events.MessageWithdrawn{Message: "m9", Sent: 2})
			}, fault: fault.Invalid,
		},
		"a retry": {
			given: append(begun[:2:2], reply, bounce), when: func(h inbox.Thread) (inbox.Decision, error) { return h.Retry(mara, retried) },
			then: []events.Fact{retried},
		},
		"a retry needs an address": {
			given: begun, when: func(h inbox.Thread) (inbox.Decision, error) {
				return h.Retry(mara, events.MessageRetried{Message: "m9", Sent: 3, Delivery: "d9"})
			}, fault: fault.Invalid,
		},
		"a bounce is seen": {
			given: append(begun[:2:2], reply, bounce), when: func(h inbox.Thread) (inbox.Decision, error) { return h.SeeUndelivered(mara) },
			then: []events.Fact{events.ThreadUndeliveredSeen{}},
		},
		"nothing is to be seen": {
			given: append(begun[:2:2], reply, doubtful), when: func(h inbox.Thread) (inbox.Decision, error) { return h.SeeUndelivered(mara) },
		},
		"nobody forwards what does not exist": {
			when: func(h inbox.Thread) (inbox.Decision, error) { return h.Forward(mara, forward) }, fault: fault.NotFound,
		},
		"nobody withdraws it": {
			when: func(h inbox.Thread) (inbox.Decision, error) { return h.Withdraw(mara, withdrawn) }, fault: fault.NotFound,
		},
		"nobody retries it": {
			when: func(h inbox.Thread) (inbox.Decision, error) { return h.Retry(mara, retried) }, fault: fault.NotFound,
		},
		"nobody sees to it": {
			when: func(h inbox.Thread) (inbox.Decision, error) { return h.SeeUndelivered(mara) }, fault: fault.NotFound,
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

// Rule 11: whoever read a forward is not on the thread, and nobody has been answered by it.
func TestAForwardLetsNobodyIn(t *testing.T) {
	before, after := given(t, open, mail), given(t, open, mail, forward)
	if after.Takes("maker@parts.example") || !after.WaitingSince.Equal(before.WaitingSince) || after.Messages != 2 {
		t.Errorf("%+v", after)
	}
}

// Rule 12.
func TestUndelivered(t *testing.T) {
	for name, c := range map[string]struct {
		facts []events.Fact
		want  int64
	}{
		"a bounce stands out":            {[]events.Fact{bounce}, 4},
		"a doubtful one does not":        {[]events.Fact{doubtful}, 0},
		"nor a complaint":                {[]events.Fact{complaint}, 0},
		"the newest one":                 {[]events.Fact{bounce, bounce}, 5},
		"until an agent answers":         {[]events.Fact{bounce, reply}, 0},
		"a forward answers nobody":       {[]events.Fact{bounce, forward}, 4},
		"nor does the customer":          {[]events.Fact{bounce, mail}, 4},
		"until it is tried again":        {[]events.Fact{bounce, retried}, 0},
		"and lost again":                 {[]events.Fact{bounce, retried, bounce}, 6},
		"until it is seen":               {[]events.Fact{bounce, events.ThreadUndeliveredSeen{}}, 0},
		"until it is closed":             {[]events.Fact{bounce, events.ThreadClosed{}}, 0},
		"an answer that is taken back":   {[]events.Fact{bounce, held, events.MessageWithdrawn{Message: "m9", Sent: 5, Delivery: "d9"}}, 4},
		"one of what was seen meanwhile": {[]events.Fact{bounce, held, retried, events.MessageWithdrawn{Message: "m9", Sent: 5, Delivery: "d9"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := given(t, append([]events.Fact{open, mail, reply}, c.facts...)...); got.Undelivered != c.want || got.Summary().Undelivered != c.want {
				t.Errorf("%d, want %d", got.Undelivered, c.want)
			}
		})
	}
}
