package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"parley/events"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/notice"
	"parley/shared/table"
)

// Notices holds what users were told, what they want to be told, and the mails that tell of what they have not seen.
type Notices struct {
	base
	settings *Settings
	mu       sync.Mutex
	prefs    map[string]notice.Prefs
	at       time.Time
}

// Notice is one thing that a user was told.
type Notice struct {
	ID      string       `json:"id"` // of the entry that it is about
	User    string       `json:"user"`
	Kind    notice.Kind  `json:"kind"`
	Thread  string       `json:"thread"`
	Seq     int64        `json:"seq"`
	Inbox   string       `json:"inbox"`
	Subject string       `json:"subject"`
	Who     events.Actor `json:"who"`
	Preview string       `json:"preview,omitempty"` // "" if the user wants no text shown
	At      time.Time    `json:"at"`
	Mail    bool         `json:"mail,omitempty"` // a mail tells of it if it is not seen
}

type prefsDoc struct {
	notice.Prefs
	User string `json:"user"`
}

type seenDoc struct {
	At time.Time `json:"at"`
}

// Prefs returns what a user wants to be told, from a copy of all that is settingsLife old at most.
func (s *Notices) Prefs(ctx context.Context, user string) (notice.Prefs, error) {
	s.mu.Lock()
	prefs, at := s.prefs, s.at
	s.mu.Unlock()
	if prefs == nil || s.now().Sub(at) >= settingsLife {
		prefs, at = map[string]notice.Prefs{}, s.now()
		err := s.settings.all(ctx, settingsKeys.Prefs("").PK, func(it *table.Item) error {
			var d prefsDoc
			err := decode(it, &d)
			prefs[d.User] = d.Prefs
			return err
		})
		if err != nil {
			return notice.Prefs{}, err
		}
		s.mu.Lock()
		s.prefs, s.at = prefs, at
		s.mu.Unlock()
	}
	if p, ok := prefs[user]; ok {
		return p.Check()
	}
	p := notice.Defaults()
	w, err := s.settings.Workspace(ctx)
	p.Quiet.Zone = w.Zone
	return p, err
}

// SetPrefs keeps what a user wants to be told. It is nobody else's, so no record is kept of it.
func (s *Notices) SetPrefs(ctx context.Context, user string, p notice.Prefs) (notice.Prefs, error) {
	p, err := p.Check()
	if err != nil {
		return p, err
	}
	op, err := put(s.n.Settings, table.Any(), settingsKeys.Prefs(user), prefsDoc{p, user})
	if err != nil {
		return p, err
	}
	defer func() {
		s.mu.Lock()
		s.prefs = nil
		s.mu.Unlock()
	}()
	return p, s.t.Transact(ctx, op)
}

// Tell keeps a notice, once: fresh is false if it was told before. One that is not listed is only remembered. With mail, a mail is owed if it is
// not seen by then; one that is owed for the thread already stands for this too. pushes are owed with it.
func (s *Notices) Tell(ctx context.Context, n Notice, listed, mail bool, pushes ...Push) (fresh bool, err error) {
	n.Mail = n.Mail || mail
	op, err := put(s.n.Threads, table.Absent(), noticeKeys.Notice(n.User, n.Thread, n.Seq), n)
	if err != nil {
		return false, err
	}
	op.Item.Expires = s.now().Add(limit.NoticeLife)
	if listed {
		op.Item.Index = map[string]table.IndexKey{indexViews: {PK: noticeKeys.PK(n.User), SK: dueSK(n.At) + "#" + n.Thread}}
	}
	ops := []table.Op{op}
	if mail {
		due := s.now().Add(notice.EmailAfter).UTC()
		owed, err := put(s.n.Outbox, table.Absent(), noticeKeys.Mail(n.User, n.Thread), NoticeMail{Kind: NoticeKind, User: n.User, Thread: n.Thread, Due: due})
		if err != nil {
			return false, err
		}
		owed.Item.Index = noticeKeys.Due(due, n.User, n.Thread)
		ops = append(ops, owed)
	}
	for _, p := range pushes {
		op, err := (&Devices{s.base}).op(table.Any(), p)
		if err != nil {
			return false, err
		}
		ops = append(ops, op)
	}
	err = s.t.Transact(ctx, ops...)
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		if !mail || c.Names(0) {
			return false, nil
		}
		return s.Tell(ctx, n, listed, false, pushes...) // a mail is owed already
	}
	return err == nil, err
}

// List returns a page of a user's notices, the newest first, at most n, and up to when they have seen them.
func (s *Notices) List(ctx context.Context, user, cursor string, n int) (list []Notice, next string, seen time.Time, err error) {
	if seen, err = s.Seen(ctx, user); err != nil {
		return nil, "", seen, err
	}
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexViews, PK: noticeKeys.PK(user), Desc: true, Limit: min(n, limit.BatchGetKeys), After: cursor})
	if err != nil || len(page.Items) == 0 {
		return nil, page.Next, seen, err
	}
	keys := make([]table.Key, len(page.Items))
	for i, it := range page.Items {
		keys[i] = it.Key
	}
	items, err := s.t.Get(ctx, s.n.Threads, false, keys...)
	if err != nil {
		return nil, "", seen, err
	}
	for _, it := range items {
		if it == nil || !it.Expires.IsZero() && !it.Expires.After(s.now()) {
			continue
		}
		var v Notice
		if err := decode(it, &v); err != nil {
			return nil, "", seen, err
		}
		list = append(list, v)
	}
	return list, page.Next, seen, nil
}

// Unseen counts what a user was told since they last looked, exactly up to limit.CountExact.
func (s *Notices) Unseen(ctx context.Context, user string, seen time.Time) (n int, more bool, err error) {
	q := table.Query{Table: s.n.Threads, Index: indexViews, PK: noticeKeys.PK(user), Desc: true, Limit: limit.CountExact + 1}
	if !seen.IsZero() {
		q.From = dueSK(seen) + "#~"
	}
	page, err := s.t.Query(ctx, q)
	n = len(page.Items)
	return min(n, limit.CountExact), n > limit.CountExact, err
}

// Seen is up to when a user has seen their notices; the zero time if never.
func (s *Notices) Seen(ctx context.Context, user string) (time.Time, error) {
	it, err := s.one(ctx, s.n.Threads, noticeKeys.Seen(user))
	if err != nil || it == nil {
		return time.Time{}, err
	}
	var d seenDoc
	err = decode(it, &d)
	return d.At, err
}

// See notes that a user has seen their notices up to a time.
func (s *Notices) See(ctx context.Context, user string, at time.Time) error {
	op, err := put(s.n.Threads, table.Any(), noticeKeys.Seen(user), seenDoc{at.UTC()})
	if err != nil {
		return err
	}
	return s.t.Transact(ctx, op)
}

// Newest returns the newest notice of a thread that is to be mailed to a user; ok is false if there is none among the newest ten.
func (s *Notices) Newest(ctx context.Context, user, thread string) (n Notice, ok bool, err error) {
	page, err := s.t.Query(ctx, table.Query{
		Table: s.n.Threads, PK: noticeKeys.PK(user), From: thread + "#", To: thread + "#~", Desc: true, Limit: 10, Consistent: true,
	})
	if err != nil {
		return n, false, err
	}
	for i := range page.Items {
		if err := decode(&page.Items[i], &n); err != nil || n.Mail {
			return n, err == nil, err
		}
	}
	return Notice{}, false, nil
}

// NoticeKind is how the outbox's stream tells these mails from deliveries.
const NoticeKind inbox.JobKind = "notice"

// NoticeMail is a mail that is owed to a user, of a thread, unless they see it before. Sending says that somebody is at it, and may have sent
// it: such a mail is told at most once, so nobody tries again.
type NoticeMail struct {
	Kind    inbox.JobKind `json:"kind"`
	Ready   bool          `json:"ready"` // true wakes deliver through the stream's filter
	User    string        `json:"user"`
	Thread  string        `json:"thread"`
	Due     time.Time     `json:"due"`
	Sending bool          `json:"sending,omitempty"`

	rev int64
}

// Mail reads the mail that is owed to a user for a thread; ok is false if none is.
func (s *Notices) Mail(ctx context.Context, user, thread string) (m NoticeMail, ok bool, err error) {
	it, err := s.one(ctx, s.n.Outbox, noticeKeys.Mail(user, thread))
	if err != nil || it == nil {
		return m, false, err
	}
	err = decode(it, &m)
	m.rev = it.Rev
	return m, err == nil, err
}

// DueMails returns mails whose time has come, at most n.
func (s *Notices) DueMails(ctx context.Context, n int) ([]NoticeMail, error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Outbox, Index: indexDue, PK: noticeKeys.DuePK, To: dueSK(s.now()), Limit: min(n, limit.BatchGetKeys)})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	keys := make([]table.Key, len(page.Items))
	for i, it := range page.Items {
		keys[i] = it.Key
	}
	items, err := s.t.Get(ctx, s.n.Outbox, true, keys...)
	if err != nil {
		return nil, err
	}
	var out []NoticeMail
	for _, it := range items {
		if it == nil {
			continue
		}
		var m NoticeMail
		if err := decode(it, &m); err != nil {
			return nil, err
		}
		if m.rev = it.Rev; !m.Due.After(s.now()) {
			out = append(out, m)
		}
	}
	return out, nil
}

// Set writes a mail's state: when it is due, whether it is ready, whether somebody is at it. ok is false if somebody else was faster.
func (s *Notices) Set(ctx context.Context, m NoticeMail) (ok bool, err error) {
	op, err := put(s.n.Outbox, table.RevIs(m.rev), noticeKeys.Mail(m.User, m.Thread), m)
	if err != nil {
		return false, err
	}
	op.Item.Index = noticeKeys.Due(m.Due, m.User, m.Thread)
	err = s.t.Transact(ctx, op)
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return false, nil
	}
	return err == nil, err
}

// Done ends a mail: it was sent, or is not needed.
func (s *Notices) Done(ctx context.Context, m NoticeMail) error {
	return s.t.Transact(ctx, table.Op{Table: s.n.Outbox, Verb: table.Delete, Item: table.Item{Key: noticeKeys.Mail(m.User, m.Thread)}})
}
