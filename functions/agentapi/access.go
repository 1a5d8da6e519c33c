package agentapi

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/identity"
	"parley/shared/inbox"
	"parley/shared/store"
)

type inviteIn struct {
	Body struct {
		Email string     `json:"email" maxLength:"254" doc:"Where the invitation goes; also who is meant: inviting an address twice is inviting it once."`
		Name  string     `json:"name,omitempty" maxLength:"256" doc:"What colleagues see; without it, the address before the @."`
		Role  inbox.Role `json:"role" enum:"admin,manager,agent,viewer"`
	}
}

type accessIn struct {
	User string `path:"user" maxLength:"128"`
	Body struct {
		Disabled bool `json:"disabled" doc:"true ends the user's sessions and refuses every call of theirs; false lets them sign in again."`
	}
}

type userOut struct{ Body store.User }

func (d *door) registerAccess() {
	huma.Register(d.api, op("POST", "/api/users", "inviteUser", "Invite somebody; who is known already is answered as they are"), d.invite)
	huma.Register(d.api, op("PUT", "/api/users/{user}/access", "setAccess", "Disable a user, or let them in again"), d.setAccess)
}

// invite asks the directory first: its word is the user's id. An invitation that stops half-way is finished by inviting again.
func (d *door) invite(ctx context.Context, in *inviteIn) (*userOut, error) {
	email, err := identity.Email(in.Body.Email)
	if err != nil {
		return nil, err
	}
	name := strings.Join(strings.Fields(in.Body.Name), " ")
	sub, err := d.people.Invite(ctx, email, name)
	if err != nil {
		return nil, err
	}
	u, err := d.store.Settings.Invited(ctx, agent(caller(ctx)), store.User{ID: sub, Email: email, Name: name, Role: in.Body.Role})
	return shownUser(u), err
}

// setAccess begins where it takes effect at once and ends where it is a promise: a user who is disabled in one of the two places only can do
// nothing, and the same request again finishes the change.
func (d *door) setAccess(ctx context.Context, in *accessIn) (*userOut, error) {
	by := agent(caller(ctx))
	if in.Body.Disabled {
		u, err := d.store.Settings.SetAccess(ctx, by, in.User, true)
		if err == nil {
			err = d.people.Disable(ctx, u.ID)
		}
		if err == nil {
			_ = d.live.End(ctx, u.ID) // at once as far as it can be: whoever sends asks again who may hear it
			err = d.store.Devices.ForgetAll(ctx, u.ID)
		}
		return shownUser(u), err
	}
	if _, err := d.store.Settings.User(ctx, in.User); err != nil { // nobody is let in who is not ours
		return nil, err
	}
	if err := d.people.Enable(ctx, in.User); err != nil {
		return nil, err
	}
	u, err := d.store.Settings.SetAccess(ctx, by, in.User, false)
	return shownUser(u), err
}
