// Package ssm is the rehearsal's Parameter Store: two operations over a map.
//
// Owns: parameters and their versions. Never: what a secret is for.
// Imported by: infra/rehearsal.
//
// Source: Systems Manager API reference, GetParameter and PutParameter; "Condition keys for AWS Systems Manager" (ssm:Overwrite).
package ssm

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
)

// Endpoint is the service's handler.
type Endpoint struct {
	Arn func(name string) string // "arn:aws:ssm:…:parameter" + name

	mu    sync.Mutex
	known map[string]parameter
}

type parameter struct {
	Name, Type, Value string
	Version           int
	ARN               string
}

type request struct {
	Name, Type, Value string
	Overwrite         bool
	WithDecryption    bool
}

func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !strings.HasPrefix(in.Name, "/") {
		cloud.RefuseJSON(w, http.StatusBadRequest, "ValidationException", "a parameter's name begins with a slash")
		return
	}
	need := iam.Request{Action: "ssm:" + operation, Resource: e.Arn(in.Name)}
	switch operation {
	case "GetParameter":
		if cloud.Allow(w, r, need) {
			e.get(w, in)
		}
	case "PutParameter":
		need.Context = map[string]string{"ssm:Overwrite": strconv.FormatBool(in.Overwrite)}
		if cloud.Allow(w, r, need) {
			e.put(w, in)
		}
	default:
		cloud.RefuseJSON(w, http.StatusBadRequest, "UnknownOperationException", "the rehearsal does not know "+operation)
	}
}

func (e *Endpoint) get(w http.ResponseWriter, in request) {
	e.mu.Lock()
	p, ok := e.known[in.Name]
	e.mu.Unlock()
	if !ok {
		cloud.RefuseJSON(w, http.StatusBadRequest, "ParameterNotFound", "")
		return
	}
	if p.Type == "SecureString" && !in.WithDecryption {
		p.Value = "(encrypted)"
	}
	reply(w, map[string]any{"Parameter": p})
}

func (e *Endpoint) put(w http.ResponseWriter, in request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, ok := e.known[in.Name]
	if ok && !in.Overwrite {
		cloud.RefuseJSON(w, http.StatusBadRequest, "ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
		return
	}
	if e.known == nil {
		e.known = map[string]parameter{}
	}
	e.known[in.Name] = parameter{Name: in.Name, Type: in.Type, Value: in.Value, Version: p.Version + 1, ARN: e.Arn(in.Name)}
	reply(w, map[string]any{"Version": p.Version + 1, "Tier": "Standard"})
}

// Value is what a parameter holds, "" if there is none: for tests that play whoever else knows it.
func (e *Endpoint) Value(name string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.known[name].Value
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(v)
}
