package cloud_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/cloud/cloudtest"
	"parley/infra/rehearsal/iam"
)

var ctx = context.Background()

const anything = `{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}`

func service(calls *int) cloud.Service {
	return cloudtest.Handler("dynamodb", "dynamodb", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cloud.Allow(w, r, iam.Request{Action: "dynamodb:ListTables", Resource: "*"}) {
			*calls++
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			_, _ = w.Write([]byte(`{"TableNames":["` + cloud.Caller(r.Context()).Session + `"]}`))
		}
	}), cloud.RefuseJSON)
}

func code(t *testing.T, err error, want string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestCalls(t *testing.T) {
	calls := 0
	c := cloudtest.Open(t, anything, service(&calls))
	out, err := dynamodb.NewFromConfig(cloudtest.Config(c)).ListTables(ctx, nil)
	if err != nil || len(out.TableNames) != 1 || out.TableNames[0] != "f-1" {
		t.Fatal(out, err)
	}
	_, err = dynamodb.NewFromConfig(cloudtest.As(c, "guess")).ListTables(ctx, nil)
	code(t, err, "InvalidSignatureException")
	other := cloudtest.Config(c)
	other.Region = "us-east-1"
	if _, err = dynamodb.NewFromConfig(other).ListTables(ctx, nil); err == nil || len(c.Aliens()) != 1 || !strings.HasPrefix(c.Aliens()[0], "dynamodb.us-east-1.") {
		t.Errorf("another region: %v, %v", err, c.Aliens())
	}
	if calls != 1 {
		t.Errorf("%d calls were carried out", calls)
	}
}

func TestDenied(t *testing.T) {
	calls := 0
	c := cloudtest.Open(t, `{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*"}`, service(&calls))
	_, err := dynamodb.NewFromConfig(cloudtest.Config(c)).ListTables(ctx, nil)
	code(t, err, "AccessDeniedException")
	if err == nil || !strings.Contains(err.Error(), "dynamodb:ListTables") || calls != 0 {
		t.Errorf("%v, %d calls", err, calls)
	}
	if refused := c.Ledger.Refused(); len(refused) != 1 || refused[0].Action != "dynamodb:ListTables" || refused[0].Role != "f" {
		t.Errorf("%+v", refused)
	}
}

// TestStrike: a call can be cut before it is carried out, and after.
func TestStrike(t *testing.T) {
	calls := 0
	c := cloudtest.Open(t, anything, service(&calls))
	client := dynamodb.NewFromConfig(cloudtest.Config(c))
	for _, after := range []bool{false, true} {
		var names []string
		c.OnCall(func(call cloud.Call, done bool) bool {
			names = append(names, call.Role+" "+call.Name)
			return done == after
		})
		_, err := client.ListTables(ctx, nil)
		want := map[bool]int{false: 0, true: 1}[after]
		if err == nil || calls != want || names[0] != "f dynamodb ListTables" {
			t.Errorf("after %v: %v, %d calls, %v", after, err, calls, names)
		}
	}
	c.OnCall(nil)
	if _, err := client.ListTables(ctx, nil); err != nil {
		t.Error(err)
	}
}

// TestTrust: only who knows our certificate gets through, so a program with the wrong bundle cannot believe that it speaks with AWS.
func TestTrust(t *testing.T) {
	calls := 0
	c := cloudtest.Open(t, anything, service(&calls))
	client := c.Client()
	client.Transport.(*http.Transport).TLSClientConfig.RootCAs = nil
	if resp, err := client.Get("https://dynamodb." + cloudtest.Region + ".amazonaws.com/"); err == nil {
		resp.Body.Close()
		t.Error("the system trusts our certificate")
	}
	resp, err := c.Client().Get("https://dynamodb." + cloudtest.Region + ".amazonaws.com/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest || calls != 0 {
		t.Errorf("without a signature: %d, %d calls", resp.StatusCode, calls)
	}
}
