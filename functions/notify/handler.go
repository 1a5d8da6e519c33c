package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

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
	now   func() time.Time
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	s := store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Outbox: c.Env("PARLEY_TABLE_OUTBOX"), Settings: c.Env("PARLEY_TABLE_SETTINGS"), Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)
	h := &handler{store: s, live: live.New(s, c.Push(c.Env("PARLEY_SOCKETS_URL"))), now: c.Now}
	return host.StreamBatch(h.batch), nil
}

// change is what happened to one thread in a batch.
type change struct {
	record        string // sequence number of its first record
	thread, inbox string
	from, seq     int64           // first and last new entry
	image         json.RawMessage // of the newest head, decoded only if somebody is to see it
	old           json.RawMessage // of the head before the first of them; nil for a new thread
}

func (c *change) head() (inbox.Thread, error) { return headOf(c.image) }

// before is the head in front of the change; the zero Thread for a new one.
func (c *change) before() (inbox.Thread, error) {
	if c.from == 1 {
		return inbox.Thread{}, nil
	}
	return headOf(c.old)
}

func headOf(raw json.RawMessage) (inbox.Thread, error) {
	it, err := image.Decode(raw)
	if err != nil {
		return inbox.Thread{}, fault.Wrap(err, fault.Invalid, "This build cannot read the head.")
	}
	head, _, err := store.HeadOf(it)
	if err != nil {
		return head, fault.Wrap(err, fault.Invalid, "This build cannot read the head.")
	}
	return head, nil
}

// batch tells each thread's change once, in order of their first records.
func (h *handler) batch(ctx context.Context, records []host.Record) (failed string, err error) {
	watched := map[string]bool{}
	for _, c := range changes(ctx, records) {
		err := h.tell(ctx, c, watched)
		if err == nil {
			continue
		}
		host.From(ctx).Error("notify", "thread", c.thread, "seq", c.seq, "error", err)
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
		next, err := changeOf(r)
		if err != nil {
			host.From(ctx).Error("record cannot be read", "id", r.EventID, "error", err)
		}
		if next == nil {
			continue
		}
		c := byThread[next.thread]
		if c == nil {
			byThread[next.thread] = next
			out = append(out, next)
			continue
		}
		if next.from < c.from {
			c.from, c.old = next.from, next.old
		}
		if next.seq > c.seq {
			c.seq, c.inbox, c.image = next.seq, next.inbox, next.image
		}
	}
	return out
}

// changeOf reads of a record what decides who hears of it; nil if it is not of a head or the head is gone.
func changeOf(r host.Record) (*change, error) {
	after, err := image.Texts(r.Change.New, "sk", "id", "inbox", "seq")
	if err != nil {
		return nil, fmt.Errorf("new image: %w", err)
	}
	if after[0] != "H" {
		return nil, nil
	}
	c := &change{record: r.Change.Sequence, thread: after[1], inbox: after[2], from: 1, image: r.Change.New, old: r.Change.Old}
	if c.seq, err = strconv.ParseInt(after[3], 10, 64); err != nil {
		return nil, fmt.Errorf("new image: seq: %w", err)
	}
	before, err := image.Texts(r.Change.Old, "seq")
	if err != nil {
		return nil, fmt.Errorf("old image: %w", err)
	}
	if before[0] == "" { // the thread is new
		return c, nil
	}
	if c.from, err = strconv.ParseInt(before[0], 10, 64); err != nil {
		return nil, fmt.Errorf("old image: seq: %w", err)
	}
	c.from++
	return c, nil
}

// tell sends a change to those who have the thread open and to those who see its inbox. watched remembers, for one batch, which inboxes
// anybody sees.
func (h *handler) tell(ctx context.Context, c *change, watched map[string]bool) error {
	if err := h.entries(ctx, c); err != nil {
		return err
	}
	if err := h.notices(ctx, c); err != nil {
		return err
	}
	topic := live.InboxTopic(c.inbox)
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
	head, err := c.head()
	if err != nil {
		return err
	}
	return h.live.Head(ctx, head)
}

// entries sends what no door has pushed, if anybody has the thread open. Of a long backlog only the end is sent: clients see the gap and
// ask for what they want of it.
func (h *handler) entries(ctx context.Context, c *change) error {
	if c.from > c.seq {
		return nil
	}
	pushed, err := h.store.Sockets.Pushed(ctx, c.thread)
	if err != nil || pushed >= c.seq {
		return err
	}
	conns, err := h.store.Sockets.Watchers(ctx, live.ThreadTopic(c.thread))
	if err != nil || len(conns) == 0 {
		return err
	}
	log, err := h.store.Threads.Entries(ctx, c.thread, max(c.from, pushed+1, c.seq-limit.EntryPageMax+1), c.seq)
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
	head, err := c.head()
	if err != nil {
		return err
	}
	return h.live.Entries(ctx, head, out)
}
