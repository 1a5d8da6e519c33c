package cost_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	rehearsal "parley/infra/rehearsal/dynamodb"
	"parley/shared/table"
	"parley/shared/table/image"
)

// memory is a table.Port that the world is made in, piece by piece: the store's own code writes it, then flush passes the result on. One writer,
// no feed, no indexes; conditions are taken to hold, because nobody else is there.
type memory struct {
	items map[string]map[string]map[string]*table.Item // by table, PK, SK
}

func newMemory() *memory { return &memory{items: map[string]map[string]map[string]*table.Item{}} }

func (m *memory) Get(_ context.Context, name string, _ bool, keys ...table.Key) ([]*table.Item, error) {
	out := make([]*table.Item, len(keys))
	for i, k := range keys {
		out[i] = m.items[name][k.PK][k.SK]
	}
	return out, nil
}

func (m *memory) Query(_ context.Context, q table.Query) (table.Page, error) {
	if q.Index != "" {
		panic("memory has no indexes")
	}
	var page table.Page
	for sk, it := range m.items[q.Table][q.PK] {
		if sk >= q.From && (q.To == "" || sk <= q.To) {
			page.Items = append(page.Items, *it)
		}
	}
	slices.SortFunc(page.Items, func(a, b table.Item) int { return strings.Compare(a.SK, b.SK) })
	return page, nil
}

func (m *memory) Transact(_ context.Context, ops ...table.Op) error {
	for _, op := range ops {
		it := op.Item
		byPK := m.items[op.Table]
		if byPK == nil {
			byPK = map[string]map[string]*table.Item{}
			m.items[op.Table] = byPK
		}
		if byPK[it.PK] == nil {
			byPK[it.PK] = map[string]*table.Item{}
		}
		switch old := byPK[it.PK][it.SK]; {
		case op.Verb == table.Delete:
			delete(byPK[it.PK], it.SK)
			continue
		case op.Verb == table.Add:
			sums := map[string]int64{}
			if old != nil {
				it = *old
				if err := json.Unmarshal(old.Doc, &sums); err != nil {
					return err
				}
			}
			for name, n := range op.Adds {
				sums[name] += n
			}
			var err error
			if it.Doc, err = json.Marshal(sums); err != nil {
				return err
			}
		case old != nil:
			it.Rev = old.Rev
		}
		it.Rev++
		byPK[it.PK][it.SK] = &it
	}
	return nil
}

// flush hands everything to a sink and forgets it, but for what is kept for later: that is not written yet, because two writes of one item
// may overtake each other on the way.
func (m *memory) flush(into *sink, kept func(name string, k table.Key) bool) {
	for name, byPK := range m.items {
		for pk, bySK := range byPK {
			for sk, it := range bySK {
				if kept == nil || !kept(name, it.Key) {
					into.put(name, it)
					delete(bySK, sk)
				}
			}
			if len(bySK) == 0 {
				delete(byPK, pk)
			}
		}
	}
}

// sink copies items into a database of DynamoDB Local, several requests at a time. No item may come twice.
type sink struct {
	url, database string
	disk          bool // the tables are on one: then every commit waits for it
	n             int  // items so far

	puts    map[string][]string // by table: what does not fill a request yet
	full    chan [2]string      // table, puts
	failed  atomic.Pointer[error]
	workers sync.WaitGroup
}

func openSink(url, database string, disk bool) *sink {
	s := &sink{url: url, database: database, disk: disk, puts: map[string][]string{}, full: make(chan [2]string, 8)}
	// DynamoDB Local writes one item after the other, so more writers would only wait; a transaction that waits is refused.
	writers := 4
	if disk {
		writers = 1
	}
	for range writers {
		s.workers.Go(func() {
			for what := range s.full {
				if s.err() == nil { // after an error it only empties the channel
					if err := s.write(what[0], what[1]); err != nil {
						s.failed.Store(&err)
					}
				}
			}
		})
	}
	return s
}

// err is what a writer failed with.
func (s *sink) err() error {
	if err := s.failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (s *sink) put(name string, it *table.Item) {
	before, most := `{"PutRequest":{"Item":`, 25
	if s.disk {
		before, most = fmt.Sprintf(`{"Put":{"TableName":%q,"Item":`, name), 100
	}
	s.n++
	if s.puts[name] = append(s.puts[name], string(image.Append([]byte(before), it))+"}}"); len(s.puts[name]) == most {
		s.send(name)
	}
}

func (s *sink) send(name string) {
	s.full <- [2]string{name, strings.Join(s.puts[name], ",")}
	s.puts[name] = s.puts[name][:0]
}

// close writes what is left and waits until all is written.
func (s *sink) close() error {
	for name, puts := range s.puts {
		if len(puts) > 0 {
			s.send(name)
		}
	}
	close(s.full)
	s.workers.Wait()
	return s.err()
}

// write sends one request: a batch is the quicker way into memory, a transaction the quicker way onto a disk. The stream's form of an item
// is the API's too, so no client is needed.
func (s *sink) write(name, puts string) error {
	operation, body := "BatchWriteItem", fmt.Sprintf(`{"RequestItems":{%q:[%s]}}`, name, puts)
	if s.disk {
		operation, body = "TransactWriteItems", fmt.Sprintf(`{"TransactItems":[%s]}`, puts)
	}
	req, err := http.NewRequest(http.MethodPost, s.url, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	req.Header.Set("Authorization", rehearsal.Authorization(s.database, "eu-west-1"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !s.disk && !strings.Contains(string(answer), `"UnprocessedItems":{}`)) {
		err = fmt.Errorf("%s: %s %s", operation, resp.Status, answer)
	}
	return err
}
