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
	r.Message, r.Delivery = fmt.Sprint("r", i), fmt.Sprint("d", i)
	who := rapid.SampledFrom([]*events.Assignee{nil, {Kind: "agent", ID: "u1"}, {Kind: "agent", ID: "u2"}}).Draw(t, "who")
	switch rapid.IntRange(0, 9).Draw(t, "command") {
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
