package gateway

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"parley/infra/local/quote"
	"parley/shared/limit"
)

// Hub is where a connection's outgoing frames come from (push/local).
type Hub interface {
	// Attach makes a connection known, not yet usable; frames end when it is closed.
	Attach(connection string, queue int) (frames <-chan []byte, detach func())
	// Ready lets others post to it.
	Ready(connection string)
}

// Sockets is the WebSocket API: an http.Handler that upgrades.
type Sockets struct {
	Hub    Hub
	Routes map[string]Invoke // $connect, $disconnect, $default and custom ones by body.action
	Idle   time.Duration     // without a message in either direction; API Gateway: 10 min
	Life   time.Duration     // of a connection; API Gateway: 2 h
	Now    func() time.Time
	Log    *slog.Logger

	stop context.Context
	quit context.CancelFunc
	once sync.Once
	open sync.WaitGroup
}

// Frames one connection may have waiting. API Gateway does not say; beyond, a post is told Busy.
const waiting = 256

type connection struct {
	s       *Sockets
	id      string
	at      time.Time
	request *http.Request
	socket  *websocket.Conn
	active  atomic.Int64 // milliseconds
	count   int
}

func (s *Sockets) init() {
	s.once.Do(func() { s.stop, s.quit = context.WithCancel(context.Background()) })
}

// Close ends every connection ("going away") and waits until their $disconnect is done or ctx ends.
func (s *Sockets) Close(ctx context.Context) {
	s.init()
	s.quit()
	done := make(chan struct{})
	go func() { s.open.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func (s *Sockets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.init()
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		refuse(w, http.StatusForbidden, "Forbidden")
		return
	}
	s.open.Add(1)
	defer s.open.Done()
	c := &connection{s: s, id: connectionID(), at: s.Now(), request: r}
	frames, detach := s.Hub.Attach(c.id, waiting)
	defer detach()
	protocol, ok := c.connect(w)
	if !ok {
		return
	}
	var protocols []string
	if protocol != "" {
		protocols = []string{protocol}
	}
	// API Gateway checks no origin either: the one-use ticket is the guard.
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: protocols, InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		c.disconnect(1006, "")
		return
	}
	c.socket = socket
	socket.SetReadLimit(limit.MessageBytes)
	s.Hub.Ready(c.id)
	c.active.Store(s.Now().UnixMilli())
	status, reason := c.serve(frames)
	c.disconnect(status, reason)
}

// connectionID looks like API Gateway's: 16 characters of base64 that end in "=".
func connectionID() string {
	var b [11]byte
	_, _ = rand.Read(b[:])
	return base64.URLEncoding.EncodeToString(b[:])
}

// connect runs $connect. When it refuses, the answer has been written.
func (c *connection) connect(w http.ResponseWriter) (protocol string, ok bool) {
	route := c.s.Routes["$connect"]
	if route == nil {
		return "", true
	}
	ctx, cancel := context.WithTimeout(c.request.Context(), integrationTimeout)
	defer cancel()
	out, err := route(ctx, c.event("$connect", "CONNECT", nil, false, 0, ""))
	var a answer
	if err == nil {
		err = json.Unmarshal(out, &a)
	}
	switch {
	case err != nil:
		c.s.Log.Error("socket: $connect failed", "connection", c.id, "error", err)
		refuse(w, http.StatusBadGateway, "Internal server error")
		return "", false
	case a.Status < 200 || a.Status > 299:
		if a.Status < 400 || a.Status > 599 {
			a.Status = http.StatusForbidden
		}
		for name, value := range a.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write([]byte(a.Body))
		return "", false
	}
	for name, value := range a.Headers {
		if strings.EqualFold(name, "Sec-WebSocket-Protocol") {
			protocol = value
		}
	}
	return protocol, true
}

// serve moves messages both ways until the connection ends, and says how.
func (c *connection) serve(frames <-chan []byte) (int, string) {
	// Not under stop: a context that ends cuts the line, and the client is to be told that we are going away.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go c.write(ctx, cancel, frames)
	go c.watch(ctx)
	for {
		kind, data, err := c.socket.Read(ctx)
		if err != nil {
			_ = c.socket.CloseNow()
			return ending(err)
		}
		c.active.Store(c.s.Now().UnixMilli())
		c.message(ctx, kind, data)
	}
}

// ending says how a connection ended; 1006 is "without a close frame" (RFC 6455 §7.1.5).
func ending(err error) (int, string) {
	var closed websocket.CloseError
	if errors.As(err, &closed) {
		return int(closed.Code), closed.Reason
	}
	return 1006, ""
}

func (c *connection) write(ctx context.Context, cancel func(), frames <-chan []byte) {
	for {
		select {
		case frame, ok := <-frames:
			if !ok { // closed by the hub: DELETE @connections
				_ = c.socket.Close(websocket.StatusNormalClosure, "")
				cancel()
				return
			}
			wctx, done := context.WithTimeout(ctx, 30*time.Second)
			err := c.socket.Write(wctx, websocket.MessageText, frame)
			done()
			if err != nil {
				cancel()
				return
			}
			c.active.Store(c.s.Now().UnixMilli())
		case <-ctx.Done():
			return
		}
	}
}

// watch ends a connection that is idle, too old, or in the way of a stop.
func (c *connection) watch(ctx context.Context) {
	for {
		now := c.s.Now()
		idle := c.s.Idle - now.Sub(time.UnixMilli(c.active.Load()))
		life := c.s.Life - now.Sub(c.at)
		if idle <= 0 || life <= 0 {
			_ = c.socket.Close(websocket.StatusGoingAway, "Going away")
			return
		}
		select {
		case <-time.After(min(idle, life) + time.Millisecond):
		case <-c.s.stop.Done():
			_ = c.socket.Close(websocket.StatusGoingAway, "Going away")
			return
		case <-ctx.Done():
			return
		}
	}
}

// message runs the route of one message. The gateway tells the client when the function failed.
func (c *connection) message(ctx context.Context, kind websocket.MessageType, data []byte) {
	key := c.route(data)
	route := c.s.Routes[key]
	id := requestID()
	if route == nil {
		_ = c.socket.Write(ctx, websocket.MessageText, []byte(`{"message":"Forbidden","connectionId":"`+c.id+`","requestId":"`+id+`"}`))
		return
	}
	c.count++
	ictx, cancel := context.WithTimeout(ctx, integrationTimeout)
	defer cancel()
	_, err := route(ictx, c.event(key, "MESSAGE", data, kind == websocket.MessageBinary, 0, ""))
	if err == nil || ctx.Err() != nil {
		return
	}
	c.s.Log.Error("socket: function failed", "route", key, "connection", c.id, "error", err)
	_ = c.socket.Write(ctx, websocket.MessageText, []byte(`{"message":"Internal server error","connectionId":"`+c.id+`","requestId":"`+id+`"}`))
}

// route selects by $request.body.action; without a route of that name it is $default.
func (c *connection) route(data []byte) string {
	if len(c.s.Routes) > 3 {
		var m struct {
			Action string `json:"action"`
		}
		if json.Unmarshal(data, &m) == nil && !strings.HasPrefix(m.Action, "$") && c.s.Routes[m.Action] != nil {
			return m.Action
		}
	}
	return "$default"
}

func (c *connection) disconnect(status int, reason string) {
	route := c.s.Routes["$disconnect"]
	if route == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), integrationTimeout)
	defer cancel()
	if _, err := route(ctx, c.event("$disconnect", "DISCONNECT", nil, false, status, reason)); err != nil {
		c.s.Log.Error("socket: $disconnect failed", "connection", c.id, "error", err)
	}
}

// event writes the event of a WebSocket API.
func (c *connection) event(key, kind string, body []byte, binary bool, status int, reason string) []byte {
	now := c.s.Now()
	b := make([]byte, 0, 1024+len(body)+len(body)/2)
	b = append(b, '{')
	if kind != "MESSAGE" {
		b = c.appendHeaders(b)
	}
	b = append(b, `"requestContext":{"routeKey":`...)
	b = quote.Append(b, key)
	b = append(b, `,"eventType":"`+kind+`","extendedRequestId":"local","requestTime":"`...)
	b = now.UTC().AppendFormat(b, "02/Jan/2006:15:04:05 -0700")
	b = append(b, `","messageDirection":"IN","stage":"ws","connectedAt":`...)
	b = strconv.AppendInt(b, c.at.UnixMilli(), 10)
	b = append(b, `,"requestTimeEpoch":`...)
	b = strconv.AppendInt(b, now.UnixMilli(), 10)
	b = append(b, `,"identity":{"sourceIp":`...)
	b = quote.Append(b, peer(c.request.RemoteAddr))
	b = append(b, `,"userAgent":`...)
	b = quote.Append(b, c.request.UserAgent())
	b = append(b, `},"requestId":"`...)
	b = append(b, requestID()...)
	b = append(b, `","domainName":`...)
	b = quote.Append(b, c.request.Host)
	b = append(b, `,"connectionId":`...)
	b = quote.Append(b, c.id)
	b = append(b, `,"apiId":"local"`...)
	switch kind {
	case "MESSAGE":
		b = append(b, `,"messageId":`...)
		b = quote.Append(b, c.id+strconv.Itoa(c.count))
	case "DISCONNECT":
		b = append(b, `,"disconnectStatusCode":`...)
		b = strconv.AppendInt(b, int64(status), 10)
		b = append(b, `,"disconnectReason":`...)
		b = quote.Append(b, reason)
	}
	b = append(b, '}')
	switch {
	case kind != "MESSAGE":
	case binary:
		b = append(b, `,"body":"`...)
		b = base64.StdEncoding.AppendEncode(b, body)
		return append(b, `","isBase64Encoded":true}`...)
	default:
		b = append(b, `,"body":`...)
		b = quote.Append(b, body)
	}
	return append(b, `,"isBase64Encoded":false}`...)
}

// appendHeaders writes headers and query as $connect gets them: names as clients write them, last value and all values.
func (c *connection) appendHeaders(b []byte) []byte {
	single, multi := []byte(`"headers":{"Host":`), []byte(`"multiValueHeaders":{"Host":[`)
	single, multi = quote.Append(single, c.request.Host), append(quote.Append(multi, c.request.Host), ']')
	for name, values := range c.request.Header {
		if rest, ok := strings.CutPrefix(name, "Sec-Websocket-"); ok {
			name = "Sec-WebSocket-" + rest
		}
		single = append(quote.Append(append(single, ','), name), ':')
		single = quote.Append(single, values[len(values)-1])
		multi = append(quote.Append(append(multi, ','), name), ':', '[')
		for i, v := range values {
			if i > 0 {
				multi = append(multi, ',')
			}
			multi = quote.Append(multi, v)
		}
		multi = append(multi, ']')
	}
	b = append(append(b, single...), '}', ',')
	b = append(append(b, multi...), '}', ',')
	if query := c.request.URL.Query(); len(query) > 0 {
		b = append(b, `"queryStringParameters":{`...)
		first := true
		for name, values := range query {
			if !first {
				b = append(b, ',')
			}
			first = false
			b = append(quote.Append(b, name), ':')
			b = quote.Append(b, values[len(values)-1])
		}
		b = append(b, '}', ',')
	}
	return b
}
