package agentapi

import (
	"context"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
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
		Every   bool        `json:"every" doc:"The caller sees every inbox there is, and so what is of none yet: the quarantine."`
	}
}

// inboxView is an inbox with its accounts.
type inboxView struct {
	inbox.Inbox
	Works    bool            `json:"works" doc:"The caller belongs to it and may work in it; otherwise they may look."`
	Accounts []inbox.Account `json:"accounts"`
}

type signatureIn struct {
	Body struct {
		HTML string `json:"html" doc:"Rich text, sanitised here; empty for none. At most 8 KiB."`
	}
}

type inboxIn struct {
	Body struct {
		Name string `json:"name" maxLength:"100"`
	}
}

type renameIn struct {
	Inbox   string `path:"inbox" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the inbox: refused with 412 once somebody else has changed it."`
	Body    struct {
		Name string `json:"name" maxLength:"100"`
	}
}

type inboxOut struct {
	ETag string `header:"ETag" doc:"The inbox's revision, quoted: for If-Match."`
	Body inboxView
}

type countsIn struct {
	Inbox string `path:"inbox" maxLength:"64"`
}

type countsOut struct{ Body counts }

type counts struct {
	Open        count         `json:"open"`
	Mine        count         `json:"mine"`
	Unassigned  count         `json:"unassigned"`
	Mentions    count         `json:"mentions" doc:"Where the caller was mentioned and has neither spoken since nor seen it."`
	Snoozed     count         `json:"snoozed"`
	Drafts      count         `json:"drafts" doc:"The caller's drafts, of every inbox."`
	Closed      count         `json:"closed"`
	Filtered    count         `json:"filtered"`
	Spam        count         `json:"spam"`
	Trash       count         `json:"trash"`
	Undelivered count         `json:"undelivered" doc:"Threads with a message that did not reach somebody, which nobody has seen to."`
	Channels    []partOfInbox `json:"channels" doc:"Open threads of each connected account."`
	Teams       []partOfInbox `json:"teams" doc:"Open threads of each team of the inbox."`
}

// partOfInbox is the count of one channel or one team.
type partOfInbox struct {
	ID    string `json:"id" doc:"Of the account, or the team."`
	Count int    `json:"count" doc:"Exact up to 99."`
	More  bool   `json:"more" doc:"There are more than count."`
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
	huma.Register(d.api, op("PUT", "/api/me/signature", "setSignature", "What the composer puts below the caller's messages"), d.setSignature)
	huma.Register(d.api, op("GET", "/api/users", "listUsers", "Everybody who has signed in or was invited, disabled ones too"), d.users)
	huma.Register(d.api, op("GET", "/api/inboxes", "listInboxes", "Inboxes that the caller sees, and their connected accounts"), d.inboxes)
	create := op("POST", "/api/inboxes", "createInbox", "Make an inbox; it has an address that works at once")
	create.DefaultStatus = 201
	huma.Register(d.api, create, d.createInbox)
	huma.Register(d.api, op("PUT", "/api/inboxes/{inbox}", "renameInbox", "Give an inbox another name"), d.renameInbox)
	huma.Register(d.api, op("GET", "/api/inboxes/{inbox}/counts", "countInbox", "How many threads each view holds"), d.counts)
	huma.Register(d.api, op("POST", "/api/ticket", "createTicket", "A ticket that opens one socket"), d.ticket)
}

func (d *door) me(ctx context.Context, _ *struct{}) (*meOut, error) {
	return &meOut{caller(ctx)}, nil
}

// setSignature keeps a signature for the composer, which puts it where its writer sees it. Nothing is added to a message here: what was seen is
// what is sent.
func (d *door) setSignature(ctx context.Context, in *signatureIn) (*meOut, error) {
	if len(in.Body.HTML) > limit.SignatureBytes {
		return nil, fault.New(fault.Invalid, "A signature has at most %d bytes, not %d.", limit.SignatureBytes, len(in.Body.HTML))
	}
	u, err := d.store.Settings.SetSignature(ctx, caller(ctx).ID, strings.TrimSpace(email.Sanitise(in.Body.HTML)))
	return &meOut{u}, err
}

func (d *door) users(ctx context.Context, _ *struct{}) (*usersOut, error) {
	users, err := d.store.Settings.Users(ctx)
	for i := range users {
		users[i].Signature = "" // its owner's business
	}
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
	access, err := d.store.Settings.Access(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	out := &inboxesOut{}
	out.Body.Inboxes = []inboxView{}
	out.Body.Every, _ = access.Everywhere()
	for _, in := range all {
		if !access.Sees(in.ID) {
			continue
		}
		v, err := d.inboxView(ctx, in)
		if err != nil {
			return nil, err
		}
		out.Body.Inboxes = append(out.Body.Inboxes, v)
	}
	return out, nil
}

func (d *door) createInbox(ctx context.Context, in *inboxIn) (*inboxOut, error) {
	made, a, err := d.store.Settings.NewInbox(ctx, agent(caller(ctx)), strings.Join(strings.Fields(in.Body.Name), " "), d.mailDomain)
	if err != nil {
		return nil, err
	}
	return &inboxOut{ETag: etag(made.Revision), Body: inboxView{Inbox: made, Works: true, Accounts: []inbox.Account{a}}}, nil
}

func (d *door) renameInbox(ctx context.Context, in *renameIn) (*inboxOut, error) {
	name := strings.Join(strings.Fields(in.Body.Name), " ")
	return d.changeInbox(ctx, in.Inbox, in.IfMatch, "renamed", func(i inbox.Inbox) (inbox.Inbox, error) { return i.Named(name) })
}

// changeInbox changes an inbox's settings and answers with it.
func (d *door) changeInbox(ctx context.Context, id, ifMatch, did string, decide func(inbox.Inbox) (inbox.Inbox, error)) (*inboxOut, error) {
	after, err := d.store.Settings.ChangeInbox(ctx, agent(caller(ctx)), id, did, func(i inbox.Inbox) (inbox.Inbox, error) {
		if !matches(ifMatch, i.Revision) {
			return i, settingChanged()
		}
		return decide(i)
	})
	if err != nil {
		return nil, err
	}
	v, err := d.inboxView(ctx, after)
	return &inboxOut{ETag: etag(after.Revision), Body: v}, err
}

// inboxView is an inbox as the caller sees it, with its connected accounts.
func (d *door) inboxView(ctx context.Context, in inbox.Inbox) (inboxView, error) {
	v := inboxView{Inbox: in, Accounts: []inbox.Account{}}
	access, err := d.store.Settings.Access(ctx, caller(ctx))
	if err != nil {
		return v, err
	}
	v.Works = access.Works(in.ID)
	accounts, err := d.store.Settings.Accounts(ctx)
	for _, a := range accounts {
		if a.Inbox == in.ID && a.State != inbox.AccountDisconnected {
			v.Accounts = append(v.Accounts, a)
		}
	}
	return v, err
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
	b := &out.Body
	b.Channels, b.Teams = []partOfInbox{}, []partOfInbox{}
	q := store.ViewQuery{Inbox: in.Inbox, User: caller(ctx).ID}
	for view, c := range map[store.View]*count{
		store.ViewOpen: &b.Open, store.ViewMine: &b.Mine, store.ViewUnassigned: &b.Unassigned, store.ViewClosed: &b.Closed, store.ViewMentions: &b.Mentions,
		store.ViewSnoozed: &b.Snoozed, store.ViewFiltered: &b.Filtered, store.ViewSpam: &b.Spam, store.ViewTrash: &b.Trash,
		store.ViewUndelivered: &b.Undelivered,
	} {
		q.View = view
		var err error
		if c.Count, c.More, err = d.store.Threads.Count(ctx, q); err != nil {
			return nil, err
		}
	}
	var err error
	if b.Drafts.Count, b.Drafts.More, err = d.store.Drafts.Count(ctx, q.User); err != nil {
		return nil, err
	}
	return out, d.countParts(ctx, in.Inbox, b)
}

// countParts counts the threads of each channel and each team of an inbox.
func (d *door) countParts(ctx context.Context, inboxID string, b *counts) error {
	in, err := d.store.Settings.Inbox(ctx, inboxID)
	if err != nil {
		return err
	}
	accounts, err := d.store.Settings.Accounts(ctx)
	if err != nil {
		return err
	}
	teams, err := d.store.Settings.Teams(ctx)
	if err != nil {
		return err
	}
	add := func(list *[]partOfInbox, id string, q store.ViewQuery) error {
		n, more, err := d.store.Threads.Count(ctx, q)
		*list = append(*list, partOfInbox{ID: id, Count: n, More: more})
		return err
	}
	for _, a := range accounts {
		if a.Inbox == inboxID && a.State != inbox.AccountDisconnected {
			if err := add(&b.Channels, a.ID, store.ViewQuery{Inbox: inboxID, View: store.ViewChannel, Account: a.ID}); err != nil {
				return err
			}
		}
	}
	for _, t := range teams {
		if in.Members.HasTeam(t.ID) {
			if err := add(&b.Teams, t.ID, store.ViewQuery{Inbox: inboxID, View: store.ViewTeam, Team: t.ID}); err != nil {
				return err
			}
		}
	}
	return nil
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
