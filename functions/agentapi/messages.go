package agentapi

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

type messageIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Key    string `header:"Idempotency-Key" required:"true" doc:"Of the client's making, at most 200 bytes: the same key and content happen once."`
	Body   struct {
		Text string           `json:"text" doc:"Plain text, at most 1 MiB."`
		To   []events.Address `json:"to,omitempty" doc:"Whoever replyTo of the thread names, if not given."`
		Cc   []events.Address `json:"cc,omitempty"`
	}
}

type commentIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Key    string `header:"Idempotency-Key" required:"true" doc:"Of the client's making, at most 200 bytes: the same key and content happen once."`
	Body   struct {
		Text string `json:"text" doc:"Plain text, at most 1 MiB. Only the team sees it."`
	}
}

type changeOut struct {
	Replayed string `header:"Idempotent-Replayed" doc:"true if the key had been used: entries are those of the first time."`
	ETag     string `header:"ETag" doc:"The seq of the thread's newest entry, quoted."`
	Body     change
}

// change is what a request changed: the entries it caused and the head after them.
type change struct {
	Entries []inbox.Entry `json:"entries"`
	Thread  inbox.Summary `json:"thread"`
}

func (d *door) registerMessages() {
	message := op("POST", "/api/threads/{thread}/messages", "sendMessage", "Answer: send a message to people outside")
	comment := op("POST", "/api/threads/{thread}/comments", "addComment", "Add an internal note")
	message.DefaultStatus, comment.DefaultStatus = 201, 201
	message.MaxBodyBytes, comment.MaxBodyBytes = limit.APIBodyBytes, limit.APIBodyBytes
	huma.Register(d.api, message, d.sendMessage)
	huma.Register(d.api, comment, d.addComment)
}

func (d *door) sendMessage(ctx context.Context, in *messageIn) (*changeOut, error) {
	to, err := recipients("to", in.Body.To)
	if err != nil {
		return nil, err
	}
	cc, err := recipients("cc", in.Body.Cc)
	if err != nil {
		return nil, err
	}
	text, err := cleanText(in.Body.Text)
	if err != nil {
		return nil, err
	}
	accounts, err := d.store.Settings.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	u := caller(ctx)
	id := derive("message", u.ID, in.Thread, in.Key, text, joined(to), joined(cc))
	body, err := d.keep(ctx, in.Thread, id, text)
	if err != nil {
		return nil, err
	}
	c, err := d.once(ctx, in.Thread, in.Key, func(t inbox.Thread) (inbox.Decision, error) {
		m, err := d.answer(t, u, accounts, to, cc)
		if err != nil {
			return inbox.Decision{}, err
		}
		m.Message, m.Delivery, m.Body, m.Preview = id, derive("delivery", id), body, inbox.Preview(text)
		return t.Reply(agent(u), m)
	})
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(c.Entries, func(e inbox.Entry) bool { return e.Sent != nil && e.Sent.Message == id }) {
		return nil, keyReused()
	}
	if err := d.addDeliveries(ctx, in.Thread, c.Entries); err != nil {
		return nil, err
	}
	d.live.Committed(ctx, c)
	return changed(c), nil
}

// answer is the envelope of a reply: who it is from and to, and what it answers.
func (d *door) answer(t inbox.Thread, u store.User, accounts []inbox.Account, to, cc []events.Address) (events.MessageSent, error) {
	m := events.MessageSent{To: to, Cc: cc, Subject: email.ReplySubject(t.Subject)}
	if !t.Exists() {
		return m, nil // Reply says so
	}
	i := slices.IndexFunc(accounts, func(a inbox.Account) bool { return a.ID == t.Account })
	if i < 0 {
		return m, fault.New(fault.Gone, "The address this conversation came to does not exist any more.")
	}
	account := accounts[i]
	if len(to) == 0 {
		m.To = d.replyTo(t, accounts)
	}
	m.Cc = slices.DeleteFunc(slices.Clone(cc), func(a events.Address) bool { return names(m.To, a.Email) })
	if n := len(m.To) + len(m.Cc); n > limit.MailOutRecipients {
		return m, fault.New(fault.Invalid, "A message goes to at most %d people, not %d.", limit.MailOutRecipients, n)
	}
	for _, a := range slices.Concat(m.To, m.Cc) {
		if a.Email == account.Address || d.token(a.Email) {
			return m, fault.New(fault.Invalid, "%s is this conversation's own address: the message would come back.", a.Email)
		}
	}
	m.From = events.Address{Name: fromName(u, account), Email: account.Address}
	m.Email = &events.Email{InReplyTo: t.LastMessageID, References: t.LastReferences}
	return m, nil
}

// fromName is how an answer signs: "Mara Lind (Support)". People see who writes and for whom; the name alone would make the same
// address look like a new person in every mail program, the account's alone hides that a person answers.
func fromName(u store.User, a inbox.Account) string {
	switch {
	case u.Name == "" || strings.Contains(u.Name, "@") || u.Name == a.Name:
		return a.Name
	case a.Name == "":
		return u.Name
	}
	return u.Name + " (" + a.Name + ")"
}

func (d *door) addComment(ctx context.Context, in *commentIn) (*changeOut, error) {
	text, err := cleanText(in.Body.Text)
	if err != nil {
		return nil, err
	}
	u := caller(ctx)
	id := derive("comment", u.ID, in.Thread, in.Key, text)
	body, err := d.keep(ctx, in.Thread, id, text)
	if err != nil {
		return nil, err
	}
	c, err := d.once(ctx, in.Thread, in.Key, func(t inbox.Thread) (inbox.Decision, error) {
		return t.Comment(agent(u), events.CommentAdded{Comment: id, Body: body, Preview: inbox.Preview(text)})
	})
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(c.Entries, func(e inbox.Entry) bool { return e.Comment != nil && e.Comment.Comment == id }) {
		return nil, keyReused()
	}
	d.live.Committed(ctx, c)
	return changed(c), nil
}

// once changes a thread under the caller's idempotency key.
func (d *door) once(ctx context.Context, thread, key string, decide func(inbox.Thread) (inbox.Decision, error)) (store.Commit, error) {
	if len(key) > limit.IdempotencyKey {
		return store.Commit{}, fault.New(fault.Invalid, "An Idempotency-Key has at most %d bytes.", limit.IdempotencyKey)
	}
	return d.store.Threads.Do(ctx, thread, "api:"+caller(ctx).ID+":"+key, decide)
}

// keyReused is the answer to a key that stands for other content: ids are derived from key and content, so another id tells.
func keyReused() error {
	return fault.New(fault.Invalid, "This Idempotency-Key was used for other content. Use a new one.")
}

func changed(c store.Commit) *changeOut {
	out := &changeOut{ETag: etag(c.Seq), Body: change{Entries: orEmpty(c.Entries), Thread: c.Thread.Summary()}}
	if c.Replayed {
		out.Replayed = "true"
	}
	return out
}

// keep puts a long text where it belongs before anything is committed. The key of the object follows from the request: a repeated
// request writes the same object again, and one that fails afterwards leaves at most that.
func (d *door) keep(ctx context.Context, thread, id, text string) (events.Body, error) {
	if len(text) <= limit.InlineBodyBytes {
		return events.Body{Text: text}, nil
	}
	if strings.TrimSpace(text) == "" {
		return events.Body{}, nil // the domain refuses it
	}
	if _, err := d.store.Threads.Head(ctx, thread); err != nil {
		return events.Body{}, err // no objects for threads that do not exist
	}
	ref := store.BodyKey(thread, id, "txt")
	return events.Body{TextRef: ref}, d.files.Put(ctx, ref, "text/plain; charset=utf-8", []byte(text))
}

// cleanText makes a text fit for mail: lines end in \n, and characters that no mail may hold (RFC 5322 §3.5: NUL) or that nobody
// sees go away.
func cleanText(s string) (string, error) {
	if len(s) > limit.TextBytes {
		return "", fault.New(fault.Invalid, "A text has at most %d bytes, not %d.", limit.TextBytes, len(s))
	}
	if !strings.ContainsFunc(s, unwanted) {
		return s, nil
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if unwanted(r) {
			return -1
		}
		return r
	}, s), nil
}

func unwanted(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// recipients checks and normalises addresses that an agent chose; one named twice stays once.
func recipients(member string, list []events.Address) ([]events.Address, error) {
	var out []events.Address
	for _, a := range list {
		address, err := email.NormaliseAddress(a.Email)
		if err != nil {
			return nil, err
		}
		name := strings.Join(strings.Fields(a.Name), " ")
		if len(name) > limit.NameBytes || strings.ContainsFunc(name, unicode.IsControl) {
			return nil, fault.New(fault.Invalid, "%s: the name of %s is too long or has characters that mail cannot carry.", member, address)
		}
		if !names(out, address) {
			out = append(out, events.Address{Name: name, Email: address})
		}
	}
	if len(out) > limit.MailOutRecipients {
		return nil, fault.New(fault.Invalid, "%s: a message goes to at most %d people, not %d.", member, limit.MailOutRecipients, len(out))
	}
	return out, nil
}

func joined(list []events.Address) string {
	parts := make([]string, 0, 2*len(list))
	for _, a := range list {
		parts = append(parts, a.Name, a.Email)
	}
	return strings.Join(parts, "\x00")
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
