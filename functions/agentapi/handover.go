package agentapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/dispatch"
	"parley/shared/fault"
	"parley/shared/store"
)

type handoverIn struct {
	User string `path:"user" maxLength:"128"`
	Body store.HandoverTo
}

type handoverOut struct {
	Body struct {
		Moved int  `json:"moved" doc:"Conversations that were given away by this request."`
		More  bool `json:"more" doc:"There are more: they go within the next minutes."`
	}
}

func (d *door) registerHandover() {
	huma.Register(d.api, op("POST", "/api/users/{user}/handover", "handOver", "Give somebody's open conversations to others"), d.handOver)
}

// handoverFirst is how many one request gives away; the rest is sweep's, which also sees that none is left.
const handoverFirst = 10

// handOver notes what is to be done before it begins: whatever stops this request, sweep goes on.
func (d *door) handOver(ctx context.Context, in *handoverIn) (*handoverOut, error) {
	if _, err := d.store.Settings.User(ctx, in.User); err != nil {
		return nil, err
	}
	to := in.Body
	switch to.Kind {
	case "agent":
		u, err := d.store.Settings.User(ctx, to.ID)
		if err != nil {
			return nil, err
		}
		if u.Disabled || !u.Role.Works() || u.ID == in.User {
			return nil, fault.New(fault.Invalid, "%s cannot take them.", u.Name)
		}
		to.Name = u.Name
	case "team":
		t, err := d.store.Settings.Team(ctx, to.ID)
		if err != nil {
			return nil, err
		}
		to.Name = t.Name
	default:
		to.ID, to.Name = "", ""
	}
	h := store.Handover{User: in.User, To: to}
	if err := d.store.Settings.HandOver(ctx, agent(caller(ctx)), &h); err != nil {
		return nil, err
	}
	out := &handoverOut{}
	n, more, err := dispatch.New(d.store, d.now).HandOver(ctx, h, handoverFirst)
	out.Body.Moved, out.Body.More = n, more && n == handoverFirst
	return out, err
}
