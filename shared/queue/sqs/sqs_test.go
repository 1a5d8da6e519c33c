package sqs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/queue/sqs"
)

func TestSend(t *testing.T) {
	ctx := context.Background()
	var got struct{ QueueURL, MessageBody string }
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ QueueUrl, MessageBody string }
		if r.Header.Get("X-Amz-Target") != "AmazonSQS.SendMessage" || json.NewDecoder(r.Body).Decode(&in) != nil {
			t.Errorf("%v", r.Header)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if code, ok := strings.CutPrefix(in.MessageBody, "fail "); ok {
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"__type":"com.amazonaws.sqs#%s","message":"m"}`, code)
			return
		}
		got.QueueURL, got.MessageBody = in.QueueUrl, in.MessageBody
		fmt.Fprint(w, `{"MessageId":"m1","MD5OfMessageBody":"5d41402abc4b2a76b9719d911017c592"}`)
	}))
	defer srv.Close()
	for k, v := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_MAX_ATTEMPTS": "1", "AWS_ENDPOINT_URL_SQS": srv.URL,
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
	} {
		t.Setenv(k, v)
	}
	queues, err := sqs.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const url = "https://sqs.eu-west-1.amazonaws.com/123456789012/mail"
	q := queues(url)
	if err := q.Send(ctx, "hello"); err != nil || got.QueueURL != url || got.MessageBody != "hello" {
		t.Errorf("%v, the server got %+v", err, got)
	}
	for body, want := range map[string]fault.Code{
		"fail RequestThrottled": fault.Busy, "fail OverLimit": fault.Busy, "fail InvalidMessageContents": fault.Invalid, "fail AccessDenied": fault.Internal,
		strings.Repeat("x", limit.QueueBytes+1): fault.Invalid,
	} {
		if err := q.Send(ctx, body); fault.CodeOf(err) != want {
			t.Errorf("%.30s: %v, want %s", body, err, want)
		}
	}
}
