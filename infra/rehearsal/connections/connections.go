// Package connections is the rehearsal's @connections endpoint of a WebSocket API's stage.
//
// Owns: rights, statuses and error types of POST, GET and DELETE. Never: sockets (the gateway), buffers (the hub).
// Imported by: infra/rehearsal.
//
// Source: API Gateway developer guide, "Use @connections commands in your backend service"; quotas for WebSocket APIs (128 KB).
package connections

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/iam"
	"parley/shared/fault"
)

// Endpoint is the service's handler. It relies on the hub for what is not usable before $connect returned.
type Endpoint struct {
	Hub   *Hub
	Stage string
	Arn   func(api string) string // "arn:aws:execute-api:region:account:" + api
}

func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, ok := strings.CutPrefix(r.URL.Path, "/"+e.Stage+"/@connections/")
	if !ok || id == "" || strings.Contains(id, "/") {
		cloud.RefuseREST(w, http.StatusForbidden, "ForbiddenException", "Forbidden")
		return
	}
	api, _, _ := strings.Cut(r.Host, ".")
	if !cloud.Allow(w, r, iam.Request{Action: "execute-api:ManageConnections", Resource: e.Arn(api) + "/" + e.Stage + "/" + r.Method + "/@connections/" + id}) {
		return
	}
	switch r.Method {
	case http.MethodPost:
		frame, err := io.ReadAll(r.Body)
		if err == nil {
			err = e.Hub.Post(context.WithoutCancel(r.Context()), id, frame)
		}
		e.answer(w, err, http.StatusOK)
	case http.MethodDelete:
		e.answer(w, e.Hub.Close(context.WithoutCancel(r.Context()), id), http.StatusNoContent)
	case http.MethodGet:
		at, ok := e.Hub.Since(id)
		if !ok {
			e.answer(w, fault.New(fault.Gone, "closed"), 0)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"connectedAt": at.UTC().Format(time.RFC3339), "lastActiveAt": at.UTC().Format(time.RFC3339),
			"identity": map[string]string{"sourceIp": "127.0.0.1"},
		})
	default:
		cloud.RefuseREST(w, http.StatusMethodNotAllowed, "ForbiddenException", "Forbidden")
	}
}

func (e *Endpoint) answer(w http.ResponseWriter, err error, good int) {
	switch {
	case err == nil:
		w.WriteHeader(good)
	case fault.Is(err, fault.Gone):
		cloud.RefuseREST(w, http.StatusGone, "GoneException", "")
	case fault.Is(err, fault.Busy):
		cloud.RefuseREST(w, http.StatusTooManyRequests, "LimitExceededException", "")
	case fault.Is(err, fault.Invalid):
		cloud.RefuseREST(w, http.StatusRequestEntityTooLarge, "PayloadTooLargeException", "")
	default:
		cloud.RefuseREST(w, http.StatusInternalServerError, "InternalServerErrorException", err.Error())
	}
}
