package ses_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/shared/fault"
	"parley/shared/receipt"
	"parley/shared/receipt/ses"
)

var (
	ctx  = context.Background()
	rule = receipt.Rule{Name: "parley-dev", Domains: []string{"mail.example.com", "kiln.example"}, Bucket: "b", Prefix: "in/", Topic: "arn:aws:sns:eu-west-1:123456789012:t"}
)

// api is SES's first API, which speaks queries and XML. fail is the error code of an action; result what stands in an action's answer.
type api struct {
	fail, result map[string]string
	got          []url.Values
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	a.got = append(a.got, r.PostForm)
	action := r.PostForm.Get("Action")
	w.Header().Set("Content-Type", "text/xml")
	if code := a.fail[action]; code != "" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>%s</Code><Message>the reason</Message></Error><RequestId>r</RequestId></ErrorResponse>`, code)
		return
	}
	fmt.Fprintf(w, `<%[1]sResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><%[1]sResult>%[2]s</%[1]sResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></%[1]sResponse>`, action, a.result[action])
}

func (a *api) actions() string {
	var out []string
	for _, v := range a.got {
		out = append(out, v.Get("Action"))
	}
	return strings.Join(out, " ")
}

func open(t *testing.T, a *api) receipt.Rules {
	t.Helper()
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_SES": s.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
	} {
		t.Setenv(k, v)
	}
	r, err := ses.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestActive(t *testing.T) {
	for body, want := range map[string]string{"": "", "<Metadata><Name>main</Name></Metadata>": "main"} {
		a := &api{result: map[string]string{"DescribeActiveReceiptRuleSet": body}}
		if got, err := open(t, a).Active(ctx); err != nil || got != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	if got, err := open(t, &api{fail: map[string]string{"DescribeActiveReceiptRuleSet": "AccessDenied"}}).Active(ctx); err == nil {
		t.Errorf("a refusal is read as %q", got)
	}
}

func TestPut(t *testing.T) {
	a := &api{}
	if err := open(t, a).Put(ctx, "main", rule); err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"RuleSetName": {"main"}, "Rule.Name": {"parley-dev"}, "Rule.Enabled": {"true"}, "Rule.ScanEnabled": {"true"}, "Rule.TlsPolicy": {"Optional"},
		"Rule.Recipients.member.1": {"mail.example.com"}, "Rule.Actions.member.1.S3Action.BucketName": {"b"},
		"Rule.Actions.member.1.S3Action.ObjectKeyPrefix": {"in/"}, "Rule.Actions.member.1.S3Action.TopicArn": {rule.Topic},
	}
	for key, value := range want {
		if !slices.Equal(a.got[0][key], value) {
			t.Errorf("%s = %v, want %v", key, a.got[0][key], value)
		}
	}
	if len(a.got) != 1 || a.actions() != "CreateReceiptRule" || a.got[0].Has("After") {
		t.Errorf("calls %v", a.got)
	}
	a = &api{fail: map[string]string{"CreateReceiptRule": "AlreadyExists"}}
	if err := open(t, a).Put(ctx, "main", rule); err != nil || a.actions() != "CreateReceiptRule UpdateReceiptRule" {
		t.Errorf("%v after %s", err, a.actions())
	}
	if a.got[1].Get("Rule.Recipients.member.1") != "mail.example.com" {
		t.Errorf("update %v", a.got[1])
	}
}

func TestAnswers(t *testing.T) {
	for code, want := range map[string]fault.Code{
		"InvalidS3Configuration": fault.Busy, "InvalidSnsTopic": fault.Busy, "RuleSetDoesNotExist": fault.NotFound, "AccessDenied": fault.Internal,
	} {
		a := &api{fail: map[string]string{"CreateReceiptRule": code}}
		if err := open(t, a).Put(ctx, "main", rule); fault.CodeOf(err) != want {
			t.Errorf("%s: %v, want %s", code, err, want)
		}
	}
	for code, want := range map[string]fault.Code{"RuleSetDoesNotExist": "", "RuleDoesNotExist": "", "AccessDenied": fault.Internal} {
		a := &api{fail: map[string]string{"DeleteReceiptRule": code}}
		if err := open(t, a).Remove(ctx, "main", "parley-dev"); fault.CodeOf(err) != want {
			t.Errorf("remove, %s: %v", code, err)
		}
	}
	a := &api{fail: map[string]string{"CreateReceiptRuleSet": "AlreadyExists"}}
	if err := open(t, a).Create(ctx, "parley"); err != nil {
		t.Error(err)
	}
	a = &api{}
	if err := open(t, a).Activate(ctx, "parley"); err != nil || a.got[0].Get("RuleSetName") != "parley" || a.actions() != "SetActiveReceiptRuleSet" {
		t.Errorf("%v, %v", err, a.got)
	}
}
