package run

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"parley/infra/local/stream"
	"parley/infra/local/template"
	"parley/shared/table"
	"parley/shared/table/image"
	tablelocal "parley/shared/table/local"
)

// filter decides which changes a mapping wants. It asks the template's patterns, but builds of the record only what they look at:
// the store's writer asks it for every change of a stream table.
type filter struct {
	mapping template.Mapping
	images  bool
	records sync.Pool
}

// record is the part of a stream record that patterns see, with the leaves at hand.
type record struct {
	doc, body, pk, sk map[string]any
}

func newFilter(m template.Mapping) *filter {
	f := &filter{mapping: m}
	for _, p := range m.Filters {
		f.images = f.images || p.Uses("dynamodb", "NewImage") || p.Uses("dynamodb", "OldImage")
	}
	f.records.New = func() any {
		r := &record{pk: map[string]any{}, sk: map[string]any{}}
		r.body = map[string]any{"Keys": map[string]any{"pk": r.pk, "sk": r.sk}}
		r.doc = map[string]any{"dynamodb": r.body, "eventSource": "aws:dynamodb"}
		return r
	}
	return f
}

func (f *filter) wants(c *table.Change) bool { return f.matches(c.Key, c.Old, c.New) }

func (f *filter) matches(key table.Key, before, after *table.Item) bool {
	r := f.records.Get().(*record)
	defer f.records.Put(r)
	r.pk["S"], r.sk["S"] = key.PK, key.SK
	switch {
	case before == nil:
		r.doc["eventName"] = "INSERT"
	case after == nil:
		r.doc["eventName"] = "REMOVE"
	default:
		r.doc["eventName"] = "MODIFY"
	}
	if f.images {
		setImage(r.body, "OldImage", before)
		setImage(r.body, "NewImage", after)
	}
	return f.mapping.Wants(r.doc)
}

func setImage(body map[string]any, name string, it *table.Item) {
	delete(body, name)
	if it == nil {
		return
	}
	var m map[string]any
	if err := json.Unmarshal(image.Append(nil, it), &m); err != nil {
		panic(fmt.Sprintf("image of %v: %v", it.Key, err)) // image.Append writes JSON or the store is broken
	}
	body[name] = m
}

// reader is one stream mapping of the template with its filter.
type reader struct {
	mapping template.Mapping
	filter  *filter
}

// openTables opens the template's tables, whose feeds keep what some stream mapping wants.
func openTables(t *template.Template, dir string) (*tablelocal.Store, []reader, error) {
	schemas := make([]tablelocal.Schema, len(t.Tables))
	for i, tb := range t.Tables {
		schemas[i] = tablelocal.Schema{Name: tb.Name, Expires: tb.TTL != "", Stream: tb.Stream}
		for _, index := range tb.Indexes {
			schemas[i].Indexes = append(schemas[i].Indexes, index.Name)
		}
	}
	var all []reader
	byTable, names := map[string][]*filter{}, map[string][]string{}
	for _, m := range t.Mappings {
		if m.Kind != template.Stream {
			continue
		}
		if len(names[m.Source]) == 2 {
			return nil, nil, fmt.Errorf("table %s has more than two stream readers: AWS throttles from the third on", m.Source)
		}
		r := reader{m, newFilter(m)}
		all = append(all, r)
		byTable[m.Source], names[m.Source] = append(byTable[m.Source], r.filter), append(names[m.Source], m.Function)
	}
	s, err := tablelocal.Open(dir, schemas)
	if err != nil {
		return nil, nil, err
	}
	s.SetWanted(func(name string, before, after *table.Item) bool {
		key := table.Key{}
		if after != nil {
			key = after.Key
		} else if before != nil {
			key = before.Key
		}
		return slices.ContainsFunc(byTable[name], func(f *filter) bool { return f.matches(key, before, after) })
	})
	for name, who := range names {
		s.Register(name, who...)
	}
	return s, all, nil
}

// pump feeds a function from its table's feed.
func (p *Parley) pump(r reader, f *function) *stream.Mapping {
	m := r.mapping
	return &stream.Mapping{
		Feed: p.tables, Table: m.Source, Reader: m.Function, Batch: m.Batch, Retries: m.Retries, MaxAge: m.MaxAge,
		Bisect: m.Bisect, Partial: m.PartialFailures, Parallel: m.Parallel, Delay: p.cfg.Delay, Image: image.Append, Wants: r.filter.wants,
		Invoke: f.Invoke, GiveUp: p.giveUp(m), Now: time.Now, Log: p.log,
	}
}

// giveUp writes records nobody could take to the on-failure bucket, under a key like Lambda's.
func (p *Parley) giveUp(m template.Mapping) func(reason string, records []byte) error {
	return func(reason string, records []byte) error {
		if m.OnFailure == "" {
			return fmt.Errorf("the mapping of %s has no on-failure destination", m.Function)
		}
		now := time.Now().UTC()
		doc, err := json.Marshal(map[string]any{"function": m.Function, "source": m.Source, "at": now, "reason": reason, "payload": json.RawMessage(records)})
		if err != nil {
			return err
		}
		key := fmt.Sprintf("aws/lambda/%s/%s/%s.json", m.Function, now.Format("2006/01/02"), now.Format("150405.000000000"))
		return p.blobs.Bucket(m.OnFailure).Put(context.Background(), key, "application/json", doc)
	}
}
