package agentapi_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/events"
	"parley/functions/agentapi"
	"parley/shared/blob"
	"parley/shared/dns"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/identity"
	"parley/shared/inbox"
	"parley/shared/mailer"
	"parley/shared/push"
	"parley/shared/queue"
	"parley/shared/secret"
	"parley/shared/sender"
	"parley/shared/store"
	"parley/shared/table"
	"parley/shared/table/local"
)

const origin = "https://inbox.parley.example"

var (
	ctx = context.Background()
	env = map[string]string{
		"PARLEY_TABLE_THREADS": "threads", "PARLEY_TABLE_OUTBOX": "outbox", "PARLEY_TABLE_ASSIGNMENTS": "assignments", "PARLEY_TABLE_CONTACTS": "contacts",
		"PARLEY_TABLE_SETTINGS": "settings", "PARLEY_TABLE_SOCKETS": "sockets", "PARLEY_BUCKET_MAIL": "mail", "PARLEY_BUCKET_FILES": "files",
		"PARLEY_MAIL_DOMAIN": "parley.example", "PARLEY_SOCKETS_URL": "https://sockets.example/ws", "PARLEY_ORIGIN": origin,
		"PARLEY_OIDC_ISSUER": "https://issuer.example", "PARLEY_OIDC_CLIENT": "client", "PARLEY_OIDC_SCOPES": "openid email profile", "PARLEY_USER_POOL": "pool",
		"PARLEY_STAGE": "test", "PARLEY_SECRETS": "/parley/test/", "PARLEY_MAIL_EXCHANGE": "inbound-smtp.eu-west-1.amazonaws.com", "PARLEY_DNS": "system",
		"PARLEY_QUEUE_MAIL": "https://sqs.example/mail",
	}
	schemas = []table.Schema{
		{Name: "threads", Indexes: []string{"views", "owners", "accounts", "teams", "contact", "due"}, Expires: true},
		{Name: "outbox", Indexes: []string{"due"}},
		{Name: "assignments", Indexes: []string{"due"}},
		{Name: "contacts", Indexes: []string{"list"}},
		{Name: "settings"},
		{Name: "sockets", Expires: true},
	}
	lena = events.Contact{ID: "c1", Name: "Lena Novak", Address: "lena@shop.example"}
)

// world is the function under test and everything it meets, on real tables.
type world struct {
	testing.TB
	handler host.Handler
	store   *store.Store
	files   *bucket
	mail    *bucket
	push    *sockets
	queue   *sent
	issuer  *issuer
	people  *directory
	senders *hosttest.Senders
	zone    hosttest.Zone
	mailed  *carrier
	later   time.Duration // how far the function's clock is ahead
	secrets *secrets
	inbox   string
	account inbox.Account
	sample  []byte // events/samples/http/comment.json
}

func newWorld(t testing.TB) *world {
	t.Helper()
	db, err := local.Open(t.TempDir(), schemas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return worldOn(t, db)
}

func worldOn(t testing.TB, db table.Port) *world {
	t.Helper()
	w := &world{
		TB: t, files: newBucket("files"), mail: newBucket("mail"), push: &sockets{frames: map[string][]string{}}, queue: &sent{}, issuer: &issuer{}, people: &directory{subs: map[string]string{}},
		senders: hosttest.NewSenders(), zone: hosttest.Zone{}, mailed: &carrier{}, secrets: &secrets{},
		store: store.Open(db, store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}, time.Now, host.NewID),
	}
	var err error
	if w.sample, err = os.ReadFile("../../events/samples/http/comment.json"); err != nil {
		t.Fatal(err)
	}
	c := w.cloud(slog.New(slog.DiscardHandler))
	c.Table = db
	if w.handler, err = c.Build(agentapi.New); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Settings.Birth(ctx, "parley.example"); err != nil {
		t.Fatal(err)
	}
	accounts, err := w.store.Settings.Accounts(ctx)
	if err != nil || len(accounts) != 1 {
		t.Fatal(accounts, err)
	}
	w.account, w.inbox = accounts[0], accounts[0].Inbox
	return w
}

// cloud has every port but the table, and every name but one that lacks.
func (w *world) cloud(log *slog.Logger, lacks ...string) *host.Cloud {
	c := host.NewCloud(func(name string) (string, bool) { v, ok := env[name]; return v, ok && !slices.Contains(lacks, name) }, log)
	c.Blob = func(name string) blob.Bucket { return map[string]*bucket{"files": w.files, "mail": w.mail}[name] }
	c.Push = func(string) push.Poster { return w.push }
	c.Queue = func(string) queue.Sender { return w.queue }
	c.Identity = func(string, string) identity.Issuer { return w.issuer }
	c.Directory = func(string) identity.Directory { return w.people }
	c.Sender = func(string) sender.Senders { return w.senders }
	c.DNS = func(string) dns.Resolver { return names{w} }
	c.Fetch, c.Mailer = silence{}, func(string) mailer.Mailer { return w.mailed }
	c.Secret = func(string) secret.Store { return w.secrets }
	c.Now = func() time.Time { return time.Now().Add(w.later) }
	return c
}

// receive opens a thread by a mail of Lena's, or adds one to it.
func (w *world) receive(thread string, change ...func(*events.MessageReceived)) inbox.Thread {
	w.Helper()
	id := host.NewID()
	m := events.MessageReceived{
		Message: id, Contact: lena, From: events.Address{Name: lena.Name, Email: lena.Address}, Subject: "Charged twice",
		To:   []events.Address{{Email: w.account.Address}, {Name: "CFO", Email: "cfo@shop.example"}},
		Body: events.Body{Text: "I was charged twice."}, Preview: "I was charged twice.",
		Email: &events.Email{MessageID: id + "@shop.example", Raw: "in/" + id},
	}
	for _, f := range change {
		f(&m)
	}
	c, err := w.store.Threads.Do(ctx, thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		if t.Exists() {
			return t.Receive(m)
		}
		return t.Open(events.ThreadOpened{Inbox: w.inbox, Account: w.account.ID, Channel: "email", Subject: m.Subject, Contact: lena}, m)
	})
	if err != nil {
		w.Fatal(err)
	}
	return c.Thread
}

// call is a request of a test's; user "" sends no token.
type call struct {
	method, path string
	user         string
	claims       map[string]string // instead of the user's
	headers      map[string]string
	cookies      []string
	body         string
}

type answer struct {
	testing.TB
	status  int
	headers map[string]string
	cookies []string
	body    string
}

// payload is the sample event with the call's parts.
func (w *world) payload(c call) []byte {
	w.Helper()
	var e map[string]any
	if err := json.Unmarshal(w.sample, &e); err != nil {
		w.Fatal(err)
	}
	path, query, _ := strings.Cut(c.path, "?")
	e["rawPath"], e["rawQueryString"], e["body"] = path, query, c.body
	headers := e["headers"].(map[string]any)
	delete(headers, "idempotency-key")
	headers["content-length"] = strconv.Itoa(len(c.body))
	for k, v := range c.headers {
		headers[strings.ToLower(k)] = v
	}
	if c.cookies != nil {
		e["cookies"] = c.cookies
	}
	rc := e["requestContext"].(map[string]any)
	rc["http"].(map[string]any)["method"], rc["http"].(map[string]any)["path"] = c.method, path
	claims := rc["authorizer"].(map[string]any)["jwt"].(map[string]any)
	switch {
	case c.claims != nil:
		claims["claims"] = c.claims
	case c.user != "":
		own := claims["claims"].(map[string]any)
		maps.Copy(own, map[string]any{"sub": c.user, "email": c.user + "@parley.example", "name": strings.ToUpper(c.user[:1]) + c.user[1:], "cognito:groups": "[]"})
		if c.user == "mara" {
			own["cognito:groups"], own["name"] = "[agents admins]", "Mara Lind"
		}
	default:
		delete(rc, "authorizer")
	}
	raw, err := json.Marshal(e)
	if err != nil {
		w.Fatal(err)
	}
	return raw
}

func (w *world) call(c call) answer {
	w.Helper()
	raw, err := w.handler.Invoke(ctx, w.payload(c))
	if err != nil {
		w.Fatal(err)
	}
	var a host.HTTPAnswer
	if err := json.Unmarshal(raw, &a); err != nil {
		w.Fatal(err)
	}
	if a.Base64 {
		raw, err := base64.StdEncoding.DecodeString(a.Body)
		if err != nil {
			w.Fatal(err)
		}
		a.Body = string(raw)
	}
	return answer{w.TB, a.Status, a.Headers, a.Cookies, a.Body}
}

// mara is a request of the admin Mara's.
func (w *world) mara(method, path, body string, headers ...string) answer {
	w.Helper()
	h := map[string]string{}
	for i := 0; i < len(headers); i += 2 {
		h[headers[i]] = headers[i+1]
	}
	return w.call(call{method: method, path: path, user: "mara", headers: h, body: body})
}

// into demands a status and decodes the body.
func (a answer) into(status int, v any) answer {
	a.Helper()
	if a.status != status {
		a.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(a.body), v); err != nil {
			a.Fatalf("%v: %s", err, a.body)
		}
	}
	return a
}

type problem struct {
	Type, Title, Detail, Code, RequestID string
	Status                               int
	Errors                               []struct{ Location, Message string }
}

// refused demands a problem of a status and code.
func (a answer) refused(status int, code fault.Code) problem {
	a.Helper()
	var p problem
	a.into(status, &p)
	if a.headers["content-type"] != "application/problem+json" || p.Status != status || p.Code != string(code) || p.RequestID == "" ||
		p.Title != http.StatusText(status) || p.Detail == "" || p.Type != "about:blank" {
		a.Fatalf("not the problem it should be (%d %s): %v %s", status, code, a.headers, a.body)
	}
	return p
}

type changeBody struct {
	Entries []inbox.Entry
	Thread  inbox.Summary
}

type countOf struct {
	Count int
	More  bool
}

// counts are those of Mara's views of the inbox; of a channel or a team by "channel <id>" and "team <id>".
func (w *world) counts() map[string]countOf {
	w.Helper()
	var raw map[string]json.RawMessage
	w.mara("GET", "/api/inboxes/"+w.inbox+"/counts", "").into(200, &raw)
	out := map[string]countOf{}
	for name, doc := range raw {
		var parts []struct {
			ID string
			countOf
		}
		var one countOf
		if kind, ok := map[string]string{"channels": "channel ", "teams": "team "}[name]; ok {
			if err := json.Unmarshal(doc, &parts); err != nil {
				w.Fatal(err)
			}
			for _, p := range parts {
				out[kind+p.ID] = p.countOf
			}
			continue
		}
		if err := json.Unmarshal(doc, &one); err != nil {
			w.Fatal(err)
		}
		out[name] = one
	}
	return out
}

// sent is the message that a change sent.
func (c changeBody) sent(t testing.TB) *events.MessageSent {
	t.Helper()
	for _, e := range c.Entries {
		if e.Sent != nil {
			return e.Sent
		}
	}
	t.Fatalf("nothing was sent: %+v", c.Entries)
	return nil
}

// bucket is a blob.Bucket in memory.
type bucket struct {
	name  string
	mu    sync.Mutex
	objs  map[string][]byte
	kinds map[string]string
	sizes map[string]int64 // what Stat says instead of the truth
}

func newBucket(name string) *bucket {
	return &bucket{name: name, objs: map[string][]byte{}, kinds: map[string]string{}, sizes: map[string]int64{}}
}

func (b *bucket) Put(_ context.Context, key, kind string, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objs[key], b.kinds[key] = data, kind
	return nil
}

func (b *bucket) Upload(_ context.Context, key, kind string, size int64, life time.Duration) (blob.Upload, error) {
	return blob.Upload{
		Method: "PUT", URL: "https://" + b.name + ".example/" + key + "?size=" + strconv.FormatInt(size, 10) + "&life=" + life.String(),
		Headers: map[string]string{"Content-Type": kind},
	}, nil
}

func (b *bucket) Stat(ctx context.Context, key string) (blob.Info, error) {
	_, info, err := b.Get(ctx, key)
	if size, ok := b.sizes[key]; ok {
		info.Size = size
	}
	return info, err
}

func (b *bucket) Copy(ctx context.Context, from, to string) error {
	data, info, err := b.Get(ctx, from)
	if err != nil {
		return err
	}
	return b.Put(ctx, to, info.Type, data)
}

func (b *bucket) Delete(_ context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.objs, key)
	return nil
}

func (b *bucket) Get(_ context.Context, key string) ([]byte, blob.Info, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.objs[key]
	if !ok {
		return nil, blob.Info{}, fault.New(fault.NotFound, "There is no such file.")
	}
	return data, blob.Info{Size: int64(len(data)), Type: b.kinds[key]}, nil
}

func (b *bucket) Link(_ context.Context, key, name string, life time.Duration) (string, error) {
	return "https://" + b.name + ".example/" + key + "?name=" + name + "&life=" + life.String(), nil
}

// carrier is a mailer.Mailer that remembers.
type carrier struct {
	sent []mailer.Envelope
	no   error
}

func (c *carrier) Send(_ context.Context, m mailer.Envelope) (string, error) {
	if c.no == nil {
		c.sent = append(c.sent, m)
	}
	return "0102", c.no
}

// names is the DNS of the moment.
type names struct{ w *world }

func (n names) Lookup(ctx context.Context, kind dns.Kind, name string) ([]string, error) {
	return n.w.zone.Lookup(ctx, kind, name)
}

// secrets is a secret.Store of one key, which counts who asks for it.
type secrets struct {
	asked []string
	err   error
}

func (s *secrets) Key(_ context.Context, name string) ([]byte, error) {
	s.asked = append(s.asked, name)
	return []byte("0123456789abcdef0123456789abcdef"), s.err
}

func (s *secrets) Find(context.Context, string) ([]byte, error) {
	panic("agentapi makes the key of its links")
}

// sockets is a push.Poster that remembers.
type sockets struct {
	mu     sync.Mutex
	frames map[string][]string
}

func (s *sockets) Post(_ context.Context, conn string, frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frames[conn] = append(s.frames[conn], string(frame))
	return nil
}

func (s *sockets) Close(context.Context, string) error { return nil }

// sent is a queue.Sender that remembers.
type sent struct {
	bodies []string
	down   error
}

func (s *sent) Send(_ context.Context, body string) error {
	if s.down == nil {
		s.bodies = append(s.bodies, body)
	}
	return s.down
}

// issuer is an identity.Issuer that knows one code and one refresh token at a time.
type issuer struct {
	refresh string
	revoked string
	down    bool
}

func (i *issuer) tokens() identity.Tokens {
	return identity.Tokens{Access: "access", Refresh: i.refresh, ExpiresIn: time.Hour, Claims: identity.Claims{
		Sub: "mara", Email: "Mara@parley.example", Name: "Mara Lind", Groups: []string{"admins"},
	}}
}

func (i *issuer) Exchange(_ context.Context, code, verifier, redirect string) (identity.Tokens, error) {
	if code != "good" || redirect != origin+"/callback" {
		return identity.Tokens{}, fault.New(fault.Denied, "This sign-in could not be completed.")
	}
	i.refresh = "r 1+/="
	return i.tokens(), nil
}

func (i *issuer) Refresh(_ context.Context, refresh string) (identity.Tokens, error) {
	if i.down {
		return identity.Tokens{}, os.ErrDeadlineExceeded
	}
	if refresh != i.refresh || refresh == "" {
		return identity.Tokens{}, fault.New(fault.Denied, "Your session has ended.")
	}
	i.refresh += "x"
	return i.tokens(), nil
}

func (i *issuer) Verify(context.Context, string) (identity.Claims, error) {
	panic("agentapi never verifies: the gateway did")
}

func (i *issuer) Revoke(_ context.Context, refresh string) error {
	i.revoked, i.refresh = refresh, ""
	return nil
}
