package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/infra/rehearsal/stream"
)

// Age makes everything in a table older by d: every time in it moves back, in indexes and expiry too. Real binaries tell the time by
// themselves, so instead of the clock going forward the past recedes. What has expired is deleted, as TTL does sooner or later. Call it while nothing is under way.
func (r *Rehearsal) Age(table string, d time.Duration) error {
	name := physical("table", table)
	items, err := r.Items(table)
	if err != nil {
		return err
	}
	for _, item := range items {
		older, changed := recede(item, d)
		if expired(older, time.Now()) {
			if err := r.db.Call("DeleteItem", map[string]any{"TableName": name, "Key": map[string]any{"pk": item["pk"], "sk": item["sk"]}}, &struct{}{}); err != nil {
				return fmt.Errorf("age %s: %w", table, err)
			}
			continue
		}
		if !changed {
			continue
		}
		if err := r.db.Call("PutItem", map[string]any{"TableName": name, "Item": older}, &struct{}{}); err != nil {
			return fmt.Errorf("age %s: %w", table, err)
		}
	}
	return nil
}

// Items are all items of a small table, in DynamoDB's own form.
func (r *Rehearsal) Items(table string) ([]map[string]any, error) {
	var page struct {
		Items            []map[string]any
		LastEvaluatedKey map[string]any
	}
	err := r.db.Call("Scan", map[string]any{"TableName": physical("table", table), "ConsistentRead": true}, &page)
	if err == nil && page.LastEvaluatedKey != nil {
		err = fmt.Errorf("the table %s is too large for this", table)
	}
	return page.Items, err
}

// Settle waits until no queue, no mapping and no event of SES has anything to do, for some polls in a row.
func (r *Rehearsal) Settle() {
	for calm := 0; calm < 5; {
		time.Sleep(poll)
		calm++
		if r.telling.Load() > 0 {
			calm = 0
		}
		for _, m := range r.mappings {
			if !m.Idle() {
				calm = 0
			}
		}
		for _, q := range r.queues {
			if waiting, _, err := q.Depth(context.Background()); err != nil || waiting > 0 {
				calm = 0
			}
		}
	}
}

// DeadLetters counts what the queues have given up.
func (r *Rehearsal) DeadLetters(ctx context.Context) (n int, err error) {
	for _, q := range r.queues {
		_, dead, e := q.Depth(ctx)
		n, err = n+dead, errors.Join(err, e)
	}
	return n, err
}

// Redrive brings the dead letters back into their queues, as somebody does who has mended the cause.
func (r *Rehearsal) Redrive(ctx context.Context) (err error) {
	for _, q := range r.queues {
		_, e := q.Redrive(ctx)
		err = errors.Join(err, e)
	}
	return err
}

// Clog makes the buffers of all sockets full, or makes room again: meanwhile a post to one is answered with 429.
func (r *Rehearsal) Clog(full bool) { r.hub.Clog(full) }

// Cool ends every process that has nothing to do: the next call of each function starts cold and remembers nothing.
func (r *Rehearsal) Cool() {
	for _, f := range slices.Concat(r.template.Functions, r.template.Hooks) {
		r.Lambda.Recycle(f.Name)
	}
}

// expired reports whether an item's TTL has passed. The attribute's name is the same in all tables (shared/table/image).
func expired(item map[string]any, now time.Time) bool {
	ttl, _ := item["ttl"].(map[string]any)
	text, _ := ttl["N"].(string)
	at, err := strconv.ParseInt(text, 10, 64)
	return err == nil && time.Unix(at, 0).Before(now)
}

// recede moves the times in a native value back.
func recede(v map[string]any, d time.Duration) (map[string]any, bool) {
	out, changed := make(map[string]any, len(v)), false
	for k, x := range v {
		moved, did := x, false
		switch x := x.(type) {
		case map[string]any:
			if text, ok := x["N"].(string); ok && k == "ttl" {
				n, err := strconv.ParseInt(text, 10, 64)
				moved, did = map[string]any{"N": strconv.FormatInt(n-int64(d.Seconds()), 10)}, err == nil
			} else {
				moved, did = recede(x, d)
			}
		case []any:
			list := make([]any, len(x))
			for i, e := range x {
				list[i] = e
				if m, ok := e.(map[string]any); ok {
					var one bool
					list[i], one = recede(m, d)
					did = did || one
				}
			}
			moved = list
		case string:
			if k == "S" {
				moved, did = earlier(x, d)
			}
		}
		out[k] = moved
		changed = changed || did
	}
	return out, changed
}

// earlier moves a text that is a time, or begins with one as the due index's keys do.
func earlier(s string, d time.Duration) (string, bool) {
	head, tail, found := strings.Cut(s, "#")
	at, err := time.Parse(time.RFC3339Nano, head)
	if err != nil || at.IsZero() {
		return s, false
	}
	layout := time.RFC3339Nano
	if found {
		layout, tail = "2006-01-02T15:04:05.000Z", "#"+tail
	}
	return at.Add(-d).UTC().Format(layout) + tail, true
}

// aged reports whether a stream record is only Age's doing: the product's writes all move the revision.
func aged(rec stream.Record) bool {
	body, _ := rec.Map["dynamodb"].(map[string]any)
	rev := func(image string) string {
		m, _ := body[image].(map[string]any)
		b, err := json.Marshal(m["rev"])
		if m == nil || err != nil {
			return ""
		}
		return string(b)
	}
	old := rev("OldImage")
	return old != "" && old == rev("NewImage")
}
