// Package runtime is the rehearsal's AWS Lambda: it runs a function's real bootstrap under the Runtime API.
//
// Owns: processes (started on demand, one invocation at a time each, frozen between two), deadlines, crashes, synchronous and asynchronous calls,
// Lambda's words for what went wrong. Never: where events come from (the gateways, the mappings), rights (iam).
// Imported by: infra/rehearsal.
//
// Source: Lambda developer guide, "Using the Lambda runtime API for custom runtimes", "Understanding the Lambda execution environment lifecycle",
// "Error handling for asynchronous invocation".
package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Function is one function to run.
type Function struct {
	Name    string
	Arn     string
	Binary  string
	Timeout time.Duration
	Memory  int // MB, told to the function
	Cap     int // processes at once; a call beyond waits
	Env     map[string]string
	// Credentials are the variables of a new process's role session.
	Credentials func(session string) map[string]string
	// Log gets what a process writes, a line at a time.
	Log func(session, line string)
}

// Error is a failed invocation as Lambda reports it.
type Error struct {
	Type    string          // "Runtime.ExitError", "Sandbox.Timedout", or the function's own
	Message string          // for people
	Payload json.RawMessage // what a caller of Invoke would get
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

func failure(kind, format string, args ...any) *Error {
	e := &Error{Type: kind, Message: fmt.Sprintf(format, args...)}
	e.Payload, _ = json.Marshal(map[string]string{"errorType": e.Type, "errorMessage": e.Message}) // two strings
	return e
}

// Limits of Lambda itself.
const (
	initTimeout  = 10 * time.Second
	responseMost = 6 << 20
	shutdown     = 2 * time.Second
)

// Lambda runs functions.
type Lambda struct {
	server *http.Server
	addr   string

	mu        sync.Mutex
	functions map[string]*pool
	processes map[string]*process
	starts    map[string][]time.Duration
	count     int
	closed    bool
}

// New starts a Runtime API on a free port of this machine.
func New() (*Lambda, error) {
	l := &Lambda{functions: map[string]*pool{}, processes: map[string]*process{}, starts: map[string][]time.Duration{}}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l.addr = ln.Addr().String()
	mux := http.NewServeMux()
	const base = "/{session}/2018-06-01/runtime"
	mux.HandleFunc("GET "+base+"/invocation/next", l.process((*process).next))
	mux.HandleFunc("POST "+base+"/invocation/{id}/response", l.process((*process).response))
	mux.HandleFunc("POST "+base+"/invocation/{id}/error", l.process((*process).failed))
	mux.HandleFunc("POST "+base+"/init/error", l.process((*process).initFailed))
	l.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = l.server.Serve(ln) }()
	return l, nil
}

func (l *Lambda) process(do func(*process, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		p := l.processes[r.PathValue("session")]
		l.mu.Unlock()
		if p == nil {
			http.Error(w, "no such process", http.StatusForbidden)
			return
		}
		do(p, w, r)
	}
}

// Add makes a function known. Its first process starts with its first invocation.
func (l *Lambda) Add(f Function) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f.Env = maps.Clone(f.Env)
	l.functions[f.Name] = &pool{Function: f, lambda: l, slots: make(chan struct{}, max(1, f.Cap))}
}

// Invoke calls a function and waits for its answer: a synchronous invocation. The error is an *Error unless ctx ended.
func (l *Lambda) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	l.mu.Lock()
	p, closed := l.functions[name], l.closed
	l.mu.Unlock()
	if p == nil || closed {
		return nil, failure("ResourceNotFoundException", "Function not found: %s", name)
	}
	return p.invoke(ctx, payload)
}

// Start starts one process of a function and returns how long it took until it asked for work. It stays, for the next call.
func (l *Lambda) Start(name string) (time.Duration, error) {
	l.mu.Lock()
	p := l.functions[name]
	l.mu.Unlock()
	if p == nil {
		return 0, failure("ResourceNotFoundException", "Function not found: %s", name)
	}
	began := time.Now()
	proc, err := p.start()
	if err != nil {
		return 0, err
	}
	took := time.Since(began)
	p.release(proc)
	return took, nil
}

// Async says how asynchronous invocations are repeated.
type Async struct {
	Retries int
	Pause   func(try int) time.Duration // Lambda waits one minute, then two
	// GiveUp gets what failed to the end: the on-failure destination's record is made of it.
	GiveUp func(payload []byte, tries int, err error)
}

// InvokeAsync calls a function until it succeeds or its tries are used up. It returns the last error.
func (l *Lambda) InvokeAsync(ctx context.Context, name string, payload []byte, a Async) error {
	for try := 1; ; try++ {
		_, err := l.Invoke(ctx, name, payload)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if try > a.Retries {
			if a.GiveUp != nil {
				a.GiveUp(payload, try, err)
			}
			return err
		}
		select {
		case <-time.After(a.Pause(try)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Kill ends a process with SIGKILL, as if its sandbox had died. It returns when the process is gone.
func (l *Lambda) Kill(session string) {
	l.mu.Lock()
	p := l.processes[session]
	l.mu.Unlock()
	if p != nil {
		p.kill()
		<-p.gone
	}
}

// Recycle ends the processes of a function that have nothing to do, as Lambda does at any time: the next call starts cold.
func (l *Lambda) Recycle(name string) {
	l.mu.Lock()
	p := l.functions[name]
	l.mu.Unlock()
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, proc := range idle {
		proc.kill()
		<-proc.gone
	}
}

// Running counts a function's living processes.
func (l *Lambda) Running(name string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, p := range l.processes {
		if p.pool.Name == name {
			n++
		}
	}
	return n
}

// Starts are the times from the start of each process of a function to its first request for work.
func (l *Lambda) Starts(name string) []time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.starts[name])
}

// Close ends every process.
func (l *Lambda) Close() error {
	l.mu.Lock()
	l.closed = true
	var all []*process
	for _, p := range l.processes {
		all = append(all, p)
	}
	l.mu.Unlock()
	for _, p := range all {
		p.kill()
	}
	for _, p := range all {
		<-p.gone
	}
	return l.server.Close()
}

// pool is a function and its processes.
type pool struct {
	Function
	lambda *Lambda
	slots  chan struct{} // one for each invocation under way

	mu   sync.Mutex
	idle []*process
}

func (p *pool) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.slots }()
	proc, err := p.take()
	if err != nil {
		return nil, err
	}
	return proc.invoke(payload)
}

// take finds an idle process, the last used first, or starts one.
func (p *pool) take() (*process, error) {
	p.mu.Lock()
	for len(p.idle) > 0 {
		proc := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if proc.alive() {
			p.mu.Unlock()
			return proc, nil
		}
	}
	p.mu.Unlock()
	return p.start()
}

func (p *pool) release(proc *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, proc)
}

// invocation is one call under way in a process.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	done     chan result
}

type result struct {
	out []byte
	err error
}

// next is the long poll: the process is free until it has an answer.
func (p *process) next(w http.ResponseWriter, r *http.Request) {
	p.free()
	select {
	case in := <-p.work:
		h := w.Header()
		h.Set("Lambda-Runtime-Aws-Request-Id", in.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(in.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", p.pool.Arn)
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-"+strings.ReplaceAll(in.id, "-", "")[:24]+";Sampled=0")
		h.Set("Content-Type", "application/json")
		_, _ = w.Write(in.payload)
	case <-p.gone:
	case <-r.Context().Done():
	}
}

func (p *process) current(w http.ResponseWriter, r *http.Request) (*invocation, []byte) {
	body, err := io.ReadAll(io.LimitReader(r.Body, responseMost+1))
	p.mu.Lock()
	in := p.busy
	p.mu.Unlock()
	if err != nil || in == nil || in.id != r.PathValue("id") {
		http.Error(w, `{"errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return nil, nil
	}
	return in, body
}

func (p *process) response(w http.ResponseWriter, r *http.Request) {
	in, body := p.current(w, r)
	if in == nil {
		return
	}
	if len(body) > responseMost {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		p.finish(in, nil, failure("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (%d bytes).", responseMost))
		return
	}
	w.WriteHeader(http.StatusAccepted)
	p.finish(in, body, nil)
}

func (p *process) failed(w http.ResponseWriter, r *http.Request) {
	in, body := p.current(w, r)
	if in == nil {
		return
	}
	w.WriteHeader(http.StatusAccepted)
	p.finish(in, nil, reported(body))
}

// reported is the error that a function itself reported.
func reported(body []byte) *Error {
	var said struct{ ErrorType, ErrorMessage string }
	if json.Unmarshal(body, &said) != nil {
		return failure("Runtime.Unknown", "%.200s", body)
	}
	return &Error{Type: said.ErrorType, Message: said.ErrorMessage, Payload: body}
}

func (p *process) initFailed(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	w.WriteHeader(http.StatusAccepted)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason = reported(body); err != nil {
		p.reason = failure("Runtime.Unknown", "%v", err)
	}
}

// IsType reports whether err is an *Error of a type; a suffix after a dot is enough.
func IsType(err error, kind string) bool {
	var e *Error
	return errors.As(err, &e) && (e.Type == kind || strings.HasSuffix(e.Type, "."+kind))
}
