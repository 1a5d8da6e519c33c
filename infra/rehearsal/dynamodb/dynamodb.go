// Package dynamodb is the rehearsal's DynamoDB endpoint: it asks for the caller's rights and hands the request to Amazon's DynamoDB Local.
//
// Owns: which actions on which ARNs a request is. Never: items.
// Imported by: infra/rehearsal.
//
// A transaction is authorised by the actions of its items, not by a right of its own; an index has its own ARN.
// Source: "Actions, resources, and condition keys for Amazon DynamoDB", service authorization reference.
package dynamodb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
)

// Authorization is the header that leads to the database of that name: DynamoDB Local keeps one per access key, and checks no signature.
func Authorization(name, region string) string {
	return "AWS4-HMAC-SHA256 Credential=" + name + "/20260101/" + region + "/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
}

// Endpoint is the service's handler.
type Endpoint struct {
	URL    string // of DynamoDB Local
	Name   string // of the database there
	Region string
	Arn    func(table string) string
	Client *http.Client
}

type entry struct {
	TableName string
	Key, Item map[string]json.RawMessage
}

// request is what of a request says whom it concerns.
type request struct {
	TableName, IndexName string
	Key, Item            map[string]json.RawMessage
	RequestItems         map[string]json.RawMessage
	// Of a query: its partition is :pk (shared/table/dynamo).
	ExpressionAttributeValues map[string]json.RawMessage
	TransactItems             []struct {
		Put, Update, Delete, ConditionCheck, Get *entry
	}
}

// leading is the partition key of an item that is named or written.
func leading(items ...map[string]json.RawMessage) string {
	for _, it := range items {
		var pk struct{ S string }
		if json.Unmarshal(it["pk"], &pk) == nil && pk.S != "" {
			return pk.S
		}
	}
	return ""
}

// The actions that concern one table, or one index of it.
var single = map[string]bool{"GetItem": true, "PutItem": true, "UpdateItem": true, "DeleteItem": true, "Query": true, "Scan": true, "DescribeTable": true}

// rights are what a request needs.
func (e *Endpoint) rights(operation string, r request) ([]iam.Request, error) {
	ask := func(action, table string, items ...map[string]json.RawMessage) iam.Request {
		one := iam.Request{Action: "dynamodb:" + action, Resource: e.Arn(table)}
		if pk := leading(items...); pk != "" {
			one.Context = map[string]string{"dynamodb:LeadingKeys": pk}
		}
		return one
	}
	var out []iam.Request
	switch {
	case single[operation] && r.TableName != "":
		partition := map[string]json.RawMessage{}
		if operation == "Query" {
			partition["pk"] = r.ExpressionAttributeValues[":pk"]
		}
		one := ask(operation, r.TableName, r.Key, r.Item, partition)
		if r.IndexName != "" {
			one.Resource += "/index/" + r.IndexName
		}
		out = append(out, one)
	case operation == "BatchGetItem" || operation == "BatchWriteItem":
		for table := range r.RequestItems {
			out = append(out, ask(operation, table))
		}
	case operation == "TransactWriteItems" || operation == "TransactGetItems":
		for _, it := range r.TransactItems {
			for action, on := range map[string]*entry{"PutItem": it.Put, "UpdateItem": it.Update, "DeleteItem": it.Delete, "ConditionCheckItem": it.ConditionCheck, "GetItem": it.Get} {
				if on != nil {
					out = append(out, ask(action, on.TableName, on.Key, on.Item))
				}
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the rehearsal does not know which rights %s needs", operation)
	}
	return out, nil
}

func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	body, err := io.ReadAll(r.Body)
	var in request
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	var need []iam.Request
	if err == nil && version != "DynamoDB_20120810" {
		err = fmt.Errorf("unknown target %q", r.Header.Get("X-Amz-Target"))
	}
	if err == nil {
		need, err = e.rights(operation, in)
	}
	if err != nil {
		cloud.RefuseJSON(w, http.StatusBadRequest, "ValidationException", err.Error())
		return
	}
	if cloud.Allow(w, r, need...) {
		e.forward(w, r, body)
	}
}

// Call asks DynamoDB Local for something on the rehearsal's own account.
func (e *Endpoint) Call(operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	resp, err := e.ask("DynamoDB_20120810."+operation, "application/x-amz-json-1.0", body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %.300s", operation, resp.Status, answer)
	}
	return json.Unmarshal(answer, out)
}

// ask sends a request on. It has no context: a process that dies does not take back what it asked for.
func (e *Endpoint) ask(target, mediaType string, body []byte) (*http.Response, error) {
	out, err := http.NewRequest(http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out.Header.Set("Content-Type", mediaType)
	out.Header.Set("X-Amz-Target", target)
	out.Header.Set("Authorization", Authorization(e.Name, e.Region))
	return e.Client.Do(out)
}

func (e *Endpoint) forward(w http.ResponseWriter, r *http.Request, body []byte) {
	resp, err := e.ask(r.Header.Get("X-Amz-Target"), r.Header.Get("Content-Type"), body)
	if err != nil {
		cloud.RefuseJSON(w, http.StatusInternalServerError, "InternalServerError", err.Error())
		return
	}
	defer resp.Body.Close()
	for _, name := range []string{"Content-Type", "X-Amz-Crc32", "X-Amzn-Requestid"} {
		if v := resp.Header.Get(name); v != "" {
			w.Header().Set(name, v)
		}
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}
