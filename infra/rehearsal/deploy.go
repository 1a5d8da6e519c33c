package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"parley/infra/rehearsal/runtime"
	"parley/infra/rehearsal/ses"
)

// Deploy plays the part of CloudFormation that calls functions: "Create", "Update" or "Delete" of the receipt rule's custom resource.
func (r *Rehearsal) Deploy(ctx context.Context, kind string) error {
	if len(r.template.Hooks) != 1 || len(r.template.MailRules) != 1 {
		return fmt.Errorf("the rehearsal plays one custom resource for one mail rule, the template has %d and %d", len(r.template.Hooks), len(r.template.MailRules))
	}
	r.mail.Rules.MayWrite = func(bucket, topic string) bool { return r.S3.Buckets[bucket] && topic == r.topic() }
	id, err := r.custom(ctx, kind, r.ruleID)
	if err == nil {
		r.ruleID = id
	}
	return err
}

// Rules are the account's receipt rules.
func (r *Rehearsal) Rules() *ses.Rules { return &r.mail.Rules }

func (r *Rehearsal) topic() string { return arn("sns", physical("topic", "mailtopic")) }

// custom sends one request of CloudFormation's to the function behind the mail rule, asynchronously as it does, and waits for the answer at the
// response URL.
// Source: CloudFormation user guide, "Custom resource request objects" and "Custom resource response objects".
func (r *Rehearsal) custom(ctx context.Context, kind, id string) (string, error) {
	properties, err := r.ruleProperties()
	if err != nil {
		return "", err
	}
	type response struct{ Status, Reason, PhysicalResourceId string }
	answers := make(chan response, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	srv := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var a response
		if err := json.NewDecoder(req.Body).Decode(&a); err != nil || req.Method != http.MethodPut {
			http.Error(w, "no answer of a custom resource", http.StatusBadRequest)
			return
		}
		answers <- a
	})}
	defer srv.Close()
	go func() { _ = srv.Serve(l) }() // ends with Close
	payload, err := json.Marshal(map[string]any{
		"RequestType": kind, "ResponseURL": "http://" + l.Addr().String() + "/", "StackId": arn("cloudformation", "stack/parley-dev/1"), "RequestId": "1",
		"ResourceType": "Custom::MailRule", "LogicalResourceId": r.template.MailRules[0].ID, "PhysicalResourceId": id, "ResourceProperties": properties,
	})
	if err != nil {
		return "", err
	}
	hook := r.template.Hooks[0]
	again := runtime.Async{Retries: hook.AsyncRetries, Pause: func(int) time.Duration { return time.Second }}
	if err := r.Lambda.InvokeAsync(ctx, hook.Name, payload, again); err != nil {
		return "", err
	}
	select {
	case a := <-answers:
		if a.Status != "SUCCESS" {
			return a.PhysicalResourceId, fmt.Errorf("%s of the mail rule: %s", kind, a.Reason)
		}
		return a.PhysicalResourceId, nil
	default:
		return "", errors.New("the custom resource's function gave CloudFormation no answer")
	}
}

// ruleProperties are the custom resource's properties, resolved.
func (r *Rehearsal) ruleProperties() (map[string]string, error) {
	rule := r.template.MailRules[0]
	domain, err := rule.Recipients[0].Resolve(r.lookup)
	if err != nil {
		return nil, err
	}
	return map[string]string{"Rule": "parley-dev", "Domain": domain, "Bucket": physical("bucket", rule.Bucket), "Prefix": rule.Prefix, "Topic": r.topic()}, nil
}
