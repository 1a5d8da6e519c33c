package local

import (
	"context"
	"database/sql/driver"
	"sync"
	"time"

	"parley/shared/table"
)

// tailMost and tailBytes bound the newest changes kept in memory, so that a reader that keeps up never asks SQLite.
const (
	tailMost  = 2048
	tailBytes = 16 << 20
)

// feed is the state of one table's feed. The writer alone moves last; checkpoints move under mu.
type feed struct {
	mu       sync.Mutex
	last     int64          // newest position handed out and committed
	tail     []table.Change // the newest changes, oldest first
	tailSize int
	moved    chan struct{}    // closed when last grows; nil while nobody waits
	at       map[string]int64 // checkpoints by reader
	saved    map[string]int64 // what of them is on disk
	readers  []string         // who must have passed a change before it may go
	pruned   int64

	next int64 // position the writer gives next; may run ahead of last within a commit, and never falls back
}

func (f *feed) load(w *conn, name string) error {
	f.at, f.saved = map[string]int64{}, map[string]int64{}
	first := func(row []driver.Value) bool { f.last, _ = row[0].(int64); return false }
	if err := w.query("SELECT COALESCE(MAX(pos),0) FROM "+quote("_feed_"+name), first); err != nil {
		return err
	}
	err := w.query("SELECT reader,pos FROM _checkpoints WHERE tbl=?", func(row []driver.Value) bool {
		reader, _ := row[0].(string)
		pos, _ := row[1].(int64)
		f.at[reader], f.saved[reader] = pos, pos
		f.last = max(f.last, pos) // rows are pruned only behind saved checkpoints, so positions never repeat
		return true
	}, name)
	f.next = f.last
	return err
}

// record writes a feed row in the transaction of its change. Positions of a commit that fails are never used again.
func (t *sqlTable) record(w *conn, r *request, old, it *table.Item, now time.Time) error {
	t.feed.next++
	ch := table.Change{Pos: t.feed.next, Table: t.Name, At: now, Old: old, New: it}
	var oldRow, newRow driver.Value
	if old != nil {
		ch.Key = old.Key
		oldRow = appendRow(make([]byte, 0, len(old.Doc)+128), old)
	}
	if it != nil {
		ch.Key = it.Key
		newRow = appendRow(make([]byte, 0, len(it.Doc)+128), it)
	}
	r.changes = append(r.changes, ch)
	return w.exec(t.sqlFeed, ch.Pos, ch.Key.PK, ch.Key.SK, now.UnixMicro(), oldRow, newRow)
}

// publish shows a committed request's changes to readers.
func (s *Store) publish(r *request) {
	for _, x := range r.written {
		s.recent.put(x.place, x.item)
	}
	for _, ch := range r.changes {
		s.tables[ch.Table].feed.push(ch)
	}
}

func (f *feed) push(ch table.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = ch.Pos
	f.tail = append(f.tail, ch)
	f.tailSize += sizeOf(&ch)
	drop := 0
	for len(f.tail)-drop > tailMost || f.tailSize > tailBytes {
		f.tailSize -= sizeOf(&f.tail[drop])
		f.tail[drop] = table.Change{}
		drop++
	}
	f.tail = f.tail[drop:]
	if f.moved != nil {
		close(f.moved)
		f.moved = nil
	}
}

func sizeOf(ch *table.Change) int {
	n := 256
	if ch.Old != nil {
		n += len(ch.Old.Doc)
	}
	if ch.New != nil {
		n += len(ch.New.Doc)
	}
	return n
}

// Read implements table.Feed.
func (s *Store) Read(ctx context.Context, name string, pos int64, n int) ([]table.Change, error) {
	t, err := s.table(name)
	if err != nil {
		return nil, err
	}
	if out, ok := t.feed.fromTail(pos, n); ok {
		return out, nil
	}
	c, err := s.reader(ctx)
	if err != nil {
		return nil, err
	}
	defer s.reads.put(c)
	var out []table.Change
	var bad error
	err = c.query(t.sqlRead, func(row []driver.Value) bool {
		ch := table.Change{Table: name}
		ch.Pos, _ = row[0].(int64)
		ch.Key.PK, _ = row[1].(string)
		ch.Key.SK, _ = row[2].(string)
		at, _ := row[3].(int64)
		ch.At = time.UnixMicro(at)
		if ch.Old, bad = parseRow(ch.Key, row[4]); bad == nil {
			ch.New, bad = parseRow(ch.Key, row[5])
		}
		out = append(out, ch)
		return bad == nil
	}, pos, int64(n))
	if err == nil {
		err = bad
	}
	return out, err
}

// fromTail answers a read that memory can answer whole.
func (f *feed) fromTail(pos int64, n int) ([]table.Change, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if pos >= f.last {
		return nil, true
	}
	if len(f.tail) == 0 || f.tail[0].Pos > pos+1 {
		return nil, false
	}
	from := len(f.tail)
	for from > 0 && f.tail[from-1].Pos > pos {
		from--
	}
	to := min(from+n, len(f.tail))
	return append([]table.Change(nil), f.tail[from:to]...), true
}

// Register names the readers of a table's feed. A change is deleted once all of them have advanced past it; a table without
// registered readers keeps everything.
func (s *Store) Register(name string, readers ...string) error {
	t, err := s.table(name)
	if err != nil {
		return err
	}
	t.feed.mu.Lock()
	t.feed.readers = append([]string(nil), readers...)
	t.feed.mu.Unlock()
	return nil
}

// Checkpoint implements table.Feed.
func (s *Store) Checkpoint(_ context.Context, name, reader string) (int64, error) {
	t, err := s.table(name)
	if err != nil {
		return 0, err
	}
	t.feed.mu.Lock()
	defer t.feed.mu.Unlock()
	return t.feed.at[reader], nil
}

// Advance implements table.Feed. It reaches the disk within flushEvery, or by Close. A position that is not ahead is ignored.
func (s *Store) Advance(_ context.Context, name, reader string, pos int64) error {
	t, err := s.table(name)
	if err != nil {
		return err
	}
	t.feed.mu.Lock()
	defer t.feed.mu.Unlock()
	if pos = min(pos, t.feed.last); pos > t.feed.at[reader] {
		t.feed.at[reader] = pos
	}
	return nil
}

// Wait implements table.Feed.
func (s *Store) Wait(ctx context.Context, name string, pos int64) error {
	t, err := s.table(name)
	if err != nil {
		return err
	}
	for {
		moved := t.feed.beyond(pos)
		if moved == nil {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.stop:
			return errClosed
		}
	}
}

// beyond returns nil when there is a change behind pos, otherwise what will be closed with the next one.
func (f *feed) beyond(pos int64) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last > pos {
		return nil
	}
	if f.moved == nil {
		f.moved = make(chan struct{})
	}
	return f.moved
}

// flush writes moved checkpoints and deletes feed rows behind all of them. What fails is tried again at the next tick.
func (s *Store) flush() {
	for _, t := range s.tables {
		if t.feed.dirty() {
			_ = s.submit(&request{ctx: context.Background(), done: make(chan error, 1), do: func(w *conn) error { return w.saveCheckpoints(s.tables) }})
			return
		}
	}
}

func (f *feed) dirty() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for r, pos := range f.at {
		if f.saved[r] != pos {
			return true
		}
	}
	return false
}

func (c *conn) saveCheckpoints(tables map[string]*sqlTable) error {
	for name, t := range tables {
		moved, low := t.feed.moves()
		for reader, pos := range moved {
			if err := c.exec("REPLACE INTO _checkpoints(tbl,reader,pos) VALUES(?,?,?)", name, reader, pos); err != nil {
				return err
			}
		}
		if low > 0 {
			if err := c.exec(t.sqlPrune, low); err != nil {
				return err
			}
		}
		t.feed.noteSaved(moved, low)
	}
	return nil
}

// moves returns the checkpoints that are not on disk, and the position up to which rows may go (0: none).
func (f *feed) moves() (moved map[string]int64, low int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for r, pos := range f.at {
		if f.saved[r] != pos {
			if moved == nil {
				moved = map[string]int64{}
			}
			moved[r] = pos
		}
	}
	for i, r := range f.readers {
		if pos := f.at[r]; i == 0 || pos < low {
			low = pos
		}
	}
	if low <= f.pruned {
		low = 0
	}
	return moved, low
}

// noteSaved is told before the commit: if that fails, the next move of a checkpoint writes it again, and rows that outlive their
// readers go with the next pruning; neither loses a change.
func (f *feed) noteSaved(moved map[string]int64, low int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for r, pos := range moved {
		f.saved[r] = pos
	}
	f.pruned = max(f.pruned, low)
}
