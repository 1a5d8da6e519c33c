// Package local is the push port inside one process: the local WebSocket gateway attaches connections, functions post to them.
//
// Owns: bounded buffers between posts and sockets, and API Gateway's habits worth imitating.
// Never: sockets, frames' meaning.
// Imported by: infra/local, tests.
//
// As on API Gateway, a connection can be posted to only after its $connect has returned (Ready), and a slow reader makes posts
// fail with fault.Busy; it never makes them wait.
package local

import (
	"context"
	"sync"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/push"
)

// Hub holds the connections of this process.
type Hub struct {
	mu    sync.Mutex
	conns map[string]*conn
}

type conn struct {
	frames chan []byte
	ready  bool
}

var _ push.Poster = (*Hub)(nil)

// New makes an empty hub.
func New() *Hub { return &Hub{conns: map[string]*conn{}} }

// Attach adds a connection whose reader may fall queue frames behind. frames is closed when the connection is to end: by Close,
// by detach, or because another was attached under its id. detach may be called more than once.
func (h *Hub) Attach(id string, queue int) (frames <-chan []byte, detach func()) {
	c := &conn{frames: make(chan []byte, queue)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(id, h.conns[id])
	h.conns[id] = c
	return c.frames, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.remove(id, c)
	}
}

// Ready says that the connection's $connect has succeeded.
func (h *Hub) Ready(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.conns[id]; c != nil {
		c.ready = true
	}
}

// remove ends c if it is the connection of that id. The lock is held, here and in Post, so nothing is sent on a closed channel.
func (h *Hub) remove(id string, c *conn) {
	if c != nil && h.conns[id] == c {
		delete(h.conns, id)
		close(c.frames)
	}
}

// Post implements push.Poster.
func (h *Hub) Post(ctx context.Context, id string, frame []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(frame) > limit.MessageBytes {
		return fault.New(fault.Invalid, "a frame of %d bytes is larger than %d", len(frame), limit.MessageBytes)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.conns[id]
	if c == nil || !c.ready {
		return fault.New(fault.Gone, "the connection is closed")
	}
	select {
	case c.frames <- append([]byte(nil), frame...): // the caller may reuse its buffer
		return nil
	default:
		return fault.New(fault.Busy, "the connection does not keep up")
	}
}

// Close implements push.Poster.
func (h *Hub) Close(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(id, h.conns[id])
	return nil
}
