// Package template reads infra/template.golden.json, so that local mode is wired by what is deployed and by nothing else.
//
// Owns: what the template says of functions, routes, mappings, queues, tables, buckets, clocks and mail rules, in Parley's own short names;
// the meaning of a stream mapping's filter.
// Never: running any of it, AWS, the CDK. It does not guess: a resource, property or intrinsic that it does not know is an error, and what
// local mode can do without stands in the list `ignored`, with the reason.
// Imported by: infra/local and the tests of both set-ups.
package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

// Template is one stack. Functions are those that something calls at run time, Hooks those that a deployment calls; one may be both. Every list is in the order of logical ids, but Functions and Routes are in the order of their names and paths.
type Template struct {
	Parameters   []Parameter
	Functions    []Function
	Hooks        []Function
	Routes       []Route
	SocketRoutes []SocketRoute
	SocketStage  string // path under which sockets are opened, without slashes
	Mappings     []Mapping
	Tables       []Table
	Queues       []Queue
	Buckets      []Bucket
	Schedules    []Schedule
	BusRules     []BusRule
	MailRules    []MailRule

	resources map[string]Resource
}

// Parameter is a value that a deployment fills in; a Value refers to it by ID, as to a resource.
type Parameter struct {
	ID         string
	Default    string
	HasDefault bool
}

// Resource is what stands behind a logical id. Name is its short name ("threads"), "" for a resource that has none.
type Resource struct {
	Type string
	Name string
}

// Function is one folder of functions/.
type Function struct {
	ID      string
	Name    string
	Memory  int // MB
	Timeout time.Duration
	Env     map[string]Value
	// AsyncRetries is how often a failed asynchronous call (a schedule's, a bus rule's) is tried again: 2 unless the template says otherwise.
	AsyncRetries int
	// AsyncFailure is the short name of the bucket that takes what failed to the end, "" for none.
	AsyncFailure string
}

// Route is one route of the HTTP API. Method is ANY for all; Path is API Gateway's ("/api/{proxy+}").
type Route struct {
	Method   string
	Path     string
	Function string
	JWT      *JWT // nil: the route is open
}

// JWT says whose tokens a route takes: of this issuer, with one of these in aud (or in client_id, if there is no aud).
type JWT struct {
	Issuer   Value
	Audience []Value
}

// SocketRoute is $connect, $disconnect, $default or one by the action of a frame.
type SocketRoute struct {
	Key      string
	Function string // "": a MOCK integration swallows the frame
}

// Kind of a mapping's source.
type Kind string

// The two kinds of source.
const (
	Stream    Kind = "stream" // of a table
	FromQueue Kind = "queue"
)

// Mapping is an event source mapping: what Lambda polls for a function.
type Mapping struct {
	ID       string
	Function string
	Kind     Kind
	Source   string // short name of the table or queue
	Batch    int
	Window   time.Duration
	// Filters let a record pass if one of them matches, or if there are none.
	Filters []Filter
	// PartialFailures: the function's answer names what failed (ReportBatchItemFailures).
	PartialFailures bool
	// Retries, MaxAge, Bisect, Parallel and OnFailure are of streams only. OnFailure is the short name of a bucket.
	Retries   int
	MaxAge    time.Duration
	Bisect    bool
	Parallel  int
	OnFailure string
	// MaxConcurrency is of queues only; 0 is no bound.
	MaxConcurrency int
}

// Wants reports whether a stream record, as the map that its JSON is, passes the mapping's filters.
func (m Mapping) Wants(record map[string]any) bool {
	return len(m.Filters) == 0 || slices.ContainsFunc(m.Filters, func(f Filter) bool { return f.Match(record) })
}

// Table is one table; all its key attributes are strings and its indexes hold keys only.
type Table struct {
	ID           string
	Name         string
	PartitionKey string
	SortKey      string
	Indexes      []Index
	TTL          string // attribute with the expiry in unix seconds, "" for none
	Stream       bool   // with new and old images
}

// Index is a global secondary index.
type Index struct {
	Name         string
	PartitionKey string
	SortKey      string
}

// Queue is an SQS queue. DeadLetters is the short name of the queue that takes a message after MaxReceives tries, "" for none.
type Queue struct {
	ID          string
	Name        string
	Visibility  time.Duration
	Retention   time.Duration
	DeadLetters string
	MaxReceives int
}

// Bucket is an S3 bucket.
type Bucket struct {
	ID   string
	Name string
}

// Schedule calls a function at a fixed rate, asynchronously.
type Schedule struct {
	ID       string
	Function string
	Every    time.Duration
}

// Payload is what the function gets for the run of that time: EventBridge's "Scheduled Event".
func (s Schedule) Payload(id string, at time.Time) []byte {
	b, err := json.Marshal(map[string]any{
		"version": "0", "id": id, "detail-type": "Scheduled Event", "source": "aws.events", "account": "000000000000", "region": "local",
		"time":      at.UTC().Format(time.RFC3339),
		"resources": []string{"arn:aws:events:local:000000000000:rule/" + s.ID},
		"detail":    map[string]any{},
	})
	if err != nil {
		panic(err) // strings alone: cannot fail
	}
	return b
}

// BusRule calls a function, asynchronously, with the events of EventBridge's default bus that match its pattern.
type BusRule struct {
	ID       string
	Function string
	pattern  any // JSON whose texts are Values
}

// Filter is the rule's pattern with its references resolved.
func (b BusRule) Filter(lookup Lookup) (Filter, error) {
	plain, err := resolveAll(b.pattern, lookup)
	if err != nil {
		return Filter{}, fmt.Errorf("%s: %w", b.ID, err)
	}
	raw, err := json.Marshal(plain)
	if err != nil {
		return Filter{}, err
	}
	return ParseFilter(raw)
}

// MailRule is what SES does with mail for its recipients: the raw mail goes to Bucket under Prefix + SES's message id, and the notification,
// bare of SNS's envelope, to Queues.
type MailRule struct {
	ID         string
	Recipients []Value // domains and addresses; a domain stands for each of its addresses
	Bucket     string
	Prefix     string
	Queues     []string
}

// Load reads the template from a file.
func Load(path string) (*Template, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Parse reads a template.
func Parse(raw []byte) (*Template, error) {
	var f file
	if err := decode(raw, &f); err != nil {
		return nil, err
	}
	r := reader{
		file: f, t: &Template{resources: map[string]Resource{}}, integrations: map[string]string{}, subscribed: map[string][]string{},
		authorizers: map[string]JWT{}, protocols: map[string]string{},
	}
	if err := r.read(); err != nil {
		return nil, err
	}
	return r.t, nil
}

// Resource returns what stands behind a logical id; the runner's Lookup asks it.
func (t *Template) Resource(id string) (Resource, bool) {
	r, ok := t.resources[id]
	return r, ok
}

// Function returns the function of that name.
func (t *Template) Function(name string) (Function, bool) {
	for _, f := range t.Functions {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// Environment resolves a function's environment.
func (f Function) Environment(lookup Lookup) (map[string]string, error) {
	env := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(f.Env)) {
		value, err := f.Env[key].Resolve(lookup)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", f.Name, key, err)
		}
		env[key] = value
	}
	return env, nil
}

// decode is json.Unmarshal that refuses what the target does not name.
func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
