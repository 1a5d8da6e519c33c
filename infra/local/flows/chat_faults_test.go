package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

var (
	chatVisitors = flag.Int("visitors", 6, "of TestChatThroughFaults")
	chatMessages = flag.Int("messages", 12, "of TestChatThroughFaults: by each visitor, and as many by agents")
	chatKills    = flag.Int("kills", 2, "of TestChatThroughFaults: how often the program dies")
	chatCalm     = flag.Duration("calm", 1500*time.Millisecond, "of TestChatThroughFaults: how long the program lives at least between two deaths")
)

// TestChatThroughFaults is a shop at its worst: sockets live two seconds and are cut at random, messages are sent twice or their answer is lost,
// the program is killed and started again. In the end both sides have every message once, in one order, and it is the log's. It runs on a
// program of its own. make soak has thousands of messages.
func TestChatThroughFaults(t *testing.T) {
	h := &house{t: t, dir: t.TempDir()}
	h.begin()
	var made struct{ Account struct{ ID string } }
	first := h.now()
	first.call("POST", "/chats", map[string]string{"inbox": first.inbox(), "name": "Kiln", "origin": shop}, &made)
	people := make([]*chatter, *chatVisitors)
	for i := range people {
		people[i] = &chatter{house: h, name: fmt.Sprintf("v%d", i), account: made.Account.ID, rng: rand.New(rand.NewPCG(20261126, uint64(i)))}
		people[i].enter()
	}
	first.eventually("every conversation", func() bool {
		for _, th := range first.threads("open") {
			for _, p := range people {
				if th.Subject == p.name+" m0" || th.Preview == p.name+" m0" {
					p.thread = th.ID
				}
			}
		}
		return !slices.ContainsFunc(people, func(p *chatter) bool { return p.thread == "" })
	})
	watcher := &watcher{house: h, people: people, seen: map[string][]int64{}}
	ctx, stop := context.WithCancel(t.Context())
	var watching, talking, breaking sync.WaitGroup
	watching.Go(func() { watcher.run(ctx) })
	for _, p := range people {
		watching.Go(func() { p.listen(ctx) })
		talking.Go(func() { p.talk(*chatMessages) })
	}
	for a := range 3 {
		talking.Go(func() { h.answer(a, people, *chatVisitors**chatMessages/3) })
	}
	broken, mend := context.WithCancel(t.Context())
	killed := 0
	breaking.Go(func() {
		for killed < *chatKills {
			select {
			case <-broken.Done():
				return
			case <-time.After(*chatCalm):
			}
			h.restart()
			killed++
		}
	})
	talking.Wait()
	mend()
	breaking.Wait()
	last := h.now()
	if killed < *chatKills {
		t.Errorf("everything was said before the program had died %d times: %d", *chatKills, killed)
	}
	total := 0
	for _, p := range people {
		log := last.texts(p.thread)
		total += len(log)
		last.eventually("all of it at "+p.name, func() bool { return slices.Equal(p.heard(), log) })
		for m := range *chatMessages {
			want := fmt.Sprintf("%s m%d", p.name, m)
			if n := count(log, want); n != 1 {
				t.Errorf("%q stands there %d times", want, n)
			}
		}
		mine := slices.DeleteFunc(slices.Clone(log), func(s string) bool { return !strings.HasPrefix(s, p.name+" ") })
		if !slices.IsSortedFunc(mine, func(a, b string) int { return number(a) - number(b) }) {
			t.Errorf("%s's own messages stand in another order: %v", p.name, mine)
		}
		seq := last.thread(p.thread).Thread.Seq
		last.eventually("every entry at the agent", func() bool { return watcher.whole(p.thread, seq) })
	}
	for a := range 3 {
		for k := range *chatVisitors * *chatMessages / 3 {
			n := 0
			for _, p := range people {
				n += count(p.heard(), fmt.Sprintf("a%d m%d", a, k))
			}
			if n != 1 {
				t.Errorf("the answer a%d m%d stands there %d times", a, k, n)
			}
		}
	}
	stop()
	watching.Wait()
	t.Logf("%d messages, %d connections of visitors, %d of agents, %d kills", total, h.opened(), watcher.opened, killed)
}

// house is the program, which may die at any moment.
type house struct {
	t   *testing.T
	dir string

	mu   sync.Mutex
	p    *process
	cons int
}

func (h *house) begin() {
	p := start(h.t, h.dir, "PARLEY_SOCKET_LIFE=2s")
	h.mu.Lock()
	defer h.mu.Unlock()
	h.p = p
}

func (h *house) now() *process { h.mu.Lock(); defer h.mu.Unlock(); return h.p }
func (h *house) opened() int   { h.mu.Lock(); defer h.mu.Unlock(); return h.cons }

func (h *house) restart() {
	h.now().kill()
	h.begin()
}

// try is a request that may fail in any way; ok is a 2xx.
func (h *house) try(method, path, bearer, key string, in, out any) (ok bool) {
	raw, err := json.Marshal(in)
	if err != nil {
		panic(err)
	}
	p := h.now()
	r, err := http.NewRequest(method, p.API+path, bytes.NewReader(raw))
	if err != nil {
		panic(err)
	}
	if bearer == "" {
		bearer = p.Token
	}
	for k, v := range map[string]string{"Content-Type": "application/json", "Origin": shop, "Authorization": "Bearer " + bearer, "Idempotency-Key": key} {
		if v != "" {
			r.Header.Set(k, v)
		}
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode/100 != 2 {
		return false
	}
	return out == nil || json.Unmarshal(body, out) == nil
}

func (h *house) dial(t ticket) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(h.t.Context(), 5*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, t.URL, &websocket.DialOptions{Subprotocols: []string{t.Protocol, t.Ticket}})
	return c, err
}

// answer has an agent write messages, each with a key of its own until it is taken.
func (h *house) answer(agent int, people []*chatter, n int) {
	rng := rand.New(rand.NewPCG(uint64(agent), 9))
	for k := range n {
		text := fmt.Sprintf("a%d m%d", agent, k)
		to := people[rng.IntN(len(people))].thread
		for !h.try("POST", "/threads/"+to+"/messages", "", text, map[string]any{"text": text}, nil) {
			time.Sleep(50 * time.Millisecond)
		}
		if rng.IntN(10) == 0 { // the answer was lost on the way: the page sends it again
			h.try("POST", "/threads/"+to+"/messages", "", text, map[string]any{"text": text}, nil)
		}
		time.Sleep(time.Duration(rng.IntN(400)) * time.Millisecond)
	}
}

// texts are the messages of a thread in the log's order.
func (p *process) texts(id string) (out []string) {
	type page struct {
		Entries []struct {
			Seq            int64
			Received, Sent *struct {
				Preview string
				Text    struct{ Inline string }
				Body    struct{ Text string }
			}
		}
	}
	var all page
	for before := int64(1 << 40); ; {
		var got page
		p.call("GET", fmt.Sprintf("/threads/%s/entries?before=%d", id, before), nil, &got)
		if len(got.Entries) == 0 {
			break
		}
		all.Entries = append(got.Entries, all.Entries...)
		if before = got.Entries[0].Seq; before == 1 {
			break
		}
	}
	for _, e := range all.Entries {
		if m := e.Received; m != nil {
			out = append(out, m.Body.Text)
		}
		if m := e.Sent; m != nil {
			out = append(out, m.Body.Text)
		}
	}
	return out
}

// chatter is a visitor as the widget is one: it resumes behind what it has, and sends a message again under its client id until it is said.
type chatter struct {
	*house
	name, account, token, thread string
	rng                          *rand.Rand // of talk alone

	mu    sync.Mutex
	conn  *websocket.Conn
	have  int64
	lines []string
	said  map[string]bool
}

func (c *chatter) enter() {
	var session struct{ Token string }
	for end := time.Now().Add(10 * time.Second); !c.try("POST", "/visitor/"+c.account+"/session", "none", "", map[string]any{}, &session); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatal("no session")
		}
	}
	c.token, c.said = session.Token, map[string]bool{}
	if !c.try("POST", "/visitor/"+c.account+"/messages", c.token, "", map[string]any{"conversation": 1, "client": c.name + "-0", "text": c.name + " m0"}, nil) {
		c.t.Fatal("the first message")
	}
}

// listen keeps a socket open and takes what comes.
func (c *chatter) listen(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.once(ctx); err != nil && ctx.Err() == nil {
			time.Sleep(30 * time.Millisecond)
		}
	}
}

func (c *chatter) once(ctx context.Context) error {
	var t ticket
	if !c.try("POST", "/visitor/"+c.account+"/ticket", c.token, "", map[string]any{"conversation": 1}, &t) {
		return errors.New("no ticket")
	}
	conn, err := c.dial(t)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	c.mu.Lock()
	c.conn = conn
	have := c.have
	c.mu.Unlock()
	c.house.mu.Lock()
	c.cons++
	c.house.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.conn = nil
	}()
	if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"action":"resume","after":%d}`, have)); err != nil {
		return err
	}
	for {
		_, raw, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var f struct {
			frame
			Client string
		}
		if err := json.Unmarshal(raw, &f); err != nil {
			c.t.Errorf("%s: %v", raw, err)
			return err
		}
		if err := c.take(f.frame, f.Client); err != nil {
			return err
		}
	}
}

// take is what the widget does with a frame: lines in order, nothing twice, and a gap means to ask again.
func (c *chatter) take(f frame, client string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f.T {
	case "said":
		c.said[client] = true
	case "lines":
		if f.From > c.have+1 {
			return errors.New("a gap")
		}
		for _, l := range f.Lines {
			if l.Seq > c.have {
				c.lines = append(c.lines, l.Text)
			}
		}
		c.have = max(c.have, f.Seq)
	}
	return nil
}

func (c *chatter) heard() []string { c.mu.Lock(); defer c.mu.Unlock(); return slices.Clone(c.lines) }

// talk says one message after the other, each until it is said; whatever may go wrong goes wrong now and then.
func (c *chatter) talk(n int) {
	for m := 1; m < n; m++ {
		client := fmt.Sprintf("%s-%d", c.name, m)
		say := fmt.Appendf(nil, `{"action":"say","client":%q,"text":"%s m%d"}`, client, c.name, m)
		for !c.done(client) {
			c.mu.Lock()
			conn := c.conn
			c.mu.Unlock()
			if conn == nil {
				time.Sleep(20 * time.Millisecond)
				continue
			}
			err := conn.Write(c.t.Context(), websocket.MessageText, say)
			switch c.rng.IntN(12) {
			case 0:
				_ = conn.CloseNow() // perhaps it was taken, perhaps not
			case 1:
				_ = conn.Write(c.t.Context(), websocket.MessageText, say)
			}
			for wait := time.Now().Add(400 * time.Millisecond); err == nil && !c.done(client) && time.Now().Before(wait); {
				time.Sleep(5 * time.Millisecond)
			}
		}
		time.Sleep(time.Duration(c.rng.IntN(1200)) * time.Millisecond)
	}
}

func (c *chatter) done(client string) bool { c.mu.Lock(); defer c.mu.Unlock(); return c.said[client] }

// watcher is an agent's page with every conversation open.
type watcher struct {
	*house
	people []*chatter
	opened int

	mu   sync.Mutex
	seen map[string][]int64 // by thread, in the order they were taken
}

func (w *watcher) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.once(ctx); err != nil && ctx.Err() == nil {
			time.Sleep(30 * time.Millisecond)
		}
	}
}

func (w *watcher) once(ctx context.Context) error {
	var t ticket
	if !w.try("POST", "/ticket", "", "", map[string]any{}, &t) {
		return errors.New("no ticket")
	}
	conn, err := w.dial(t)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	w.opened++
	for _, p := range w.people {
		w.mu.Lock()
		after := int64(len(w.seen[p.thread]))
		w.mu.Unlock()
		watch := fmt.Appendf(nil, `{"action":"watch","topics":[{"topic":"thread:%s","after":%d}]}`, p.thread, after)
		if err := conn.Write(ctx, websocket.MessageText, watch); err != nil {
			return err
		}
	}
	conn.SetReadLimit(1 << 20)
	for {
		_, raw, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var f frame
		if err := json.Unmarshal(raw, &f); err != nil {
			w.t.Errorf("%s: %v", raw, err)
			return err
		}
		if f.T == "sync" {
			w.sync(f.Thread)
		}
		if f.T != "entries" {
			continue
		}
		w.mu.Lock()
		for _, e := range f.Entries {
			have := int64(len(w.seen[f.Thread]))
			if e.Seq > have+1 {
				w.mu.Unlock()
				return errors.New("a gap")
			}
			if e.Seq == have+1 {
				w.seen[f.Thread] = append(w.seen[f.Thread], e.Seq)
			}
		}
		w.mu.Unlock()
	}
}

// sync is what a page does when too much was missed: it reads the thread again.
func (w *watcher) sync(id string) {
	var th thread
	if !w.try("GET", "/threads/"+id, "", "", nil, &th) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for seq := int64(len(w.seen[id])) + 1; seq <= th.Thread.Seq; seq++ {
		w.seen[id] = append(w.seen[id], seq)
	}
}

func (w *watcher) whole(id string, seq int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return int64(len(w.seen[id])) == seq
}

func count(all []string, s string) (n int) {
	for _, x := range all {
		if x == s {
			n++
		}
	}
	return n
}

// number is the message's own, behind the m.
func number(s string) (n int) {
	_, _ = fmt.Sscanf(s[strings.LastIndexByte(s, 'm')+1:], "%d", &n)
	return n
}
