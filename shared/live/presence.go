package live

import (
	"context"
	"slices"
	"sync"
	"time"

	"parley/shared/store"
)

// presenceLife is how long a process believes what it read of who is there.
const presenceLife = 5 * time.Second

// presence is who was there for each inbox.
type presence struct {
	mu   sync.Mutex
	free map[string]seen
}

type seen struct {
	at    time.Time
	users []string // ids
}

// Here returns who is there for an inbox: users whose switch is on and who have it open, as of a moment ago.
func (l *Live) Here(ctx context.Context, inboxID string, now time.Time) ([]string, error) {
	l.here.mu.Lock()
	s, ok := l.here.free[inboxID]
	l.here.mu.Unlock()
	if ok && now.Sub(s.at) < presenceLife {
		return s.users, nil
	}
	users, err := l.settings.Users(ctx)
	if err != nil {
		return nil, err
	}
	watchers, err := l.sockets.WhoWatches(ctx, InboxTopic(inboxID))
	if err != nil {
		return nil, err
	}
	s = seen{at: now}
	for _, u := range users {
		if !u.Disabled && !u.Away && slices.ContainsFunc(watchers, func(w store.Watcher) bool { return w.Kind == "agent" && w.ID == u.ID }) {
			s.users = append(s.users, u.ID)
		}
	}
	l.here.mu.Lock()
	defer l.here.mu.Unlock()
	if l.here.free == nil {
		l.here.free = map[string]seen{}
	}
	l.here.free[inboxID] = s
	return s.users, nil
}
