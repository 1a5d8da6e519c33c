package websocket

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"parley/shared/bot"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/push"
	"parley/shared/store"
	"parley/shared/visitor"
)

// protocol is the subprotocol of our frames; a browser offers it together with its ticket, and only it is chosen.
const protocol = "parley"

type door struct {
	threads *store.Threads
	sockets *store.Sockets
	live    *live.Live
	post    push.Poster
	desk    *visitor.Desk
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	s := store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Assignments: c.Env("PARLEY_TABLE_ASSIGNMENTS"), Contacts: c.Env("PARLEY_TABLE_CONTACTS"), Settings: c.Env("PARLEY_TABLE_SETTINGS"),
		Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)
	d := &door{threads: s.Threads, sockets: s.Sockets, post: c.Push(c.Env("PARLEY_SOCKETS_URL"))}
	d.live = live.New(s, d.post)
	d.desk = visitor.NewDesk(s, d.live, c.NewID, c.Now)
	return host.Socket(d.serve), nil
}

func (d *door) serve(ctx context.Context, e host.SocketEvent) (host.SocketAnswer, error) {
	conn := e.RequestContext.ConnectionID
	switch e.RequestContext.RouteKey {
	case "$connect":
		return d.connect(ctx, conn, e)
	case "$disconnect":
		return host.SocketAnswer{Status: http.StatusOK}, d.disconnect(ctx, conn)
	}
	return host.SocketAnswer{Status: http.StatusOK}, d.message(ctx, conn, e)
}

// connect spends the ticket and notes the connection. A refused one never opens.
func (d *door) connect(ctx context.Context, conn string, e host.SocketEvent) (host.SocketAnswer, error) {
	ticket, ok := ticketOf(e)
	if !ok {
		refused(ctx, "connect", fault.Denied)
		return host.SocketAnswer{Status: http.StatusUnauthorized}, nil
	}
	id, err := d.sockets.UseTicket(ctx, ticket)
	if fault.Is(err, fault.Denied) {
		refused(ctx, "connect", fault.Denied)
		return host.SocketAnswer{Status: http.StatusForbidden}, nil
	}
	if err != nil {
		return host.SocketAnswer{}, err
	}
	if err := d.sockets.Connect(ctx, conn, id); err != nil {
		return host.SocketAnswer{}, err
	}
	return host.SocketAnswer{Status: http.StatusOK, Headers: map[string]string{"Sec-WebSocket-Protocol": protocol}}, nil
}

// refused leaves a line by which refusals can be counted. It names no one: whoever is refused may have sent anything.
func refused(ctx context.Context, action string, code fault.Code) {
	host.From(ctx).Info("refused", "door", "socket", "action", action[:min(len(action), 20)], "code", code)
}

// ticketOf finds the ticket in what the client offers as subprotocols: "parley, <ticket>".
func ticketOf(e host.SocketEvent) (string, bool) {
	var offered []string
	for name, value := range e.Headers {
		if strings.EqualFold(name, "Sec-WebSocket-Protocol") {
			for p := range strings.SplitSeq(value, ",") {
				offered = append(offered, strings.TrimSpace(p))
			}
		}
	}
	if len(offered) != 2 || offered[0] != protocol || offered[1] == "" {
		return "", false
	}
	return offered[1], true
}

// disconnect forgets the connection and tells those who had the same threads open.
func (d *door) disconnect(ctx context.Context, conn string) error {
	topics, err := d.sockets.Topics(ctx, conn)
	if err != nil {
		return err
	}
	if err := d.sockets.Disconnect(ctx, conn); err != nil {
		return err
	}
	d.tellPresence(ctx, conn, true, topics...)
	return nil
}

// request is a frame of a client.
type request struct {
	Action string  `json:"action"`
	Topics []topic `json:"topics"` // watch, unwatch
	Thread string  `json:"thread"` // of an agent: typing, seen
	Note   bool    `json:"note"`   // of an agent: typing, what the visitor is not to see
	Seq    int64   `json:"seq"`    // seen
	// Of a visitor.
	After  int64      `json:"after"` // resume
	Client string     `json:"client"`
	Text   string     `json:"text"`
	Page   string     `json:"page"`
	Title  string     `json:"title"`
	Flow   string     `json:"flow"`
	Zone   string     `json:"zone"`
	Lang   string     `json:"lang"`
	Shown  *bot.Shown `json:"shown"`
	Seen   *int64     `json:"seen"`
}

// topic is what a client asks to hear of: a name, or a name and the seq it has.
type topic struct {
	Name  string
	After *int64
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *topic) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, &t.Name)
	}
	var long struct {
		Topic string `json:"topic"`
		After *int64 `json:"after"`
	}
	err := json.Unmarshal(raw, &long)
	t.Name, t.After = long.Topic, long.After
	return err
}

func (d *door) message(ctx context.Context, conn string, e host.SocketEvent) error {
	id, err := d.sockets.Get(ctx, conn)
	if fault.Is(err, fault.Gone) {
		return d.post.Close(ctx, conn)
	}
	var r request
	if err == nil {
		if err = json.Unmarshal([]byte(e.Body), &r); err != nil || e.Base64 {
			err = fault.New(fault.Invalid, "A frame is a JSON object with an action.")
		}
	}
	switch {
	case err != nil:
	case id.Kind == "visitor":
		err = d.visitor(ctx, conn, id, r)
	default:
		err = d.agent(ctx, conn, id, r)
	}
	if err == nil {
		return nil
	}
	told := d.live.To(ctx, conn, live.Frame{T: "error", Code: string(fault.CodeOf(err)), Detail: fault.MessageOf(err), Client: r.Client})
	if fault.CodeOf(err) == fault.Internal {
		return err // for the alarm; the client has been told as far as it can be
	}
	refused(ctx, r.Action, fault.CodeOf(err))
	return told
}

// agent does what an agent's frame asks for.
func (d *door) agent(ctx context.Context, conn string, id store.Identity, r request) error {
	switch r.Action {
	case "watch":
		return d.watch(ctx, conn, id, r.Topics)
	case "unwatch":
		names, err := namesOf(id, r.Topics)
		if err != nil {
			return err
		}
		if err := d.sockets.Unwatch(ctx, conn, names...); err != nil {
			return err
		}
		d.tellPresence(ctx, conn, true, names...)
		return nil
	case "typing", "seen":
		return d.agentPassing(ctx, conn, id, r)
	case "ping":
		if _, err := d.live.Access(ctx, id); err != nil {
			return err
		}
		return d.live.To(ctx, conn, live.Frame{T: "pong"})
	}
	return fault.New(fault.Invalid, "There is no action %.40q: use watch, unwatch, typing, seen or ping.", r.Action)
}

// topicName is an inbox's or a thread's topic; ids are ULIDs or derived ones.
var topicName = regexp.MustCompile(`^(inbox|thread):[0-9a-z]{1,40}$`)

// What an agent watches to hear of their own notices, and while they look at the page.
const (
	me      = "me"
	looking = "looking"
)

func namesOf(id store.Identity, topics []topic) ([]string, error) {
	if len(topics) == 0 {
		return nil, fault.New(fault.Invalid, "No topics were named.")
	}
	if len(topics) > limit.WatchedTopics {
		return nil, fault.New(fault.Invalid, "A connection can watch at most %d topics.", limit.WatchedTopics)
	}
	names := make([]string, 0, len(topics))
	for _, t := range topics {
		switch {
		case t.Name == me:
			t.Name = live.UserTopic(id.ID)
		case t.Name == looking:
			t.Name = live.LookingTopic(id.ID)
		case !topicName.MatchString(t.Name):
			return nil, fault.New(fault.Invalid, "%.80q is not a topic: use inbox:<id>, thread:<id>, me or looking.", t.Name)
		}
		if t.After != nil && *t.After < 0 {
			return nil, fault.New(fault.Invalid, "after is a seq: zero or more.")
		}
		if !slices.Contains(names, t.Name) {
			names = append(names, t.Name)
		}
	}
	return names, nil
}

// watch writes the rows, says so, and only then sends what the client lacks: nothing falls between.
func (d *door) watch(ctx context.Context, conn string, id store.Identity, topics []topic) error {
	names, err := namesOf(id, topics)
	if err != nil {
		return err
	}
	if err := d.mayWatch(ctx, id, names); err != nil {
		return err
	}
	if err := d.sockets.Watch(ctx, conn, names...); err != nil {
		return err
	}
	if err := d.live.To(ctx, conn, live.Frame{T: "watching", Topics: names}); err != nil {
		return err
	}
	for _, t := range topics {
		thread, ok := strings.CutPrefix(t.Name, live.ThreadTopic(""))
		if !ok || t.After == nil {
			continue
		}
		if err := d.catchUp(ctx, conn, thread, *t.After); err != nil {
			return err
		}
	}
	d.tellPresence(ctx, "", false, names...)
	return nil
}

// catchUp sends the entries behind after. A thread that does not exist is not watched any longer.
func (d *door) catchUp(ctx context.Context, conn, thread string, after int64) error {
	head, err := d.threads.Head(ctx, thread)
	if fault.Is(err, fault.NotFound) {
		if err := d.sockets.Unwatch(ctx, conn, live.ThreadTopic(thread)); err != nil {
			return err
		}
		return d.live.To(ctx, conn, live.Frame{T: "error", Thread: thread, Code: string(fault.NotFound), Detail: fault.MessageOf(err)})
	}
	if err != nil {
		return err
	}
	if head.Channel == inbox.ChannelChat {
		if f, ok := d.visitorFrame(ctx, thread); ok {
			if err := d.live.To(ctx, conn, f); err != nil {
				return err
			}
		}
	}
	if after == head.Seq {
		return nil
	}
	if after > head.Seq || head.Seq-after > limit.EntryPageMax {
		return d.live.To(ctx, conn, live.Frame{T: "sync", Thread: thread})
	}
	log, err := d.threads.Entries(ctx, thread, after+1, head.Seq)
	if err != nil {
		return err
	}
	entries := make([]inbox.Entry, len(log))
	for i, e := range log {
		if entries[i], err = inbox.EntryOf(e); err != nil {
			return err
		}
	}
	return d.send(ctx, conn, head, entries)
}

// send posts entries in as few frames as fit. One entry that fits no frame makes live send a sync in its place.
func (d *door) send(ctx context.Context, conn string, head inbox.Thread, entries []inbox.Entry) error {
	summary := head.Summary()
	frame := live.Frame{T: "entries", Thread: head.ID, Head: &summary}
	empty, err := size(frame)
	if err != nil {
		return err
	}
	room := limit.FrameBytes - empty - 100 // seq, the list's brackets
	for len(entries) > 0 {
		n, used := 0, 0
		for ; n < len(entries); n++ {
			s, err := size(entries[n])
			if err != nil {
				return err
			}
			if used += s + 1; used > room && n > 0 {
				break
			}
		}
		frame.Seq, frame.Entries = entries[n-1].Seq, entries[:n]
		if err := d.live.To(ctx, conn, frame); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

func size(v any) (int, error) {
	raw, err := json.Marshal(v)
	return len(raw), err
}
