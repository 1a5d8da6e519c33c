package inbox_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/events"
	"parley/shared/inbox"
)

// Any history that commands accept folds without error, entry by entry and from the start to the same head; the head survives its own
// JSON; what a command refuses leaves no trace.
func TestAnyAcceptedHistoryFolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var head inbox.Thread
		var log []events.Envelope
		at := t0
		steps := rapid.IntRange(1, 40).Draw(t, "steps")
		for i := range steps {
			d, err := command(t, head, i)
			if err != nil {
				continue
			}
			at = at.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(t, "pause")) * time.Millisecond)
			for _, f := range d.Facts {
				e, err := events.Seal(fmt.Sprint("e", len(log)), "t1", head.Seq+1, at, d.Actor, f)
				if err != nil {
					t.Fatal(err)
				}
				if head, err = head.With(e, f); err != nil {
					t.Fatalf("an accepted fact does not fold: %v", err)
				}
				log = append(log, e)
			}
			for _, j := range d.Jobs {
				if _, ok := d.Facts[j.Fact].(events.MessageSent); !ok {
					t.Fatalf("job for %T", d.Facts[j.Fact])
				}
			}
		}
		again, err := inbox.Fold(log)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(head, again); d != "" {
			t.Fatalf("folded from the start (-as it went +again):\n%s", d)
		}
		raw, _ := json.Marshal(head)
		var read inbox.Thread
		if err := json.Unmarshal(raw, &read); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(head, read); d != "" {
			t.Fatalf("through JSON (-want +got):\n%s", d)
		}
		for _, e := range log {
			entry, err := inbox.EntryOf(e)
			if err != nil || entry.Seq != e.Seq {
				t.Fatalf("entry %d: %v", e.Seq, err)
			}
		}
	})
}

func command(t *rapid.T, head inbox.Thread, i int) (inbox.Decision, error) {
	m := received(fmt.Sprint("m", i), rapid.SampledFrom([]string{"", "", "precedence"}).Draw(t, "auto"))
	r := reply
	r.Message, r.Delivery, r.Held = fmt.Sprint("r", i), fmt.Sprint("d", i), rapid.Bool().Draw(t, "held")
	who := rapid.SampledFrom([]*events.Assignee{nil, {Kind: "agent", ID: "u1"}, {Kind: "agent", ID: "u2"}}).Draw(t, "who")
	if rapid.Bool().Draw(t, "filtered") {
		m.Filter = &events.Filter{Folder: rapid.SampledFrom([]string{"filtered", "spam"}).Draw(t, "folder"), Why: events.Why{Rule: "deny"}}
	}
	switch rapid.IntRange(0, 25).Draw(t, "command") {
	case 18:
		tag := rapid.SampledFrom([]events.TagRef{{ID: "g1", Name: "Billing"}, {ID: "g2", Name: "Export"}})
		return head.Tag(mara, rapid.SliceOfN(tag, 0, 2).Draw(t, "add"), rapid.SliceOfN(tag, 0, 2).Draw(t, "remove"))
	case 19:
		return head.Prioritise(mara, rapid.SampledFrom([]inbox.Priority{inbox.Low, inbox.Normal, inbox.High, inbox.Urgent}).Draw(t, "priority"))
	case 20:
		return head.Snooze(mara, rapid.SampledFrom([]time.Time{{}, t0.Add(time.Hour)}).Draw(t, "until"), t0)
	case 21:
		return head.Wake(mara, "agent")
	case 22:
		to := rapid.SampledFrom([]events.Place{{ID: "in1"}, {ID: "in2"}}).Draw(t, "place")
		return head.Move(mara, events.Place{ID: head.Inbox}, to, rapid.Bool().Draw(t, "owner"), rapid.Bool().Draw(t, "team"))
	case 23:
		c := note
		c.Mentions = []events.Mention{{ID: "u1"}, {ID: "u2"}}
		return head.Comment(rapid.SampledFrom([]events.Actor{mara, {Kind: events.Agent, ID: "u2"}}).Draw(t, "who comments"), c)
	case 24:
		return head.SeeMention(events.Actor{Kind: events.Agent, ID: "u2"})
	case 25:
		return head.Give(mara, inbox.Assignment{To: who, Team: rapid.SampledFrom([]*events.TeamRef{nil, {}, {ID: "t1"}}).Draw(t, "team")})
	case 15:
		return head.File(mara, rapid.SampledFrom([]inbox.Folder{inbox.Inboxed, inbox.Filtered, inbox.Spam}).Draw(t, "to"), nil)
	case 16:
		return head.SetContact(mara, rapid.SampledFrom([]events.Contact{lena, {ID: "c2", Address: "kim@shop.example"}}).Draw(t, "contact"), nil)
	case 0:
		return head.Open(open, m)
	case 1:
		return head.Receive(m)
	case 2:
		return head.Reply(mara, r)
	case 3:
		return head.Comment(mara, note)
	case 4:
		return head.Assign(mara, who, nil)
	case 5:
		return head.SetStatus(mara, inbox.Closed)
	case 6:
		return head.Bounce(post, bounce)
	case 7:
		return head.Bounce(post, doubtful)
	case 8:
		return head.Complain(post, complaint)
	case 9:
		return head.Begin(mara, open, r)
	case 10:
		r.Forwards = int64(i)
		return head.Forward(mara, r)
	case 11:
		return head.Withdraw(mara, events.MessageWithdrawn{Message: "r", Delivery: "d", Sent: int64(rapid.IntRange(1, 40).Draw(t, "sent"))})
	case 12:
		return head.Retry(mara, events.MessageRetried{Message: "r", Delivery: "d", Sent: 1, To: []string{lena.Address}})
	case 13:
		return head.SeeUndelivered(mara)
	default:
		return head.SetStatus(mara, inbox.Open)
	}
}

func TestTheFoldRefusesWhatCannotHaveHappened(t *testing.T) {
	seal := func(seq int64, f events.Fact) events.Envelope {
		e, err := events.Seal("e", "t1", seq, t0, mara, f)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for name, log := range map[string][]events.Envelope{
		"a gap":            {seal(1, open), seal(3, mail)},
		"a repetition":     {seal(1, open), seal(1, mail)},
		"a second opening": {seal(1, open), seal(2, open)},
		"no opening":       {seal(1, mail)},
		"an unknown fact":  {seal(1, open), {Seq: 2, Type: "thread.exploded", V: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if head, err := inbox.Fold(log); err == nil {
				t.Errorf("folded to %+v", head)
			}
		})
	}
}
