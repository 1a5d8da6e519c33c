package agentapi

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/store"
)

type messageIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Key    string `header:"Idempotency-Key" required:"true" doc:"Of the client's making, at most 200 bytes: the same key and content happen once."`
	Body   struct {
		LetterIn
		To       []events.Address `json:"to,omitempty" doc:"Whoever replyTo of the thread names, if not given; a forward must say."`
		Forwards int64            `json:"forwards,omitempty" minimum:"0" doc:"seq of a message of this thread to pass on: it stands below the text, its files come along. A forward answers nobody, and its readers do not join the thread."`
		LeaveOut []int            `json:"leaveOut,omitempty" maxItems:"500" doc:"Indexes of files of the forwarded message that shall not come along."`
		Draft    string           `json:"draft,omitempty" maxLength:"64" doc:"tag of the caller's draft (reply or forward) that this was: it goes with the sending, unless it was changed meanwhile."`
	}
}

type commentIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Key    string `header:"Idempotency-Key" required:"true" doc:"Of the client's making, at most 200 bytes: the same key and content happen once."`
	Body   struct {
		Text     string      `json:"text" doc:"Plain text, at most 1 MiB. Only the team sees it."`
		Mentions []MentionIn `json:"mentions,omitempty" maxItems:"50" doc:"Who is called: they find the thread under their mentions until they have spoken or seen it."`
		Draft    string      `json:"draft,omitempty" maxLength:"64" doc:"tag of the caller's draft (note) that this was."`
	}
}

type changeOut struct {
	Replayed string `header:"Idempotent-Replayed" doc:"true if the key had been used: entries are those of the first time."`
	ETag     string `header:"ETag" doc:"The seq of the thread's newest entry, quoted."`
	Body     Change
}

// Change is what a request changed: the entries it caused and the head after them.
type Change struct {
	Entries []inbox.Entry `json:"entries"`
	Thread  inbox.Summary `json:"thread"`
}

func (d *door) registerMessages() {
	message := op("POST", "/api/threads/{thread}/messages", "sendMessage", "Answer or forward: send a message to people outside")
	comment := op("POST", "/api/threads/{thread}/comments", "addComment", "Add an internal note")
	begin := op("POST", "/api/threads", "beginThread", "Write to somebody: begin a thread with a message to people outside")
	for _, o := range []*huma.Operation{&message, &comment, &begin} {
		o.DefaultStatus, o.MaxBodyBytes = 201, limit.APIBodyBytes
	}
	huma.Register(d.api, message, d.sendMessage)
	huma.Register(d.api, comment, d.addComment)
	huma.Register(d.api, begin, d.beginThread)
}

func (d *door) sendMessage(ctx context.Context, in *messageIn) (*changeOut, error) {
	if err := goodKey(in.Key); err != nil {
		return nil, err
	}
	p, err := addressees(in.Body.To, in.Body.Cc, in.Body.Bcc)
	if err != nil {
		return nil, err
	}
	d.refreshSenders(ctx)
	accounts, err := d.store.Settings.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	l, err := d.letter(ctx, in.Thread, in.Body.LetterIn)
	if err == nil && in.Body.Forwards > 0 {
		err = d.forward(ctx, &l, in.Thread, in.Body.Forwards, in.Body.LeaveOut, accounts)
	}
	if err != nil {
		return nil, err
	}
	u := caller(ctx)
	id := derive(append([]string{"message", u.ID, in.Thread, in.Key, strconv.FormatInt(in.Body.Forwards, 10), p.String()}, l.identity()...)...)
	if err := d.keep(ctx, in.Thread, id, &l); err != nil {
		return nil, err
	}
	mode := store.DraftReply
	if in.Body.Forwards > 0 {
		mode = store.DraftForward
	}
	c, err := d.once(ctx, in.Thread, in.Key, func(t inbox.Thread) (inbox.Decision, error) {
		m, err := d.envelope(t, u, accounts, p, in.Body.Forwards)
		if err != nil {
			return inbox.Decision{}, err
		}
		if t.Channel == inbox.ChannelChat && m.Forwards == 0 {
			there, err := d.visitorThere(ctx, in.Thread)
			if err != nil {
				return inbox.Decision{}, err
			}
			if there { // they read it in the widget
				m.To, m.Cc, m.Bcc, m.Email = []events.Address{}, nil, nil, nil
			}
		}
		l.fill(&m, id)
		if m.Forwards > 0 {
			return t.Forward(agent(u), m)
		}
		return t.Reply(agent(u), m)
	}, d.written(u, store.DraftPlace{Thread: in.Thread, Mode: mode}, in.Body.Draft)...)
	if err != nil {
		return nil, err
	}
	return d.sent(ctx, c, id)
}

// sent is the answer to a request that sent a message.
func (d *door) sent(ctx context.Context, c store.Commit, id string) (*changeOut, error) {
	if !slices.ContainsFunc(c.Entries, func(e inbox.Entry) bool { return e.Sent != nil && e.Sent.Message == id }) {
		return nil, keyReused()
	}
	if err := d.addDeliveries(ctx, c.Thread.ID, c.Entries); err != nil {
		return nil, err
	}
	d.live.Committed(ctx, c)
	return changed(c), nil
}

// visitorThere reports whether the visitor of a chat has its page open: then an answer needs no mail. Who leaves in the same moment finds it
// in the widget when they come back.
func (d *door) visitorThere(ctx context.Context, thread string) (bool, error) {
	conns, err := d.store.Sockets.Watchers(ctx, live.VisitorTopic(thread))
	return len(conns) > 0, err
}

// envelope is who a message of the thread is from and to, and what it answers.
func (d *door) envelope(t inbox.Thread, u store.User, accounts []inbox.Account, p audience, forwards int64) (events.MessageSent, error) {
	m := events.MessageSent{Subject: email.ReplySubject(t.Subject), Forwards: forwards}
	if !t.Exists() {
		return m, nil // the domain says so
	}
	i := slices.IndexFunc(accounts, func(a inbox.Account) bool { return a.ID == t.Account })
	if i < 0 {
		return m, fault.New(fault.Gone, "The address this conversation came to does not exist any more.")
	}
	if forwards > 0 {
		m.Subject = email.ForwardSubject(t.Subject)
	} else {
		m.Email = &events.Email{InReplyTo: t.LastMessageID, References: t.LastReferences}
		if len(p.to) == 0 {
			p.to = d.replyTo(t, accounts)
		}
	}
	return m, d.address(&m, u, accounts[i], accounts, p)
}

func (d *door) addComment(ctx context.Context, in *commentIn) (*changeOut, error) {
	if err := goodKey(in.Key); err != nil {
		return nil, err
	}
	text, err := cleanText(in.Body.Text)
	if err != nil {
		return nil, err
	}
	called, err := d.mentions(ctx, in.Thread, in.Body.Mentions)
	if err != nil {
		return nil, err
	}
	u := caller(ctx)
	identity := []string{"comment", u.ID, in.Thread, in.Key, text}
	for _, m := range called {
		identity = append(identity, m.ID)
	}
	id := derive(identity...)
	l := letter{text: text}
	if err := d.keep(ctx, in.Thread, id, &l); err != nil {
		return nil, err
	}
	c, err := d.once(ctx, in.Thread, in.Key, func(t inbox.Thread) (inbox.Decision, error) {
		return t.Comment(agent(u), events.CommentAdded{Comment: id, Body: l.body, Preview: inbox.Preview(text), Mentions: called})
	}, d.written(u, store.DraftPlace{Thread: in.Thread, Mode: store.DraftNote}, in.Body.Draft)...)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(c.Entries, func(e inbox.Entry) bool { return e.Comment != nil && e.Comment.Comment == id }) {
		return nil, keyReused()
	}
	d.live.Committed(ctx, c)
	return changed(c), nil
}

// written removes the draft that a request was, with its change. tag "" says that it was none.
func (d *door) written(u store.User, p store.DraftPlace, tag string) []store.Beside {
	if tag == "" {
		return nil
	}
	return []store.Beside{d.store.Drafts.Sent(u.ID, p, tag)}
}

// once changes a thread under the caller's idempotency key.
func (d *door) once(ctx context.Context, thread, key string, decide func(inbox.Thread) (inbox.Decision, error), beside ...store.Beside) (store.Commit, error) {
	return d.store.Threads.Do(ctx, thread, onceKey(ctx, key), decide, beside...)
}

// onceKey is an idempotency key of the caller's, apart from everybody else's.
func onceKey(ctx context.Context, key string) string { return "api:" + caller(ctx).ID + ":" + key }

// goodKey refuses a key that is too long to be kept.
func goodKey(key string) error {
	if len(key) > limit.IdempotencyKey {
		return fault.New(fault.Invalid, "An Idempotency-Key has at most %d bytes.", limit.IdempotencyKey)
	}
	return nil
}

// keyReused is the answer to a key that stands for other content: ids are derived from key and content, so another id tells.
func keyReused() error {
	return fault.New(fault.Invalid, "This Idempotency-Key was used for other content. Use a new one.")
}

func changed(c store.Commit) *changeOut {
	out := &changeOut{ETag: etag(c.Seq), Body: Change{Entries: orEmpty(c.Entries), Thread: c.Thread.Summary()}}
	if c.Replayed {
		out.Replayed = "true"
	}
	return out
}

func agent(u store.User) events.Actor {
	return events.Actor{Kind: events.Agent, ID: u.ID, Name: u.Name}
}

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// derive makes an id of 26 characters out of what it stands for: 128 bits of SHA-256.
func derive(parts ...string) string {
	h := sha256.New()
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	var sum [sha256.Size]byte
	return idEncoding.EncodeToString(h.Sum(sum[:0])[:16])
}
