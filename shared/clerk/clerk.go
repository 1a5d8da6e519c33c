// Package clerk does what takes long about people: files of contacts that are taken in or out again, and people who are erased.
//
// Owns: how such work is cut into steps that may be repeated. Never: what a row means, what a merge is (people); keys (store).
// Imported by: functions.
//
// Work is written down before it begins and goes on until it ends: whoever runs it does steps while there is time, and a step that broke off is
// done again. A row carries its mark in the transaction of its contact, so it is counted once.
package clerk

import (
	"context"
	"strings"
	"sync"
	"time"

	"parley/events"
	"parley/shared/blob"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/store"
)

// Clerk does the work.
type Clerk struct {
	store       *store.Store
	files, mail blob.Bucket
	now         func() time.Time
}

// New returns a Clerk over a store with threads, outbox, contacts and settings. mail is only needed to erase.
func New(s *store.Store, files, mail blob.Bucket, now func() time.Time) *Clerk {
	return &Clerk{s, files, mail, now}
}

// Rules are what values are judged by, and how what may name a user is turned into their id.
func Rules(ctx context.Context, s *store.Store, how string) (people.Rules, func(string) string, error) {
	defs, err := s.Contacts.Properties(ctx)
	if err != nil {
		return people.Rules{}, nil, err
	}
	home, err := s.Contacts.Home(ctx)
	if err != nil {
		return people.Rules{}, nil, err
	}
	users, err := s.Settings.Users(ctx)
	if err != nil {
		return people.Rules{}, nil, err
	}
	ids := map[string]string{}
	for _, u := range users {
		ids[strings.ToLower(u.Email)], ids[u.ID] = u.ID, u.ID
	}
	of := func(v string) string {
		if id, ok := ids[v]; ok {
			return id
		}
		if id, ok := ids[strings.ToLower(v)]; ok {
			return id
		}
		return v
	}
	return people.Rules{Defs: defs, Home: home, How: how, Normal: email.NormaliseAddress, IsUser: func(id string) bool { return ids[id] == id && id != "" }}, of, nil
}

// Work goes on with everything that is begun, while there is time.
func (k *Clerk) Work(ctx context.Context, in func() bool) (steps int, err error) {
	imports, erasures, err := k.store.Contacts.Long(ctx)
	if err != nil {
		return 0, err
	}
	var failed error
	for _, id := range erasures { // first: people wait for it by law
		n, err := k.erase(ctx, id, in)
		steps += n
		if err != nil {
			failed = err
		}
	}
	for _, id := range imports {
		n, err := k.goOn(ctx, id, in)
		steps += n
		if err != nil {
			failed = err
		}
	}
	return steps, failed
}

// goOn goes on with one import.
func (k *Clerk) goOn(ctx context.Context, id string, in func() bool) (steps int, err error) {
	i, err := k.store.Contacts.Import(ctx, id)
	if err != nil || !i.State.Open() {
		return 0, err
	}
	if i.State == people.ImportUndoing {
		return k.undo(ctx, i, in)
	}
	if i.Next >= i.Rows {
		return 1, k.end(ctx, id, people.ImportRunning, people.ImportDone)
	}
	raw, _, err := k.files.Get(ctx, store.ImportKey(id))
	if err != nil {
		return 0, err
	}
	sheet, err := people.ReadSheet(raw)
	if err != nil {
		return 0, err
	}
	rules, userOf, err := Rules(ctx, k.store, people.ByImport)
	if err != nil {
		return 0, err
	}
	f := &file{Clerk: k, sheet: sheet, rules: rules, userOf: userOf, companies: map[string]string{}}
	f.read(i.Mapping)
	for i.State == people.ImportRunning && i.Next < i.Rows && in() {
		if i, err = f.step(ctx, i); err != nil {
			return steps, err
		}
		steps++
	}
	if i.State == people.ImportRunning && i.Next >= i.Rows {
		err = k.end(ctx, id, people.ImportRunning, people.ImportDone)
	}
	return steps, err
}

// end ends an import. Its file goes first: nothing of it stays, whatever breaks.
func (k *Clerk) end(ctx context.Context, id string, from, to people.ImportState) error {
	if err := k.files.Delete(ctx, store.ImportKey(id)); err != nil {
		return err
	}
	_, err := k.store.Contacts.ChangeImport(ctx, id, func(i people.Import) (people.Import, error) {
		if i.State == from {
			i.State, i.EndedAt = to, k.now().UTC()
		}
		return i, nil
	})
	return err
}

// file is a file that is being taken in.
type file struct {
	*Clerk
	sheet     people.Sheet
	rules     people.Rules
	userOf    func(string) string
	drafts    []people.Draft
	bad       map[int]people.BadRow
	companies map[string]string // ids by name
}

// read reads all rows: a second row of somebody is known only so.
func (f *file) read(mapping []string) {
	f.drafts, f.bad = ReadRows(f.sheet, mapping, f.rules, f.userOf)
}

// ReadRows reads the rows of a sheet; bad ones, by their number, are those that say nothing that can be taken, or what an earlier row said of the
// same person.
func ReadRows(s people.Sheet, mapping []string, r people.Rules, userOf func(string) string) ([]people.Draft, map[int]people.BadRow) {
	drafts, bad := make([]people.Draft, len(s.Rows)), map[int]people.BadRow{}
	seen := make(map[string]bool, len(s.Rows))
	for i, row := range s.Rows {
		d, wrong := people.ReadRow(s.Header, mapping, row, r, userOf)
		if wrong == nil && seen[d.Key()] {
			wrong = &people.BadRow{Reason: "An earlier row of the file is the same person's."}
		}
		if wrong != nil {
			wrong.Row = i + 1
			bad[i+1] = *wrong
			continue
		}
		seen[d.Key()] = true
		drafts[i] = d
	}
	return drafts, bad
}

// step takes the next rows in.
func (f *file) step(ctx context.Context, i people.Import) (people.Import, error) {
	from, to := i.Next+1, min(i.Next+limit.ImportStep, len(f.sheet.Rows))
	done, err := f.store.Contacts.RowsDone(ctx, i.ID, from, to)
	if err != nil {
		return i, err
	}
	by := events.Actor{Kind: events.Agent, ID: i.By.ID, Name: i.By.Name}
	for n := from; n <= to; n++ {
		name := f.drafts[n-1].Company
		if _, known := f.companies[name]; name == "" || known {
			continue
		}
		id, err := f.store.Contacts.CompanyNamed(ctx, by, name)
		if err != nil && !fault.Is(err, fault.Invalid) {
			return i, err
		}
		f.companies[name] = id
	}
	var created, changed, same, bad int
	var failed error
	var died any
	var mu sync.Mutex
	var all sync.WaitGroup
	turn := make(chan struct{}, limit.ImportParallel)
	for n := from; n <= to; n++ {
		turn <- struct{}{}
		all.Go(func() {
			defer func() {
				if r := recover(); r != nil { // it is the caller's to die of
					mu.Lock()
					defer mu.Unlock()
					died = r
				}
				<-turn
			}()
			out, ok := done[n]
			var err error
			wrong, isBad := f.bad[n]
			if !ok && !isBad {
				out, err = f.row(ctx, i, n)
				if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
					wrong, isBad, err = people.BadRow{Row: n, Reason: fault.MessageOf(err)}, true, nil
				}
			}
			if isBad && err == nil {
				err = f.store.Contacts.BadRow(ctx, i.ID, wrong)
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				failed = err
			case isBad:
				bad++
			case out == store.RowCreated:
				created++
			case out == store.RowChanged:
				changed++
			default:
				same++
			}
		})
	}
	all.Wait()
	if died != nil {
		panic(died)
	}
	if failed != nil {
		return i, failed
	}
	return f.store.Contacts.ChangeImport(ctx, i.ID, func(now people.Import) (people.Import, error) {
		if now.Next != i.Next || now.State != people.ImportRunning { // another run was faster
			return now, nil
		}
		now.Next, now.Created, now.Changed, now.Same, now.Bad = to, now.Created+created, now.Changed+changed, now.Same+same, now.Bad+bad
		return now, nil
	})
}

func (f *file) row(ctx context.Context, i people.Import, n int) (store.RowOutcome, error) {
	d := f.drafts[n-1]
	return f.store.Contacts.ImportRow(ctx, i, n, d.Names(f.rules.Home), func(c people.Contact) (people.Contact, []people.ContactChange, error) {
		return c.Take(d, f.companies[d.Company], i.Fill, f.rules)
	})
}

// undo takes an import back.
func (k *Clerk) undo(ctx context.Context, i people.Import, in func() bool) (steps int, err error) {
	for i.State == people.ImportUndoing && in() {
		undone, kept, more, err := k.store.Contacts.UndoRows(ctx, i, limit.BatchGetKeys)
		if undone+kept > 0 {
			var failed error
			i, failed = k.store.Contacts.ChangeImport(ctx, i.ID, func(i people.Import) (people.Import, error) {
				i.Undone, i.Kept = i.Undone+undone, i.Kept+kept
				return i, nil
			})
			if err == nil {
				err = failed
			}
		}
		if err != nil {
			return steps, err
		}
		steps++
		if !more {
			return steps, k.end(ctx, i.ID, people.ImportUndoing, people.ImportUndone)
		}
	}
	return steps, nil
}
