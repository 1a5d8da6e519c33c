// Package queue plays Amazon SQS for local mode: a durable queue in its own SQLite file, and the mapping that feeds a function from it.
//
// Owns: messages on disk, visibility, receive counts, dead letters, batches for Lambda.
// Never: what a message says.
// Imported by: infra/local/run.
//
// One goroutine owns the file and puts waiting calls into one transaction with synchronous=FULL, so that a Send that
// returned has survived, and many Sends at once share one flush.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// ErrClosed is the answer of a queue that has been closed.
var ErrClosed = errors.New("queue: closed")

// Message is one message that has been received and is invisible to others until Until.
type Message struct {
	ID       int64
	Body     string
	Sent     time.Time
	First    time.Time // first received
	Receives int
}

// Config says how one queue behaves; the names are SQS's.
type Config struct {
	Visibility time.Duration // how long a received message stays hidden
	MaxReceive int           // receives after which a message is a dead letter; 0 means never
	Now        func() time.Time
}

// Queue is one queue in one file.
type Queue struct {
	db     *sql.DB
	cfg    Config
	calls  chan *call
	wake   chan struct{}
	done   chan struct{}
	closed chan struct{}
	once   sync.Once
}

type call struct {
	do  func(tx *sql.Tx) error
	err chan error
}

// Maximum number of calls that share one transaction.
const group = 256

const schema = `CREATE TABLE IF NOT EXISTS message(
  id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, sent INTEGER NOT NULL, visible INTEGER NOT NULL,
  first INTEGER NOT NULL DEFAULT 0, receives INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS message_visible ON message(visible, id);
CREATE TABLE IF NOT EXISTS dead(id INTEGER PRIMARY KEY, body TEXT NOT NULL, sent INTEGER NOT NULL, receives INTEGER NOT NULL, died INTEGER NOT NULL);`

// Open opens the queue in file, creating it. What an earlier process had received and not deleted is visible again at once:
// its consumer is gone.
func Open(file string, cfg Config) (*Queue, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err = db.Exec(schema); err == nil {
		_, err = db.Exec(`UPDATE message SET visible=0`)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("queue: %s: %w", file, err), db.Close())
	}
	q := &Queue{
		db: db, cfg: cfg, calls: make(chan *call, group), wake: make(chan struct{}, 1),
		done: make(chan struct{}), closed: make(chan struct{}),
	}
	go q.write()
	return q, nil
}

// Close ends the queue after the calls that are already waiting.
func (q *Queue) Close() error {
	q.once.Do(func() { close(q.done) })
	<-q.closed
	return q.db.Close()
}

// write is the one writer: it takes what waits and commits it together.
func (q *Queue) write() {
	defer close(q.closed)
	for {
		var first *call
		select {
		case first = <-q.calls:
		case <-q.done:
			select {
			case first = <-q.calls:
			default:
				return
			}
		}
		batch := append(make([]*call, 0, 16), first)
	fill:
		for len(batch) < group {
			select {
			case c := <-q.calls:
				batch = append(batch, c)
			default:
				break fill
			}
		}
		q.commit(batch)
	}
}

// commit runs a batch in one transaction. When one of several fails, each is tried alone, so that it spoils nobody's commit but its own.
func (q *Queue) commit(batch []*call) {
	tx, err := q.db.Begin()
	if err == nil {
		for _, c := range batch {
			if err = c.do(tx); err != nil {
				break
			}
		}
		if err == nil {
			err = tx.Commit()
		} else {
			err = errors.Join(err, tx.Rollback())
		}
	}
	if err != nil && len(batch) > 1 {
		for _, c := range batch {
			q.commit([]*call{c})
		}
		return
	}
	for _, c := range batch {
		c.err <- err
	}
}

func (q *Queue) run(ctx context.Context, do func(tx *sql.Tx) error) error {
	c := &call{do: do, err: make(chan error, 1)}
	select {
	case <-q.done:
		return ErrClosed
	default:
	}
	select {
	case q.calls <- c:
	case <-q.done:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-c.err:
		return err
	case <-q.closed:
		select {
		case err := <-c.err:
			return err
		default:
			return ErrClosed
		}
	}
}

// Send keeps a message; it is on disk when Send returns nil.
func (q *Queue) Send(ctx context.Context, body string) error {
	now := q.cfg.Now().UnixMilli()
	err := q.run(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO message(body, sent, visible) VALUES(?,?,0)`, body, now)
		return err
	})
	if err == nil {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
	return err
}

// Receive takes at most n visible messages, oldest first, hides them for the visibility timeout and counts the receive. Messages
// that were received too often become dead letters instead; how many did is the second result.
func (q *Queue) Receive(ctx context.Context, n int) (out []Message, dead int, err error) {
	now := q.cfg.Now()
	err = q.run(ctx, func(tx *sql.Tx) error {
		out, dead = out[:0], 0
		if q.cfg.MaxReceive > 0 {
			if dead, err = bury(tx, now, q.cfg.MaxReceive); err != nil {
				return err
			}
		}
		out, err = take(tx, out, now, n)
		if err != nil {
			return err
		}
		for i := range out {
			if _, err := tx.Exec(`UPDATE message SET visible=?, receives=receives+1, first=? WHERE id=?`,
				now.Add(q.cfg.Visibility).UnixMilli(), out[i].First.UnixMilli(), out[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, dead, err
}

func bury(tx *sql.Tx, now time.Time, max int) (int, error) {
	r, err := tx.Exec(`INSERT INTO dead SELECT id, body, sent, receives, ? FROM message WHERE visible<=? AND receives>=?`,
		now.UnixMilli(), now.UnixMilli(), max)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	_, err = tx.Exec(`DELETE FROM message WHERE id IN (SELECT id FROM dead)`)
	return int(n), err
}

func take(tx *sql.Tx, out []Message, now time.Time, n int) ([]Message, error) {
	rows, err := tx.Query(`SELECT id, body, sent, first, receives FROM message WHERE visible<=? ORDER BY visible, id LIMIT ?`, now.UnixMilli(), n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m Message
		var sent, first int64
		if err := rows.Scan(&m.ID, &m.Body, &sent, &first, &m.Receives); err != nil {
			return nil, err
		}
		m.Receives++
		m.Sent, m.First = time.UnixMilli(sent), time.UnixMilli(first)
		if first == 0 {
			m.First = now
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// Delete forgets messages that are done.
func (q *Queue) Delete(ctx context.Context, ids ...int64) error {
	return q.run(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec(`DELETE FROM message WHERE id=?`, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Hide changes when a received message is visible again (SQS's ChangeMessageVisibility).
func (q *Queue) Hide(ctx context.Context, id int64, d time.Duration) error {
	at := q.cfg.Now().Add(d).UnixMilli()
	return q.run(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE message SET visible=? WHERE id=?`, at, id)
		return err
	})
}

// Redrive brings all dead letters back, as SQS does when somebody asks for it, and returns how many there were.
func (q *Queue) Redrive(ctx context.Context) (n int, err error) {
	err = q.run(ctx, func(tx *sql.Tx) error {
		r, err := tx.Exec(`INSERT INTO message(body, sent, visible) SELECT body, sent, 0 FROM dead ORDER BY id`)
		if err != nil {
			return err
		}
		moved, err := r.RowsAffected()
		if err == nil {
			_, err = tx.Exec(`DELETE FROM dead`)
		}
		n = int(moved)
		return err
	})
	if err == nil && n > 0 {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
	return n, err
}

// Depth counts the messages that wait or are being worked on, and the dead letters.
func (q *Queue) Depth(ctx context.Context) (waiting, dead int, err error) {
	err = q.run(ctx, func(tx *sql.Tx) error {
		return tx.QueryRow(`SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM dead)`).Scan(&waiting, &dead)
	})
	return waiting, dead, err
}
