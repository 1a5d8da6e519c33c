// Package rehearsal is the second set-up: the product as it deploys, on an AWS of our own.
//
// Owns: putting it together from infra/template.golden.json: every function's real bootstrap under a Lambda Runtime API, each with the credentials
// of its own role; endpoints that check every signature and every right; stream and queue mappings; the doors of local mode in front.
// Never: rules of the product; anything that ships.
// Imported by: its tests.
//
// A function's environment is what the template says. What the rehearsal adds is where AWS is: HTTPS_PROXY and AWS_CA_BUNDLE, beside
// the region and the role's credentials that Lambda itself sets.
package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"parley/infra/local/gateway"
	"parley/infra/local/issuer"
	"parley/infra/local/queue"
	sesdoor "parley/infra/local/ses"
	"parley/infra/local/template"
	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/connections"
	"parley/infra/rehearsal/dns"
	"parley/infra/rehearsal/dynamodb"
	"parley/infra/rehearsal/iam"
	"parley/infra/rehearsal/runtime"
	"parley/infra/rehearsal/s3"
	"parley/infra/rehearsal/ses"
	"parley/infra/rehearsal/ssm"
	"parley/infra/rehearsal/stream"
	shareddns "parley/shared/dns"
	dnslocal "parley/shared/dns/local"
	mailersmtp "parley/shared/mailer/smtp"
	"parley/shared/table/dynamo/dynamodblocal"
)

// Config says what to rehearse. Dir and DynamoDB must be set.
type Config struct {
	Dir        string                // for objects, queues, the outbox; empty at the start
	DynamoDB   *dynamodblocal.Server // may be shared: each rehearsal has a database of its own there
	MailDomain string                // default parley.localhost
	// Account is shown the ledger before the first call, for tests that take a grant away.
	Account func(*iam.Ledger)
	// Still stops the clock: schedules run by Tick alone.
	Still bool
	// Deaf loses every event of SES: nobody hears what became of a mail.
	Deaf bool
	// Unborn leaves the new workspace alone: nobody has signed in and no mail has come. Ready has neither token nor address until Greet.
	Unborn bool
	Seed   uint64 // of the order of stream records
	Log    *slog.Logger
}

// Rehearsal is the running product.
type Rehearsal struct {
	Ready Ready
	// Bootstraps are the files of the functions, by name.
	Bootstraps map[string]string

	Ledger *iam.Ledger
	Cloud  *cloud.Cloud
	Lambda *runtime.Lambda
	S3     *s3.Endpoint
	SSM    *ssm.Endpoint

	cfg      Config
	log      *slog.Logger
	origin   string
	template *template.Template
	raw      []byte
	streams  map[string]string // stream ARNs by table name
	groups   map[string]string // log groups by function
	sessions sessions
	db       *dynamodb.Endpoint
	hub      *connections.Hub
	outbox   *mailersmtp.Outbox
	mail     *ses.Endpoint
	dns      *dns.Server
	issuer   *issuer.Issuer
	door     *sesdoor.Door
	queues   map[string]*queue.Queue
	mappings []*stream.Mapping
	bus      []listener
	telling  atomic.Int64 // events of SES under way
	ruleID   string       // physical id of the custom resource
	sockets  *gateway.Sockets
	server   *http.Server
	smtp     *smtp.Server

	ctx     context.Context // ends when the feeds are to stop
	stop    context.CancelFunc
	workers sync.WaitGroup
	closers []io.Closer
	logs    logs
}

// Start builds the functions, makes the account, and returns when requests and mail are taken. After an error nothing runs.
func Start(ctx context.Context, cfg Config) (*Rehearsal, error) {
	if cfg.MailDomain == "" {
		cfg.MailDomain = "parley.localhost"
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	r := &Rehearsal{cfg: cfg, log: cfg.Log, streams: map[string]string{}, queues: map[string]*queue.Queue{}, hub: connections.NewHub()}
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Rehearsal) start(ctx context.Context) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	if r.raw, err = os.ReadFile(filepath.Join(root, "infra", "template.golden.json")); err != nil {
		return err
	}
	if r.template, err = template.Parse(r.raw); err != nil {
		return err
	}
	if r.groups, err = logGroups(r.raw); err != nil {
		return err
	}
	var names []string
	for _, f := range r.functions() {
		names = append(names, f.Name)
	}
	binaries, err := build(ctx, root, filepath.Join(root, "dist", "rehearsal"), names)
	if err != nil {
		return err
	}
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	r.closers = append(r.closers, quiet{web})
	mail, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	r.closers = append(r.closers, quiet{mail})
	r.origin = "http://" + web.Addr().String()
	r.Bootstraps = binaries
	for _, step := range []func() error{r.openTables, r.openIssuer, r.openDNS, r.openCloud, func() error { return r.openFunctions(binaries) }, r.openQueues, r.feed, func() error { return r.Deploy(ctx, "Create") }} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := r.listen(web, mail); err != nil {
		return err
	}
	users := people(r.cfg.MailDomain)
	r.Ready = Ready{
		Inbox: r.origin + "/", API: r.origin + "/api", OpenAPI: r.origin + "/api/openapi.json", SMTP: mail.Addr().String(), Outbox: r.origin + "/outbox",
		User: users[0].Email, Password: password, DNS: string(r.zone()),
	}
	if r.cfg.Unborn {
		return nil
	}
	return r.Greet(ctx)
}

// quiet closes a listener that a server may have closed already.
type quiet struct{ net.Listener }

func (q quiet) Close() error {
	if err := q.Listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// count tells the databases of one DynamoDB Local apart.
var count atomic.Int64

// openTables makes the template's tables in DynamoDB Local, in a database of our own.
func (r *Rehearsal) openTables() error {
	r.db = &dynamodb.Endpoint{
		URL: r.cfg.DynamoDB.URL, Name: "rehearsal" + fmt.Sprint(count.Add(1)), Region: Region, Arn: r.tableArn,
		Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	for _, t := range r.template.Tables {
		if err := r.createTable(t); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rehearsal) createTable(t template.Table) error {
	attributes := []map[string]string{}
	keys := func(pk, sk string) []map[string]string {
		for _, name := range []string{pk, sk} {
			attributes = append(attributes, map[string]string{"AttributeName": name, "AttributeType": "S"})
		}
		return []map[string]string{{"AttributeName": pk, "KeyType": "HASH"}, {"AttributeName": sk, "KeyType": "RANGE"}}
	}
	name := physical("table", t.Name)
	in := map[string]any{"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": keys(t.PartitionKey, t.SortKey)}
	var indexes []map[string]any
	for _, i := range t.Indexes {
		indexes = append(indexes, map[string]any{"IndexName": i.Name, "KeySchema": keys(i.PartitionKey, i.SortKey), "Projection": map[string]string{"ProjectionType": "KEYS_ONLY"}})
	}
	if indexes != nil {
		in["GlobalSecondaryIndexes"] = indexes
	}
	if t.Stream {
		in["StreamSpecification"] = map[string]any{"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}
	}
	in["AttributeDefinitions"] = attributes
	var out struct {
		TableDescription struct{ LatestStreamArn string }
	}
	if err := r.db.Call("CreateTable", in, &out); err != nil {
		return err
	}
	if arn := out.TableDescription.LatestStreamArn; arn != "" {
		r.streams[name] = r.tableArn(name) + arn[strings.Index(arn, "/stream/"):]
	}
	return nil
}

// functions are all that something calls, each once.
func (r *Rehearsal) functions() []template.Function {
	out := slices.Clone(r.template.Functions)
	for _, f := range r.template.Hooks {
		if _, runs := r.template.Function(f.Name); !runs {
			out = append(out, f)
		}
	}
	return out
}

// zone is the file of the records that functions look up.
func (r *Rehearsal) zone() dnslocal.Zone { return dnslocal.Zone(filepath.Join(r.cfg.Dir, "dns.json")) }

func (r *Rehearsal) openDNS() error {
	var err error
	if r.dns, err = dns.Listen(r.zone()); err == nil {
		r.closers = append(r.closers, r.dns)
	}
	return err
}

// cname is where a name points to.
func (r *Rehearsal) cname(ctx context.Context, name string) string {
	to, err := r.zone().Lookup(ctx, shareddns.CNAME, name)
	if err != nil || len(to) == 0 {
		return ""
	}
	return to[0]
}

// openIssuer starts what stands in for Cognito.
func (r *Rehearsal) openIssuer() error {
	var err error
	r.issuer, err = issuer.Open(issuer.Config{URL: r.origin + "/id", File: filepath.Join(r.cfg.Dir, "issuer.json"), Users: people(r.cfg.MailDomain), Welcome: password, Origins: []string{r.origin}, Log: r.log})
	if err == nil {
		r.closers = append(r.closers, r.issuer)
	}
	return err
}

func (r *Rehearsal) openQueues() error {
	dead := map[string]bool{}
	for _, q := range r.template.Queues {
		dead[q.DeadLetters] = true
	}
	for _, q := range r.template.Queues {
		if dead[q.Name] {
			continue // a queue keeps its dead letters in its own file
		}
		opened, err := queue.Open(filepath.Join(r.cfg.Dir, "queue-"+q.Name+".db"), queue.Config{Visibility: q.Visibility, MaxReceive: q.MaxReceives})
		if err != nil {
			return err
		}
		r.queues[q.Name] = opened
		r.closers = append(r.closers, opened)
	}
	return nil
}

// Close ends everything, processes first.
func (r *Rehearsal) Close() error {
	var errs []error
	if r.smtp != nil {
		errs = append(errs, r.smtp.Close())
	}
	if r.sockets != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		r.sockets.Close(ctx)
		cancel()
	}
	if r.server != nil {
		errs = append(errs, r.server.Close())
	}
	if r.stop != nil {
		r.stop()
	}
	if r.Lambda != nil {
		errs = append(errs, r.Lambda.Close())
	}
	r.workers.Wait()
	if r.Cloud != nil {
		errs = append(errs, r.Cloud.Close())
	}
	for _, c := range slices.Backward(r.closers) {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
