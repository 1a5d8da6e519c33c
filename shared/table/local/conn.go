package local

import (
	"context"
	"database/sql/driver"
	"io"

	"modernc.org/sqlite"
)

// conn is one SQLite connection with its prepared statements. It speaks to the driver directly: database/sql's pool, locks and
// conversions cost more than the statements themselves. Not safe for concurrent use.
type conn struct {
	c     driver.Conn
	stmts map[string]driver.Stmt
	args  []driver.NamedValue
	row   []driver.Value
}

func dial(file string, readonly bool) (*conn, error) {
	c, err := (&sqlite.Driver{}).Open(file)
	if err != nil {
		return nil, err
	}
	out := &conn{c: c, stmts: map[string]driver.Stmt{}}
	setup := []string{
		"PRAGMA busy_timeout=10000", "PRAGMA page_size=4096", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
		"PRAGMA cache_size=-16384", "PRAGMA temp_store=MEMORY", "PRAGMA wal_autocheckpoint=4000",
	}
	if readonly {
		setup = append(setup, "PRAGMA query_only=1")
	}
	for _, sql := range setup {
		if err := out.run(sql); err != nil {
			c.Close()
			return nil, err
		}
	}
	return out, nil
}

func (c *conn) close() {
	for _, s := range c.stmts {
		s.Close()
	}
	c.c.Close()
}

// run executes a statement once, without keeping it.
func (c *conn) run(sql string) error {
	_, err := c.c.(driver.ExecerContext).ExecContext(context.Background(), sql, nil)
	return err
}

func (c *conn) stmt(sql string) (driver.Stmt, error) {
	if s := c.stmts[sql]; s != nil {
		return s, nil
	}
	s, err := c.c.Prepare(sql)
	if err != nil {
		return nil, err
	}
	c.stmts[sql] = s
	return s, nil
}

func (c *conn) named(args []driver.Value) []driver.NamedValue {
	c.args = c.args[:0]
	for i, a := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return c.args
}

func (c *conn) exec(sql string, args ...driver.Value) error {
	s, err := c.stmt(sql)
	if err != nil {
		return err
	}
	_, err = s.(driver.StmtExecContext).ExecContext(context.Background(), c.named(args))
	return err
}

// query calls each for every row, until each returns false. The row is reused.
func (c *conn) query(sql string, each func(row []driver.Value) bool, args ...driver.Value) error {
	s, err := c.stmt(sql)
	if err != nil {
		return err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(context.Background(), c.named(args))
	if err != nil {
		return err
	}
	if n := len(rows.Columns()); cap(c.row) < n {
		c.row = make([]driver.Value, n)
	} else {
		c.row = c.row[:n]
	}
	for {
		err = rows.Next(c.row)
		if err != nil || !each(c.row) {
			break
		}
	}
	if err == io.EOF {
		err = nil
	}
	if e := rows.Close(); err == nil {
		err = e
	}
	return err
}
