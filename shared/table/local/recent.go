package local

import (
	"bytes"
	"maps"
	"sync"

	"parley/shared/table"
)

// recentBytes bounds the documents in recent, roughly.
const recentBytes = 16 << 20

// recent keeps the items that were changed last, so that reading a thread that lives does not ask SQLite. The writer alone fills it: it
// forgets a key before it writes it and puts the new item in after the commit, so what is found is always what is committed.
// Items that were written once only are left out: most of them are log entries and keys that nobody reads one by one.
type recent struct {
	mu         sync.RWMutex
	young, old map[place]*table.Item // old goes when young is full
	size       int                   // of young
}

type place struct {
	table string
	key   table.Key
}

// get returns a copy, nil if the item is not here, which says nothing about whether it exists.
func (r *recent) get(p place) *table.Item {
	r.mu.RLock()
	it := r.young[p]
	if it == nil {
		it = r.old[p]
	}
	r.mu.RUnlock()
	if it == nil {
		return nil
	}
	out := *it
	out.Doc, out.Index = bytes.Clone(it.Doc), maps.Clone(it.Index)
	return &out
}

func (r *recent) forget(p place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.young, p)
	delete(r.old, p)
}

// put takes the item over. A nil item was deleted.
func (r *recent) put(p place, it *table.Item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.young, p)
	delete(r.old, p)
	if it == nil || it.Rev == 1 {
		return
	}
	n := 256 + len(it.Doc)
	if r.size += n; r.young == nil || r.size > recentBytes/2 {
		r.old, r.young, r.size = r.young, map[place]*table.Item{}, n
	}
	r.young[p] = it
}
