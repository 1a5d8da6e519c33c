package visitor

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/events"
	"parley/shared/bot"
	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/people"
	"parley/shared/problem"
	"parley/shared/store"
)

// Desk is where a visitor's conversations are held.
type Desk struct {
	store *store.Store
	live  *live.Live
	bots  *bot.Desk
	newID func() string
	now   func() time.Time
}

// NewDesk returns a Desk. The store needs threads, assignments, contacts, settings and sockets.
func NewDesk(s *store.Store, l *live.Live, newID func() string, now func() time.Time) *Desk {
	return &Desk{store: s, live: l, bots: bot.New(s, l, newID, now), newID: newID, now: now}
}

// Said is one message of a visitor's.
type Said struct {
	Client string // the browser's own id: the same one is taken once
	Text   string
	Page   string // where it was written
	Title  string
	Flow   string     // the chatflow that shows there
	Zone   string     // IANA, where the browser is
	Lang   string     // of the chat, as it is shown: "de"
	Shown  *bot.Shown // how the bot's opening was made that was read before the first message; nil if there was none
	Seen   *int64     // the newest entry that was shown to who wrote it; nil if that is not known
}

// Lines are what a visitor may see of a conversation: everything visible among the entries From to Seq.
type Lines struct {
	Thread string
	Closed bool
	From   int64
	Seq    int64
	Lines  []inbox.VisitorLine
}

// Account returns the visitor's chat account; fault.NotFound if it is gone or no chat.
func (d *Desk) Account(ctx context.Context, id string) (inbox.Account, error) {
	a, err := d.store.Settings.Account(ctx, id)
	if err == nil && a.Channel != inbox.ChannelChat {
		err = fault.New(fault.NotFound, "There is no such chat.")
	}
	return a, err
}

// Thread finds the visitor's nth conversation, counted from 1; "" if it has not begun.
func (d *Desk) Thread(ctx context.Context, v Visitor, n int) (string, error) {
	if n < 1 || n > limit.ChatConversation {
		return "", fault.New(fault.Invalid, "Conversations are counted from 1 to %d.", limit.ChatConversation)
	}
	name := store.ChatClaim(v.Account, v.ID, n)
	found, err := d.store.Threads.ByClaims(ctx, name)
	return found[name].Thread, err
}

// Say takes a message of the visitor's in their nth conversation, which it begins if need be. The same client id again changes nothing.
func (d *Desk) Say(ctx context.Context, v Visitor, n int, s Said) (store.Commit, error) {
	if err := s.clean(); err != nil {
		return store.Commit{}, err
	}
	account, err := d.Account(ctx, v.Account)
	if err != nil {
		return store.Commit{}, err
	}
	thread, err := d.Thread(ctx, v, n)
	if err != nil {
		return store.Commit{}, err
	}
	contact, err := d.store.Contacts.ByVisitor(ctx, v.ID, s.Zone)
	if err != nil {
		return store.Commit{}, err
	}
	m := events.MessageReceived{
		Message: d.newID(), Contact: contact.Fact(), From: events.Address{Name: contact.Name, Email: contact.Address},
		Body: events.Body{Text: s.Text}, Preview: inbox.Preview(s.Text), Chat: &events.Chat{Client: s.Client, Page: s.Page, Title: s.Title, Lang: s.Lang, Seen: s.Seen},
	}
	var first opening
	if thread == "" {
		if first, err = d.opening(ctx, account, s, contact); err != nil {
			return store.Commit{}, err
		}
	}
	c, err := d.commit(ctx, v, account, n, thread, s, m, first)
	var taken *store.Claimed
	if errors.As(err, &taken) { // another tab began this conversation a moment ago
		c, err = d.commit(ctx, v, account, n, taken.Thread, s, m, opening{})
	}
	if err == nil {
		d.live.Committed(ctx, c)
	}
	return c, err
}

// opening is what a bot says before the visitor's first message, if one talks in the chatflow.
type opening struct {
	flow   chatflow.Flow
	record chatflow.Record
	bot    bool
}

func (d *Desk) opening(ctx context.Context, a inbox.Account, s Said, c people.Contact) (o opening, err error) {
	if s.Flow == "" {
		return o, nil
	}
	if o.flow, err = d.bots.Flow(ctx, a.ID, s.Flow); err != nil {
		return o, err
	}
	c = byItself(c)
	o.record, o.bot, err = d.bots.Open(ctx, a.Inbox, o.flow, c, bot.Where{Page: s.Page, Lang: s.Lang}, s.Shown)
	return o, err
}

// byItself is who a browser may hear of: of a person whom the team knows it is to hear nothing.
func byItself(c people.Contact) people.Contact {
	if c.MergedInto != "" || len(c.Merged) > 0 {
		return people.Contact{ID: c.ID}
	}
	return c
}

// Opening is what the bot of a chatflow says to somebody who has not written yet, and what it was made of: their first message will be kept with
// the same. The zero Contact is of somebody who is not known.
func (d *Desk) Opening(ctx context.Context, a inbox.Account, f chatflow.Flow, c people.Contact, w bot.Where) ([]chatflow.Line, *bot.Shown, error) {
	w.Page, w.Lang = page(w.Page), lang(w.Lang)
	r, ok, err := d.bots.Open(ctx, a.Inbox, f, c, w, nil)
	if err != nil || !ok {
		return nil, nil, err
	}
	at := r.Input.World
	return r.Turn.Lines, &bot.Shown{Version: r.Version, There: at.There, Open: at.Open, Page: at.Page, Known: c.ID != ""}, nil
}

// Greeting is Opening for a visitor who is known, in a chatflow by its id; nil if no bot talks in it.
func (d *Desk) Greeting(ctx context.Context, a inbox.Account, flow string, c people.Contact, w bot.Where) ([]chatflow.Line, *bot.Shown, error) {
	f, err := d.bots.Flow(ctx, a.ID, flow)
	if err != nil || f.ID == "" {
		return nil, nil, err
	}
	return d.Opening(ctx, a, f, byItself(c), w)
}

func (d *Desk) commit(ctx context.Context, v Visitor, a inbox.Account, n int, thread string, s Said, m events.MessageReceived, first opening) (store.Commit, error) {
	begins := thread == ""
	if begins {
		thread = d.newID()
	}
	key := "visitor:" + v.Account + ":" + v.ID + ":" + s.Client
	var beside []store.Beside
	if first.bot {
		beside = append(beside, d.store.Bots.Turned(store.Walk{}, func() (string, chatflow.Record) { return thread, first.record }))
	}
	return d.store.Threads.Do(ctx, thread, key, func(t inbox.Thread) (inbox.Decision, error) {
		if !begins {
			if t.Flooded(d.now(), limit.ChatPerMinute) {
				return inbox.Decision{}, &problem.WithStatus{Status: http.StatusTooManyRequests, Err: fault.New(fault.Busy, "That is a lot of messages. Wait a minute, then go on.")}
			}
			return t.Receive(m)
		}
		o := events.ThreadOpened{Inbox: a.Inbox, Account: a.ID, Channel: string(inbox.ChannelChat), Subject: m.Preview, Contact: m.Contact, Chatflow: s.Flow}
		var dec inbox.Decision
		var err error
		if first.bot {
			dec, err = d.begun(ctx, t, thread, o, m, first)
		} else {
			dec, err = t.Open(o, m)
		}
		dec.Claims = []string{store.ChatClaim(v.Account, v.ID, n)}
		return dec, err
	}, beside...)
}

// begun is the beginning of a conversation in which a bot has spoken first.
func (d *Desk) begun(ctx context.Context, t inbox.Thread, id string, o events.ThreadOpened, m events.MessageReceived, first opening) (inbox.Decision, error) {
	started := bot.Started(first.flow, first.record.Version)
	by := bot.Actor(first.flow)
	t.ID = id
	after, err := t.After(inbox.Decision{Actor: by, Facts: []events.Fact{o, started}}, d.now())
	if err != nil {
		return inbox.Decision{}, err
	}
	said, err := d.bots.Decide(ctx, after, first.flow, first.record.Turn)
	if err != nil {
		return inbox.Decision{}, err
	}
	seen := after.Seq + int64(len(said.Facts)) // the page showed the opening
	chat := *m.Chat
	chat.Seen, m.Chat = &seen, &chat
	return t.OpenWithBot(o, by, append([]events.Fact{started}, said.Facts...), m)
}

// clean makes a message fit to be kept, or says why it is not.
func (s *Said) clean() error {
	s.Text = strings.TrimSpace(strings.Map(printable, strings.ReplaceAll(strings.ToValidUTF8(s.Text, "\uFFFD"), "\r\n", "\n")))
	switch {
	case s.Text == "":
		return fault.New(fault.Invalid, "A message needs text.")
	case len(s.Text) > limit.ChatTextBytes:
		return fault.New(fault.Invalid, "A message has at most %d bytes, not %d.", limit.ChatTextBytes, len(s.Text))
	case s.Client == "" || len(s.Client) > limit.ChatClientBytes:
		return fault.New(fault.Invalid, "A message needs a client id of at most %d bytes.", limit.ChatClientBytes)
	}
	s.Zone, s.Lang = Zone(s.Zone), lang(s.Lang)
	s.Title = cut(strings.Map(printable, strings.ToValidUTF8(s.Title, "")), 200)
	s.Page = page(s.Page)
	if s.Shown != nil {
		shown := *s.Shown
		shown.Page = page(shown.Page)
		s.Shown = &shown
	}
	return nil
}

// page is an address that a page says, "" for what is none.
func page(said string) string {
	if p := cut(strings.Map(printable, strings.ToValidUTF8(said, "")), limit.ChatPageBytes); strings.HasPrefix(p, "http") {
		return p
	}
	return ""
}

// Zone is a time zone that a browser says, "" for what is none.
func Zone(said string) string {
	if _, err := time.LoadLocation(said); err != nil || said == "Local" || len(said) > limit.ZoneBytes {
		return ""
	}
	return said
}

// lang is a language that a page says, "" for what is none (RFC 5646, a language alone).
func lang(said string) string {
	if n := len(said); n < 2 || n > 3 || strings.Trim(said, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return said
}

func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}

// cut returns at most n bytes of s, whole runes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Lines reads what the visitor lacks of a conversation that is theirs: what stands behind after, at most the newest limit.ChatLines entries.
func (d *Desk) Lines(ctx context.Context, thread string, after int64) (Lines, error) {
	head, err := d.store.Threads.Head(ctx, thread)
	if err != nil {
		return Lines{}, err
	}
	from := max(after+1, head.Seq-limit.ChatLines+1, 1)
	out := Lines{Thread: thread, Closed: head.Status == inbox.Closed, From: from, Seq: head.Seq, Lines: []inbox.VisitorLine{}}
	log, err := d.store.Threads.Entries(ctx, thread, from, head.Seq)
	if err != nil {
		return out, err
	}
	for _, e := range log {
		entry, err := inbox.EntryOf(e)
		if err != nil {
			return out, err
		}
		if line, ok := entry.ForVisitor(); ok {
			out.Lines = append(out.Lines, line)
		}
	}
	return out, nil
}

// Introduce notes the address and name the visitor typed, on their contact and on the conversation if it has begun.
func (d *Desk) Introduce(ctx context.Context, v Visitor, n int, address, name string) error {
	thread, err := d.Thread(ctx, v, n)
	if err != nil {
		return err
	}
	contact, err := d.store.Contacts.ByVisitor(ctx, v.ID, "")
	if err != nil {
		return err
	}
	if contact, err = d.store.Contacts.Introduce(ctx, contact.ID, address, cut(strings.Map(printable, name), limit.NameBytes)); err != nil || thread == "" {
		return err
	}
	by := events.Actor{Kind: events.Visitor, ID: contact.ID, Name: contact.Name}
	c, err := d.store.Threads.Do(ctx, thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		return t.SetContact(by, contact.Fact(), &events.Why{Rule: "typed"})
	})
	if err == nil {
		d.live.Committed(ctx, c)
	}
	return err
}
