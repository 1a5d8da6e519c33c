// Package problem is the error answers of our HTTP doors: application/problem+json (RFC 9457) with a fault's code and the request's id.
//
// Owns: the shape of an error answer, its mapping from faults, the hooks by which huma makes every error one. Never: what a door does.
// Imported by: functions that are HTTP doors.
package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/host"
)

// apiProblem is every error answer: RFC 9457 with the fault's code and the request's id.
type apiProblem struct {
	Type      string         `json:"type" doc:"Always about:blank: code tells what to do."`
	Title     string         `json:"title" doc:"The status in words."`
	Status    int            `json:"status" doc:"The HTTP status."`
	Detail    string         `json:"detail" doc:"What went wrong, for the person who caused it."`
	Code      fault.Code     `json:"code" enum:"invalid,denied,notfound,conflict,gone,busy,internal" doc:"What can be done about it."`
	RequestID string         `json:"requestId" doc:"Names the request in the logs."`
	Errors    []apiViolation `json:"errors,omitempty" doc:"Every member that is not as it must be."`
}

// apiViolation is one member of a request that is not as it must be.
type apiViolation struct {
	Location string `json:"location" doc:"Where: body.text, query.limit, header.Idempotency-Key …"`
	Message  string `json:"message"`
}

func (p *apiProblem) Error() string             { return p.Detail }
func (p *apiProblem) GetStatus() int            { return p.Status }
func (p *apiProblem) ContentType(string) string { return "application/problem+json" }

// Huma takes its errors from package variables; this is the only place of the product that sets them.
func init() {
	huma.DefaultArrayNullable = false // our slices are never null
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return fromHuma(nil, status, msg, errs...)
	}
	huma.NewErrorWithContext = fromHuma
}

// fromHuma makes every error answer of huma: of its own checks (errs are the violations) and of our handlers (status 500, one error).
func fromHuma(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
	if ctx == nil {
		return statusProblem(status, msg)
	}
	r := requestOf(ctx)
	if status == http.StatusInternalServerError && len(errs) == 1 {
		p := problemOf(r, errs[0])
		if p.Code == fault.Busy {
			ctx.SetHeader("Retry-After", "1")
		}
		return p
	}
	p := statusProblem(status, msg)
	p.RequestID = r.id
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) { // its Value is what came in: it is not sent back
			p.Errors = append(p.Errors, apiViolation{Location: d.Location, Message: d.Message})
		}
	}
	if len(p.Errors) > 0 {
		p.Detail = p.Errors[0].Location + ": " + p.Errors[0].Message
	}
	return p
}

func statusProblem(status int, detail string) *apiProblem {
	return &apiProblem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: host.CodeOfStatus(status)}
}

// problemOf maps an error of ours and logs the ones that are our fault.
func problemOf(r request, err error) *apiProblem {
	status := host.StatusOf(err)
	var s *WithStatus
	if errors.As(err, &s) {
		status = s.Status
	}
	p := statusProblem(status, fault.MessageOf(err))
	p.Code, p.RequestID = fault.CodeOf(err), r.id
	if p.Code == fault.Internal {
		r.log("request", "requestId", r.id, "method", r.method, "path", r.path, "error", err)
	}
	return p
}

// request is what an error answer needs to know of its request.
type request struct {
	id, method, path string
	log              func(msg string, args ...any)
}

func requestOf(ctx huma.Context) request {
	r := request{method: ctx.Method(), path: ctx.Operation().Path, log: host.From(ctx.Context()).Error}
	if e := host.RequestEvent(ctx.Context()); e != nil {
		r.id = e.RequestContext.RequestID
	}
	return r
}

func plainRequest(r *http.Request) request {
	out := request{method: r.Method, path: r.URL.Path, log: host.From(r.Context()).Error}
	if e := host.RequestEvent(r.Context()); e != nil {
		out.id = e.RequestContext.RequestID
	}
	return out
}

// WriteStatus answers outside of any operation.
func WriteStatus(w http.ResponseWriter, r *http.Request, status int, detail string) {
	p := statusProblem(status, detail)
	p.RequestID = plainRequest(r).id
	write(w, p)
}

// Write answers with an error outside of any operation.
func Write(w http.ResponseWriter, r *http.Request, err error) {
	write(w, problemOf(plainRequest(r), err))
}

func write(w http.ResponseWriter, p *apiProblem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // writes to memory
}

// WithStatus is a coded error that has a more exact status than its code.
type WithStatus struct {
	Status int
	Err    error
}

func (s *WithStatus) Error() string { return s.Err.Error() }
func (s *WithStatus) Unwrap() error { return s.Err }

// Unauthorized is fault.Denied for who has not said who they are: 401.
func Unauthorized(message string) error {
	return &WithStatus{http.StatusUnauthorized, fault.New(fault.Denied, "%s", message)}
}

// Panicked makes an internal error of what a handler panicked with.
func Panicked(p any) error { return fmt.Errorf("panic: %v\n%s", p, debug.Stack()) }
