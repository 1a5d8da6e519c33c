package bot

import (
	"context"
	"slices"
	"time"

	"parley/events"
	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/people"
	"parley/shared/store"
)

// Desk takes turns.
type Desk struct {
	store *store.Store
	live  *live.Live
	newID func() string
	now   func() time.Time
}

// New returns a Desk. The store needs settings, contacts, sockets and assignments.
func New(s *store.Store, l *live.Live, newID func() string, now func() time.Time) *Desk {
	return &Desk{s, l, newID, now}
}

// Flow finds one of an account's chatflows; the zero Flow if it is gone.
func (d *Desk) Flow(ctx context.Context, account, id string) (chatflow.Flow, error) {
	flows, err := d.store.Chats.Flows(ctx, account)
	if i := slices.IndexFunc(flows, func(f chatflow.Flow) bool { return f.ID == id }); i >= 0 {
		return flows[i], err
	}
	return chatflow.Flow{}, err
}

// Where is where a visitor is: the page's address, and the language of the chat on it. What is empty is as it was.
type Where struct{ Page, Lang string }

// World is what is so now. The zero Contact is of somebody who is not known yet.
func (d *Desk) World(ctx context.Context, inboxID, account string, f chatflow.Flow, c people.Contact, at Where) (chatflow.World, error) {
	here, err := d.live.Here(ctx, inboxID, d.now())
	if err != nil {
		return chatflow.World{}, err
	}
	open, _, err := d.store.Settings.OpenAt(ctx, inboxID, d.now())
	if err != nil {
		return chatflow.World{}, err
	}
	w := chatflow.World{Page: at.Page, Lang: at.Lang, Contact: c.Values(), Open: open, There: f.There(len(here) > 0, open), Meetings: map[string]string{}, Bots: map[string]chatflow.Entry{}}
	users, err := d.store.Settings.Users(ctx)
	if err != nil {
		return w, err
	}
	workers, err := d.store.Settings.Workers(ctx, inboxID)
	if err != nil {
		return w, err
	}
	for _, u := range workers {
		w.Users = append(w.Users, u.ID)
	}
	for _, u := range users {
		if u.Meeting != "" && !u.Disabled {
			w.Meetings[u.ID] = u.Meeting
		}
	}
	teams, err := d.store.Settings.Teams(ctx)
	if err != nil {
		return w, err
	}
	for _, t := range teams {
		w.Teams = append(w.Teams, t.ID)
	}
	if c.Company != "" {
		o, err := d.store.Contacts.Company(ctx, c.Company)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return w, err
		}
		w.Company = companyValues(o)
	}
	flows, err := d.store.Chats.Flows(ctx, account)
	if err != nil {
		return w, err
	}
	find, failed := d.store.Bots.Library(ctx)
	for _, other := range flows {
		if other.Bot && other.Published > 0 && other.ID != f.ID {
			g, _ := find(other.ID, other.Published)
			w.Bots[other.ID] = chatflow.Entry{Version: other.Published, Start: g.Start}
		}
	}
	return w, failed()
}

func companyValues(c people.Company) map[string]string {
	out := map[string]string{}
	for id, v := range c.Props {
		out[id] = v
	}
	if c.Name != "" {
		out["name"] = c.Name
	}
	if len(c.Domains) > 0 {
		out["domain"] = c.Domains[0]
	}
	return out
}

// Shown is what a page's opening was made of: with it, what the bot said before anybody wrote is written down as the visitor read it. It comes back
// from the page, unsigned: who lies in it changes what they themselves are told.
type Shown struct {
	Version int64  `json:"version" doc:"Of the bot."`
	There   bool   `json:"there" doc:"Somebody was there."`
	Open    bool   `json:"open" doc:"The inbox was within its hours."`
	Page    string `json:"page" maxLength:"2048"`
	Known   bool   `json:"known" doc:"It was made for who the visitor is."`
}

// Open takes the turn with which a conversation in a bot's chatflow begins. shown is what the visitor has read of it; nil for nothing. ok is false
// where no bot talks, or none is published.
func (d *Desk) Open(ctx context.Context, inboxID string, f chatflow.Flow, c people.Contact, at Where, shown *Shown) (r chatflow.Record, ok bool, err error) {
	if !f.Bot || !f.Shown() {
		return r, false, nil
	}
	if shown != nil && !shown.Known {
		c = people.Contact{ID: c.ID}
	}
	w, err := d.World(ctx, inboxID, f.Account, f, c, at)
	if err != nil {
		return r, false, err
	}
	s := chatflow.Session{Flow: f.ID, Version: f.Published}
	if shown != nil {
		w.There, w.Open, w.Page = shown.There, shown.Open, shown.Page
		if s.Version, err = d.version(ctx, f, shown.Version); err != nil {
			return r, false, err
		}
	}
	return d.Take(ctx, s, chatflow.Input{Kind: chatflow.InStart, At: d.now().UTC(), World: w})
}

// version is the one that a page has shown, unless it has been out of date for too long.
func (d *Desk) version(ctx context.Context, f chatflow.Flow, shown int64) (int64, error) {
	if shown < 1 || shown >= f.Published {
		return f.Published, nil
	}
	next, err := d.store.Bots.Version(ctx, f.ID, shown+1)
	if fault.Is(err, fault.NotFound) || err == nil && d.now().Sub(next.At) > limit.BotShown {
		return f.Published, nil
	}
	return shown, err
}

// Take takes a turn of a session; ok is false if the input means nothing to it.
func (d *Desk) Take(ctx context.Context, s chatflow.Session, in chatflow.Input) (r chatflow.Record, ok bool, err error) {
	find, failed := d.store.Bots.Library(ctx)
	t, ok := chatflow.Take(find, s, in)
	return chatflow.Record{Flow: s.Flow, Version: s.Version, Input: in, Turn: t}, ok, failed()
}

// Actor is a bot as the log names it.
func Actor(f chatflow.Flow) events.Actor {
	return events.Actor{Kind: events.Bot, ID: f.ID, Name: f.Name}
}

// Started is the fact that begins a bot's part.
func Started(f chatflow.Flow, version int64) events.BotStarted {
	return events.BotStarted{Flow: f.ID, Name: f.Name, Version: version}
}

// Decide is what a turn makes of its thread: what the bot says, what it does to the thread, and whether it is done with it.
func (d *Desk) Decide(ctx context.Context, t inbox.Thread, f chatflow.Flow, turn chatflow.Turn) (inbox.Decision, error) {
	by := Actor(f)
	all := inbox.Decision{Actor: by}
	then := func(next inbox.Decision, err error) error {
		if err != nil {
			return err
		}
		if len(next.Facts) == 0 {
			return nil
		}
		next.Actor = by
		all = all.Then(next)
		t, err = t.After(next, d.now())
		return err
	}
	fact := func(f events.Fact) error { return then(inbox.Decision{Facts: []events.Fact{f}}, nil) }
	for _, l := range turn.Lines {
		if err := fact(d.said(f, l)); err != nil {
			return all, err
		}
	}
	var hand *chatflow.Effect
	ends, closes := "", false
	for i, e := range turn.Effects {
		var err error
		switch e.Kind {
		case chatflow.DoPriority:
			err = then(t.Prioritise(by, priority(e.Value)))
		case chatflow.DoTag:
			var add, remove []events.TagRef
			if add, remove, err = d.tags(ctx, e); err == nil {
				err = then(t.Tag(by, add, remove))
			}
		case chatflow.DoClose:
			closes = true
		case chatflow.DoHandoff:
			hand, ends = &turn.Effects[i], e.Why
		}
		if err != nil && fault.CodeOf(err) != fault.Invalid { // a value that does not fit is passed over
			return all, err
		}
	}
	for _, m := range turn.Marks {
		switch m.Kind {
		case chatflow.MarkCompleted:
			ends = "completed"
		case chatflow.MarkAbandoned:
			ends = "abandoned"
		}
	}
	if hand != nil && t.Status == inbox.Closed { // they wrote while the bot was closing it: nobody is handed what is closed
		if err := fact(events.ThreadReopened{Cause: "message"}); err != nil {
			return all, err
		}
	}
	if ends != "" && t.Bot != nil && (!t.Bot.Done || hand != nil) {
		if err := fact(events.BotEnded{Flow: f.ID, Name: f.Name, Why: ends}); err != nil {
			return all, err
		}
	}
	if hand != nil {
		a, ok, err := d.assignment(ctx, *hand)
		if err != nil {
			return all, err
		}
		if ok {
			if err := then(t.Give(by, a)); err != nil {
				return all, err
			}
		}
	}
	if closes {
		if err := then(t.SetStatus(by, inbox.Closed)); err != nil {
			return all, err
		}
	}
	return all, nil
}

// said is one message of the bot's.
func (d *Desk) said(f chatflow.Flow, l chatflow.Line) events.MessageSent {
	text := l.Text
	file := ""
	if l.File != nil {
		file = l.File.Name
	}
	for _, instead := range []string{l.Alt, l.Label, l.Link, file, l.Image} {
		if text == "" {
			text = instead
		}
	}
	return events.MessageSent{
		Message: d.newID(), To: []events.Address{}, Body: events.Body{Text: text}, Preview: inbox.Preview(text),
		Bot: &events.BotLine{Flow: f.ID, Step: l.Step, Image: l.Image, Alt: l.Alt, Link: l.Link, Label: l.Label, File: l.File, Ask: string(l.Ask), Choices: l.Choices, Delay: l.Delay},
	}
}

// priority takes the word that the pages use for none.
func priority(value string) inbox.Priority {
	if value == "normal" {
		return inbox.Normal
	}
	return inbox.Priority(value)
}

func (d *Desk) tags(ctx context.Context, e chatflow.Effect) (add, remove []events.TagRef, err error) {
	all, err := d.store.Settings.Tags(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range all { // those that are gone are on no conversation
		switch ref := (events.TagRef{ID: g.ID, Name: g.Name}); {
		case slices.Contains(e.Add, g.ID):
			add = append(add, ref)
		case slices.Contains(e.Remove, g.ID):
			remove = append(remove, ref)
		}
	}
	return add, remove, nil
}

// assignment is whom a hand-off names; ok is false if that is the rules' to find.
func (d *Desk) assignment(ctx context.Context, e chatflow.Effect) (a inbox.Assignment, ok bool, err error) {
	a.Why = &events.Why{Rule: "bot"}
	switch e.To {
	case "user":
		u, err := d.store.Settings.Who(ctx, e.Who)
		if fault.Is(err, fault.NotFound) {
			return a, false, nil
		}
		a.To = &events.Assignee{Kind: string(events.Agent), ID: u.ID, Name: u.Name}
		return a, true, err
	case "team":
		teams, err := d.store.Settings.Teams(ctx)
		i := slices.IndexFunc(teams, func(t inbox.Team) bool { return t.ID == e.Who })
		if err != nil || i < 0 {
			return a, false, err
		}
		a.Team = &events.TeamRef{ID: e.Who, Name: teams[i].Name}
		return a, true, nil
	}
	return a, false, nil
}
