package agentapi

import (
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

type teamBody struct {
	Name    string   `json:"name" maxLength:"100"`
	Colour  string   `json:"colour,omitempty" enum:",red,amber,green,blue,violet,grey"`
	Members []string `json:"members" maxItems:"500" doc:"Users' ids."`
	Hours   string   `json:"hours,omitempty" maxLength:"64" doc:"Id of the hours it works; absent for those of the inbox."`
}

type (
	teamsOut struct {
		Body struct {
			Teams []inbox.Team `json:"teams"`
		}
	}
	newTeamIn struct{ Body teamBody }
	teamRef   struct {
		Team string `path:"team" maxLength:"64"`
	}
	putTeamIn struct {
		Team    string `path:"team" maxLength:"64"`
		IfMatch string `header:"If-Match" doc:"An ETag of the team: refused with 412 once somebody else has changed it."`
		Body    teamBody
	}
	teamOut struct {
		ETag string `header:"ETag"`
		Body inbox.Team
	}
)

type roleIn struct {
	User string `path:"user" maxLength:"128"`
	Body struct {
		Role inbox.Role `json:"role" enum:"admin,manager,agent,viewer"`
	}
}

type capacityIn struct {
	User string `path:"user" maxLength:"128"`
	Body struct {
		Capacity float64 `json:"capacity" minimum:"0" maximum:"1000" doc:"Conversations that may weigh on them at once, in halves: a chat weighs 1, anything else 0.5. 0 for the workspace's 12."`
	}
}

type availabilityOfIn struct {
	User string `path:"user" maxLength:"128"`
	Body struct {
		Available bool `json:"available"`
	}
}

type loadOut struct {
	Body struct {
		People  []loadView `json:"people" doc:"Everybody who may own conversations, by name."`
		Waiting count      `json:"waiting" doc:"Conversations that wait for somebody who can take them."`
	}
}

type loadView struct {
	User      string     `json:"user"`
	Name      string     `json:"name"`
	Load      float64    `json:"load" doc:"What weighs on them: a chat weighs 1, anything else 0.5."`
	Capacity  float64    `json:"capacity"`
	Away      bool       `json:"away"`
	AwaySince *time.Time `json:"awaySince,omitempty"`
}

type changesIn struct {
	Cursor string `query:"cursor" maxLength:"2048" doc:"next of the page before."`
}

type changesOut struct {
	Body struct {
		Changes []SettingChange `json:"changes" doc:"The newest first, 50 on a page."`
		Next    string          `json:"next" doc:"Empty at the end."`
	}
}

// SettingChange is one change of the settings: before is absent for what was made, after for what is gone.
type SettingChange store.Change

func (d *door) registerTeams() {
	const one, user = "/api/teams/{team}", "/api/users/{user}"
	huma.Register(d.api, op("GET", "/api/teams", "listTeams", "All teams"), d.teams)
	huma.Register(d.api, created(op("POST", "/api/teams", "createTeam", "Make a team")), d.newTeam)
	huma.Register(d.api, op("PUT", one, "putTeam", "Change a team and who is in it"), d.putTeam)
	huma.Register(d.api, op("DELETE", one, "deleteTeam", "Remove a team; conversations keep its name until they are given to another"), d.deleteTeam)
	huma.Register(d.api, op("PUT", user+"/role", "setRole", "Say what somebody may do"), d.setRole)
	huma.Register(d.api, op("PUT", user+"/capacity", "setCapacity", "Say how much somebody gets at once"), d.setCapacity)
	huma.Register(d.api, op("PUT", user+"/availability", "setAvailabilityOf", "Turn somebody's availability switch"), d.setAvailabilityOf)
	huma.Register(d.api, op("GET", "/api/load", "getLoad", "How much everybody has to do"), d.load)
	huma.Register(d.api, op("GET", "/api/changes", "listChanges", "Who changed which setting, and what it was before and after"), d.changes)
}

func (d *door) teams(ctx context.Context, _ *struct{}) (*teamsOut, error) {
	teams, err := d.store.Settings.Teams(ctx)
	out := &teamsOut{}
	out.Body.Teams = orEmpty(teams)
	return out, err
}

func (d *door) newTeam(ctx context.Context, in *newTeamIn) (*teamOut, error) {
	return d.saveTeam(ctx, "", "", in.Body)
}

func (d *door) putTeam(ctx context.Context, in *putTeamIn) (*teamOut, error) {
	return d.saveTeam(ctx, in.Team, in.IfMatch, in.Body)
}

func (d *door) saveTeam(ctx context.Context, id, ifMatch string, b teamBody) (*teamOut, error) {
	if err := d.store.Settings.Known(ctx, b.Members, nil); err != nil {
		return nil, err
	}
	if err := d.knownHours(ctx, b.Hours); err != nil {
		return nil, err
	}
	t, err := d.store.Settings.ChangeTeam(ctx, agent(caller(ctx)), id, func(t inbox.Team) (inbox.Team, error) {
		if id != "" && !matches(ifMatch, t.Revision) {
			return t, settingChanged()
		}
		t.Name, t.Colour, t.Members, t.Hours = strings.Join(strings.Fields(b.Name), " "), b.Colour, unique(b.Members), b.Hours
		return t, nil
	})
	return &teamOut{etag(t.Revision), t}, err
}

// unique is a list without repetitions; never nil.
func unique(list []string) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, v := range list {
		if v != "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

func (d *door) deleteTeam(ctx context.Context, in *teamRef) (*struct{}, error) {
	return nil, d.store.Settings.DeleteTeam(ctx, agent(caller(ctx)), in.Team)
}

func (d *door) setRole(ctx context.Context, in *roleIn) (*userOut, error) {
	u, err := d.store.Settings.SetRole(ctx, agent(caller(ctx)), in.User, in.Body.Role)
	return shownUser(u), err
}

func (d *door) setCapacity(ctx context.Context, in *capacityIn) (*userOut, error) {
	u, err := d.store.Settings.SetCapacity(ctx, agent(caller(ctx)), in.User, in.Body.Capacity)
	return shownUser(u), err
}

func (d *door) setAvailabilityOf(ctx context.Context, in *availabilityOfIn) (*userOut, error) {
	u, err := d.store.Settings.SetAvailable(ctx, in.User, in.Body.Available)
	return shownUser(u), err
}

// shownUser is a user as others may see them: a signature is its owner's business.
func shownUser(u store.User) *userOut {
	u.Signature = ""
	return &userOut{u}
}

func (d *door) load(ctx context.Context, _ *struct{}) (*loadOut, error) {
	users, err := d.store.Settings.Users(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	loads, err := d.store.Threads.Loads(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := &loadOut{}
	out.Body.People = []loadView{}
	for _, u := range users {
		if !u.Disabled && u.Role.Works() {
			out.Body.People = append(out.Body.People, loadView{
				User: u.ID, Name: u.Name, Load: loads[u.ID].Weight(), Capacity: u.Holds(), Away: u.Away, AwaySince: given(u.AwaySince),
			})
		}
	}
	out.Body.Waiting.Count, out.Body.Waiting.More, err = d.store.Assignments.Waiting(ctx)
	return out, err
}

func (d *door) changes(ctx context.Context, in *changesIn) (*changesOut, error) {
	list, next, err := d.store.Settings.Changes(ctx, in.Cursor, limit.ChangePage)
	out := &changesOut{}
	out.Body.Changes, out.Body.Next = make([]SettingChange, len(list)), next
	for i, c := range list {
		out.Body.Changes[i] = SettingChange(c)
	}
	return out, err
}
