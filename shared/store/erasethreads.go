package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"parley/events"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/table"
)

// EraseThread makes somebody unknown in a thread: its entries and the head, which is folded anew from them; its deliveries, what users were
// told of what they said, and if the thread is theirs, drafts in it. What it returns is to go from the buckets first: keep is called with it before anything is written,
// so that a run that breaks off finds it again.
func (s *Store) EraseThread(ctx context.Context, id string, x inbox.Erasure, users []string, r *people.Receipt, keep func(inbox.Objects) error) error {
	t := s.Threads
	if err := s.eraseDeliveries(ctx, id, x, r); err != nil {
		return err
	}
	if x.Whole {
		if err := s.Bots.eraseWalk(ctx, id); err != nil {
			return err
		}
		if err := s.Tickets.eraseOf(ctx, id, r); err != nil {
			return err
		}
	}
	return retry(ctx, limit.CommitBudget, func() error {
		it, err := t.one(ctx, t.n.Threads, threadKeys.Head(id))
		if err != nil || it == nil {
			return err
		}
		var head inbox.Thread
		if err := decode(it, &head); err != nil {
			return err
		}
		log, err := t.Entries(ctx, id, 1, head.Seq)
		if err != nil {
			return err
		}
		var gone inbox.Objects
		var ops []table.Op
		theirs := map[int64]bool{}
		for i, e := range log {
			f, err := e.Open()
			if err != nil {
				return err
			}
			theirs[e.Seq] = x.Theirs(f)
			bare, objects := x.Fact(f)
			gone.Files, gone.Mails = append(gone.Files, objects.Files...), append(gone.Mails, objects.Mails...)
			data, err := json.Marshal(bare)
			if err != nil {
				return err
			}
			log[i].Data, log[i].Actor = data, x.Actor(e.Actor)
			op, err := put(t.n.Threads, table.Any(), threadKeys.Entry(id, e.Seq), log[i])
			if err != nil {
				return err
			}
			ops = append(ops, op)
		}
		if err := s.eraseAround(ctx, id, x, theirs, users, r); err != nil { // while the log still says which these are
			return err
		}
		if err := keep(gone); err != nil {
			return err
		}
		after, err := inbox.Fold(log)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(ops, limit.TransactActions) {
			if err := t.t.Transact(ctx, part...); err != nil {
				return err
			}
		}
		op, err := put(t.n.Threads, cond(it), threadKeys.Head(id), after)
		if err != nil {
			return err
		}
		op.Item.Index = threadKeys.Index(after)
		return t.t.Transact(ctx, op)
	})
}

// eraseAround takes away what stands beside a thread and says something of them: what users were told of entries that are theirs, or that name
// them, and of a thread of theirs all of that and the drafts.
func (s *Store) eraseAround(ctx context.Context, id string, x inbox.Erasure, theirs map[int64]bool, users []string, r *people.Receipt) error {
	t := s.Threads
	beside := func(pk string, goes func(it table.Item) (bool, error), n *int) error {
		return t.each(ctx, table.Query{Table: t.n.Threads, PK: pk, From: id + "#", To: id + "#~", Consistent: true}, func(it table.Item) error {
			if yes, err := goes(it); err != nil || !yes {
				return err
			}
			*n++
			return s.drop(ctx, t.n.Threads, it.Key)
		})
	}
	for _, u := range users {
		err := beside(noticeKeys.PK(u), func(it table.Item) (bool, error) {
			var n Notice
			err := decode(&it, &n)
			return x.Whole || theirs[n.Seq] || n.Who.Kind == events.Visitor && slices.Contains(x.Contacts, n.Who.ID) || names(it.Doc, x.Addresses), err
		}, &r.Notices)
		if err != nil {
			return err
		}
		if !x.Whole { // those that are to them go with their address
			continue
		}
		if err := beside(draftKeys.PK(u), func(table.Item) (bool, error) { return true, nil }, &r.Drafts); err != nil {
			return err
		}
	}
	return nil
}

// eraseDeliveries takes their addresses out of a thread's deliveries. One that is not made yet is made to nobody.
func (s *Store) eraseDeliveries(ctx context.Context, id string, x inbox.Erasure, r *people.Receipt) error {
	o := s.Outbox
	q := table.Query{Table: o.n.Outbox, PK: outboxKeys.Lease(id).PK, From: "D#", To: "D#" + last, Consistent: true}
	for {
		page, err := o.t.Query(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Items {
			err := retry(ctx, limit.CommitBudget, func() error {
				it, err := o.one(ctx, o.n.Outbox, page.Items[i].Key)
				if err != nil || it == nil {
					return err
				}
				j, err := jobOf(it)
				if err != nil {
					return err
				}
				changed := false
				for k, to := range j.Recipients {
					if to.Address != "" && (x.Whole || slices.Contains(x.Addresses, to.Address)) {
						j.Recipients[k].Address, j.Recipients[k].Reason, changed = "", "", true
						if !j.State.Final() {
							j.Recipients[k].State = "withdrawn"
						}
					}
				}
				if !changed {
					return nil
				}
				if x.Whole && !j.State.Final() {
					j.State, j.Ready = inbox.DeliveryWithdrawn, false
				}
				j.Reason = ""
				op, err := jobOp(o.n.Outbox, cond(it), j)
				if err != nil {
					return err
				}
				r.Deliveries++
				return o.t.Transact(ctx, op)
			})
			if err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// ThreadsOf reads a page of the ids of a contact's threads, in the order in which they began.
func (s *Threads) ThreadsOf(ctx context.Context, contact, cursor string, n int) (ids []string, next string, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexContact, PK: "P#" + contact, Limit: n, After: cursor})
	for _, it := range page.Items {
		ids = append(ids, strings.TrimPrefix(it.PK, "T#"))
	}
	return ids, page.Next, err
}

// Shelves are all places where threads stand in the views of an inbox.
func Shelves(inboxes []inbox.Inbox) []string {
	var out []string
	for _, in := range inboxes {
		for _, shelf := range []string{string(inbox.Open), string(inbox.Closed), snoozed, string(inbox.Filtered), string(inbox.Spam), string(inbox.Trash)} {
			out = append(out, viewPK(in.ID, shelf))
		}
	}
	slices.Sort(out)
	return out
}

// OnShelf reads a page of the heads on one of them.
func (s *Threads) OnShelf(ctx context.Context, shelf, cursor string, n int) (heads []inbox.Thread, next string, err error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Threads, Index: indexViews, PK: shelf, Limit: n, After: cursor})
	if err != nil {
		return nil, "", err
	}
	var ids []string
	for _, it := range page.Items {
		ids = append(ids, strings.TrimPrefix(it.PK, "T#"))
	}
	found, err := s.Heads(ctx, ids...)
	for _, t := range found {
		heads = append(heads, t)
	}
	return heads, page.Next, err
}

// EraseMarks takes away the names by which a visitor's browser finds its conversations, the last one first: what breaks off is found again.
func (s *Threads) EraseMarks(ctx context.Context, account, visitor string) error {
	var keys []table.Key
	for n := 1; n <= limit.ChatConversation; n++ {
		key := threadKeys.Claim(ChatClaim(account, visitor, n))
		it, err := s.one(ctx, s.n.Threads, key)
		if err != nil {
			return err
		}
		if it == nil {
			break
		}
		keys = append(keys, key)
	}
	for _, key := range slices.Backward(keys) {
		if err := s.t.Transact(ctx, table.Op{Table: s.n.Threads, Verb: table.Delete, Item: table.Item{Key: key}}); err != nil {
			return err
		}
	}
	return nil
}

// EraseBeside takes away what stands apart from any contact and thread and names an address: drafts to it, mails in quarantine from or to it,
// entries of allow and deny lists and what is remembered of their changes, how often it wrote. It returns keys of the mail bucket, which keep gets first.
func (s *Store) EraseBeside(ctx context.Context, addresses, users []string, inboxes []inbox.Inbox, r *people.Receipt, keep func(inbox.Objects) error) error {
	if len(addresses) == 0 {
		return nil
	}
	for _, step := range []func() error{
		func() error { return s.eraseDrafts(ctx, addresses, users, r) },
		func() error { return s.eraseQuarantine(ctx, addresses, r, keep) },
		func() error { return s.eraseListed(ctx, addresses, inboxes, r) },
		func() error { return s.eraseChanges(ctx, addresses) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// each reads a whole partition, of a table or an index, in pages.
func (b base) each(ctx context.Context, q table.Query, do func(it table.Item) error) error {
	for {
		page, err := b.t.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, it := range page.Items {
			if err := do(it); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// names reports whether a document names one of the addresses anywhere.
func names(doc []byte, addresses []string) bool {
	text := strings.ToLower(string(doc))
	return slices.ContainsFunc(addresses, func(a string) bool {
		quoted, err := json.Marshal(a) // as JSON writes it
		return strings.Contains(text, a) || err == nil && strings.Contains(text, strings.Trim(string(quoted), `"`))
	})
}

func (s *Store) drop(ctx context.Context, tbl string, k table.Key) error {
	return s.Threads.t.Transact(ctx, table.Op{Table: tbl, Verb: table.Delete, Item: table.Item{Key: k}})
}

func (s *Store) eraseDrafts(ctx context.Context, addresses, users []string, r *people.Receipt) error {
	for _, u := range users {
		err := s.Threads.each(ctx, table.Query{Table: s.Threads.n.Threads, PK: draftKeys.PK(u), Consistent: true}, func(it table.Item) error {
			if !names(it.Doc, addresses) {
				return nil
			}
			r.Drafts++
			return s.drop(ctx, s.Threads.n.Threads, it.Key)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eraseQuarantine(ctx context.Context, addresses []string, r *people.Receipt, keep func(inbox.Objects) error) error {
	return s.Threads.each(ctx, table.Query{Table: s.Threads.n.Threads, PK: quarantinePK, Consistent: true}, func(it table.Item) error {
		if !names(it.Doc, addresses) {
			return nil
		}
		q, err := quarantinedOf(&it)
		if err != nil {
			return err
		}
		if err := keep(inbox.Objects{Mails: []string{q.Raw}}); err != nil {
			return err
		}
		r.Quarantined++
		return s.drop(ctx, s.Threads.n.Threads, it.Key)
	})
}

func (s *Store) eraseListed(ctx context.Context, addresses []string, inboxes []inbox.Inbox, r *people.Receipt) error {
	for _, in := range inboxes {
		for _, a := range addresses {
			for _, list := range []inbox.FilterList{inbox.Allow, inbox.Deny} {
				key := filterKeys.Listed(in.ID, list, a)
				it, err := s.Settings.one(ctx, s.Settings.n.Settings, key)
				if err != nil {
					return err
				}
				if it == nil {
					continue
				}
				if err := s.drop(ctx, s.Settings.n.Settings, key); err != nil {
					return err
				}
				r.Listed++
			}
			err := s.Threads.each(ctx, table.Query{Table: s.Threads.n.Threads, PK: filterKeys.Rate(in.ID, a, "").PK}, func(it table.Item) error {
				return s.drop(ctx, s.Threads.n.Threads, it.Key)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// eraseChanges leaves of a change of settings that named them who changed what kind of thing, and when.
func (s *Store) eraseChanges(ctx context.Context, addresses []string) error {
	return s.Settings.each(ctx, table.Query{Table: s.Settings.n.Settings, PK: settingsKeys.Changes}, func(it table.Item) error {
		if !names(it.Doc, addresses) {
			return nil
		}
		var c Change
		if err := decode(&it, &c); err != nil {
			return err
		}
		c.Before, c.After = nil, nil
		if slices.Contains(addresses, c.Of) {
			c.Of = ""
		}
		op, err := put(s.Settings.n.Settings, table.Any(), it.Key, c)
		if err != nil {
			return err
		}
		return s.Settings.t.Transact(ctx, op)
	})
}
