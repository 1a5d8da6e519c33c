package store

import (
	"context"
	"slices"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// View names one list of an inbox.
type View string

// The views.
const (
	ViewOpen       View = "open"
	ViewMine       View = "mine"       // open and assigned to the user
	ViewUnassigned View = "unassigned" // open and nobody's
	ViewMentions   View = "mentions"   // where the user was mentioned and has neither spoken since nor seen it, wherever it stands
	ViewSnoozed    View = "snoozed"    // open and out of sight
	ViewChannel    View = "channel"    // open, of one account
	ViewTeam       View = "team"       // open, of one team
	ViewClosed     View = "closed"
	ViewFiltered   View = "filtered" // put aside by the filters
	ViewSpam       View = "spam"
	ViewTrash      View = "trash"
	// viewLaid is what a user owns that is snoozed.
	viewLaid View = "laid"
	// ViewUndelivered is what has a message that did not reach somebody and that nobody has seen to, wherever it stands.
	ViewUndelivered View = "undelivered"
)

// ViewQuery asks for one page of a view. Limit is at most limit.ThreadPageMax; 0 means limit.ThreadPage.
type ViewQuery struct {
	Inbox   string
	View    View
	User    string // whose view it is; needed for ViewMine and ViewMentions
	Account string // needed for ViewChannel
	Team    string // needed for ViewTeam
	Cursor  string
	Limit   int
}

func (q ViewQuery) index() (index, pk string, err error) {
	switch q.View {
	case ViewOpen:
		return indexViews, viewPK(q.Inbox, string(inbox.Open)), nil
	case ViewClosed:
		return indexViews, viewPK(q.Inbox, string(inbox.Closed)), nil
	case ViewFiltered:
		return indexViews, viewPK(q.Inbox, string(inbox.Filtered)), nil
	case ViewSpam:
		return indexViews, viewPK(q.Inbox, string(inbox.Spam)), nil
	case ViewUndelivered:
		return indexViews, viewPK(q.Inbox, undelivered), nil
	case ViewMine:
		return indexOwners, ownerPK(q.Inbox, string(inbox.Open), q.User), nil
	case viewLaid:
		return indexOwners, ownerPK(q.Inbox, snoozed, q.User), nil
	case ViewUnassigned:
		return indexOwners, ownerPK(q.Inbox, string(inbox.Open), ""), nil
	case ViewMentions:
		return indexViews, viewPK(q.Inbox, called(q.User)), nil
	case ViewSnoozed:
		return indexViews, viewPK(q.Inbox, snoozed), nil
	case ViewTrash:
		return indexViews, viewPK(q.Inbox, string(inbox.Trash)), nil
	case ViewChannel:
		if q.Account == "" {
			return "", "", fault.New(fault.Invalid, "The view of a channel needs its account.")
		}
		return indexAccounts, accountPK(q.Inbox, q.Account), nil
	case ViewTeam:
		if q.Team == "" {
			return "", "", fault.New(fault.Invalid, "The view of a team needs the team.")
		}
		return indexTeams, teamPK(q.Inbox, q.Team), nil
	}
	return "", "", fault.New(fault.Invalid, "There is no view %q.", q.View)
}

// View reads one page of heads, newest activity first. Pages follow the index, which knows activity to the minute;
// within a page the order is exact.
func (s *Threads) View(ctx context.Context, q ViewQuery) (heads []inbox.Thread, next string, err error) {
	index, pk, err := q.index()
	if err != nil {
		return nil, "", err
	}
	if q.Limit <= 0 {
		q.Limit = limit.ThreadPage
	}
	page, err := s.t.Query(ctx, table.Query{
		Table: s.n.Threads, Index: index, PK: pk, Desc: true, Limit: min(q.Limit, limit.ThreadPageMax), After: q.Cursor,
	})
	if err != nil {
		return nil, "", err
	}
	if len(page.Items) == 0 {
		return nil, page.Next, nil
	}
	keys := make([]table.Key, len(page.Items))
	for i, it := range page.Items {
		keys[i] = table.Key{PK: it.PK, SK: "H"} // of a mark too
	}
	items, err := s.t.Get(ctx, s.n.Threads, false, keys...)
	if err != nil {
		return nil, "", err
	}
	for _, it := range items {
		if it == nil {
			continue // deleted since the index was read
		}
		var t inbox.Thread
		if err := decode(it, &t); err != nil {
			return nil, "", err
		}
		heads = append(heads, t)
	}
	slices.SortStableFunc(heads, func(a, b inbox.Thread) int { return b.ActiveAt.Compare(a.ActiveAt) })
	return heads, page.Next, nil
}

// Heads reads heads; threads that are not there are absent from the result.
func (s *Threads) Heads(ctx context.Context, threads ...string) (map[string]inbox.Thread, error) {
	out := map[string]inbox.Thread{}
	seen := map[string]bool{}
	var keys []table.Key
	for _, id := range threads {
		if !seen[id] {
			seen[id] = true
			keys = append(keys, threadKeys.Head(id))
		}
	}
	for part := range slices.Chunk(keys, limit.BatchGetKeys) {
		items, err := s.t.Get(ctx, s.n.Threads, false, part...)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it == nil {
				continue
			}
			var t inbox.Thread
			if err := decode(it, &t); err != nil {
				return nil, err
			}
			out[t.ID] = t
		}
	}
	return out, nil
}

// Count counts a view, exactly up to limit.CountExact; more says there are others beyond. It costs the same however long the view is.
func (s *Threads) Count(ctx context.Context, q ViewQuery) (n int, more bool, err error) {
	index, pk, err := q.index()
	if err != nil {
		return 0, false, err
	}
	return s.count(ctx, index, pk)
}

func (s *Threads) count(ctx context.Context, index, pk string) (n int, more bool, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: index, PK: pk, Limit: limit.CountExact + 1})
	if err != nil {
		return 0, false, err
	}
	n = len(page.Items)
	return min(n, limit.CountExact), n > limit.CountExact, nil
}

type readDoc struct {
	Seq int64 `json:"seq"`
}

// ReadSeqs returns up to which seq a user has read each thread; 0 for never.
func (s *Threads) ReadSeqs(ctx context.Context, user string, threads []string) (map[string]int64, error) {
	out := make(map[string]int64, len(threads))
	if len(threads) == 0 {
		return out, nil
	}
	keys := make([]table.Key, len(threads))
	for i, id := range threads {
		keys[i] = threadKeys.Read(user, id)
	}
	items, err := s.t.Get(ctx, s.n.Threads, false, keys...)
	if err != nil {
		return nil, err
	}
	for i, it := range items {
		if it == nil {
			continue
		}
		var r readDoc
		if err := decode(it, &r); err != nil {
			return nil, err
		}
		out[threads[i]] = r.Seq
	}
	return out, nil
}

// MarkRead notes that a user has read a thread up to seq. It is the user's own mark and moves both ways (mark unread).
func (s *Threads) MarkRead(ctx context.Context, user, thread string, seq int64) error {
	op, err := put(s.n.Threads, table.Any(), threadKeys.Read(user, thread), readDoc{Seq: seq})
	if err != nil {
		return err
	}
	return s.t.Transact(ctx, op)
}
