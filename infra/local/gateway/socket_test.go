package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	awsevents "github.com/aws/aws-lambda-go/events"
	"github.com/coder/websocket"

	"parley/shared/limit"
)

// hub is a Hub of one connection at a time.
type hub struct {
	mu     sync.Mutex
	frames chan []byte
	id     string
	ready  bool
}

func (h *hub) Attach(connection string, queue int) (<-chan []byte, func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.frames, h.id, h.ready = make(chan []byte, queue), connection, false
	return h.frames, func() { h.mu.Lock(); h.ready = false; h.mu.Unlock() }
}

func (h *hub) Ready(string) { h.mu.Lock(); h.ready = true; h.mu.Unlock() }

func (h *hub) usable() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.ready }

type wire struct {
	t      *testing.T
	hub    *hub
	api    *Sockets
	server *httptest.Server
	events chan awsevents.APIGatewayWebsocketProxyRequest
	answer string
	err    error
}

func newWire(t *testing.T, idle, life time.Duration) *wire {
	w := &wire{t: t, hub: &hub{}, events: make(chan awsevents.APIGatewayWebsocketProxyRequest, 100), answer: `{"statusCode":200,"headers":{"Sec-WebSocket-Protocol":"parley"}}`}
	route := func(_ context.Context, payload []byte) ([]byte, error) {
		var e awsevents.APIGatewayWebsocketProxyRequest
		if err := json.Unmarshal(payload, &e); err != nil {
			t.Error(err)
		}
		if e.RequestContext.EventType == "CONNECT" && w.hub.usable() {
			t.Error("the connection could be used before $connect had returned")
		}
		w.events <- e
		if e.Body == "fail" {
			return nil, errors.New("boom")
		}
		return []byte(w.answer), w.err
	}
	w.api = &Sockets{Hub: w.hub, Routes: map[string]Invoke{"$connect": route, "$default": route, "$disconnect": route}, Idle: idle, Life: life, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	w.server = httptest.NewServer(w.api)
	t.Cleanup(w.server.Close)
	return w
}

func (w *wire) dial() (*websocket.Conn, int) {
	w.t.Helper()
	c, r, err := websocket.Dial(context.Background(), w.server.URL+"/ws?a=1", &websocket.DialOptions{Subprotocols: []string{"parley", "ticket-1"}})
	if err != nil {
		if r == nil {
			w.t.Fatal(err)
		}
		return nil, r.StatusCode
	}
	return c, r.StatusCode
}

func (w *wire) event() awsevents.APIGatewayWebsocketProxyRequest {
	w.t.Helper()
	select {
	case e := <-w.events:
		return e
	case <-time.After(5 * time.Second):
		w.t.Fatal("no event")
		panic("")
	}
}

func TestConnectMessagePostDisconnect(t *testing.T) {
	w := newWire(t, time.Minute, time.Hour)
	c, _ := w.dial()
	if c.Subprotocol() != "parley" {
		t.Errorf("subprotocol %q", c.Subprotocol())
	}
	e := w.event()
	id := e.RequestContext.ConnectionID
	if e.RequestContext.RouteKey != "$connect" || e.Headers["Sec-WebSocket-Protocol"] != "parley,ticket-1" && e.Headers["Sec-WebSocket-Protocol"] != "parley, ticket-1" || e.QueryStringParameters["a"] != "1" || !strings.HasSuffix(id, "=") || len(e.MultiValueHeaders["Host"]) != 1 {
		t.Errorf("%+v", e)
	}
	ctx := context.Background()
	if err := c.Write(ctx, websocket.MessageText, []byte(`{"action":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	if e = w.event(); e.RequestContext.EventType != "MESSAGE" || e.RequestContext.RouteKey != "$default" || e.Body != `{"action":"ping"}` || e.RequestContext.ConnectionID != id || len(e.Headers) != 0 {
		t.Errorf("%+v", e)
	}
	w.hub.frames <- []byte(`{"t":"pong"}`)
	if _, frame, err := c.Read(ctx); err != nil || string(frame) != `{"t":"pong"}` {
		t.Errorf("%s %v", frame, err)
	}
	if err := c.Close(4000, "bye"); err != nil {
		t.Fatal(err)
	}
	if e = w.event(); e.RequestContext.EventType != "DISCONNECT" || !strings.Contains(string(mustJSON(t, e)), `"connectionId":"`+id) {
		t.Errorf("%+v", e)
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestConnectRefused(t *testing.T) {
	w := newWire(t, time.Minute, time.Hour)
	w.answer = `{"statusCode":401,"body":"no"}`
	if _, status := w.dial(); status != 401 {
		t.Errorf("%d", status)
	}
	w.err = errors.New("boom")
	if _, status := w.dial(); status != 502 {
		t.Errorf("%d", status)
	}
}

func TestAFailedMessageIsToldAndTheSocketLives(t *testing.T) {
	w := newWire(t, time.Minute, time.Hour)
	c, _ := w.dial()
	ctx := context.Background()
	for range 2 {
		if err := c.Write(ctx, websocket.MessageText, []byte("fail")); err != nil {
			t.Fatal(err)
		}
		if _, frame, err := c.Read(ctx); err != nil || !strings.Contains(string(frame), "Internal server error") {
			t.Fatalf("%s %v", frame, err)
		}
	}
}

func TestTooLargeAMessageEndsTheSocket(t *testing.T) {
	w := newWire(t, time.Minute, time.Hour)
	c, _ := w.dial()
	c.SetReadLimit(-1)
	if err := c.Write(context.Background(), websocket.MessageText, make([]byte, limit.MessageBytes+1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(context.Background()); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("%v", err)
	}
	w.event() // $connect
	if e := w.event(); e.RequestContext.EventType != "DISCONNECT" {
		t.Errorf("%+v", e)
	}
}

func TestIdleLifeAndStop(t *testing.T) {
	for name, w := range map[string]*wire{"idle": newWire(t, 100*time.Millisecond, time.Hour), "life": newWire(t, time.Hour, 100*time.Millisecond), "stop": newWire(t, time.Hour, time.Hour)} {
		c, _ := w.dial()
		if name == "stop" {
			go w.api.Close(context.Background())
		}
		start := time.Now()
		if _, _, err := c.Read(context.Background()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s: %v", name, took)
		}
		w.event()
		if e := w.event(); e.RequestContext.EventType != "DISCONNECT" {
			t.Errorf("%s: %+v", name, e)
		}
	}
}
