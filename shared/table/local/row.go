package local

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"parley/shared/table"
)

// feedRow is an item as the feed keeps it: {"rev":1,"ttl":0,"index":{"views":["pk","sk"]},"doc":{…}}.
type feedRow struct {
	Rev   int64                `json:"rev"`
	TTL   int64                `json:"ttl"`
	Index map[string][2]string `json:"index"`
	Doc   json.RawMessage      `json:"doc"`
}

func appendRow(b []byte, it *table.Item) []byte {
	b = strconv.AppendInt(append(b, `{"rev":`...), it.Rev, 10)
	if !it.Expires.IsZero() {
		b = strconv.AppendInt(append(b, `,"ttl":`...), it.Expires.Unix(), 10)
	}
	sep := `,"index":{`
	for x, k := range it.Index {
		b = table.AppendQuoted(append(b, sep...), x)
		b = table.AppendQuoted(append(b, ":["...), k.PK)
		b = table.AppendQuoted(append(b, ','), k.SK)
		b = append(b, ']')
		sep = ","
	}
	if len(it.Index) > 0 {
		b = append(b, '}')
	}
	b = append(append(b, `,"doc":`...), it.Doc...)
	return append(b, '}')
}

func parseRow(k table.Key, col driver.Value) (*table.Item, error) {
	raw, _ := col.([]byte)
	if raw == nil {
		return nil, nil
	}
	var r feedRow
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("table: a feed row of %s %s cannot be read: %w", k.PK, k.SK, err)
	}
	it := &table.Item{Key: k, Rev: r.Rev, Doc: r.Doc}
	if r.TTL != 0 {
		it.Expires = time.Unix(r.TTL, 0).UTC()
	}
	for x, k := range r.Index {
		if it.Index == nil {
			it.Index = make(map[string]table.IndexKey, len(r.Index))
		}
		it.Index[x] = table.IndexKey{PK: k[0], SK: k[1]}
	}
	return it, nil
}
