package inbox

import (
	"slices"
	"time"

	"parley/events"
)

// Held is what a message changed that may still be withdrawn.
type Held struct {
	Seq         int64     `json:"seq"`
	Files       int64     `json:"files,omitempty"`
	Answers     bool      `json:"answers,omitempty"`     // it is no forward
	Waited      time.Time `json:"waited,omitzero"`       // what WaitingSince was before it
	Undelivered int64     `json:"undelivered,omitempty"` // what Undelivered was before it
	Named       []string  `json:"named,omitempty"`       // addresses that are on the thread through held messages alone, this one's among them
}

// maxHeld bounds what a head remembers: a hold lasts seconds, and only a whole team on one thread has more than a few at once. A message that
// was pushed out can be withdrawn all the same; what it had answered then does not wait again.
const maxHeld = 4

func (t Thread) held(seq int64) (Held, bool) {
	i := slices.IndexFunc(t.Held, func(h Held) bool { return h.Seq == seq })
	if i < 0 {
		return Held{}, false
	}
	return t.Held[i], true
}

func (t *Thread) foldSent(e events.Envelope, f events.MessageSent) {
	t.Messages++
	t.Files += int64(len(f.Attachments))
	t.show(e, f.Preview, false)
	h := Held{Seq: e.Seq, Files: int64(len(f.Attachments))}
	people := slices.Concat(f.To, f.Cc)
	if f.Forwards != 0 { // passing a message on answers nobody, and its readers stay strangers
		people = nil
	} else {
		h.Answers, h.Waited, h.Undelivered = true, t.WaitingSince, t.Undelivered
		t.WaitingSince, t.Undelivered = time.Time{}, 0
		if !f.Held {
			t.Held = slices.Clone(t.Held)
			for i := range t.Held { // whatever they had answered has an answer that stays
				t.Held[i].Waited, t.Held[i].Undelivered = time.Time{}, 0
			}
		}
	}
	h.Named = t.join(people, f.Held)
	if f.Held {
		t.Held = append(slices.Clone(t.Held), h)
	}
	if len(t.Held) > maxHeld { // the oldest is taken for sent
		stays := t.Held[0].Named
		t.Held = t.Held[1:]
		t.firm(func(address string) bool { return slices.Contains(stays, address) })
	}
}

// seen notes that somebody has seen to what did not arrive.
func (t *Thread) seen() {
	t.Undelivered = 0
	t.Held = slices.Clone(t.Held)
	for i := range t.Held {
		t.Held[i].Undelivered = 0
	}
}

// foldWithdrawn takes a message's effect back: what it had answered waits again, unless a later answer stands; whom it alone named is
// not on the thread.
func (t *Thread) foldWithdrawn(e events.Envelope, f events.MessageWithdrawn) {
	t.Messages--
	t.show(e, "", false)
	h, ok := t.held(f.Sent)
	if !ok {
		return
	}
	t.Files -= h.Files
	t.Held = without(t.Held, func(o Held) bool { return o.Seq == h.Seq })
	waiting, undelivered := &t.WaitingSince, &t.Undelivered
	if i := slices.IndexFunc(t.Held, func(o Held) bool { return o.Answers && o.Seq > h.Seq }); i >= 0 {
		waiting, undelivered = &t.Held[i].Waited, &t.Held[i].Undelivered
	} else if t.Status == Closed {
		waiting = new(time.Time) // nothing waits in a closed thread
	}
	if waiting.IsZero() || !h.Waited.IsZero() && h.Waited.Before(*waiting) {
		*waiting = h.Waited
	}
	*undelivered = max(*undelivered, h.Undelivered)
	gone := without(h.Named, func(address string) bool {
		return slices.ContainsFunc(t.Held, func(o Held) bool { return slices.Contains(o.Named, address) })
	})
	t.Participants = without(t.Participants, func(p Participant) bool { return slices.Contains(gone, p.Email) })
}

// join remembers people, first come first kept, and returns those of them who are on the thread through held messages alone. The slices are
// copied: heads are values.
func (t *Thread) join(people []events.Address, held bool) (loose []string) {
	grown := slices.Clone(t.Participants)
	for _, p := range people {
		if p.Email == "" {
			continue
		}
		there := slices.ContainsFunc(grown, func(q Participant) bool { return q.Email == p.Email })
		if there && held && slices.ContainsFunc(t.Held, func(h Held) bool { return slices.Contains(h.Named, p.Email) }) || !there && held && len(grown) < MaxParticipants {
			loose = append(loose, p.Email)
		}
		if !there && len(grown) < MaxParticipants {
			grown = append(grown, Participant(p))
		}
	}
	t.Participants = grown
	if !held {
		t.firm(func(address string) bool {
			return slices.ContainsFunc(people, func(p events.Address) bool { return p.Email == address })
		})
	}
	return loose
}

// firm notes that addresses are named by something that stays.
func (t *Thread) firm(named func(address string) bool) {
	if len(t.Held) == 0 {
		return
	}
	t.Held = slices.Clone(t.Held)
	for i := range t.Held {
		t.Held[i].Named = without(t.Held[i].Named, named)
	}
}

// without copies a list, less some; an empty one is nil, as it comes back from JSON.
func without[T any](list []T, gone func(T) bool) []T {
	if left := slices.DeleteFunc(slices.Clone(list), gone); len(left) > 0 {
		return left
	}
	return nil
}
