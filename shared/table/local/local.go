// Package local is the table port on one embedded SQLite file, with the change feed that plays DynamoDB Streams.
//
// Owns: the SQL schema, group commit, the feed and its checkpoints, deletion of expired items.
// Never: what an item means, AWS, the names of tables.
// Imported by: infra/local, tests.
//
// One goroutine writes: it puts the transactions that wait into one SQL transaction (one fsync), so a write is durable when
// Transact returns and many writers share its cost. A few connections read. Each table is one SQL table that can be read with
// the sqlite3 shell: keys, rev, ttl, two columns per index, and the document as JSON text.
package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"parley/shared/fault"
	"parley/shared/table"
)

// Schema is table.Schema: what Open needs to know of a table.
type Schema = table.Schema

const (
	readers      = 4                      // read connections
	flushEvery   = 250 * time.Millisecond // checkpoints to disk, and feed rows nobody needs any more off it
	expireEvery  = 30 * time.Second
	expireAtOnce = 100  // items one expiry transaction deletes
	pageItems    = 1000 // items of a page when Query.Limit is 0
	batchMost    = 256  // transactions one commit carries
)

// Store is the port and the feed over one directory. Only one process may have a directory open.
type Store struct {
	dir    string
	lock   *os.File
	tables map[string]*sqlTable
	reads  *pool
	jobs   chan *request
	recent recent
	stop   chan struct{}
	gate   sync.RWMutex // held for reading while a request goes into jobs, so that none gets in behind the last look of the writer
	closed bool
	work   sync.WaitGroup // background goroutines
	wanted func(table string, old, new *table.Item) bool
	broken error // what went wrong in the writer's last act; read after work.Wait
}

var (
	_ table.Port = (*Store)(nil)
	_ table.Feed = (*Store)(nil)
)

// Open opens the tables under dir, creating what is missing: an older directory gains new tables and indexes, and tables it
// has beyond schemas stay untouched. A directory that another process has open is fault.Busy.
func Open(dir string, schemas []Schema) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{
		dir: dir, lock: lock, tables: map[string]*sqlTable{}, stop: make(chan struct{}),
		reads: newPool(readers), jobs: make(chan *request, 1024),
	}
	w, err := s.prepare(schemas)
	if err != nil {
		s.reads.close(len(s.reads.free))
		if lock != nil {
			lock.Close()
		}
		return nil, err
	}
	s.work.Add(2)
	go s.write(w)
	go s.tend()
	return s, nil
}

// prepare migrates the file, opens every connection and returns the writing one.
func (s *Store) prepare(schemas []Schema) (*conn, error) {
	file := filepath.Join(s.dir, "tables.db")
	w, err := dial(file, false)
	if err != nil {
		return nil, err
	}
	if err := s.migrate(w, schemas); err != nil {
		w.close()
		return nil, err
	}
	for range readers {
		r, err := dial(file, true)
		if err != nil {
			w.close()
			return nil, err
		}
		s.reads.put(r)
	}
	return w, nil
}

// Close finishes the transactions it has accepted and closes the file. Later calls of any method fail.
func (s *Store) Close() error {
	s.gate.Lock()
	again := s.closed
	s.closed = true
	s.gate.Unlock()
	if again {
		return nil
	}
	close(s.stop)
	s.work.Wait()
	s.reads.close(readers)
	if s.lock != nil {
		s.lock.Close()
	}
	return s.broken
}

// SetWanted says which changes of Stream tables the feed keeps; nil keeps all. It is called by the writer for every change,
// so it must be quick and must not call the store. Set it before the first write.
func (s *Store) SetWanted(f func(table string, old, new *table.Item) bool) { s.wanted = f }

func (s *Store) table(name string) (*sqlTable, error) {
	t := s.tables[name]
	if t == nil {
		return nil, fault.New(fault.Invalid, "there is no table %q", name)
	}
	return t, nil
}

// tend flushes checkpoints and deletes expired items until Close.
func (s *Store) tend() {
	defer s.work.Done()
	flush, expire := time.NewTicker(flushEvery), time.NewTicker(expireEvery)
	defer flush.Stop()
	defer expire.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-flush.C:
			s.flush()
		case <-expire.C:
			// An error here means the next pass tries again; expiry is best effort by contract.
			_, _ = s.Expire(context.Background(), time.Now())
		}
	}
}

var errClosed = errors.New("table: the store is closed")
