package cost_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	rehearsal "parley/infra/rehearsal/dynamodb"
	"parley/shared/table"
	"parley/shared/table/image"
)

// memory is a table.Port that the world is made in: the store's own code writes it, then pour copies the result. One writer, no feed,
// no indexes; conditions are taken to hold, because nobody else is there.
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
		case old != nil:
			it.Rev = old.Rev
		}
		it.Rev++
		byPK[it.PK][it.SK] = &it
	}
	return nil
}

// pour copies all items into a database of DynamoDB Local, in BatchWriteItems of 25 (its limit), and returns how many there were.
func (m *memory) pour(url, database string) (int, error) {
	batches := make(chan []string)
	failed := make(chan error, 4)
	var workers sync.WaitGroup
	for range cap(failed) {
		workers.Go(func() {
			var err error
			for puts := range batches {
				if err == nil {
					err = batchWrite(url, database, puts)
				}
			}
			failed <- err
		})
	}
	n := 0
	for name, byPK := range m.items {
		var puts []string
		for _, bySK := range byPK {
			for _, it := range bySK {
				n++
				if puts = append(puts, string(image.Append([]byte(`{"PutRequest":{"Item":`), it))+"}}"); len(puts) == 25 {
					batches <- []string{name, strings.Join(puts, ",")}
					puts = nil
				}
			}
		}
		if len(puts) > 0 {
			batches <- []string{name, strings.Join(puts, ",")}
		}
	}
	close(batches)
	workers.Wait()
	close(failed)
	var all error
	for err := range failed {
		all = errors.Join(all, err)
	}
	return n, all
}

// batchWrite puts what is {table, requests}. The stream's form of an item is the API's too, so no client is needed.
func batchWrite(url, database string, what []string) error {
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(fmt.Sprintf(`{"RequestItems":{%q:[%s]}}`, what[0], what[1])))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.BatchWriteItem")
	req.Header.Set("Authorization", rehearsal.Authorization(database, "eu-west-1"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !strings.Contains(string(answer), `"UnprocessedItems":{}`)) {
		err = fmt.Errorf("BatchWriteItem: %s %s", resp.Status, answer)
	}
	return err
}
