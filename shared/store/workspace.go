package store

import (
	"context"
	"strings"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/hours"
	"parley/shared/inbox"
	"parley/shared/table"
)

// Workspace is what is true of all inboxes together.
type Workspace struct {
	Name     string `json:"name"`
	Zone     string `json:"zone"`     // IANA time zone: of quiet hours and reports
	Language string `json:"language"` // "en", "de"
	Revision int64  `json:"revision,omitempty"`
}

var workspaceNoun = noun[Workspace]{"workspace", "There is no workspace.", func(string) table.Key { return settingsKeys.Workspace }, func(v *Workspace, rev int64) { v.Revision = rev }}

// Workspace returns it; until somebody names it, it has revision 0.
func (s *Settings) Workspace(ctx context.Context) (Workspace, error) {
	conf, err := s.load(ctx)
	if err != nil {
		return Workspace{}, err
	}
	if conf.workspace.Revision == 0 {
		return Workspace{Name: "Parley", Zone: "UTC", Language: "en"}, nil
	}
	return conf.workspace, nil
}

// ChangeWorkspace changes it as decide says.
func (s *Settings) ChangeWorkspace(ctx context.Context, by events.Actor, decide func(Workspace) (Workspace, error)) (Workspace, error) {
	return workspaceNoun.change(ctx, s, by, "workspace", "edited", func(w Workspace, _ bool) (Workspace, error) {
		w, err := decide(w)
		if err != nil {
			return w, err
		}
		if w.Name, err = inbox.CleanName(w.Name); err != nil {
			return w, err
		}
		if w.Language != "en" && w.Language != "de" {
			return w, fault.New(fault.Invalid, "There is no language %.10q: use en or de.", w.Language)
		}
		w.Zone = strings.TrimSpace(w.Zone)
		return w, hours.CheckZone(w.Zone)
	})
}
