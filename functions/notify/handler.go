package notify

import (
	"context"
	"fmt"

	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/store"
	"parley/shared/table/image"
)

type handler struct {
	store *store.Store
	live  *live.Live
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	s := store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)
	h := &handler{store: s, live: live.New(s.Sockets, c.Push(c.Env("PARLEY_SOCKETS_URL")))}
	return host.StreamBatch(h.batch), nil
}

// change is what happened to one thread in a batch.
type change struct {
	record string // sequence number of its first record
	from   int64  // first new entry
	head   inbox.Thread
}

// batch tells each thread's change once, in order of their first records.
func (h *handler) batch(ctx context.Context, records []host.Record) (failed string, err error) {
	watched := map[string]bool{}
	for _, c := range changes(ctx, records) {
		err := h.tell(ctx, *c, watched)
		if err == nil {
			continue
		}
		host.From(ctx).Error("notify", "thread", c.head.ID, "seq", c.head.Seq, "error", err)
		if fault.CodeOf(err) == fault.Internal {
			return c.record, nil
		}
	}
	return "", nil
}

// changes folds a batch's records by thread.
func changes(ctx context.Context, records []host.Record) []*change {
	var out []*change
	byThread := map[string]*change{}
	for _, r := range records {
		before, after, ok, err := heads(r)
		if err != nil {
			host.From(ctx).Error("record cannot be read", "id", r.EventID, "error", err)
		}
		if err != nil || !ok {
			continue
		}
		c := byThread[after.ID]
		if c == nil {
			c = &change{record: r.Change.Sequence, from: before.Seq + 1, head: after}
			byThread[after.ID] = c
			out = append(out, c)
		}
		c.from = min(c.from, before.Seq+1)
		if after.Seq > c.head.Seq {
			c.head = after
		}
	}
	return out
}

// heads decodes a record's images; ok is false if it is not of a head or the head is gone.
func heads(r host.Record) (before, after inbox.Thread, ok bool, err error) {
	if len(r.Change.New) == 0 {
		return before, after, false, nil
	}
	it, err := image.Decode(r.Change.New)
	if err != nil {
		return before, after, false, fmt.Errorf("new image: %w", err)
	}
	if after, ok, err = store.HeadOf(it); err != nil || !ok || len(r.Change.Old) == 0 {
		return before, after, ok, err
	}
	if it, err = image.Decode(r.Change.Old); err != nil {
		return before, after, false, fmt.Errorf("old image: %w", err)
	}
	before, _, err = store.HeadOf(it)
	return before, after, err == nil, err
}

// tell sends a change to those who have the thread open and to those who see its inbox. watched remembers, for one batch, which inboxes
// anybody sees.
func (h *handler) tell(ctx context.Context, c change, watched map[string]bool) error {
	if err := h.entries(ctx, c); err != nil {
		return err
	}
	topic := live.InboxTopic(c.head.Inbox)
	if _, known := watched[topic]; !known {
		conns, err := h.store.Sockets.Watchers(ctx, topic)
		if err != nil {
			return err
		}
		watched[topic] = len(conns) > 0
	}
	if !watched[topic] {
		return nil
	}
	return h.live.Head(ctx, c.head)
}

// entries sends what no door has pushed, if anybody has the thread open. Of a long backlog only the end is sent: clients see the gap and
// ask for what they want of it.
func (h *handler) entries(ctx context.Context, c change) error {
	if c.from > c.head.Seq {
		return nil
	}
	pushed, err := h.store.Sockets.Pushed(ctx, c.head.ID)
	if err != nil || pushed >= c.head.Seq {
		return err
	}
	conns, err := h.store.Sockets.Watchers(ctx, live.ThreadTopic(c.head.ID))
	if err != nil || len(conns) == 0 {
		return err
	}
	log, err := h.store.Threads.Entries(ctx, c.head.ID, max(c.from, pushed+1, c.head.Seq-limit.EntryPageMax+1), c.head.Seq)
	if err != nil || len(log) == 0 {
		return err
	}
	out := make([]inbox.Entry, 0, len(log))
	for _, e := range log {
		entry, err := inbox.EntryOf(e)
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "This build does not know the entry.")
		}
		out = append(out, entry)
	}
	return h.live.Entries(ctx, c.head, out)
}
