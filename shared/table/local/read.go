package local

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"time"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/table"
)

// reader borrows a read connection; give it back with s.reads.put.
func (s *Store) reader(ctx context.Context) (*conn, error) {
	select {
	case <-s.stop:
		return nil, errClosed
	default:
	}
	select {
	case <-s.reads.free:
		return s.reads.pop(), nil
	default:
	}
	select {
	case <-s.reads.free:
		return s.reads.pop(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.stop:
		return nil, errClosed
	}
}

// Get implements table.Port. Every read here is consistent.
func (s *Store) Get(ctx context.Context, name string, _ bool, keys ...table.Key) ([]*table.Item, error) {
	t, err := s.table(name)
	if err != nil {
		return nil, err
	}
	if len(keys) > limit.BatchGetKeys {
		return nil, fault.New(fault.Invalid, "at most %d keys can be read at once, not %d", limit.BatchGetKeys, len(keys))
	}
	if err := table.CheckKeys(keys...); err != nil {
		return nil, err
	}
	select {
	case <-s.stop:
		return nil, errClosed
	default:
	}
	out := make([]*table.Item, len(keys))
	var c *conn
	for i, k := range keys {
		if out[i] = s.recent.get(place{name, k}); out[i] != nil {
			continue
		}
		if c == nil {
			if c, err = s.reader(ctx); err != nil {
				return nil, err
			}
			defer s.reads.put(c)
		}
		if out[i], err = c.get(t, k); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// get reads one item, nil if there is none.
func (c *conn) get(t *sqlTable, k table.Key) (*table.Item, error) {
	var it *table.Item
	err := c.query(t.sqlGet, func(row []driver.Value) bool {
		it = &table.Item{Key: k}
		t.scan(it, row)
		return false
	}, k.PK, k.SK)
	return it, err
}

// has reports whether there is an item of the key.
func (c *conn) has(t *sqlTable, k table.Key) (bool, error) {
	there := false
	err := c.query(t.sqlHas, func([]driver.Value) bool { there = true; return false }, k.PK, k.SK)
	return there, err
}

// scan reads rev, ttl, index columns and document.
func (t *sqlTable) scan(it *table.Item, row []driver.Value) {
	it.Rev, _ = row[0].(int64)
	if ttl, ok := row[1].(int64); ok {
		it.Expires = time.Unix(ttl, 0).UTC()
	}
	for i, x := range t.Indexes {
		if pk, ok := row[2+2*i].(string); ok {
			if it.Index == nil {
				it.Index = make(map[string]table.IndexKey, len(t.Indexes))
			}
			sk, _ := row[3+2*i].(string)
			it.Index[x] = table.IndexKey{PK: pk, SK: sk}
		}
	}
	doc, _ := row[2+2*len(t.Indexes)].([]byte)
	it.Doc = json.RawMessage(doc)
}

// queryShape is what decides the SQL of a query.
type queryShape struct {
	index               string
	desc, from, to, aft bool
}

func (t *sqlTable) querySQL(sh queryShape) string {
	if sql, ok := t.queries.Load(sh); ok {
		return sql.(string)
	}
	pk, sort, order, cmp := "pk", "sk", "sk", ">"
	sql := "SELECT rev,ttl"
	if sh.index != "" {
		pk, sort = quote(sh.index+"_pk"), quote(sh.index+"_sk")
		sql, order = "SELECT pk,sk,"+sort, sort+",pk,sk"
	} else {
		for _, x := range t.Indexes {
			sql += "," + quote(x+"_pk") + "," + quote(x+"_sk")
		}
		sql += ",CAST(doc AS BLOB),sk"
	}
	if sh.desc {
		cmp = "<"
		order = sort + " DESC"
		if sh.index != "" {
			order += ",pk DESC,sk DESC"
		}
	}
	sql += " FROM " + quote(t.Name) + " WHERE " + pk + "=?"
	if sh.from {
		sql += " AND " + sort + ">=?"
	}
	if sh.to {
		sql += " AND " + sort + "<=?"
	}
	if sh.aft && sh.index != "" {
		sql += " AND (" + sort + ",pk,sk)" + cmp + "(?,?,?)"
	} else if sh.aft {
		sql += " AND sk" + cmp + "?"
	}
	sql += " ORDER BY " + order + " LIMIT +?" // the +: SQLite plans with a bare parameter's value, so it would prepare again at every run
	t.queries.Store(sh, sql)
	return sql
}

// Query implements table.Port.
func (s *Store) Query(ctx context.Context, q table.Query) (table.Page, error) {
	t, err := s.table(q.Table)
	if err != nil {
		return table.Page{}, err
	}
	if q.Index != "" && !t.indexed(&table.Item{Index: map[string]table.IndexKey{q.Index: {}}}) {
		return table.Page{}, fault.New(fault.Invalid, "table %q has no index %q", t.Name, q.Index)
	}
	after, err := q.Check()
	if err != nil || q.Empty() {
		return table.Page{}, err
	}
	most := q.Limit
	if most == 0 {
		most = pageItems
	}
	args := []driver.Value{q.PK}
	for _, bound := range []string{q.From, q.To} {
		if bound != "" {
			args = append(args, bound)
		}
	}
	if after != nil {
		args = append(args, after.Sort)
		if q.Index != "" {
			args = append(args, after.Item.PK, after.Item.SK)
		}
	}
	args = append(args, int64(most)+1)
	c, err := s.reader(ctx)
	if err != nil {
		return table.Page{}, err
	}
	defer s.reads.put(c)
	var page table.Page
	sql := t.querySQL(queryShape{q.Index, q.Desc, q.From != "", q.To != "", after != nil})
	err = c.query(sql, func(row []driver.Value) bool {
		if len(page.Items) == most {
			page.Next = q.Next(&page.Items[most-1])
			return false
		}
		page.Items = append(page.Items, t.found(&q, row))
		return true
	}, args...)
	return page, err
}

func (t *sqlTable) found(q *table.Query, row []driver.Value) table.Item {
	var it table.Item
	if q.Index == "" {
		it.PK = q.PK
		it.SK, _ = row[len(row)-1].(string)
		t.scan(&it, row)
		return it
	}
	it.PK, _ = row[0].(string)
	it.SK, _ = row[1].(string)
	sort, _ := row[2].(string)
	it.Index = map[string]table.IndexKey{q.Index: {PK: q.PK, SK: sort}}
	return it
}
