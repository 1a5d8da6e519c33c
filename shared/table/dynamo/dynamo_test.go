package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"parley/shared/table"
	"parley/shared/table/dynamo"
	"parley/shared/table/dynamo/dynamodblocal"
	"parley/shared/table/local"
	"parley/shared/table/tabletest"
)

var (
	ctx    = context.Background()
	server *dynamodblocal.Server
	tests  atomic.Int32
)

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() { // everything here talks to DynamoDB Local
		fmt.Println("table/dynamo: -short leaves out all tests of this package")
		return
	}
	var err error
	if server, err = dynamodblocal.Start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	server.Close()
	os.Exit(code)
}

// client sees a database of its own: DynamoDB Local keeps one per access key.
func client(t *testing.T, transport http.RoundTripper) *dynamodb.Client {
	t.Helper()
	o := server.Options(fmt.Sprintf("test%d", tests.Add(1)))
	if transport != nil {
		o.HTTPClient = &http.Client{Transport: transport}
	}
	return dynamodb.New(o)
}

func create(t *testing.T, c *dynamodb.Client, schemas []table.Schema) {
	t.Helper()
	if err := dynamodblocal.Create(ctx, c, schemas); err != nil {
		t.Fatal(err)
	}
}

func TestContract(t *testing.T) {
	tabletest.Run(t, func(t *testing.T, schemas []table.Schema) table.Port {
		c := client(t, nil)
		create(t, c, schemas)
		return dynamo.New(c)
	})
}

// TestAgree: the local adapter and DynamoDB mean the same by the same random transactions.
func TestAgree(t *testing.T) {
	c := client(t, nil)
	create(t, c, tabletest.Schemas)
	here, err := local.Open(t.TempDir(), tabletest.Schemas)
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	tabletest.Agree(t, dynamo.New(c), here)
}

// TestOpen: the environment leads the opened store to another endpoint.
func TestOpen(t *testing.T) {
	key := fmt.Sprintf("test%d", tests.Add(1))
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": server.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
	} {
		t.Setenv(k, v)
	}
	p, err := dynamo.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	create(t, dynamodb.New(dynamodb.Options{Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider(key, "secret", "")}), tabletest.Schemas)
	if err := p.Transact(ctx, put("a", "1", table.Absent(), `{}`)); err != nil {
		t.Fatal(err)
	}
}

func put(pk, sk string, cond table.Cond, doc string) table.Op {
	return table.Op{Table: "threads", Verb: table.Put, Cond: cond, Item: table.Item{Key: table.Key{PK: pk, SK: sk}, Doc: json.RawMessage(doc)}}
}

// TestNative: members of the document are attributes of their own types, which the console, exports and stream filters read.
func TestNative(t *testing.T) {
	c := client(t, nil)
	create(t, c, tabletest.Schemas)
	op := put("a", "1", table.Absent(), `{"n":1.5,"s":"x","b":true,"z":null,"l":[1],"m":{"k":"v"}}`)
	op.Item.Expires = time.Unix(4102444800, 0)
	op.Item.Index = map[string]table.IndexKey{"views": {PK: "v", SK: "1"}}
	if err := dynamo.New(c).Transact(ctx, op); err != nil {
		t.Fatal(err)
	}
	got, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("threads"), Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "a"}, "sk": &types.AttributeValueMemberS{Value: "1"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"n": "N", "s": "S", "b": "BOOL", "z": "NULL", "l": "L", "m": "M", "rev": "N", "ttl": "N", "views_pk": "S", "views_sk": "S"} {
		if kind := fmt.Sprintf("%T", got.Item[name]); kind != "*types.AttributeValueMember"+want {
			t.Errorf("%s is %s, want %s", name, kind, want)
		}
	}
	if len(got.Item) != 12 {
		t.Errorf("%d attributes: %v", len(got.Item), got.Item)
	}
}

// loser carries requests out and then loses the answer of the next few, as a reset connection does.
type loser struct{ lose atomic.Int32 }

func (l *loser) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && l.lose.Add(-1) >= 0 {
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return nil, errors.New("connection reset by peer")
	}
	return resp, err
}

// TestLostAnswer: a write whose answer is lost is retried by the SDK; it counts once and does not take itself for a rival.
func TestLostAnswer(t *testing.T) {
	l := &loser{}
	c := client(t, l)
	create(t, c, tabletest.Schemas)
	p := dynamo.New(c)
	do := func(what string, ops ...table.Op) {
		t.Helper()
		l.lose.Store(1)
		if err := p.Transact(ctx, ops...); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if l.lose.Load() >= 0 {
			t.Errorf("%s: no answer was lost", what)
		}
	}
	add := table.Op{Table: "threads", Verb: table.Add, Item: table.Item{Key: table.Key{PK: "n", SK: "1"}}, Adds: map[string]int64{"n": 1}}
	del := table.Op{Table: "threads", Verb: table.Delete, Cond: table.RevIs(2), Item: table.Item{Key: table.Key{PK: "a", SK: "1"}}}
	do("create", put("a", "1", table.Absent(), `{"by":"me","n":1.5}`))
	do("replace", put("a", "1", table.RevIs(1), `{"by":"me"}`))
	do("delete", del)
	do("add", add)
	do("two", put("b", "1", table.Absent(), `{}`), put("b", "2", table.Absent(), `{}`))
	got, err := p.Get(ctx, "threads", true, table.Key{PK: "n", SK: "1"}, table.Key{PK: "a", SK: "1"})
	if err != nil || string(got[0].Doc) != `{"n":1}` || got[1] != nil {
		t.Errorf("got %+v %v", got, err)
	}
	// Somebody else's item is a conflict however often one asks.
	if err := p.Transact(ctx, put("c", "1", table.Absent(), `{"by":"you"}`)); err != nil {
		t.Fatal(err)
	}
	l.lose.Store(1)
	var conflict *table.Conflict
	if err := p.Transact(ctx, put("c", "1", table.Absent(), `{"by":"me"}`)); !errors.As(err, &conflict) {
		t.Errorf("another's item: %v", err)
	}
	// And without a second attempt the same item is another's too.
	if err := p.Transact(ctx, put("c", "1", table.Absent(), `{"by":"you"}`)); !errors.As(err, &conflict) {
		t.Errorf("the same item from another: %v", err)
	}
}

// TestBigBatch: what does not fit one answer of 16 MB is asked for again.
func TestBigBatch(t *testing.T) {
	l := &counter{}
	c := client(t, l)
	create(t, c, tabletest.Schemas)
	p := dynamo.New(c)
	var keys []table.Key
	for i := range 45 {
		op := put("big", fmt.Sprint(i), table.Any(), `{"a":"`+strings.Repeat("x", 399<<10)+`"}`)
		if err := p.Transact(ctx, op); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, op.Item.Key)
	}
	l.n.Store(0)
	got, err := p.Get(ctx, "threads", true, keys...)
	if err != nil {
		t.Fatal(err)
	}
	for i, it := range got {
		if it == nil || it.Key != keys[i] {
			t.Fatalf("item %d: %v", i, it)
		}
	}
	if l.n.Load() < 2 {
		t.Error("one request was enough: this test does not test")
	}
	// A page of a query is cut at 1 MB and goes on.
	seen := 0
	for q := (table.Query{Table: "threads", PK: "big"}); ; {
		page, err := p.Query(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		seen += len(page.Items)
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if seen != 45 {
		t.Errorf("%d items over all pages, want 45", seen)
	}
}

type counter struct{ n atomic.Int32 }

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return http.DefaultTransport.RoundTrip(r)
}

// TestObserve: what calls consume is what DynamoDB says, indexes included, and nobody who does not ask pays for the answer.
func TestObserve(t *testing.T) {
	c := client(t, nil)
	create(t, c, tabletest.Schemas)
	var seen []string
	p := dynamo.New(c, dynamo.Observe(func(op string, u dynamo.Units) {
		seen = append(seen, fmt.Sprintf("%s %s %g/%g views=%g", op, u.Table, u.Reads, u.Writes, u.Indexes["views"]))
	}))
	one, two := put("a", "1", table.Absent(), `{}`), put("a", "2", table.Absent(), `{}`)
	one.Item.Index = map[string]table.IndexKey{"views": {PK: "v", SK: "1"}}
	for _, ops := range [][]table.Op{{one}, {two, put("a", "3", table.Any(), `{}`)}} {
		if err := p.Transact(ctx, ops...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Get(ctx, "threads", true, one.Item.Key); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Get(ctx, "threads", false, one.Item.Key, two.Item.Key); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Query(ctx, table.Query{Table: "threads", Index: "views", PK: "v"}); err != nil {
		t.Fatal(err)
	}
	if err := p.Transact(ctx, table.Op{Table: "threads", Verb: table.Delete, Item: one.Item}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"PutItem threads 0/2 views=1", "TransactWriteItems threads 0/4 views=0", "GetItem threads 1/0 views=0",
		"BatchGetItem threads 1/0 views=0", "Query threads 0.5/0 views=0.5", "DeleteItem threads 0/2 views=1",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("seen\n %q, want\n %q", seen, want)
	}
}
