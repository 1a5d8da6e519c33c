package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"parley/events"
	"parley/infra/local/template"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/store"
	"parley/shared/table"
	"parley/shared/table/local"
)

// seed fills a data directory with n threads of one message each, through the store's own Do, while the program is not running.
// The program has run once before, so that tables and the first inbox exist.
func seed(bin, dir string, n int) error {
	start(bin, dir).stop()
	db, err := openTables(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	s := store.Open(db, store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}, time.Now, host.NewID)
	accounts, err := s.Settings.Accounts(ctx)
	if err != nil {
		return err
	}
	var next atomic.Int64
	var failed atomic.Value
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n) && failed.Load() == nil; i = next.Add(1) {
				if err := seedThread(ctx, s, accounts[0], int(i)); err != nil {
					failed.Store(err)
				}
			}
		})
	}
	wg.Wait()
	if err, ok := failed.Load().(error); ok {
		return err
	}
	return db.Close()
}

// openTables opens the data directory's tables as the program does, from the template.
func openTables(dir string) (*local.Store, error) {
	t, err := template.Load(filepath.Join("infra", "template.golden.json"))
	if err != nil {
		return nil, err
	}
	var schemas []local.Schema
	for _, tb := range t.Tables {
		s := local.Schema{Name: tb.Name, Expires: tb.TTL != "", Stream: tb.Stream}
		for _, index := range tb.Indexes {
			s.Indexes = append(s.Indexes, index.Name)
		}
		schemas = append(schemas, s)
	}
	db, err := local.Open(dir, schemas)
	if err != nil {
		return nil, err
	}
	db.SetWanted(func(string, *table.Item, *table.Item) bool { return false }) // nobody watches yet: no stream to catch up with
	return db, nil
}

// firstNames are shared by thousands, as they are outside.
var firstNames = []string{"Lena", "Gus", "Ana", "Mila", "Ivo", "Nora", "Otto", "Zala"}

func seedThread(ctx context.Context, s *store.Store, a inbox.Account, i int) error {
	who, err := s.Contacts.ByEmail(ctx, fmt.Sprintf("seed%d@shop%d.example", i, i%1000), fmt.Sprintf("%s Customer %d", firstNames[i%len(firstNames)], i))
	if err != nil {
		return err
	}
	c := who.Fact()
	o := events.ThreadOpened{Inbox: a.Inbox, Account: a.ID, Channel: string(a.Channel), Subject: fmt.Sprint("Order ", i), Contact: c}
	text := fmt.Sprintf("Hello, where is my order %d? It was to come on Tuesday and nobody has told me anything. Kind regards", i)
	m := events.MessageReceived{
		Message: host.NewID(), Contact: c, From: events.Address{Name: c.Name, Email: c.Address}, To: []events.Address{{Email: a.Address}},
		Subject: o.Subject, Body: events.Body{Text: text}, Preview: text, Email: &events.Email{MessageID: fmt.Sprintf("%d@shop.example", i)},
	}
	_, err = s.Threads.Do(ctx, host.NewID(), "", func(t inbox.Thread) (inbox.Decision, error) { return t.Open(o, m) })
	return err
}
