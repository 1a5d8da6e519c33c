// Package hosttest puts functions together for their tests: real local tables, buckets and sockets in memory, a clock that stands still,
// and calls that fail or crash at will.
//
// Owns: World. Never: what a function does. Imported by: tests of functions.
package hosttest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/shared/blob"
	"parley/shared/dns"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/mailer"
	"parley/shared/push"
	"parley/shared/queue"
	"parley/shared/secret"
	"parley/shared/sender"
	"parley/shared/table"
	"parley/shared/table/local"
)

// Schemas are the tables as the template creates them; infra's golden test holds the indexes there.
var Schemas = []table.Schema{
	{Name: "threads", Indexes: []string{"views", "owners", "accounts", "teams", "contact", "due"}, Expires: true, Stream: true},
	{Name: "outbox", Indexes: []string{"due"}, Stream: true},
	{Name: "assignments", Indexes: []string{"due"}, Stream: true},
	{Name: "contacts", Indexes: []string{"list"}},
	{Name: "settings"},
	{Name: "sockets", Expires: true},
}

// Env is the environment every function can ask for. Tables have their short names.
var Env = map[string]string{
	"PARLEY_TABLE_THREADS": "threads", "PARLEY_TABLE_OUTBOX": "outbox", "PARLEY_TABLE_ASSIGNMENTS": "assignments", "PARLEY_TABLE_CONTACTS": "contacts",
	"PARLEY_TABLE_SETTINGS": "settings", "PARLEY_TABLE_SOCKETS": "sockets",
	"PARLEY_BUCKET_MAIL": "mail", "PARLEY_BUCKET_FILES": "files", "PARLEY_MAIL_DOMAIN": "parley.example", "PARLEY_SECRETS": "/parley/test/",
	"PARLEY_SOCKETS_URL": "https://sockets.example/ws", "PARLEY_SES_CONFIGURATION_SET": "mail", "PARLEY_ORIGIN": "https://inbox.parley.example",
	"PARLEY_OIDC_ISSUER": "https://issuer.example", "PARLEY_OIDC_CLIENT": "client", "PARLEY_OIDC_SCOPES": "openid email profile",
	"PARLEY_USER_POOL": "eu-west-1_test", "PARLEY_STAGE": "test", "PARLEY_MAIL_EXCHANGE": "inbound-smtp.eu-west-1.amazonaws.com", "PARLEY_DNS": "system", "PARLEY_QUEUE_MAIL": "mail",
	"PARLEY_MAIL_RULE": "parley-test", "PARLEY_MAIL_TOPIC": "arn:aws:sns:eu-west-1:123456789012:t",
}

// Key is the secret every name leads to.
var Key = []byte("0123456789abcdef0123456789abcdef")

// World is everything around a function.
type World struct {
	DB *local.Store
	// Strike is asked before (done is false) and after each call of a port, and may make it fail or panic. A call that fails after it was
	// done has had its effect: its answer was lost. nil lets everything pass.
	Strike func(call string, done bool) error
	// Send answers the mailer; nil takes everything.
	Send func(mailer.Envelope) (id string, err error)
	// Senders and Zone answer questions of accounts.
	Senders *Senders
	Zone    Zone

	mu      sync.Mutex
	at      time.Time
	objects map[string]object
	sent    []mailer.Envelope
	queued  []string
	frames  map[string][]string // by connection; a connection that is not here is gone
}

type object struct {
	data []byte
	kind string
}

// New returns an empty world at a fixed time.
func New(t testing.TB) *World {
	t.Helper()
	db, err := local.Open(t.TempDir(), Schemas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &World{DB: db, Senders: NewSenders(), Zone: Zone{}, at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), objects: map[string]object{}, frames: map[string][]string{}}
}

// Build puts a function together in this world.
func (w *World) Build(t testing.TB, n host.New) host.Handler {
	t.Helper()
	h, err := w.Cloud().Build(n)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Cloud is what a function of this world may ask for; a test may put ports of its own in the place of some. There is no issuer.
func (w *World) Cloud() *host.Cloud {
	c := host.NewCloud(func(name string) (string, bool) { v, ok := Env[name]; return v, ok }, slog.New(slog.NewTextHandler(io.Discard, nil)))
	c.Now = w.Now
	c.Table = tablePort{w}
	c.Blob = func(name string) blob.Bucket { return bucket{w, name + "/"} }
	c.Mailer = func(string) mailer.Mailer { return carrier{w} }
	c.Push = func(string) push.Poster { return poster{w} }
	c.Queue = func(string) queue.Sender { return enqueuer{w} }
	c.Secret = func(string) secret.Store { return keys{} }
	c.Sender = func(string) sender.Senders { return w.Senders }
	c.DNS = func(string) dns.Resolver { return w.Zone }
	return c
}

// Context carries a logger that says nothing.
func Context() context.Context {
	return host.WithLog(context.Background(), slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// Now is the world's clock.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// Pass moves the clock.
func (w *World) Pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

// Put stores an object in a bucket ("mail", "files").
func (w *World) Put(bucket, key string, data []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.objects[bucket+"/"+key] = object{data: data}
}

// Object reads one; nil if there is none.
func (w *World) Object(bucket, key string) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.objects[bucket+"/"+key].data
}

// Objects counts a bucket's objects.
func (w *World) Objects(bucket string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key := range w.objects {
		if len(key) > len(bucket) && key[:len(bucket)+1] == bucket+"/" {
			n++
		}
	}
	return n
}

// Holding names the objects, as bucket/key, whose bytes or whose key hold a text.
func (w *World) Holding(text string) (found []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, o := range w.objects {
		if strings.Contains(key, text) || strings.Contains(string(o.data), text) {
			found = append(found, key)
		}
	}
	slices.Sort(found)
	return found
}

// Sent lists what the mailer took.
func (w *World) Sent() []mailer.Envelope {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

// Queued lists what was put on queues.
func (w *World) Queued() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.queued)
}

// Connect opens a socket.
func (w *World) Connect(conn string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frames[conn] = []string{}
}

// Disconnect closes a socket from its other end: the registry still knows it.
func (w *World) Disconnect(conn string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.frames, conn)
}

// Frames lists what a socket received.
func (w *World) Frames(conn string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.frames[conn])
}

// around makes a call with the chance to fail before and after it.
func (w *World) around(call string, f func() error) error {
	if w.Strike == nil {
		return f()
	}
	if err := w.Strike(call, false); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return w.Strike(call, true)
}

type tablePort struct{ w *World }

func (p tablePort) Get(ctx context.Context, tbl string, consistent bool, k ...table.Key) (items []*table.Item, err error) {
	err = p.w.around("get "+tbl, func() error { items, err = p.w.DB.Get(ctx, tbl, consistent, k...); return err })
	return items, err
}

func (p tablePort) Query(ctx context.Context, q table.Query) (page table.Page, err error) {
	err = p.w.around("query "+q.Table, func() error { page, err = p.w.DB.Query(ctx, q); return err })
	return page, err
}

func (p tablePort) Transact(ctx context.Context, ops ...table.Op) error {
	return p.w.around("transact "+ops[0].Table, func() error { return p.w.DB.Transact(ctx, ops...) })
}

type bucket struct {
	w    *World
	name string
}

func (b bucket) Put(_ context.Context, key, kind string, data []byte) error {
	return b.w.around("put "+b.name, func() error {
		b.w.mu.Lock()
		defer b.w.mu.Unlock()
		b.w.objects[b.name+key] = object{slices.Clone(data), kind}
		return nil
	})
}

func (b bucket) Get(_ context.Context, key string) (data []byte, info blob.Info, err error) {
	err = b.w.around("get "+b.name, func() error {
		b.w.mu.Lock()
		defer b.w.mu.Unlock()
		o, ok := b.w.objects[b.name+key]
		if !ok {
			return fault.New(fault.NotFound, "no object %s", key)
		}
		data, info = o.data, blob.Info{Size: int64(len(o.data)), Type: o.kind}
		return nil
	})
	return data, info, err
}

func (b bucket) Link(_ context.Context, key, name string, _ time.Duration) (string, error) {
	return "https://files.example/" + b.name + key + "?name=" + name, nil
}

// Upload says where a test may put the object: nothing pins anything here.
func (b bucket) Upload(_ context.Context, key, kind string, size int64, _ time.Duration) (blob.Upload, error) {
	return blob.Upload{Method: "PUT", URL: fmt.Sprintf("https://files.example/%s%s?size=%d", b.name, key, size), Headers: map[string]string{"Content-Type": kind}}, nil
}

func (b bucket) Stat(ctx context.Context, key string) (blob.Info, error) {
	_, info, err := b.Get(ctx, key)
	return info, err
}

func (b bucket) Copy(_ context.Context, from, to string) error {
	return b.around("copy", func() error {
		o, ok := b.w.objects[b.name+from]
		if !ok {
			return fault.New(fault.NotFound, "no object %s", from)
		}
		b.w.objects[b.name+to] = o
		return nil
	})
}

func (b bucket) Delete(_ context.Context, key string) error {
	return b.around("delete", func() error {
		delete(b.w.objects, b.name+key)
		return nil
	})
}

// around makes a call of the bucket's, under its lock.
func (b bucket) around(call string, f func() error) error {
	return b.w.around(call+" "+b.name, func() error {
		b.w.mu.Lock()
		defer b.w.mu.Unlock()
		return f()
	})
}

type carrier struct{ w *World }

func (c carrier) Send(_ context.Context, m mailer.Envelope) (id string, err error) {
	err = c.w.around("send", func() error {
		if c.w.Send != nil {
			if id, err = c.w.Send(m); err != nil {
				return err
			}
		}
		c.w.mu.Lock()
		defer c.w.mu.Unlock()
		c.w.sent = append(c.w.sent, m)
		if id == "" {
			id = fmt.Sprintf("0100019a00000000-00000000-0000-4000-8000-%012d-000000", len(c.w.sent))
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

type enqueuer struct{ w *World }

func (s enqueuer) Send(_ context.Context, body string) error {
	return s.w.around("queue", func() error {
		s.w.mu.Lock()
		defer s.w.mu.Unlock()
		s.w.queued = append(s.w.queued, body)
		return nil
	})
}

type poster struct{ w *World }

func (p poster) Post(_ context.Context, conn string, frame []byte) error {
	return p.w.around("post", func() error {
		p.w.mu.Lock()
		defer p.w.mu.Unlock()
		if _, ok := p.w.frames[conn]; !ok {
			return fault.New(fault.Gone, "closed")
		}
		p.w.frames[conn] = append(p.w.frames[conn], string(frame))
		return nil
	})
}

func (p poster) Close(_ context.Context, conn string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	delete(p.w.frames, conn)
	return nil
}

type keys struct{}

func (keys) Key(context.Context, string) ([]byte, error)  { return Key, nil }
func (keys) Find(context.Context, string) ([]byte, error) { return Key, nil }
