package agentapi

import (
	"context"
	"maps"
	"strings"
	"time"

	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/people"

	"parley/shared/bot"
)

type driveIn struct {
	Account string `path:"account" maxLength:"64"`
	Flow    string `path:"flow" maxLength:"64"`
	Body    struct {
		Graph   chatflow.Graph     `json:"graph"`
		Session *chatflow.Session  `json:"session,omitempty" doc:"As the drive before answered; nothing begins."`
		Kind    chatflow.InputKind `json:"kind" enum:"start,say,timeout"`
		Text    string             `json:"text,omitempty" maxLength:"8192"`
		Page    string             `json:"page,omitempty" maxLength:"2048"`
		Contact map[string]string  `json:"contact,omitempty" doc:"What is known of the visitor: name, email, phone, a property's id. As the drive before answered."`
		There   bool               `json:"there" doc:"Play that somebody is there."`
	}
}

type driveOut struct {
	Body struct {
		Session chatflow.Session  `json:"session"`
		Contact map[string]string `json:"contact"`
		Turns   []chatflow.Record `json:"turns"`
		Heard   bool              `json:"heard" doc:"The input meant something to the session."`
	}
}

// driveTurns bounds what one input leads to: the steps that ask servers or run code are turns of their own.
const (
	driveTurns = 25
	driveTime  = 20 * time.Second // API Gateway gives up at 30 s
)

// driveBot takes turns of a graph as functions/turn would, but writes nothing: what is to be set is only remembered by the caller. Servers are
// asked and code is run.
func (d *door) driveBot(ctx context.Context, in *driveIn) (*driveOut, error) {
	f, err := d.botFlow(ctx, in.Account, in.Flow)
	if err != nil {
		return nil, err
	}
	account, err := d.chatAccount(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	world, err := d.bots.World(ctx, account.Inbox, account.ID, f, people.Contact{}, bot.Where{Page: in.Body.Page})
	if err != nil {
		return nil, err
	}
	world.There, world.Open = in.Body.There, in.Body.There
	world.Contact = maps.Clone(in.Body.Contact)
	if world.Contact == nil {
		world.Contact = map[string]string{}
	}
	published, failed := d.store.Bots.Library(ctx)
	find := func(flow string, version int64) (chatflow.Graph, bool) {
		if flow == f.ID && version == 0 {
			return in.Body.Graph, true
		}
		return published(flow, version)
	}
	ctx, cancel := context.WithTimeout(ctx, driveTime)
	defer cancel()
	s := chatflow.Session{Flow: f.ID}
	if in.Body.Session != nil && in.Body.Kind != chatflow.InStart {
		s = *in.Body.Session
	}
	out := &driveOut{}
	out.Body.Turns = []chatflow.Record{}
	next := chatflow.Input{Kind: in.Body.Kind, At: d.now().UTC(), Text: in.Body.Text, World: world}
	if next.Kind == chatflow.InTimeout { // played: nobody waits for it
		next.At = s.At.AddDate(0, 0, 8)
	}
	for range driveTurns {
		t, ok := chatflow.Take(find, s, next)
		if err := failed(); err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		out.Body.Heard = true
		out.Body.Turns = append(out.Body.Turns, chatflow.Record{Flow: s.Flow, Version: s.Version, Input: next, Turn: t})
		s = t.Session
		if s.State != chatflow.Working || s.Effect == nil {
			break
		}
		r := d.pretend(ctx, *s.Effect, world.Contact)
		next = chatflow.Input{Kind: chatflow.InResult, At: d.now().UTC(), Result: &r, World: world}
	}
	out.Body.Session, out.Body.Contact = s, world.Contact
	return out, nil
}

// pretend is what comes of an effect that is not to last.
func (d *door) pretend(ctx context.Context, e chatflow.Effect, contact map[string]string) chatflow.Result {
	r := chatflow.Result{Effect: e.ID}
	var err error
	switch e.Kind {
	case chatflow.DoContact:
		contact[e.Property] = e.Value
	case chatflow.DoWebhook:
		if !strings.HasPrefix(e.Webhook.URL, "https://") {
			err = fault.New(fault.Invalid, "This is no address that begins with https://.")
			break
		}
		r.Vars, err = d.beyond.Webhook(ctx, "test", "test", e)
	case chatflow.DoTicket:
		r.Vars = map[string]string{"ticket": "1"}
	case chatflow.DoArticle:
		r.Say, err = bot.LookUp(ctx, d.store, e.Text)
	case chatflow.DoCode:
		err = bot.Code(ctx, "test", e, &r)
	}
	if err != nil {
		r.Failed = fault.MessageOf(err)
	}
	return r
}
