package websocket_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/functions/websocket"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/live"
	"parley/shared/push"
	"parley/shared/store"
	"parley/shared/table"
	"parley/shared/table/local"
)

var (
	ctx = context.Background()
	env = map[string]string{
		"PARLEY_TABLE_THREADS": "threads", "PARLEY_TABLE_ASSIGNMENTS": "assignments", "PARLEY_TABLE_CONTACTS": "contacts", "PARLEY_TABLE_SETTINGS": "settings", "PARLEY_TABLE_SOCKETS": "sockets",
		"PARLEY_SOCKETS_URL": "https://sockets.example/ws",
	}
	lena = events.Contact{ID: "c1", Name: "Lena Novak", Address: "lena@shop.example"}
)

const conn = "BmK9yfQ5joECHIA=" // of the samples

type world struct {
	*testing.T
	handler host.Handler
	store   *store.Store
	db      *local.Store
	push    *sockets
	at      time.Time
	log     bytes.Buffer
}

// refusals is how many the log counts since it was last asked.
func (w *world) refusals() int {
	defer w.log.Reset()
	return strings.Count(w.log.String(), "msg=refused")
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := local.Open(t.TempDir(), []table.Schema{
		{Name: "threads", Indexes: []string{"views", "owners", "accounts", "teams", "contact", "due"}, Expires: true},
		{Name: "assignments", Indexes: []string{"due"}},
		{Name: "sockets", Expires: true},
		{Name: "contacts", Indexes: []string{"list"}},
		{Name: "settings"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{T: t, db: db, push: &sockets{}, at: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return w.at }
	w.store = store.Open(db, store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}, now, host.NewID)
	c := host.NewCloud(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, slog.New(slog.NewTextHandler(&w.log, nil)))
	c.Table, c.Push, c.Now = db, func(string) push.Poster { return w.push }, now
	if w.handler, err = c.Build(websocket.New); err != nil {
		t.Fatal(err)
	}
	for _, u := range []store.User{{ID: "mara", Name: "Mara", Role: inbox.Admin}, {ID: "jo", Name: "Jo", Role: inbox.Agent}, {ID: "vi", Name: "Vi", Role: inbox.Viewer}} {
		if _, err := w.store.Settings.Invited(ctx, events.Actor{}, u); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(env)), c.EnvRead()); d != "" {
		t.Errorf("environment (-set +read):\n%s", d)
	}
	return w
}

// sample reads a payload of events/samples/websocket with something replaced.
func (w *world) sample(name string, change func(map[string]any)) []byte {
	w.Helper()
	raw, err := os.ReadFile("../../events/samples/websocket/" + name + ".json")
	if err != nil {
		w.Fatal(err)
	}
	var e map[string]any
	if err := json.Unmarshal(raw, &e); err != nil {
		w.Fatal(err)
	}
	change(e)
	if raw, err = json.Marshal(e); err != nil {
		w.Fatal(err)
	}
	return raw
}

func (w *world) invoke(payload []byte) host.SocketAnswer {
	w.Helper()
	out, err := w.handler.Invoke(ctx, payload)
	if err != nil {
		w.Fatal(err)
	}
	var a host.SocketAnswer
	if err := json.Unmarshal(out, &a); err != nil {
		w.Fatal(err)
	}
	return a
}

func (w *world) offer(protocols string) host.SocketAnswer {
	w.Helper()
	return w.invoke(w.sample("connect", func(e map[string]any) { e["headers"].(map[string]any)["Sec-WebSocket-Protocol"] = protocols }))
}

func (w *world) ticket() string {
	w.Helper()
	ticket, err := w.store.Sockets.IssueTicket(ctx, store.Identity{Kind: "agent", ID: "mara", Name: "Mara"})
	if err != nil {
		w.Fatal(err)
	}
	return ticket
}

func (w *world) connect() {
	w.Helper()
	if a := w.offer("parley, " + w.ticket()); a.Status != 200 {
		w.Fatalf("%+v", a)
	}
}

// frame sends a frame of the client's and returns those it got back.
func (w *world) frame(body string) []live.Frame {
	w.Helper()
	w.invoke(w.sample("message", func(e map[string]any) { e["body"] = body }))
	return w.push.take(w)
}

// thread makes a thread of n entries.
func (w *world) thread(id string, n int, text string) {
	w.Helper()
	m := events.MessageReceived{Message: "m", Contact: lena, From: events.Address{Email: lena.Address}, Body: events.Body{Text: text}, Preview: inbox.Preview(text)}
	for range n - 1 {
		if _, err := w.store.Threads.Do(ctx, id, "", func(t inbox.Thread) (inbox.Decision, error) {
			if t.Exists() {
				return t.Receive(m)
			}
			return t.Open(events.ThreadOpened{Inbox: "i1", Account: "a1", Channel: "email", Subject: "Help", Contact: lena}, m)
		}); err != nil {
			w.Fatal(err)
		}
	}
}

// sockets is a push.Poster that remembers frames.
type sockets struct {
	mu      sync.Mutex
	frames  []string
	conns   []string // whom each frame went to
	closed  []string
	largest int
	fail    error
	before  func(frame string)
}

func (s *sockets) Post(_ context.Context, conn string, frame []byte) error {
	if s.before != nil {
		s.before(string(frame))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.frames, s.conns, s.largest = append(s.frames, string(frame)), append(s.conns, conn), max(s.largest, len(frame))
	return nil
}

func (s *sockets) Close(_ context.Context, conn string) error {
	s.closed = append(s.closed, conn)
	return nil
}

func (s *sockets) take(w *world) []live.Frame { return s.takeOf(w, "") }

// takeOf returns what went to one connection, or to all ("").
func (s *sockets) takeOf(w *world, conn string) []live.Frame {
	w.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []live.Frame
	var frames, conns []string
	for i, raw := range s.frames {
		if conn != "" && s.conns[i] != conn {
			frames, conns = append(frames, raw), append(conns, s.conns[i])
			continue
		}
		var f live.Frame
		if err := json.Unmarshal([]byte(raw), &f); err != nil {
			w.Fatalf("%v: %s", err, raw)
		}
		out = append(out, f)
	}
	s.frames, s.conns = frames, conns
	return out
}

// as makes the harness speak for another connection of another identity.
func (w *world) as(conn string, id store.Identity) {
	w.Helper()
	if err := w.store.Sockets.Connect(ctx, conn, id); err != nil {
		w.Fatal(err)
	}
}

// on sends a frame on a connection and returns what that connection got back.
func (w *world) on(conn, body string) []live.Frame {
	w.Helper()
	w.invoke(w.sample("message", func(e map[string]any) {
		e["body"] = body
		e["requestContext"].(map[string]any)["connectionId"] = conn
	}))
	return w.push.takeOf(w, conn)
}
