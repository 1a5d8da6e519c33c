package store

import (
	"context"
	"time"

	"parley/shared/channel"
	"parley/shared/limit"
	"parley/shared/table"
)

// Health is what was seen of every account's mail, by account.
func (s *Settings) Health(ctx context.Context) (map[string]channel.Health, error) {
	out := map[string]channel.Health{}
	err := s.all(ctx, settingsKeys.Health, func(it *table.Item) error {
		var h channel.Health
		err := decode(it, &h)
		out[it.SK] = h
		return err
	})
	return out, err
}

// ChangeHealth changes what is known of an account, unless f says that there is nothing to change.
func (s *Settings) ChangeHealth(ctx context.Context, account string, f func(channel.Health) (channel.Health, bool)) (channel.Health, error) {
	var h channel.Health
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Settings, settingsKeys.HealthOf(account))
		if err != nil {
			return err
		}
		h = channel.Health{}
		if it != nil {
			if err := decode(it, &h); err != nil {
				return err
			}
		}
		after, changed := f(h)
		if h = after; !changed {
			return nil
		}
		op, err := put(s.n.Settings, cond(it), settingsKeys.HealthOf(account), h)
		if err != nil {
			return err
		}
		return s.t.Transact(ctx, op)
	})
	return h, err
}

// Received notes that mail came to an account, at most once in limit.HealthPause.
func (s *Settings) Received(ctx context.Context, account string) error {
	return s.note(ctx, "in "+account, account, func(h *channel.Health) *time.Time { return &h.ReceivedAt })
}

// Sent notes that the carrier took mail of an account, at most once in limit.HealthPause, and at once after a refusal.
func (s *Settings) Sent(ctx context.Context, account string) error {
	return s.note(ctx, "out "+account, account, func(h *channel.Health) *time.Time { return &h.SentAt })
}

// Refused notes that the carrier refused mail of an account.
func (s *Settings) Refused(ctx context.Context, account, reason string) error {
	s.mu.Lock()
	delete(s.noted, "out "+account)
	s.mu.Unlock()
	now := s.now().UTC()
	_, err := s.ChangeHealth(ctx, account, func(h channel.Health) (channel.Health, bool) {
		if h.Refused != nil && h.Refused.Reason == reason && h.Refused.At.After(h.SentAt) && now.Sub(h.Refused.At) < limit.HealthPause {
			return h, false
		}
		h.Refused = &channel.Refusal{At: now, Reason: reason}
		return h, true
	})
	return err
}

// note costs a read in limit.HealthLook at most, and a write in limit.HealthPause: a process remembers when it looked.
func (s *Settings) note(ctx context.Context, key, account string, at func(*channel.Health) *time.Time) error {
	now := s.now().UTC()
	s.mu.Lock()
	fresh := now.Sub(s.noted[key]) < limit.HealthLook
	s.mu.Unlock()
	if fresh {
		return nil
	}
	_, err := s.ChangeHealth(ctx, account, func(h channel.Health) (channel.Health, bool) {
		t := at(&h)
		if now.Sub(*t) < limit.HealthPause && (h.Refused == nil || h.Refused.At.Before(*t)) {
			return h, false
		}
		*t = now
		if h.Refused != nil && t == &h.SentAt {
			h.Refused = nil
		}
		return h, true
	})
	if err == nil {
		s.mu.Lock()
		if s.noted == nil {
			s.noted = map[string]time.Time{}
		}
		s.noted[key] = now
		s.mu.Unlock()
	}
	return err
}
