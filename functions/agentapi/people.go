package agentapi

import (
	"context"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

type meOut struct{ Body store.User }

type usersOut struct {
	Body struct {
		Users []store.User `json:"users"`
	}
}

type inboxesOut struct {
	Body struct {
		Inboxes []inboxView `json:"inboxes"`
	}
}

// inboxView is an inbox with its accounts.
type inboxView struct {
	inbox.Inbox
	Accounts []inbox.Account `json:"accounts"`
}

type countsIn struct {
	Inbox string `path:"inbox" maxLength:"64"`
}

type countsOut struct{ Body counts }

type counts struct {
	Open       count `json:"open"`
	Mine       count `json:"mine"`
	Unassigned count `json:"unassigned"`
	Closed     count `json:"closed"`
}

type count struct {
	Count int  `json:"count" doc:"Exact up to 99."`
	More  bool `json:"more" doc:"There are more than count."`
}

type ticketOut struct {
	Body struct {
		Ticket   string `json:"ticket" doc:"Opens one socket within 60 seconds: the second value of Sec-WebSocket-Protocol."`
		URL      string `json:"url"`
		Protocol string `json:"protocol" enum:"parley"`
	}
}

func (d *door) registerPeople() {
	huma.Register(d.api, op("GET", "/api/me", "getMe", "Who is signed in"), d.me)
	huma.Register(d.api, op("GET", "/api/users", "listUsers", "Everybody who has signed in or was invited, disabled ones too"), d.users)
	huma.Register(d.api, op("GET", "/api/inboxes", "listInboxes", "Inboxes and their accounts"), d.inboxes)
	huma.Register(d.api, op("GET", "/api/inboxes/{inbox}/counts", "countInbox", "How many threads each view holds"), d.counts)
	huma.Register(d.api, op("POST", "/api/ticket", "createTicket", "A ticket that opens one socket"), d.ticket)
}

func (d *door) me(ctx context.Context, _ *struct{}) (*meOut, error) {
	return &meOut{caller(ctx)}, nil
}

func (d *door) users(ctx context.Context, _ *struct{}) (*usersOut, error) {
	users, err := d.store.Settings.Users(ctx)
	out := &usersOut{}
	out.Body.Users = orEmpty(users)
	return out, err
}

func (d *door) inboxes(ctx context.Context, _ *struct{}) (*inboxesOut, error) {
	if err := d.store.Settings.Birth(ctx, d.mailDomain); err != nil {
		return nil, err
	}
	all, err := d.store.Settings.Inboxes(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := d.store.Settings.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	out := &inboxesOut{}
	out.Body.Inboxes = []inboxView{}
	for _, in := range all {
		v := inboxView{Inbox: in, Accounts: []inbox.Account{}}
		for _, a := range accounts {
			if a.Inbox == in.ID {
				v.Accounts = append(v.Accounts, a)
			}
		}
		out.Body.Inboxes = append(out.Body.Inboxes, v)
	}
	return out, nil
}

// mustInbox is fault.NotFound for an inbox that does not exist: an empty list would be a lie.
func (d *door) mustInbox(ctx context.Context, id string) error {
	all, err := d.store.Settings.Inboxes(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(in inbox.Inbox) bool { return in.ID == id }) {
		return fault.New(fault.NotFound, "There is no such inbox.")
	}
	return nil
}

func (d *door) counts(ctx context.Context, in *countsIn) (*countsOut, error) {
	if err := d.mustInbox(ctx, in.Inbox); err != nil {
		return nil, err
	}
	out := &countsOut{}
	for view, c := range map[store.View]*count{
		store.ViewOpen: &out.Body.Open, store.ViewMine: &out.Body.Mine, store.ViewUnassigned: &out.Body.Unassigned, store.ViewClosed: &out.Body.Closed,
	} {
		var err error
		if c.Count, c.More, err = d.store.Threads.Count(ctx, in.Inbox, view, caller(ctx).ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *door) ticket(ctx context.Context, _ *struct{}) (*ticketOut, error) {
	u := caller(ctx)
	ticket, err := d.store.Sockets.IssueTicket(ctx, store.Identity{Kind: "agent", ID: u.ID, Name: u.Name})
	if err != nil {
		return nil, err
	}
	out := &ticketOut{}
	// http becomes ws, https becomes wss.
	out.Body.Ticket, out.Body.URL, out.Body.Protocol = ticket, "ws"+strings.TrimPrefix(d.origin, "http")+"/ws", "parley"
	return out, nil
}

// orEmpty makes a nil slice an empty one: lists are never null.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
