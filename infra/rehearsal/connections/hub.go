package connections

import (
	"context"
	"sync"
	"time"

	"parley/shared/fault"
	"parley/shared/push/local"
)

// Hub is local mode's hub of connections, and remembers since when each is usable.
type Hub struct {
	*local.Hub

	mu    sync.Mutex
	since map[string]time.Time
	full  bool
}

// NewHub makes an empty hub.
func NewHub() *Hub { return &Hub{Hub: local.New(), since: map[string]time.Time{}} }

// Attach implements gateway.Hub.
func (h *Hub) Attach(id string, queue int) (<-chan []byte, func()) {
	frames, detach := h.Hub.Attach(id, queue)
	return frames, func() {
		h.mu.Lock()
		delete(h.since, id)
		h.mu.Unlock()
		detach()
	}
}

// Ready implements gateway.Hub.
func (h *Hub) Ready(id string) {
	h.mu.Lock()
	h.since[id] = time.Now()
	h.mu.Unlock()
	h.Hub.Ready(id)
}

// Since says when a connection became usable.
func (h *Hub) Since(id string) (time.Time, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, ok := h.since[id]
	return at, ok
}

// Clog makes every buffer full, as those of clients that do not read are, or makes room again.
func (h *Hub) Clog(full bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.full = full
}

// Post implements push.Poster.
func (h *Hub) Post(ctx context.Context, id string, frame []byte) error {
	h.mu.Lock()
	full := h.full
	h.mu.Unlock()
	if _, ready := h.Since(id); full && ready {
		return fault.New(fault.Busy, "the connection does not keep up")
	}
	return h.Hub.Post(ctx, id, frame)
}
