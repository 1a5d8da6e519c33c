// Package live is the frames that sockets receive, agents' and visitors', and their fan-out to whoever watches.
//
// Owns: the JSON of frames, topics, who gets what. Never: rules of the domain, connections themselves (functions/websocket).
// Imported by: functions.
//
// A door pushes what it has committed at once, best effort, and notes it; notify sends what is not noted and is the guarantee.
package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/push"
	"parley/shared/store"
)

// Frame is what a socket receives. T says which members are set:
// "entries" (Thread, Seq, Entries, Head), "thread" (Inbox, Head), "delivery" (Thread, Seq, Delivery), "watching" (Topics),
// "sync" (Thread, or nothing: fetch all again), "pong", "error" (Code, Detail, Client of the message that is meant; denied: access to the workspace
// has ended; notfound with Thread or Inbox: access to that has);
// "typing" (Thread, Who), "seen" (Thread, Seq, Who), "viewing" (Thread, Viewers: all agents who have it open), "visitor" (Thread, Online); of who watches their own
// topic "notice" (Notice, Show, Push).
//
// A visitor receives "lines" (From, Seq, Lines: all there is to see among the entries From to Seq; whoever has not what stands before From
// asks), "said" (Client, Seq: the message is kept), "typing" and "seen" (Who), "pong", "sync", "error".
type Frame struct {
	T        string          `json:"t"`
	Thread   string          `json:"thread,omitempty"`
	Inbox    string          `json:"inbox,omitempty"`
	Seq      int64           `json:"seq,omitempty"`
	Entries  []inbox.Entry   `json:"entries,omitempty"`
	Head     *inbox.Summary  `json:"head,omitempty"`
	Delivery *inbox.Delivery `json:"delivery,omitempty"`
	Topics   []string        `json:"topics,omitempty"`
	Code     string          `json:"code,omitempty"`
	Detail   string          `json:"detail,omitempty"`

	From    int64               `json:"from,omitempty"`
	Lines   []inbox.VisitorLine `json:"lines,omitempty"`
	Client  string              `json:"client,omitempty"`
	Who     *Party              `json:"who,omitempty"`
	Viewers []Party             `json:"viewers,omitempty"`
	Online  *bool               `json:"online,omitempty"`

	Notice *store.Notice `json:"notice,omitempty"`
	Show   bool          `json:"show,omitempty"` // as a notification of the browser too
	Push   []string      `json:"push,omitempty"` // devices of the user that are told, and need not tell again
}

// Party is who does something at the moment.
type Party struct {
	Kind events.ActorKind `json:"kind"`
	ID   string           `json:"id,omitempty"`
	Name string           `json:"name,omitempty"`
}

// InboxTopic is watched by those who see an inbox's lists.
func InboxTopic(id string) string { return "inbox:" + id }

// ThreadTopic is watched by those who have a thread open.
func ThreadTopic(id string) string { return "thread:" + id }

// UserTopic is watched by a user's own pages: they hear what is new for them.
func UserTopic(id string) string { return "user:" + id }

// LookingTopic is watched by a user's pages while they are visible: such a page rings by itself.
func LookingTopic(id string) string { return "looking:" + id }

// VisitorTopic is watched by the visitor whose chat a thread is.
func VisitorTopic(thread string) string { return "visitor:" + thread }

// Live sends frames.
type Live struct {
	sockets  *store.Sockets
	settings *store.Settings
	post     push.Poster
	here     presence
}

// New returns a Live over the registry of sockets, who may see what, and the way to post to them.
func New(s *store.Store, p push.Poster) *Live {
	return &Live{sockets: s.Sockets, settings: s.Settings, post: p}
}

// doorBudget bounds what a door spends on pushing after its commit.
const doorBudget = 200 * time.Millisecond

// Committed pushes a commit to those who have the thread open and notes it when all of them took it. It never fails: what it does
// not bring, notify brings.
func (l *Live) Committed(ctx context.Context, c store.Commit) {
	if len(c.Entries) == 0 || c.Replayed {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, doorBudget)
	defer cancel()
	n, err := l.entries(ctx, c.Thread, c.Entries)
	if err == nil && n > 0 {
		_ = l.sockets.NotePushed(ctx, c.Thread.ID, c.Seq)
	}
}

// Entries sends entries to those who have the thread open, the visitor of a chat among them.
func (l *Live) Entries(ctx context.Context, head inbox.Thread, entries []inbox.Entry) error {
	_, err := l.entries(ctx, head, entries)
	return err
}

func (l *Live) entries(ctx context.Context, head inbox.Thread, entries []inbox.Entry) (int, error) {
	n, err := l.fan(ctx, ThreadTopic(head.ID), head.Inbox, entriesFrame(head, entries))
	if head.Channel != inbox.ChannelChat {
		return n, err
	}
	f := Frame{T: "lines", From: entries[0].Seq, Seq: entries[len(entries)-1].Seq}
	for _, e := range entries {
		if line, ok := e.ForVisitor(); ok {
			f.Lines = append(f.Lines, line)
		}
	}
	if len(f.Lines) == 0 {
		return n, err
	}
	m, visitors := l.fan(ctx, VisitorTopic(head.ID), "", f)
	return n + m, errors.Join(err, visitors)
}

// Passing tells those who have a thread open, but for one connection, what is true only for a moment: best effort, and kept nowhere.
func (l *Live) Passing(ctx context.Context, from string, f Frame, topics ...string) {
	raw, err := encode(f)
	if err != nil {
		return
	}
	for _, topic := range topics {
		conns, err := l.sockets.Watchers(ctx, topic)
		if err != nil {
			continue
		}
		for _, conn := range conns {
			if conn != from {
				_ = l.deliver(ctx, conn, raw)
			}
		}
	}
}

func entriesFrame(head inbox.Thread, entries []inbox.Entry) Frame {
	s := head.Summary()
	return Frame{T: "entries", Thread: head.ID, Seq: entries[len(entries)-1].Seq, Entries: entries, Head: &s}
}

// Head sends a changed head to those who see its inbox.
func (l *Live) Head(ctx context.Context, head inbox.Thread) error {
	s := head.Summary()
	_, err := l.fan(ctx, InboxTopic(head.Inbox), head.Inbox, Frame{T: "thread", Inbox: head.Inbox, Head: &s})
	return err
}

// Notice tells a user's own pages what is new for them, best effort: the list has it.
func (l *Live) Notice(ctx context.Context, n store.Notice, show bool, push []string) {
	_, _ = l.fan(ctx, UserTopic(n.User), "", Frame{T: "notice", Thread: n.Thread, Seq: n.Seq, Notice: &n, Show: show, Push: push})
}

// Looking says whether a user has a page before them.
func (l *Live) Looking(ctx context.Context, user string) (bool, error) {
	conns, err := l.sockets.Watchers(ctx, LookingTopic(user))
	return len(conns) > 0, err
}

// Delivery tells those who have the thread open what became of a delivery, best effort: pages read it again when they open. It follows an entry,
// so whoever may not see the thread any longer has lost the topic before.
func (l *Live) Delivery(ctx context.Context, d inbox.Delivery) {
	_, _ = l.fan(ctx, ThreadTopic(d.Thread), "", Frame{T: "delivery", Thread: d.Thread, Seq: d.Seq, Delivery: &d})
}

// To sends a frame to one connection. One too large becomes a sync.
func (l *Live) To(ctx context.Context, conn string, f Frame) error {
	raw, err := encode(f)
	if err != nil {
		return err
	}
	return l.deliver(ctx, conn, raw)
}

// fan posts a frame of an inbox, if it is of one, to all watchers of a topic who may see that, and returns how many there are; the error is the
// last one's that did not take it. Whoever may not any longer is told so instead, and watches no more.
func (l *Live) fan(ctx context.Context, topic, inboxID string, f Frame) (int, error) {
	conns, err := l.sockets.WhoWatches(ctx, topic)
	if err != nil || len(conns) == 0 {
		return 0, err
	}
	raw, err := encode(f)
	if err != nil {
		return 0, err
	}
	n, failed := 0, error(nil)
	for _, c := range conns {
		sees, err := l.sees(ctx, c, topic, inboxID)
		if sees {
			n++
			err = l.deliver(ctx, c.Conn, raw)
		}
		if err != nil {
			failed = err
		}
	}
	return n, failed
}

// deliver posts to one connection. A closed one is forgotten and counts as served; a full one is told to fetch again.
func (l *Live) deliver(ctx context.Context, conn string, raw []byte) error {
	err := l.post.Post(ctx, conn, raw)
	switch fault.CodeOf(err) {
	case fault.Gone:
		return l.sockets.Disconnect(ctx, conn)
	case fault.Busy:
		return l.post.Post(ctx, conn, []byte(`{"t":"sync"}`))
	}
	return err
}

func encode(f Frame) ([]byte, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	if len(raw) > limit.FrameBytes {
		return json.Marshal(Frame{T: "sync", Thread: f.Thread, Inbox: f.Inbox})
	}
	return raw, nil
}
