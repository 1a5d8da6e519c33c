package inbox_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/events"
	"parley/shared/inbox"
)

// remembered is what a withdrawn message must leave no trace in.
type remembered struct {
	Waiting     time.Time
	Undelivered bool
	People      []string
	Messages    int64
	Files       int64
}

func remember(h inbox.Thread) remembered {
	r := remembered{Waiting: h.WaitingSince, Undelivered: h.Undelivered > 0, Messages: h.Messages, Files: h.Files}
	for _, p := range h.Participants {
		r.People = append(r.People, p.Email)
	}
	slices.Sort(r.People)
	return r
}

// Rule 10: after a withdrawal the thread is as if the message had never been written, whatever came before and after it.
func TestAWithdrawnMessageLeavesNoTrace(t *testing.T) {
	address := rapid.SampledFrom([]string{"a@x.example", "b@x.example", "c@x.example", lena.Address})
	rapid.Check(t, func(t *rapid.T) {
		type line struct {
			fact events.Fact
			at   time.Time
		}
		var head inbox.Thread
		var lines []line
		gone := map[int]bool{} // indexes of lines that were withdrawn, and of the withdrawals
		at := t0
		add := func(f events.Fact) {
			at = at.Add(time.Minute)
			head = applied(t, head, f, at)
			lines = append(lines, line{f, at})
		}
		add(open)
		add(received("m0", ""))
		for i := range rapid.IntRange(1, 14).Draw(t, "steps") {
			to := []events.Address{{Email: address.Draw(t, "to")}, {Email: address.Draw(t, "cc")}}
			m := events.MessageSent{
				Message: fmt.Sprint("r", i), Delivery: fmt.Sprint("d", i), To: to, Body: events.Body{Text: "x"}, Held: rapid.Bool().Draw(t, "held"),
				Attachments: make([]events.Attachment, rapid.IntRange(0, 2).Draw(t, "files")),
			}
			switch rapid.IntRange(0, 6).Draw(t, "step") {
			case 0, 1, 2:
				add(m)
			case 3:
				m.Forwards = 2
				add(m)
			case 4:
				r := received(fmt.Sprint("m", i), "")
				r.From.Email, r.Cc = to[0].Email, to[1:]
				add(r)
			case 5:
				add(bounce)
			default:
				if len(head.Held) == 0 {
					continue
				}
				seq := head.Held[rapid.IntRange(0, len(head.Held)-1).Draw(t, "which")].Seq
				d, err := head.Withdraw(mara, events.MessageWithdrawn{Message: "r", Delivery: "d", Sent: seq})
				if err != nil || len(d.Facts) != 1 {
					t.Fatal(d, err)
				}
				gone[int(seq)-1], gone[len(lines)] = true, true
				add(d.Facts[0])
			}
		}
		var without inbox.Thread
		for i, l := range lines {
			if !gone[i] {
				without = applied(t, without, l.fact, l.at)
			}
		}
		if d := cmp.Diff(remember(without), remember(head)); d != "" {
			t.Fatalf("as if it had not been written (-want +got):\n%s\nheld %+v", d, head.Held)
		}
	})
}

func applied(t *rapid.T, h inbox.Thread, f events.Fact, at time.Time) inbox.Thread {
	e, err := events.Seal("e", "t1", h.Seq+1, at, mara, f)
	if err == nil {
		h, err = h.With(e, f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Heads stay small: only the newest messages can be undone without a trace. An older one is withdrawn all the same.
func TestOldHoldsAreForgotten(t *testing.T) {
	facts := []events.Fact{open, mail}
	for range 10 {
		facts = append(facts, held)
	}
	head := given(t, append(facts, withdrawn)...)
	if len(head.Held) != 4 || head.Messages != 10 || !head.WaitingSince.IsZero() {
		t.Errorf("%d held, %d messages, waiting %v", len(head.Held), head.Messages, head.WaitingSince)
	}
}

func TestWaitingAgain(t *testing.T) {
	since := t0.Add(time.Minute)
	later := received("m3", "")
	for name, c := range map[string]struct {
		facts []events.Fact
		want  time.Time
	}{
		"what it had answered waits":          {[]events.Fact{held, withdrawn}, since},
		"since the first question":            {[]events.Fact{held, later, withdrawn}, since},
		"not if another answer stands":        {[]events.Fact{held, reply, withdrawn}, time.Time{}},
		"not if it is held itself":            {[]events.Fact{held, held, withdrawn}, time.Time{}},
		"until that is withdrawn too":         {[]events.Fact{held, held, withdrawn, events.MessageWithdrawn{Message: "m9", Sent: 4, Delivery: "d9"}}, since},
		"in either order":                     {[]events.Fact{held, held, events.MessageWithdrawn{Message: "m9", Sent: 4, Delivery: "d9"}, withdrawn}, since},
		"a withdrawn forward changes nothing": {[]events.Fact{forward, withdrawn}, since},
		"nothing waits in a closed thread":    {[]events.Fact{held, events.ThreadClosed{}, withdrawn}, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := given(t, append([]events.Fact{open, mail}, c.facts...)...).WaitingSince; !got.Equal(c.want) {
				t.Errorf("waiting since %v, want %v", got, c.want)
			}
		})
	}
}
