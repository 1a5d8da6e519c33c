package clerk

import (
	"context"
	"slices"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/store"
)

// The phases of an erasure. Each may be done again.
const (
	eraseThreads = iota // conversations of theirs; Cursor is the contact's place, then the page's
	eraseOthers         // conversations of others where they are named
	eraseBeside         // drafts, quarantine, lists
	eraseContact        // last: until then it says whose conversations are meant
)

// erase goes on with one erasure.
func (k *Clerk) erase(ctx context.Context, id string, in func() bool) (steps int, err error) {
	e, err := k.store.Contacts.Erasure(ctx, id)
	for err == nil && e.EndedAt.IsZero() && in() {
		before := e
		if err = k.eraseStep(ctx, &e); err != nil {
			return steps, err
		}
		e, err = k.store.Contacts.Erased(ctx, before, e)
		steps++
	}
	return steps, err
}

func (k *Clerk) eraseStep(ctx context.Context, e *people.Erasure) error {
	next := func(cursor string) {
		if e.Cursor = cursor; cursor == "" {
			e.Phase++
		}
	}
	switch e.Phase {
	case eraseThreads:
		return k.eraseThreads(ctx, e, next)
	case eraseOthers:
		return k.eraseOthers(ctx, e, next)
	case eraseBeside:
		users, inboxes, err := k.team(ctx)
		if err != nil {
			return err
		}
		next("")
		return k.store.EraseBeside(ctx, e.Addresses, users, inboxes, &e.Receipt, k.objects(ctx, e))
	}
	for _, id := range e.Contacts {
		if err := k.store.Tickets.Erase(ctx, id, &e.Receipt); err != nil {
			return err
		}
		if err := k.store.Contacts.EraseContact(ctx, id, &e.Receipt); err != nil {
			return err
		}
	}
	e.EndedAt = k.now().UTC()
	return nil
}

func (k *Clerk) team(ctx context.Context) (users []string, inboxes []inbox.Inbox, err error) {
	all, err := k.store.Settings.Users(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, u := range all {
		users = append(users, u.ID)
	}
	inboxes, err = k.store.Settings.Inboxes(ctx)
	return users, inboxes, err
}

// objects takes objects out of the buckets, and counts them.
func (k *Clerk) objects(ctx context.Context, e *people.Erasure) func(inbox.Objects) error {
	return func(o inbox.Objects) error {
		for _, key := range o.Files {
			if err := k.files.Delete(ctx, key); err != nil && !fault.Is(err, fault.Invalid) {
				return err
			}
		}
		for _, key := range o.Mails {
			if err := k.mail.Delete(ctx, key); err != nil && !fault.Is(err, fault.Invalid) {
				return err
			}
		}
		e.Receipt.Files += len(o.Files)
		e.Receipt.Mails += len(o.Mails)
		return nil
	}
}

// eraseThreads does the next page of one of their contacts' conversations.
func (k *Clerk) eraseThreads(ctx context.Context, e *people.Erasure, next func(string)) error {
	at, cursor := place(e.Cursor)
	i := max(slices.Index(e.Contacts, at), 0)
	ids, more, err := k.store.Threads.ThreadsOf(ctx, e.Contacts[i], cursor, limit.ErasePage)
	if err != nil {
		return err
	}
	users, _, err := k.team(ctx)
	if err != nil {
		return err
	}
	x := inbox.Erasure{Contacts: e.Contacts, Addresses: e.Addresses, Whole: true}
	for _, id := range ids {
		head, err := k.store.Threads.Head(ctx, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if !slices.Contains(e.Contacts, head.Contact.ID) { // it is somebody else's by now: only they go from it
			continue
		}
		if head.Channel == inbox.ChannelChat {
			for _, v := range e.Visitors {
				if err := k.store.Threads.EraseMarks(ctx, head.Account, v); err != nil {
					return err
				}
			}
		}
		if err := k.store.EraseThread(ctx, id, x, users, &e.Receipt, k.objects(ctx, e)); err != nil {
			return err
		}
		e.Receipt.Threads++
	}
	switch {
	case more != "":
		next(e.Contacts[i] + "|" + more)
	case i+1 < len(e.Contacts):
		next(e.Contacts[i+1] + "|")
	default:
		next("")
	}
	return nil
}

// eraseOthers looks through all conversations for those of others that name them.
func (k *Clerk) eraseOthers(ctx context.Context, e *people.Erasure, next func(string)) error {
	users, inboxes, err := k.team(ctx)
	if err != nil {
		return err
	}
	shelves := store.Shelves(inboxes)
	at, cursor := place(e.Cursor)
	i := slices.IndexFunc(shelves, func(s string) bool { return s >= at })
	if i < 0 || len(e.Addresses) == 0 {
		next("")
		return nil
	}
	heads, more, err := k.store.Threads.OnShelf(ctx, shelves[i], cursor, limit.BatchGetKeys)
	if err != nil {
		return err
	}
	x := inbox.Erasure{Contacts: e.Contacts, Addresses: e.Addresses}
	for _, t := range heads {
		if slices.Contains(e.Contacts, t.Contact.ID) || !x.Names(t) {
			continue
		}
		if err := k.store.EraseThread(ctx, t.ID, x, users, &e.Receipt, k.objects(ctx, e)); err != nil {
			return err
		}
		e.Receipt.Others++
	}
	switch {
	case more != "":
		next(shelves[i] + "|" + more)
	case i+1 < len(shelves):
		next(shelves[i+1] + "|")
	default:
		next("")
	}
	return nil
}

// place reads a cursor of two parts: where, and the page's own. Neither a contact's id nor a shelf has the sign between them.
func place(cursor string) (at, page string) {
	for i := range len(cursor) {
		if cursor[i] == '|' {
			return cursor[:i], cursor[i+1:]
		}
	}
	return cursor, ""
}
