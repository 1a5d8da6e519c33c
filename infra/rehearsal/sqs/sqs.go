// Package sqs is the rehearsal's SQS for who puts something on a queue: one operation. What takes from queues is the mapping (infra/rehearsal feed).
//
// Owns: SendMessage over a queue of local mode's. Never: receiving.
// Imported by: infra/rehearsal.
//
// Source: SQS API reference, SendMessage; "AWS JSON protocol in Amazon SQS".
package sqs

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
)

// Endpoint is the service's handler.
type Endpoint struct {
	Arn  func(queue string) string
	Send func(ctx context.Context, queue, body string) (known bool, err error) // queue is the last part of its URL
}

func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Amz-Target") != "AmazonSQS.SendMessage" {
		cloud.RefuseJSON(w, http.StatusBadRequest, "UnsupportedOperation", "the rehearsal does not know "+r.Header.Get("X-Amz-Target"))
		return
	}
	var in struct{ QueueUrl, MessageBody string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.MessageBody == "" {
		cloud.RefuseJSON(w, http.StatusBadRequest, "MissingParameter", "MessageBody is needed")
		return
	}
	name := in.QueueUrl[strings.LastIndexByte(in.QueueUrl, '/')+1:]
	if !cloud.Allow(w, r, iam.Request{Action: "sqs:SendMessage", Resource: e.Arn(name)}) {
		return
	}
	known, err := e.Send(r.Context(), name, in.MessageBody)
	if err != nil {
		cloud.RefuseJSON(w, http.StatusInternalServerError, "InternalFailure", err.Error())
		return
	}
	if !known {
		cloud.RefuseJSON(w, http.StatusBadRequest, "QueueDoesNotExist", "The specified queue does not exist.")
		return
	}
	sum := md5.Sum([]byte(in.MessageBody)) // the SDK compares it
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_ = json.NewEncoder(w).Encode(map[string]string{"MessageId": hex.EncodeToString(sum[:]), "MD5OfMessageBody": hex.EncodeToString(sum[:])})
}
