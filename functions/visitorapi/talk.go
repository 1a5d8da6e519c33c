package visitorapi

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/bot"
	"parley/shared/email"
	"parley/shared/store"
	"parley/shared/visitor"
)

type ticketIn struct {
	Account string `path:"account" maxLength:"64"`
	Body    struct {
		Conversation int `json:"conversation" minimum:"1" maximum:"1000"`
	}
}

type ticketOut struct {
	Body struct {
		Ticket   string `json:"ticket" doc:"Opens one socket within 60 seconds: the second value of Sec-WebSocket-Protocol."`
		URL      string `json:"url"`
		Protocol string `json:"protocol" enum:"parley"`
	}
}

type messageIn struct {
	Account string `path:"account" maxLength:"64"`
	Body    struct {
		Conversation int        `json:"conversation" minimum:"1" maximum:"1000"`
		Client       string     `json:"client" minLength:"1" maxLength:"64" doc:"Of the browser's making: the same one is taken once."`
		Text         string     `json:"text" doc:"At most 8 KiB."`
		Page         string     `json:"page,omitempty" maxLength:"2048"`
		Title        string     `json:"title,omitempty"`
		Flow         string     `json:"flow,omitempty" maxLength:"64"`
		Zone         string     `json:"zone,omitempty" maxLength:"64" doc:"IANA time zone of the browser; one that is none is as none."`
		Lang         string     `json:"lang,omitempty" maxLength:"16" doc:"Language in which the chat is shown: de."`
		Shown        *bot.Shown `json:"shown,omitempty" doc:"With the first message: what config or session said of the opening that was shown."`
		Seen         *int64     `json:"seen,omitempty" minimum:"0" doc:"The newest seq that was shown when this was written: it is no answer to what a bot asked later."`
	}
}

type linesIn struct {
	Account      string `path:"account" maxLength:"64"`
	Conversation int    `query:"conversation" minimum:"1" maximum:"1000" required:"true"`
	After        int64  `query:"after" minimum:"0" doc:"The seq the browser has."`
}

type linesOut struct{ Body conversation }

type introduceIn struct {
	Account string `path:"account" maxLength:"64"`
	Body    struct {
		Conversation int    `json:"conversation" minimum:"1" maximum:"1000"`
		Email        string `json:"email" maxLength:"254" doc:"A claim: it leads nobody to anybody's conversations."`
		Name         string `json:"name,omitempty" maxLength:"256"`
	}
}

func (d *door) registerTalk() {
	huma.Register(d.api, signed("POST", "/ticket", "createTicket", "A ticket that opens one socket"), d.ticket)
	message := signed("POST", "/messages", "say", "Say something, where sockets are blocked")
	message.DefaultStatus = 201
	huma.Register(d.api, message, d.say)
	huma.Register(d.api, signed("GET", "/messages", "getLines", "What the browser lacks of the conversation"), d.lines)
	huma.Register(d.api, signed("POST", "/introduce", "introduce", "Leave an address, so that answers come by mail too"), d.introduce)
}

func (d *door) ticket(ctx context.Context, in *ticketIn) (*ticketOut, error) {
	v := visitorOf(ctx)
	ticket, err := d.store.Sockets.IssueTicket(ctx, store.Identity{Kind: "visitor", ID: v.ID, Account: v.Account, Conversation: in.Body.Conversation})
	if err != nil {
		return nil, err
	}
	out := &ticketOut{}
	// http becomes ws, https becomes wss.
	out.Body.Ticket, out.Body.URL, out.Body.Protocol = ticket, "ws"+strings.TrimPrefix(d.origin, "http")+"/ws", "parley"
	return out, nil
}

func (d *door) say(ctx context.Context, in *messageIn) (*linesOut, error) {
	b := in.Body
	c, err := d.desk.Say(ctx, visitorOf(ctx), b.Conversation, visitor.Said{Client: b.Client, Text: b.Text, Page: b.Page, Title: b.Title, Flow: b.Flow, Zone: b.Zone, Lang: b.Lang, Shown: b.Shown, Seen: b.Seen})
	if err != nil {
		return nil, err
	}
	out := &linesOut{Body: conversation{Begun: true, From: c.Seq, Seq: c.Seq}}
	for i, e := range c.Entries {
		if i == 0 {
			out.Body.From = e.Seq
		}
		if line, ok := e.ForVisitor(); ok {
			out.Body.Lines = append(out.Body.Lines, line)
		}
		out.Body.Seq = e.Seq
	}
	return out, nil
}

func (d *door) lines(ctx context.Context, in *linesIn) (*linesOut, error) {
	c, err := d.conversation(ctx, visitorOf(ctx), in.Conversation, in.After)
	return &linesOut{c}, err
}

func (d *door) introduce(ctx context.Context, in *introduceIn) (*struct{}, error) {
	address, err := email.NormaliseAddress(in.Body.Email)
	if err != nil {
		return nil, err
	}
	return nil, d.desk.Introduce(ctx, visitorOf(ctx), in.Body.Conversation, address, in.Body.Name)
}
