package store

import (
	"context"
	"strings"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/table"
)

// Drafts holds what users are writing: one item for each user, conversation and mode, or for each message that shall begin a conversation.
// A draft is its user's alone and no state of the thread. It is stored whole, beside the items of DESIGN §4 whose bodies live in the bucket:
// it is written many times, is small, and goes with the sending.
type Drafts struct{ base }

// DraftPlace says which draft is meant: of a thread in a mode, or under an id of the client's making for a message that begins a thread.
type DraftPlace struct {
	Thread string `json:"thread,omitempty"`
	ID     string `json:"id,omitempty"`
	Mode   string `json:"mode"`
}

// Modes of a draft.
const (
	DraftReply   = "reply"
	DraftNote    = "note"
	DraftForward = "forward"
	DraftNew     = "new"
)

// sk: a thread's id holds no #.
func (p DraftPlace) sk() string {
	if p.Mode == DraftNew {
		return "new#" + p.ID
	}
	return p.Thread + "#" + p.Mode
}

// placeOf reads sk back.
func placeOf(sk string) DraftPlace {
	before, after, _ := strings.Cut(sk, "#")
	if before == DraftNew {
		return DraftPlace{ID: after, Mode: DraftNew}
	}
	return DraftPlace{Thread: before, Mode: after}
}

// Draft is a message that is being written. Its HTML is the composer's own and is sanitised when it is sent.
type Draft struct {
	DraftPlace
	Account     string           `json:"account,omitempty"`
	Text        string           `json:"text,omitempty"`
	HTML        string           `json:"html,omitempty"`
	To          []events.Address `json:"to,omitempty"`
	Cc          []events.Address `json:"cc,omitempty"`
	Bcc         []events.Address `json:"bcc,omitempty"`
	Subject     string           `json:"subject,omitempty"`
	Attachments []DraftFile      `json:"attachments,omitempty"`
	Forwards    int64            `json:"forwards,omitempty"`
	LeaveOut    []int            `json:"leaveOut,omitempty"`
	At          time.Time        `json:"at"`
	// Tag names this state of the draft. It is never used twice, not even for a draft that was removed and begun again.
	Tag string `json:"tag"`
}

// DraftFile is a file of a draft: an upload, or one of a message of the conversation.
type DraftFile struct {
	Upload string `json:"upload,omitempty"`
	Entry  int64  `json:"entry,omitempty"`
	N      int    `json:"n,omitempty"`
	Name   string `json:"name,omitempty"`
	Type   string `json:"type,omitempty"`
	Size   int64  `json:"size,omitempty"`
}

// Get reads drafts; places without one are absent from the result.
func (s *Drafts) Get(ctx context.Context, user string, places ...DraftPlace) ([]Draft, error) {
	keys := make([]table.Key, len(places))
	for i, p := range places {
		keys[i] = draftKeys.Draft(user, p)
	}
	items, err := s.t.Get(ctx, s.n.Threads, true, keys...)
	if err != nil {
		return nil, err
	}
	return drafts(items)
}

func drafts(items []*table.Item) ([]Draft, error) {
	var out []Draft
	for _, it := range items {
		if it == nil {
			continue
		}
		var d Draft
		if err := decode(it, &d); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// Put writes a draft over the one whose Tag is over: "" for none, "*" for whichever there is. fault.Conflict if it is another one.
func (s *Drafts) Put(ctx context.Context, user, over string, d Draft) (Draft, error) {
	d.Tag, d.At = s.newID(), s.now().UTC()
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.at(ctx, user, d.DraftPlace, over)
		if err != nil {
			return err
		}
		op, err := put(s.n.Threads, cond(it), draftKeys.Draft(user, d.DraftPlace), d)
		if err != nil {
			return err
		}
		op.Item.Index = draftKeys.Index(user, d.DraftPlace, d.At)
		return s.t.Transact(ctx, op)
	})
	return d, err
}

// Remove removes the draft whose Tag is over, "*" for whichever there is. One that is not there is removed already.
func (s *Drafts) Remove(ctx context.Context, user, over string, p DraftPlace) error {
	return retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Threads, draftKeys.Draft(user, p))
		if err != nil || it == nil {
			return err
		}
		if it, err = s.at(ctx, user, p, over); err != nil || it == nil {
			return err
		}
		return s.t.Transact(ctx, table.Op{Table: s.n.Threads, Verb: table.Delete, Cond: cond(it), Item: table.Item{Key: it.Key}})
	})
}

// at reads the item of a draft that is expected to have a Tag.
func (s *Drafts) at(ctx context.Context, user string, p DraftPlace, over string) (*table.Item, error) {
	it, err := s.one(ctx, s.n.Threads, draftKeys.Draft(user, p))
	if err != nil || over == "*" {
		return it, err
	}
	tag := ""
	if it != nil {
		var d Draft
		if err := decode(it, &d); err != nil {
			return nil, err
		}
		tag = d.Tag
	}
	if tag != over {
		return nil, fault.New(fault.Conflict, "This draft was changed elsewhere. Please look at the newer one before you go on.")
	}
	return it, nil
}

// Sent removes a draft with the sending of what it held, beside the thread. One that was changed since tag stays: somebody is writing it.
func (s *Drafts) Sent(user string, p DraftPlace, tag string) Beside {
	return Beside{ops: func(ctx context.Context, _ string, _ int64) ([]table.Op, error) {
		it, err := s.at(ctx, user, p, tag)
		switch {
		case fault.Is(err, fault.Conflict):
			return nil, nil
		case err != nil || it == nil:
			return nil, err
		}
		return []table.Op{{Table: s.n.Threads, Verb: table.Delete, Cond: cond(it), Item: table.Item{Key: it.Key}}}, nil
	}}
}

// Page reads a user's drafts, newest first to the minute, at most n.
func (s *Drafts) Page(ctx context.Context, user, cursor string, n int) (list []Draft, next string, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexViews, PK: draftKeys.PK(user), Desc: true, Limit: min(n, limit.BatchGetKeys), After: cursor})
	if err != nil || len(page.Items) == 0 {
		return nil, page.Next, err
	}
	keys := make([]table.Key, len(page.Items))
	for i, it := range page.Items {
		keys[i] = it.Key
	}
	items, err := s.t.Get(ctx, s.n.Threads, false, keys...)
	if err != nil {
		return nil, "", err
	}
	list, err = drafts(items)
	return list, page.Next, err
}

// Count counts a user's drafts, exactly up to limit.CountExact.
func (s *Drafts) Count(ctx context.Context, user string) (n int, more bool, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexViews, PK: draftKeys.PK(user), Limit: limit.CountExact + 1})
	n = len(page.Items)
	return min(n, limit.CountExact), n > limit.CountExact, err
}

// Modes returns which threads a user has drafts in, and of which modes: of the newest limit.DraftMarks. It reads keys alone.
func (s *Drafts) Modes(ctx context.Context, user string) (map[string][]string, error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexViews, PK: draftKeys.PK(user), Desc: true, Limit: limit.DraftMarks})
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, it := range page.Items {
		if p := placeOf(it.SK); p.Mode != DraftNew {
			out[p.Thread] = append(out[p.Thread], p.Mode)
		}
	}
	return out, nil
}
