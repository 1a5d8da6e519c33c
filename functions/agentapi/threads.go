package agentapi

import (
	"context"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

type listIn struct {
	Inbox   string     `path:"inbox" maxLength:"64"`
	View    store.View `query:"view" enum:"open,mine,unassigned,mentions,snoozed,channel,team,closed,filtered,spam,trash,undelivered" default:"open"`
	Account string     `query:"account" maxLength:"64" doc:"With view=channel: whose open threads."`
	Team    string     `query:"team" maxLength:"64" doc:"With view=team: whose open threads."`
	Cursor  string     `query:"cursor" maxLength:"2048" doc:"next of the page before."`
	Limit   int        `query:"limit" minimum:"0" doc:"25 if not given, at most 100."`
}

type listOut struct {
	Body struct {
		Threads []listedThread `json:"threads" doc:"Newest activity first."`
		Next    string         `json:"next" doc:"Empty at the end."`
	}
}

type listedThread struct {
	Thread  inbox.Summary `json:"thread"`
	ReadSeq int64         `json:"readSeq" doc:"What the caller has read up to; 0 for nothing."`
	Drafts  []string      `json:"drafts,omitempty" doc:"Modes in which the caller has begun to write: reply, note, forward."`
}

type threadIn struct {
	Thread string `path:"thread" maxLength:"64"`
}

type threadOut struct {
	ETag string `header:"ETag" doc:"The seq of the newest entry, quoted: for If-Match."`
	Body threadView
}

// threadView is a thread with the newest page of its log.
type threadView struct {
	Thread       inbox.Summary       `json:"thread"`
	ReadSeq      int64               `json:"readSeq"`
	Participants []inbox.Participant `json:"participants" doc:"The contact first; the team's own addresses left out."`
	ReplyTo      []events.Address    `json:"replyTo" doc:"Whom an answer goes to if it does not say."`
	ReplyAll     replyAll            `json:"replyAll" doc:"Whom an answer to everybody goes to."`
	Drafts       []string            `json:"drafts" doc:"Modes in which the caller has begun to write: reply, note, forward."`
	Entries      []inbox.Entry       `json:"entries" doc:"The newest 50, oldest first."`
	More         bool                `json:"more" doc:"There are older entries."`
}

type entriesIn struct {
	Thread string `path:"thread" maxLength:"64"`
	After  int64  `query:"after" minimum:"0" doc:"Entries behind this seq, oldest first."`
	Before int64  `query:"before" minimum:"0" doc:"Entries before this seq: the newest of them, oldest first."`
	Limit  int64  `query:"limit" minimum:"0" doc:"50 if not given, at most 200."`
}

type entriesOut struct {
	Body struct {
		Entries []inbox.Entry `json:"entries"`
		More    bool          `json:"more" doc:"There are more in the direction that was asked for."`
	}
}

type readIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Body   struct {
		Seq int64 `json:"seq" minimum:"0"`
	}
}

func (d *door) registerThreads() {
	huma.Register(d.api, op("GET", "/api/inboxes/{inbox}/threads", "listThreads", "A page of a view"), d.list)
	huma.Register(d.api, op("GET", "/api/threads/{thread}", "getThread", "A thread and its newest entries"), d.thread)
	huma.Register(d.api, op("GET", "/api/threads/{thread}/entries", "listEntries", "A page of a thread's log"), d.entries)
	huma.Register(d.api, op("PUT", "/api/threads/{thread}/read", "markRead", "Note what the caller has read"), d.read)
}

func (d *door) list(ctx context.Context, in *listIn) (*listOut, error) {
	if err := d.mustInbox(ctx, in.Inbox); err != nil {
		return nil, err
	}
	u := caller(ctx)
	heads, next, err := d.store.Threads.View(ctx, store.ViewQuery{
		Inbox: in.Inbox, View: in.View, User: u.ID, Account: in.Account, Team: in.Team, Cursor: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(heads))
	for i, h := range heads {
		ids[i] = h.ID
	}
	seqs, err := d.store.Threads.ReadSeqs(ctx, u.ID, ids)
	if err != nil {
		return nil, err
	}
	drafts, err := d.store.Drafts.Modes(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	out := &listOut{}
	out.Body.Threads, out.Body.Next = make([]listedThread, len(heads)), next
	for i, h := range heads {
		out.Body.Threads[i] = listedThread{Thread: h.Summary(), ReadSeq: seqs[h.ID], Drafts: drafts[h.ID]}
	}
	return out, nil
}

func (d *door) thread(ctx context.Context, in *threadIn) (*threadOut, error) {
	head, err := d.store.Threads.Head(ctx, in.Thread)
	if err != nil {
		return nil, err
	}
	seqs, err := d.store.Threads.ReadSeqs(ctx, caller(ctx).ID, []string{head.ID})
	if err != nil {
		return nil, err
	}
	accounts, err := d.store.Settings.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	users, err := d.store.Settings.Users(ctx)
	if err != nil {
		return nil, err
	}
	drafts, err := d.store.Drafts.Modes(ctx, caller(ctx).ID)
	if err != nil {
		return nil, err
	}
	from := max(1, head.Seq-limit.EntryPage+1)
	entries, err := d.page(ctx, head.ID, from, head.Seq)
	if err != nil {
		return nil, err
	}
	return &threadOut{ETag: etag(head.Seq), Body: threadView{
		Thread: head.Summary(), ReadSeq: seqs[head.ID], Entries: entries, More: from > 1,
		Participants: d.participants(head, accounts), ReplyTo: d.replyTo(head, accounts),
		ReplyAll: d.replyAll(head, accounts, users), Drafts: orEmpty(drafts[head.ID]),
	}}, nil
}

func (d *door) entries(ctx context.Context, in *entriesIn) (*entriesOut, error) {
	head, err := d.store.Threads.Head(ctx, in.Thread)
	if err != nil {
		return nil, err
	}
	n := in.Limit
	if n == 0 {
		n = limit.EntryPage
	}
	n = min(n, limit.EntryPageMax)
	first, last := in.After+1, head.Seq
	if in.Before > 0 {
		last = min(last, in.Before-1)
	}
	out := &entriesOut{}
	out.Body.More = last-first+1 > n
	if in.After == 0 && in.Before > 0 {
		first = max(first, last-n+1)
	} else {
		last = min(last, first+n-1)
	}
	out.Body.Entries, err = d.page(ctx, head.ID, first, last)
	return out, err
}

func (d *door) read(ctx context.Context, in *readIn) (*struct{}, error) {
	head, err := d.store.Threads.Head(ctx, in.Thread)
	if err != nil {
		return nil, err
	}
	// A mark beyond the end would hide what comes next.
	return nil, d.store.Threads.MarkRead(ctx, caller(ctx).ID, head.ID, min(in.Body.Seq, head.Seq))
}

// page reads entries from one seq to another with what became of their deliveries.
func (d *door) page(ctx context.Context, thread string, from, to int64) ([]inbox.Entry, error) {
	log, err := d.store.Threads.Entries(ctx, thread, from, to)
	if err != nil {
		return nil, err
	}
	entries := make([]inbox.Entry, len(log))
	for i, e := range log {
		if entries[i], err = inbox.EntryOf(e); err != nil {
			return nil, err
		}
	}
	return entries, d.addDeliveries(ctx, thread, entries)
}

// addDeliveries sets the delivery of every sent message among entries.
func (d *door) addDeliveries(ctx context.Context, thread string, entries []inbox.Entry) error {
	var sent []int64
	for _, e := range entries {
		if e.Sent != nil {
			sent = append(sent, e.Seq)
		}
	}
	if len(sent) == 0 {
		return nil
	}
	deliveries, err := d.store.Outbox.Deliveries(ctx, thread, sent...)
	if err != nil {
		return err
	}
	for i, e := range entries {
		if delivery, ok := deliveries[e.Seq]; ok && e.Sent != nil {
			entries[i].Delivery = &delivery
		}
	}
	return nil
}

// entry reads one entry; fault.NotFound if the thread has none of that seq.
func (d *door) entry(ctx context.Context, thread string, seq int64) (inbox.Entry, error) {
	log, err := d.store.Threads.Entries(ctx, thread, seq, seq)
	if err != nil {
		return inbox.Entry{}, err
	}
	if len(log) == 0 {
		return inbox.Entry{}, fault.New(fault.NotFound, "There is no such entry.")
	}
	return inbox.EntryOf(log[0])
}

// etag is a thread's entity tag: the seq of its newest entry.
func etag(seq int64) string { return `"` + strconv.FormatInt(seq, 10) + `"` }
