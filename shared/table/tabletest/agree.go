package tabletest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/shared/fault"
	"parley/shared/table"
)

// Agree makes two stores carry out the same random transactions and wants the same outcome after each: the same refusals, the
// same failed ops, the same items and index entries. Revisions are each store's own.
func Agree(t *testing.T, a, b table.Port) {
	t.Helper()
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		var keys []table.Key
		for i := range 3 {
			keys = append(keys, key(fmt.Sprintf("round %d", round), fmt.Sprint(i)))
		}
		for step := range rapid.IntRange(1, 12).Draw(r, "steps") {
			plan := drawPlan(r, keys)
			gotA, gotB := plan.run(r, a), plan.run(r, b)
			// With a failed condition beside an impossible addition, a store may name either.
			either := gotA != gotB && (gotA == invalid && gotB != fine || gotB == invalid && gotA != fine)
			if gotA != gotB && !either {
				r.Fatalf("step %d, %+v: %s against %s", step, plan, gotA, gotB)
			}
			stateA, stateB := state(r, a, keys), state(r, b, keys)
			if !reflect.DeepEqual(stateA, stateB) {
				r.Fatalf("step %d, %+v:\n%v\n%v", step, plan, stateA, stateB)
			}
		}
	})
}

// Outcomes of a transaction that are not conflicts.
const fine, invalid = "fine", "invalid"

// plan is a transaction before conditions know a store's revisions.
type plan []struct {
	op   table.Op
	cond int // 0 any, 1 absent, 2 the current revision, 3 a stale one
}

func drawPlan(r *rapid.T, keys []table.Key) plan {
	var p plan
	for _, k := range rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 1, 3, rapid.ID).Draw(r, "keys") {
		op := table.Op{Table: "threads", Verb: table.Verb(rapid.IntRange(1, 3).Draw(r, "verb")), Item: table.Item{Key: k}}
		name := rapid.SampledFrom([]string{"n", "m", "text"})
		switch op.Verb {
		case table.Put:
			doc := map[string]any{"n": rapid.IntRange(-5, 5).Draw(r, "n")}
			if rapid.Bool().Draw(r, "texts") {
				doc["text"] = rapid.SampledFrom([]string{"", "x", "ü\n\"", "\u2028"}).Draw(r, "text")
			}
			op.Item.Doc, _ = json.Marshal(doc)
			if rapid.Bool().Draw(r, "indexed") {
				op.Item.Index = map[string]table.IndexKey{"views": {PK: k.PK, SK: rapid.SampledFrom([]string{"1", "2"}).Draw(r, "sort")}}
			}
			if rapid.Bool().Draw(r, "expires") {
				op.Item.Expires = time.Unix(4102444800, 0).UTC()
			}
		case table.Add:
			op.Adds = map[string]int64{name.Draw(r, "member"): rapid.Int64Range(-3, 3).Draw(r, "by")}
		}
		p = append(p, struct {
			op   table.Op
			cond int
		}{op, rapid.IntRange(0, 3).Draw(r, "cond")})
	}
	return p
}

func (p plan) run(r *rapid.T, port table.Port) string {
	var ops []table.Op
	for _, e := range p {
		if e.cond >= 2 {
			got, err := port.Get(ctx, "threads", true, e.op.Item.Key)
			if err != nil {
				r.Fatal(err)
			}
			rev := int64(1)
			if got[0] != nil {
				rev = got[0].Rev
			}
			e.op.Cond = table.RevIs(rev + int64(e.cond-2)*7)
		} else if e.cond == 1 {
			e.op.Cond = table.Absent()
		}
		ops = append(ops, e.op)
	}
	err := port.Transact(ctx, ops...)
	var c *table.Conflict
	if errors.As(err, &c) {
		return fmt.Sprint("conflict ", c.Failed, c.Throttled)
	}
	if err != nil && !fault.Is(err, fault.Invalid) {
		r.Fatal(err)
	}
	if err != nil {
		return invalid
	}
	return fine
}

// state is what can be seen of the keys, without revisions.
func state(r *rapid.T, port table.Port, keys []table.Key) []string {
	got, err := port.Get(ctx, "threads", true, keys...)
	if err != nil {
		r.Fatal(err)
	}
	var out []string
	for _, it := range got {
		if it == nil {
			out = append(out, "none")
			continue
		}
		out = append(out, fmt.Sprint(it.Key, it.Expires.Unix(), it.Index, canonical(it.Doc)))
	}
	for _, q := range []table.Query{{PK: keys[0].PK, Consistent: true}, {PK: keys[0].PK, Index: "views", From: "2"}} {
		q.Table = "threads"
		page, err := port.Query(ctx, q)
		if err != nil {
			r.Fatal(err)
		}
		var found []string
		for _, it := range page.Items {
			found = append(found, fmt.Sprint(it.Key, it.Index, canonical(it.Doc)))
		}
		slices.Sort(found) // equal sort keys of an index have no order between stores
		out = append(out, found...)
	}
	return out
}
