package agentapi

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

type membersIn struct {
	Inbox   string `path:"inbox" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the inbox: refused with 412 once somebody else has changed it."`
	Body    struct {
		Everyone bool     `json:"everyone" doc:"Everybody of the workspace, with users and teams then ignored."`
		Users    []string `json:"users,omitempty" maxItems:"500"`
		Teams    []string `json:"teams,omitempty" maxItems:"100"`
	}
}

type inboxHoursIn struct {
	Inbox   string `path:"inbox" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the inbox: refused with 412 once somebody else has changed it."`
	Body    struct {
		Hours string `json:"hours" maxLength:"64" doc:"Id of the hours in which the inbox is worked; empty for always."`
	}
}

type (
	workspaceIn struct {
		IfMatch string `header:"If-Match"`
		Body    struct {
			Name     string `json:"name" maxLength:"100"`
			Zone     string `json:"zone" maxLength:"60" doc:"IANA time zone: Europe/London."`
			Language string `json:"language" enum:"en,de"`
		}
	}
	workspaceOut struct {
		ETag string `header:"ETag"`
		Body store.Workspace
	}
)

type setupOut struct {
	Body struct {
		Workspace store.Workspace `json:"workspace"`
		Named     bool            `json:"named" doc:"Somebody has named the workspace."`
		Address   string          `json:"address" doc:"The address that works at once."`
		Email     bool            `json:"email" doc:"An address of the team's own is connected."`
		Chat      bool            `json:"chat" doc:"A chat has been made …"`
		Installed bool            `json:"installed" doc:"… and was seen on a page."`
		People    int             `json:"people" doc:"Who has been invited or has signed in, and has access."`
		Hours     bool            `json:"hours" doc:"An inbox has hours."`
	}
}

func (d *door) registerPlaces() {
	huma.Register(d.api, op("PUT", "/api/inboxes/{inbox}/members", "setMembers", "Say who belongs to an inbox"), d.setMembers)
	huma.Register(d.api, op("PUT", "/api/inboxes/{inbox}/hours", "setInboxHours", "Say when an inbox is worked"), d.setInboxHours)
	huma.Register(d.api, op("GET", "/api/workspace", "getWorkspace", "The workspace's name, time zone and language"), d.workspace)
	huma.Register(d.api, op("PUT", "/api/workspace", "putWorkspace", "Change them"), d.putWorkspace)
	huma.Register(d.api, op("GET", "/api/setup", "getSetup", "How far the workspace is set up"), d.setup)
}

func (d *door) setMembers(ctx context.Context, in *membersIn) (*inboxOut, error) {
	b := in.Body
	if !b.Everyone {
		if err := d.store.Settings.Known(ctx, b.Users, b.Teams); err != nil {
			return nil, err
		}
	}
	return d.changeInbox(ctx, in.Inbox, in.IfMatch, "members", func(i inbox.Inbox) (inbox.Inbox, error) {
		return i.With(inbox.Members{Everyone: b.Everyone, Users: unique(b.Users), Teams: unique(b.Teams)})
	})
}

func (d *door) setInboxHours(ctx context.Context, in *inboxHoursIn) (*inboxOut, error) {
	if err := d.knownHours(ctx, in.Body.Hours); err != nil {
		return nil, err
	}
	return d.changeInbox(ctx, in.Inbox, in.IfMatch, "hours", func(i inbox.Inbox) (inbox.Inbox, error) {
		i.Hours = in.Body.Hours
		return i, nil
	})
}

// knownHours is fault.Invalid for hours that do not exist.
func (d *door) knownHours(ctx context.Context, id string) error {
	if _, ok, err := d.store.Settings.HoursOf(ctx, id); err != nil || ok || id == "" {
		return err
	}
	return fault.New(fault.Invalid, "There are no such hours.")
}

func (d *door) workspace(ctx context.Context, _ *struct{}) (*workspaceOut, error) {
	w, err := d.store.Settings.Workspace(ctx)
	return &workspaceOut{etag(w.Revision), w}, err
}

func (d *door) putWorkspace(ctx context.Context, in *workspaceIn) (*workspaceOut, error) {
	w, err := d.store.Settings.ChangeWorkspace(ctx, agent(caller(ctx)), func(w store.Workspace) (store.Workspace, error) {
		if !matches(in.IfMatch, w.Revision) {
			return w, settingChanged()
		}
		w.Name, w.Zone, w.Language = strings.Join(strings.Fields(in.Body.Name), " "), in.Body.Zone, in.Body.Language
		return w, nil
	})
	return &workspaceOut{etag(w.Revision), w}, err
}

func (d *door) setup(ctx context.Context, _ *struct{}) (*setupOut, error) {
	if err := d.store.Settings.Birth(ctx, d.mailDomain); err != nil {
		return nil, err
	}
	out := &setupOut{}
	b := &out.Body
	var err error
	if b.Workspace, err = d.store.Settings.Workspace(ctx); err != nil {
		return nil, err
	}
	b.Named = b.Workspace.Revision > 0
	accounts, err := d.store.Settings.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		switch {
		case a.Fallback && b.Address == "":
			b.Address = a.Address
		case a.Channel == inbox.ChannelEmail && !a.Fallback && a.State != inbox.AccountDisconnected:
			b.Email = true
		case a.Channel == inbox.ChannelChat:
			b.Chat = true
			if _, seen, err := d.store.Chats.Installed(ctx, a.ID); err != nil {
				return nil, err
			} else if seen {
				b.Installed = true
			}
		}
	}
	users, err := d.store.Settings.Users(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		if !u.Disabled {
			b.People++
		}
	}
	inboxes, err := d.store.Settings.Inboxes(ctx)
	for _, in := range inboxes {
		b.Hours = b.Hours || in.Hours != ""
	}
	return out, err
}
