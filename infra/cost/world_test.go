package cost_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"parley/events"
	"parley/functions/agentapi"
	"parley/functions/deliver"
	"parley/functions/ingest"
	"parley/functions/mailstatus"
	"parley/functions/notify"
	"parley/functions/route"
	"parley/functions/sweep"
	"parley/functions/turn"
	"parley/functions/websocket"
	"parley/shared/chatflow"
	"parley/shared/email"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/identity"
	"parley/shared/inbox"
	"parley/shared/live"
	"parley/shared/routing"
	"parley/shared/store"
	"parley/shared/table"
	"parley/shared/table/dynamo"
	"parley/shared/table/dynamo/dynamodblocal"
	"parley/shared/visitor"
)

var (
	ctx    = hosttest.Context()
	names  = store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}
	mara   = events.Actor{Kind: events.Agent, ID: "mara", Name: "Mara Lind"}
	signer = email.NewSigner(hosttest.Key, "parley.example")
)

// meter adds up what calls consume while it runs.
type meter struct {
	mu            sync.Mutex
	on            bool
	factor        float64
	reads, writes float64
	calls         []string
}

func (m *meter) saw(op string, u dynamo.Units) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.on {
		u.Reads, u.Writes = u.Reads*m.factor, u.Writes*m.factor
		m.reads, m.writes = m.reads+u.Reads, m.writes+u.Writes
		m.calls = append(m.calls, fmt.Sprintf("%s %s %g/%g %v", op, u.Table, u.Reads, u.Writes, u.Indexes))
	}
}

// times says how many times what a call consumes counts from now on.
func (m *meter) times(n float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.factor = n
}

func (m *meter) start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.on, m.factor, m.reads, m.writes, m.calls = true, 1, 0, 0, nil
}

func (m *meter) stop() units {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.on = false
	return units{m.reads, m.writes}
}

// billed mends where DynamoDB Local (amplify's 2.9.30) says something else than DynamoDB bills.
//
// A query that finds nothing and keys of a batch that are not there cost the least read; it says nothing.
// A transaction costs twice what its items cost alone; it says four times, and then counts items of the same cost once. So a transaction is
// carried out here item by item, each with its condition, and counted twice. Its indexes are counted twice too, as it does: AWS's pages leave
// that open, and this is the dearer reading.
// Source: "DynamoDB read and write operations", "Managing complex workflows with DynamoDB transactions", Amazon DynamoDB developer guide.
// An Add is a transaction even alone (so that it happens once), of an item of some bytes in no index: it is carried out unseen, and counted as two units.
type billed struct {
	table.Port
	unseen table.Port
	m      *meter
}

func (b billed) Get(c context.Context, name string, consistent bool, keys ...table.Key) ([]*table.Item, error) {
	items, err := b.Port.Get(c, name, consistent, keys...)
	for _, it := range items {
		if it == nil && len(keys) > 1 {
			b.m.saw("missing key", dynamo.Units{Table: name, Reads: least(consistent)})
		}
	}
	return items, err
}

func (b billed) Query(c context.Context, q table.Query) (table.Page, error) {
	page, err := b.Port.Query(c, q)
	if err == nil && len(page.Items) == 0 {
		b.m.saw("empty query", dynamo.Units{Table: q.Table, Reads: least(q.Consistent)})
	}
	return page, err
}

func (b billed) Transact(c context.Context, ops ...table.Op) error {
	if len(ops) > 1 {
		b.m.times(2)
		defer b.m.times(1)
	}
	for _, op := range ops {
		if op.Verb == table.Add {
			if err := b.unseen.Transact(c, op); err != nil {
				return err
			}
			b.m.times(2)
			b.m.saw("add", dynamo.Units{Table: op.Table, Writes: 1})
			if len(ops) == 1 {
				b.m.times(1)
			}
			continue
		}
		if err := b.Port.Transact(c, op); err != nil {
			return err
		}
	}
	return nil
}

func least(consistent bool) float64 {
	if consistent {
		return 1
	}
	return 0.5
}

// world is the product's functions over DynamoDB Local, with n of everything in it.
type world struct {
	*testing.T
	*hosttest.World
	meter meter
	db    *recorder    // the tables, unmeasured
	st    *store.Store // the nouns over them: for what is not measured
	live  *live.Live   // measured

	api, ingest, deliver, notify, sweep, socket, status, route, turn host.Handler
	// desk is the door of visitors, measured; bot is the chatflow in which one talks, of the chat account.
	desk      *visitor.Desk
	bot, chat string

	url     string // of DynamoDB Local
	disk    bool   // its tables are on one
	inbox   string
	account string
	threads []string // ids; thread i is open and nobody's for i%4 of 2 and 3, Mara's for 0, closed for 1
	long    string   // a thread of n entries
	serial  int
	tag     string
	after   func() // cleans up behind an operation; nil for nothing
}

// recorder keeps the changes of the last transaction, for streams.
type recorder struct {
	table.Port
	changes []table.Change
}

func (r *recorder) Transact(c context.Context, ops ...table.Op) error {
	r.changes = nil
	for _, op := range ops {
		old, err := r.Get(c, op.Table, true, op.Item.Key)
		if err != nil {
			return err
		}
		change := table.Change{Pos: 1, Table: op.Table, Key: op.Item.Key, Old: old[0]}
		if op.Verb == table.Put {
			change.New = &op.Item
		}
		r.changes = append(r.changes, change)
	}
	return r.Port.Transact(c, ops...)
}

// stream is what Lambda sends of the last transaction's changes of a table whose sort key begins with prefix.
func (w *world) stream(name, prefix string) []byte {
	var out []table.Change
	for _, c := range w.db.changes {
		if c.Table == name && strings.HasPrefix(c.Key.SK, prefix) {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		w.Fatalf("no change of %s", name)
	}
	return hosttest.StreamPayload(out)
}

// inMemory is how many of everything a world in memory holds at most: each is some 14 KB.
const inMemory = 10_000

// open starts DynamoDB Local for one world.
func open(t *testing.T, disk bool) *dynamodblocal.Server {
	t.Helper()
	start := dynamodblocal.Start
	if disk {
		start = func(ctx context.Context) (*dynamodblocal.Server, error) {
			return dynamodblocal.StartOnDisk(ctx, t.TempDir())
		}
	}
	server, err := start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

func newWorld(t *testing.T, n int) *world {
	t.Helper()
	disk := n > inMemory
	server := open(t, disk)
	client := dynamodb.New(server.Options(fmt.Sprint("cost", n)))
	if err := dynamodblocal.Create(ctx, client, hosttest.Schemas); err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, url: server.URL, disk: disk, World: hosttest.New(t), db: &recorder{Port: dynamo.New(client)}}
	w.st = store.Open(w.db, names, w.Now, host.NewID)
	metered := billed{dynamo.New(client, dynamo.Observe(w.meter.saw)), dynamo.New(client), &w.meter}
	w.live = live.New(store.Open(metered, names, w.Now, host.NewID), w.Cloud().Push(""))
	w.desk = visitor.NewDesk(store.Open(metered, names, w.Now, host.NewID), w.live, host.NewID, w.Now)
	for to, f := range map[*host.Handler]host.New{
		&w.api: agentapi.New, &w.ingest: ingest.New, &w.deliver: deliver.New, &w.notify: notify.New, &w.sweep: sweep.New, &w.socket: websocket.New,
		&w.status: mailstatus.New, &w.route: route.New, &w.turn: turn.New,
	} {
		c := w.Cloud()
		c.Table = metered
		c.Identity = func(string, string) identity.Issuer { return nil } // nobody signs in here
		c.Directory = func(string) identity.Directory { return nil }     // and nobody is invited
		h, err := c.Build(f)
		if err != nil {
			t.Fatal(err)
		}
		*to = h
	}
	if err := w.st.Settings.Birth(ctx, "parley.example"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.st.Settings.SignedIn(ctx, mara.ID, mara.Name, "mara@parley.example", true); err != nil {
		t.Fatal(err)
	}
	account, err := w.st.Settings.AccountByAddress(ctx, "support@parley.example")
	if err != nil {
		t.Fatal(err)
	}
	w.inbox, w.account = account.Inbox, account.ID
	if _, err := w.st.Settings.Invited(ctx, mara, store.User{ID: "ada", Name: "Ada", Role: inbox.Agent}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.st.Settings.PutPlan(ctx, mara, func(int64) error { return nil }, routing.Plan{
		Inbox: w.inbox, Rest: routing.Target{Kind: routing.People, Users: []string{"ada"}, Way: routing.Least},
	}); err != nil {
		t.Fatal(err)
	}
	tag, err := w.st.Settings.ChangeTag(ctx, mara, "", "Refund", "red", func(int64) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	w.tag = tag.ID
	w.talks()
	w.fill(n, account)
	w.Pass(24*time.Hour + time.Duration(2*n)*time.Second) // behind everything that fill did
	return w
}

// talks publishes a bot that asks two questions.
func (w *world) talks() {
	w.Helper()
	a, err := w.st.Chats.Create(ctx, mara, w.inbox, "Shop", "https://shop.example")
	if err != nil {
		w.Fatal(err)
	}
	f, err := w.st.Chats.PutFlow(ctx, mara, chatflow.Flow{
		Account: a.ID, Name: "Helper", On: true, Bot: true, AskEmail: chatflow.AskNever, Away: chatflow.Away{Mode: chatflow.AwayMessage}, Available: chatflow.Always,
	})
	if err != nil {
		w.Fatal(err)
	}
	ask := func(id, next string) chatflow.Step {
		return chatflow.Step{ID: id, Kind: chatflow.StepQuestion, Next: next, Question: &chatflow.QuestionStep{Text: "What is it about?", Ask: chatflow.AskText}}
	}
	if _, err := w.st.Bots.Publish(ctx, mara, a.ID, f.ID, 0, chatflow.Graph{Start: "one", Steps: []chatflow.Step{ask("one", "two"), ask("two", "one")}}); err != nil {
		w.Fatal(err)
	}
	w.bot, w.chat = f.ID, a.ID
}

// sample reads an event of AWS's with something replaced.
func (w *world) sample(name string, change func(map[string]any)) []byte {
	raw, err := os.ReadFile("../../events/samples/" + name + ".json")
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

// request returns a call of Mara's that must succeed.
func (w *world) request(method, path, body string) func() { return w.requestIf("", method, path, body) }

// requestIf is request with If-Match.
func (w *world) requestIf(tag, method, path, body string) func() {
	path, query, _ := strings.Cut(path, "?")
	w.serial++
	key := fmt.Sprintf("0199c0de-0000-7000-8000-%012d", w.serial)
	payload := w.sample("http/comment", func(e map[string]any) {
		e["rawPath"], e["rawQueryString"], e["body"] = "/api"+path, query, body
		e["headers"].(map[string]any)["content-length"] = fmt.Sprint(len(body))
		e["headers"].(map[string]any)["idempotency-key"] = key
		if tag != "" {
			e["headers"].(map[string]any)["if-match"] = `"` + tag + `"`
		}
		rc := e["requestContext"].(map[string]any)
		rc["http"].(map[string]any)["method"], rc["http"].(map[string]any)["path"] = method, "/api"+path
		rc["authorizer"].(map[string]any)["jwt"].(map[string]any)["claims"].(map[string]any)["sub"] = mara.ID
	})
	return func() {
		var a host.HTTPAnswer
		if err := json.Unmarshal(w.invoke(w.api, payload), &a); err != nil || a.Status/100 != 2 {
			w.Fatalf("%s %s: %v %+v", method, path, err, a)
		}
	}
}

func (w *world) invoke(h host.Handler, payload []byte) []byte {
	out, err := h.Invoke(ctx, payload)
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// batch returns a call with records, none of which may fail.
func (w *world) batch(h host.Handler, payload []byte) func() {
	return func() {
		if failed := hosttest.Failures(w, w.invoke(h, payload)); len(failed) > 0 {
			w.Fatalf("%v come again", failed)
		}
	}
}

// mail returns the arrival of a letter.
func (w *world) mail(from, subject string, header ...string) func() {
	w.serial++
	id := fmt.Sprintf("0100019a-mail-%06d", w.serial)
	head := append([]string{"From: " + from, "To: Support <support@parley.example>", "Subject: " + subject, "Message-ID: <" + id + "@x.example>"}, header...)
	w.Put("mail", "in/"+id, []byte(strings.Join(append(head, "", letter, ""), "\r\n")))
	n := w.sample("ses/received", func(e map[string]any) {
		mail, receipt := e["mail"].(map[string]any), e["receipt"].(map[string]any)
		mail["messageId"], mail["source"], receipt["recipients"] = id, "lena@atelier-novak.example", []string{"support@parley.example"}
		receipt["action"].(map[string]any)["objectKey"] = "in/" + id
	})
	return w.batch(w.ingest, hosttest.QueuePayload(string(n)))
}

// frame returns an event of a socket.
func (w *world) frame(name, conn string, change func(map[string]any)) func() {
	payload := w.sample("websocket/"+name, func(e map[string]any) {
		e["requestContext"].(map[string]any)["connectionId"] = conn
		change(e)
	})
	return func() {
		var a host.SocketAnswer
		if err := json.Unmarshal(w.invoke(w.socket, payload), &a); err != nil || a.Status != 200 {
			w.Fatalf("%s: %v %+v", name, err, a)
		}
	}
}

// decide changes a thread outside the measuring.
func (w *world) decide(id string, f func(inbox.Thread) (inbox.Decision, error)) store.Commit {
	c, err := w.st.Threads.Do(ctx, id, "", f)
	if err != nil {
		w.Fatal(err)
	}
	return c
}
