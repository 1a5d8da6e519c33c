package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/events"
	"parley/shared/article"
	"parley/shared/fault"
	"parley/shared/limit"
)

// Articles are the answers that bots find. They are settings, and stand apart from those that every request reads.
type Articles struct {
	settings  *Settings
	mu        sync.Mutex
	at        time.Time
	published []article.Article
}

var articleNoun = noun[article.Article]{"article", "There is no such article.", settingsKeys.Article, func(v *article.Article, rev int64) { v.Version = rev }}

// All returns all articles by title, past the cache.
func (s *Articles) All(ctx context.Context) ([]article.Article, error) {
	list, err := articleNoun.list(ctx, s.settings)
	slices.SortStableFunc(list, func(a, b article.Article) int {
		return cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
	})
	return list, err
}

// Published returns the articles that may be shown, by title. It is cached for settingsLife per process; own writes are seen at once.
func (s *Articles) Published(ctx context.Context) ([]article.Article, error) {
	s.mu.Lock()
	list, at := s.published, s.at
	s.mu.Unlock()
	if list != nil && s.settings.now().Sub(at) < settingsLife {
		return slices.Clone(list), nil
	}
	at = s.settings.now()
	list, err := s.All(ctx)
	if err != nil {
		return nil, err
	}
	list = article.Published(list)
	s.mu.Lock()
	s.at, s.published = at, list
	s.mu.Unlock()
	return slices.Clone(list), nil
}

// Get returns one, past the cache; fault.NotFound if there is none.
func (s *Articles) Get(ctx context.Context, id string) (article.Article, error) {
	return articleNoun.read(ctx, s.settings, id)
}

func (s *Articles) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.published = nil
}

// Put makes an article (id "") or replaces one that still has its version; fault.Conflict if it has another one.
func (s *Articles) Put(ctx context.Context, by events.Actor, v article.Article) (article.Article, error) {
	v, err := v.Clean()
	if err != nil {
		return v, err
	}
	made := v.ID == ""
	did := "edited"
	if made {
		list, err := s.All(ctx)
		if err != nil {
			return v, err
		}
		if len(list) >= limit.Articles {
			return v, fault.New(fault.Invalid, "There are at most %d articles.", limit.Articles)
		}
		v.ID, did = s.settings.newID(), "created"
	}
	v.By, v.At = by, s.settings.now().UTC()
	defer s.forget()
	return articleNoun.change(ctx, s.settings, by, v.ID, did, func(old article.Article, exists bool) (article.Article, error) {
		switch {
		case !exists && !made:
			return v, gone(articleNoun.missing)
		case exists && old.Version != v.Version:
			return v, changedMeanwhile()
		}
		if v.Title == old.Title && v.Text == old.Text && v.Language == old.Language && v.Published == old.Published {
			return old, nil
		}
		return v, nil
	})
}

// Delete removes one; what is not there is removed already.
func (s *Articles) Delete(ctx context.Context, by events.Actor, id string) error {
	defer s.forget()
	return articleNoun.remove(ctx, s.settings, by, id, nil)
}
