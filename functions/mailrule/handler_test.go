package mailrule_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/functions/mailrule"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/receipt"
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
	return receipt.Rule{Name: "parley-dev", Domain: domain, Bucket: "b", Prefix: "in/", Topic: "arn:aws:sns:eu-west-1:123456789012:t"}
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
			"ServiceToken": "arn:f", "Rule": r.Name, "Domain": r.Domain, "Bucket": r.Bucket, "Prefix": r.Prefix, "Topic": r.Topic,
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
	c := host.NewCloud(func(string) (string, bool) { return "", false }, nil)
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
	theirs := receipt.Rule{Name: "theirs", Domain: "shop.example"}
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
