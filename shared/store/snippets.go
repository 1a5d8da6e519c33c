package store

import (
	"context"
	"slices"
	"strings"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
)

var snippetNoun = noun[inbox.Snippet]{"snippet", "There is no such snippet.", settingsKeys.Snippet, func(v *inbox.Snippet, rev int64) { v.Revision = rev }}

// Snippets returns all snippets by shortcut. They stand apart from the settings that every request reads.
func (s *Settings) Snippets(ctx context.Context) ([]inbox.Snippet, error) {
	list, err := snippetNoun.list(ctx, s)
	slices.SortFunc(list, func(a, b inbox.Snippet) int {
		return strings.Compare(strings.ToLower(a.Shortcut), strings.ToLower(b.Shortcut))
	})
	return list, err
}

// Snippet returns one; fault.NotFound if there is none.
func (s *Settings) Snippet(ctx context.Context, id string) (inbox.Snippet, error) {
	return snippetNoun.read(ctx, s, id)
}

// PutSnippet makes a snippet (id "") or replaces one that still has its revision; fault.Conflict if it has another one, or if its shortcut is taken.
func (s *Settings) PutSnippet(ctx context.Context, by events.Actor, v inbox.Snippet) (inbox.Snippet, error) {
	if err := v.Check(); err != nil {
		return v, err
	}
	if len(v.Text)+len(v.HTML) > limit.SnippetBytes {
		return v, fault.New(fault.Invalid, "A snippet has at most %d bytes.", limit.SnippetBytes)
	}
	list, err := s.Snippets(ctx)
	if err != nil {
		return v, err
	}
	if slices.ContainsFunc(list, func(o inbox.Snippet) bool { return o.ID != v.ID && strings.EqualFold(o.Shortcut, v.Shortcut) }) {
		return v, fault.New(fault.Conflict, "There is a snippet #%s already.", v.Shortcut)
	}
	made := v.ID == ""
	did := "edited"
	if made {
		if len(list) >= limit.Snippets {
			return v, fault.New(fault.Invalid, "There are at most %d snippets.", limit.Snippets)
		}
		v.ID, did = s.newID(), "created"
	}
	return snippetNoun.change(ctx, s, by, v.ID, did, func(old inbox.Snippet, exists bool) (inbox.Snippet, error) {
		switch {
		case !exists && !made:
			return v, gone(snippetNoun.missing)
		case exists && old.Revision != v.Revision:
			return v, changedMeanwhile()
		}
		return v, nil
	})
}

// DeleteSnippet removes one.
func (s *Settings) DeleteSnippet(ctx context.Context, by events.Actor, id string) error {
	return snippetNoun.remove(ctx, s, by, id, nil)
}
