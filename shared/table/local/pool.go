package local

import "sync"

// pool lends the read connections, the one that came back last first: every commit empties a connection's page cache at its next
// read, so the fewer of them take turns, the fewer pages are read again.
type pool struct {
	free chan struct{} // one token for each idle connection
	mu   sync.Mutex
	idle []*conn
}

func newPool(most int) *pool { return &pool{free: make(chan struct{}, most)} }

func (p *pool) put(c *conn) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	p.free <- struct{}{}
}

// pop is for the holder of a token.
func (p *pool) pop() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	return c
}

// close closes n connections, waiting for those that are lent.
func (p *pool) close(n int) {
	for range n {
		<-p.free
		p.pop().close()
	}
}
