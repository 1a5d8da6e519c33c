package local

import (
	"database/sql/driver"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"parley/shared/fault"
	"parley/shared/table"
)

// format is the version of the file's layout, kept in PRAGMA user_version. A build refuses a file of a later format.
const format = 1

// sqlTable is one table: its SQL and its feed.
type sqlTable struct {
	Schema
	sqlGet, sqlHas, sqlInsert, sqlUpdate, sqlDoc, sqlDelete, sqlExpired string // sqlDoc writes rev and document only
	sqlFeed, sqlRead, sqlPrune                                          string
	queries                                                             sync.Map // queryShape -> SQL

	feed feed
}

var nameOK = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,127}$`)

func quote(name string) string { return `"` + name + `"` }

func newTable(sc Schema) *sqlTable {
	t := &sqlTable{Schema: sc}
	name, feed := quote(sc.Name), quote("_feed_"+sc.Name)
	cols, set, marks := "ttl", "ttl=?", "?"
	for _, x := range sc.Indexes {
		cols += "," + quote(x+"_pk") + "," + quote(x+"_sk")
		set += "," + quote(x+"_pk") + "=?," + quote(x+"_sk") + "=?"
		marks += ",?,?"
	}
	const where = " WHERE pk=? AND sk=?"
	// The casts keep documents JSON text on disk and bytes in Go, without copying them once more.
	t.sqlGet = "SELECT rev," + cols + ",CAST(doc AS BLOB) FROM " + name + where
	t.sqlHas = "SELECT 1 FROM " + name + where
	t.sqlInsert = "INSERT INTO " + name + "(rev,doc," + cols + ",pk,sk) VALUES(?,CAST(? AS TEXT)," + marks + ",?,?)"
	t.sqlUpdate = "UPDATE " + name + " SET rev=?,doc=CAST(? AS TEXT)," + set + where
	t.sqlDoc = "UPDATE " + name + " SET rev=?,doc=CAST(? AS TEXT)" + where
	t.sqlDelete = "DELETE FROM " + name + where
	t.sqlExpired = "SELECT pk,sk,rev FROM " + name + " WHERE ttl<=? ORDER BY ttl LIMIT +?"
	t.sqlFeed = "INSERT INTO " + feed + "(pos,pk,sk,at,old,new) VALUES(?,?,?,?,CAST(? AS TEXT),CAST(? AS TEXT))"
	t.sqlRead = "SELECT pos,pk,sk,at,CAST(old AS BLOB),CAST(new AS BLOB) FROM " + feed + " WHERE pos>? ORDER BY pos LIMIT +?"
	t.sqlPrune = "DELETE FROM " + feed + " WHERE pos<=?"
	return t
}

// migrate brings the file up to schemas in one transaction and reads where the feeds stand.
func (s *Store) migrate(w *conn, schemas []Schema) error {
	version := int64(0)
	if err := w.query("PRAGMA user_version", func(r []driver.Value) bool { version, _ = r[0].(int64); return false }); err != nil {
		return err
	}
	if version > format {
		return fault.New(fault.Invalid, "%s was written by a later build (format %d, this one reads %d)", s.dir, version, format)
	}
	if err := w.run("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := w.run("CREATE TABLE IF NOT EXISTS _checkpoints(tbl TEXT, reader TEXT, pos INTEGER, PRIMARY KEY(tbl,reader)) WITHOUT ROWID"); err != nil {
		return err
	}
	for _, sc := range schemas {
		if err := s.checkNames(sc); err != nil {
			return err
		}
		t := newTable(sc)
		if err := create(w, sc); err != nil {
			return fmt.Errorf("table %s: %w", sc.Name, err)
		}
		if err := t.feed.load(w, sc.Name); err != nil {
			return err
		}
		s.tables[sc.Name] = t
	}
	if err := w.run(fmt.Sprintf("PRAGMA user_version=%d", format)); err != nil {
		return err
	}
	return w.run("COMMIT")
}

func (s *Store) checkNames(sc Schema) error {
	for _, n := range append([]string{sc.Name}, sc.Indexes...) {
		if !nameOK.MatchString(n) || strings.HasPrefix(strings.ToLower(n), "sqlite_") {
			return fault.New(fault.Invalid, "%q cannot name a table or an index", n)
		}
	}
	for have := range s.tables {
		if strings.EqualFold(have, sc.Name) { // SQLite does not tell them apart
			return fault.New(fault.Invalid, "two tables are named %q", sc.Name)
		}
	}
	return nil
}

// create makes what is missing of one table. An index that is new to an older file needs no backfill: the keys of a document
// written before the index existed are absent, as they are on DynamoDB.
func create(w *conn, sc Schema) error {
	name := quote(sc.Name)
	ddl := []string{
		"CREATE TABLE IF NOT EXISTS " + name + "(pk TEXT NOT NULL, sk TEXT NOT NULL, rev INTEGER NOT NULL, ttl INTEGER, doc TEXT NOT NULL, PRIMARY KEY(pk,sk)) WITHOUT ROWID",
		"CREATE TABLE IF NOT EXISTS " + quote("_feed_"+sc.Name) + "(pos INTEGER PRIMARY KEY, pk TEXT, sk TEXT, at INTEGER, old TEXT, new TEXT)",
	}
	for _, sql := range ddl {
		if err := w.run(sql); err != nil {
			return err
		}
	}
	var have []string
	if err := w.query("PRAGMA table_info("+name+")", func(r []driver.Value) bool {
		col, _ := r[1].(string)
		have = append(have, col)
		return true
	}); err != nil {
		return err
	}
	if sc.Expires {
		if err := w.run("CREATE INDEX IF NOT EXISTS " + quote(sc.Name+":ttl") + " ON " + name + "(ttl) WHERE ttl IS NOT NULL"); err != nil {
			return err
		}
	}
	for _, x := range sc.Indexes {
		for _, col := range []string{x + "_pk", x + "_sk"} {
			if slices.Contains(have, col) {
				continue
			}
			if err := w.run("ALTER TABLE " + name + " ADD COLUMN " + quote(col) + " TEXT"); err != nil {
				return err
			}
		}
		pk := quote(x + "_pk")
		sql := "CREATE INDEX IF NOT EXISTS " + quote(sc.Name+":"+x) + " ON " + name + "(" + pk + "," + quote(x+"_sk") + ") WHERE " + pk + " IS NOT NULL"
		if err := w.run(sql); err != nil {
			return err
		}
	}
	return nil
}

// indexed reports whether it names only indexes the table has.
func (t *sqlTable) indexed(it *table.Item) bool {
	for x := range it.Index {
		if !slices.Contains(t.Indexes, x) {
			return false
		}
	}
	return true
}
