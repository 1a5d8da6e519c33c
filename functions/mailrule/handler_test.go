package mailrule_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/events"
	"parley/functions/mailrule"
	"parley/shared/fault"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/receipt"
	"parley/shared/store"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // aws-lambda-go tells what it answers
	m.Run()
}

// account is an account's rule sets, as SES keeps them.
type account struct {
	active string
	sets   map[string][]receipt.Rule
	calls  []string
	fail   map[string]error // by call, once each time it is there
	world  *hosttest.World  // the settings; nil: a new one
}

func (a *account) call(name string) error {
	a.calls = append(a.calls, name)
	return a.fail[name]
}

func (a *account) Active(context.Context) (string, error) { return a.active, a.call("active") }

func (a *account) Create(_ context.Context, set string) error {
	if _, ok := a.sets[set]; !ok {
		a.sets[set] = nil
	}
	return a.call("create " + set)
}

func (a *account) Activate(_ context.Context, set string) error {
	a.active = set
	return a.call("activate " + set)
}

func (a *account) Put(_ context.Context, set string, r receipt.Rule) error {
	if err := a.call("put " + set + "/" + r.Name); err != nil {
		return err
	}
	if i := slices.IndexFunc(a.sets[set], func(x receipt.Rule) bool { return x.Name == r.Name }); i >= 0 {
		a.sets[set][i] = r
		return nil
	}
	a.sets[set] = append([]receipt.Rule{r}, a.sets[set]...)
	return nil
}

func (a *account) Remove(_ context.Context, set, rule string) error {
	a.sets[set] = slices.DeleteFunc(a.sets[set], func(x receipt.Rule) bool { return x.Name == rule })
	return a.call("remove " + set + "/" + rule)
}

func rule(domain string) receipt.Rule {
	return receipt.Rule{Name: "parley-dev", Domains: []string{domain}, Bucket: "b", Prefix: "in/", Topic: "arn:aws:sns:eu-west-1:123456789012:t"}
}

type answer struct {
	Status, Reason, PhysicalResourceID string
	Data                               map[string]string
}

// ask sends what CloudFormation sends and returns what it gets; edits change the request.
func ask(t *testing.T, a *account, kind, id, domain string, edits ...func(request map[string]any)) answer {
	t.Helper()
	var got answer
	answers := 0
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		answers++
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || r.Method != http.MethodPut {
			t.Errorf("%s: %v", r.Method, err)
		}
	}))
	defer s.Close()
	r := rule(domain)
	request := map[string]any{
		"RequestType": kind, "ResponseURL": s.URL, "StackId": "arn:stack", "RequestId": "unique-1", "LogicalResourceId": "MailRule",
		"ResourceType": "Custom::MailRule", "ResourceProperties": map[string]any{
			"ServiceToken": "arn:f", "Rule": r.Name, "Domain": r.Domains[0], "Bucket": r.Bucket, "Prefix": r.Prefix, "Topic": r.Topic,
		},
	}
	if id != "" {
		request["PhysicalResourceId"] = id
	}
	for _, edit := range edits {
		edit(request)
	}
	payload, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	if a.world == nil {
		a.world = hosttest.New(t)
	}
	c := a.world.Cloud()
	c.Receipt = a
	h, err := c.Build(mailrule.New)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(hosttest.Context(), time.Second)
	defer cancel()
	if _, err := h.Invoke(ctx, payload); err != nil || answers != 1 {
		t.Fatalf("%d answers, %v", answers, err)
	}
	return got
}

func TestWithoutAnActiveSet(t *testing.T) {
	a := &account{sets: map[string][]receipt.Rule{}}
	got := ask(t, a, "Create", "", "mail.example.com")
	want := answer{Status: "SUCCESS", PhysicalResourceID: "parley/parley-dev", Data: map[string]string{"RuleSet": "parley"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// The rule is there before the set is asked: no mail is turned away in between.
	if diff := cmp.Diff([]string{"active", "create parley", "put parley/parley-dev", "activate parley"}, a.calls); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]receipt.Rule{rule("mail.example.com")}, a.sets["parley"]); diff != "" {
		t.Error(diff)
	}
}

// Somebody else's set stays the active one, with all its rules.
func TestInAnothersSet(t *testing.T) {
	theirs := receipt.Rule{Name: "theirs", Domains: []string{"shop.example"}}
	a := &account{active: "main", sets: map[string][]receipt.Rule{"main": {theirs}, "old": {theirs}}}
	if got := ask(t, a, "Create", "", "mail.example.com"); got.Status != "SUCCESS" || got.PhysicalResourceID != "main/parley-dev" {
		t.Fatalf("%+v", got)
	}
	for range 2 { // CloudFormation repeats what it is not sure of
		if got := ask(t, a, "Update", "main/parley-dev", "post.example.com"); got.Status != "SUCCESS" || got.PhysicalResourceID != "main/parley-dev" {
			t.Fatalf("%+v", got)
		}
	}
	if diff := cmp.Diff([]receipt.Rule{rule("post.example.com"), theirs}, a.sets["main"]); diff != "" {
		t.Error(diff)
	}
	a.active, a.sets["new"] = "new", nil // somebody activates another set: the next deployment moves there
	got := ask(t, a, "Update", "main/parley-dev", "post.example.com")
	if got.PhysicalResourceID != "new/parley-dev" {
		t.Fatalf("%+v", got)
	}
	ask(t, a, "Delete", "main/parley-dev", "post.example.com") // which is what CloudFormation does with an id that changed
	for range 2 {
		if got := ask(t, a, "Delete", "new/parley-dev", "post.example.com"); got.Status != "SUCCESS" || got.PhysicalResourceID != "new/parley-dev" {
			t.Fatalf("%+v", got)
		}
	}
	want := map[string][]receipt.Rule{"main": {theirs}, "old": {theirs}, "new": {}}
	if diff := cmp.Diff(want, a.sets, cmp.Transformer("empty", func(r []receipt.Rule) []receipt.Rule { return append([]receipt.Rule{}, r...) })); diff != "" || a.active != "new" {
		t.Errorf("active %s\n%s", a.active, diff)
	}
	for _, call := range a.calls {
		if strings.HasPrefix(call, "activate") || strings.HasPrefix(call, "create") {
			t.Errorf("%s, though a set is active", call)
		}
	}
}

func TestWhatFailsSaysWhy(t *testing.T) {
	a := &account{active: "main", sets: map[string][]receipt.Rule{"main": nil}}
	lacks := func(r map[string]any) { delete(r["ResourceProperties"].(map[string]any), "Topic") }
	if got := ask(t, a, "Create", "", "x.example", lacks); got.Status != "FAILED" || !strings.Contains(got.Reason, "lacks Topic") || got.PhysicalResourceID != "unique-1" {
		t.Errorf("%+v", got)
	}
	a.fail = map[string]error{"put main/parley-dev": fault.New(fault.Busy, "SES may not write to the mail bucket")}
	if got := ask(t, a, "Create", "", "x.example"); got.Status != "FAILED" || !strings.Contains(got.Reason, "may not write") || got.PhysicalResourceID != "main/parley-dev" {
		t.Errorf("%+v", got)
	}
	a.fail = map[string]error{"active": errors.New("throttled")}
	if got := ask(t, a, "Update", "main/parley-dev", "x.example"); got.Status != "FAILED" || got.PhysicalResourceID != "main/parley-dev" {
		t.Errorf("%+v", got)
	}
	if got := ask(t, a, "Rename", "main/parley-dev", "x.example"); got.Status != "FAILED" {
		t.Errorf("%+v", got)
	}
	a.fail = map[string]error{"remove main/parley-dev": errors.New("throttled")}
	if got := ask(t, a, "Delete", "main/parley-dev", "x.example"); got.Status != "FAILED" {
		t.Errorf("a rule that stayed was called removed: %+v", got)
	}
}

// A creation that failed before there was a rule is rolled back by deleting its request's id.
func TestDeletingWhatNeverWas(t *testing.T) {
	for _, id := range []string{"unique-1", "/", "a/", "/b"} {
		a := &account{}
		if got := ask(t, a, "Delete", id, "x.example"); got.Status != "SUCCESS" || got.PhysicalResourceID != id || len(a.calls) != 0 {
			t.Errorf("%+v after %v", got, a.calls)
		}
	}
}

// settings are the world's, with accounts whose mail exchanger is ours.
func settings(t *testing.T, w *hosttest.World, addresses ...string) *store.Settings {
	t.Helper()
	n := 0
	st := store.Open(w.DB, store.Names{Settings: "settings"}, w.Now, func() string { n++; return "id" + string(rune('a'+n)) }).Settings
	ctx := hosttest.Context()
	if err := st.Birth(ctx, "parley.example"); err != nil {
		t.Fatal(err)
	}
	inboxes, err := st.Inboxes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if _, err := st.Connect(ctx, events.Actor{ID: "u1"}, inbox.Connection{Inbox: inboxes[0].ID, Name: "X", Address: a, Way: inbox.Direct}); err != nil {
			t.Fatal(err)
		}
	}
	w.Pass(time.Minute)
	return st
}

// tick is the clock's call.
func tick(t *testing.T, a *account) {
	t.Helper()
	c := a.world.Cloud()
	c.Receipt = a
	h, err := c.Build(mailrule.New)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := os.ReadFile("../../events/samples/ses/setup.json") // any JSON that is no request of CloudFormation's
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Invoke(hosttest.Context(), payload); err != nil {
		t.Fatal(err)
	}
	a.world.Pass(time.Minute)
}

// The rule follows the accounts, asks SES for nothing while they stay as they are, and says what it could not do.
func TestTheClockFollowsTheAccounts(t *testing.T) {
	w := hosttest.New(t)
	st := settings(t, w, "help@kiln.example", "shop@kiln.example", "hi@clay.example")
	a := &account{active: "main", sets: map[string][]receipt.Rule{"main": nil}, world: w}
	rule := func() store.Rule {
		t.Helper()
		r, _, err := st.MailRule(hosttest.Context())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a.fail = map[string]error{"put main/parley-test": fault.New(fault.Busy, "SES may not write to the mail bucket")}
	tick(t, a)
	if r := rule(); !strings.Contains(r.Problem, "may not write") || len(r.Domains) != 0 || r.At.IsZero() {
		t.Errorf("%+v", r)
	}
	a.fail = nil
	tick(t, a)
	want := []string{"parley.example", "clay.example", "kiln.example"}
	if r := rule(); !slices.Equal(r.Domains, want) || r.Problem != "" {
		t.Errorf("%+v", r)
	}
	if got := a.sets["main"]; len(got) != 1 || !slices.Equal(got[0].Domains, want) || got[0].Bucket != "mail" || got[0].Prefix != "in/" || got[0].Topic == "" {
		t.Errorf("%+v", got)
	}
	calls := len(a.calls)
	tick(t, a)
	if len(a.calls) != calls {
		t.Errorf("nothing was to be done, and SES was asked %v", a.calls[calls:])
	}
	accounts, err := st.Accounts(hosttest.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range accounts {
		if x.Address == "hi@clay.example" {
			if _, err := st.ChangeAccount(hosttest.Context(), events.Actor{ID: "u1"}, x.ID, "disconnected", inbox.Account.Disconnect); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.Pass(time.Minute)
	tick(t, a)
	if got := a.sets["main"][0].Domains; !slices.Equal(got, []string{"parley.example", "kiln.example"}) {
		t.Errorf("%v", got)
	}
	// A deployment does not take the accounts' domains out.
	if got := ask(t, a, "Update", "main/parley-dev", "parley.example"); got.Status != "SUCCESS" {
		t.Errorf("%+v", got)
	}
	if got := a.sets["main"][0].Domains; !slices.Equal(got, []string{"parley.example", "kiln.example"}) {
		t.Errorf("%v", got)
	}
}
