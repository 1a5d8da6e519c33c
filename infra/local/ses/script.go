package ses

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"parley/shared/fault"
	"parley/shared/mailer"
)

// What addresses below Script do to a send, with a label behind a plus or without; SES's own simulator has none for these. Throttle refuses the first two sends, Reject all. Lost
// sends, and the answer never comes. What bounce and complaint do there is said at Carried.Events.
const (
	Script                 = "@simulator.parley.test"
	Throttle, Reject, Lost = "throttle" + Script, "reject" + Script, "lost" + Script
)

// Scripted plays the script before a mailer.
type Scripted struct {
	mailer.Mailer

	mu        sync.Mutex
	throttled map[string]int // by delivery
}

// Send implements mailer.Mailer.
func (s *Scripted) Send(ctx context.Context, m mailer.Envelope) (string, error) {
	to := func(address string) bool {
		return slices.ContainsFunc(m.To, func(a string) bool {
			local, domain, _ := strings.Cut(a, "@")
			local, _, _ = strings.Cut(local, "+")
			return strings.EqualFold(local+"@"+domain, address)
		})
	}
	switch {
	case to(Reject):
		return "", fault.New(fault.Invalid, "the mail service refuses the message: The message can't be sent because it contains invalid content.")
	case to(Throttle) && s.again(m.Tags["delivery"]) <= 2:
		return "", fault.New(fault.Busy, "the mail service does not take messages now")
	}
	id, err := s.Mailer.Send(ctx, m)
	if err == nil && to(Lost) {
		return "", errors.New("local: the connection broke before the answer")
	}
	return id, err
}

func (s *Scripted) again(delivery string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.throttled == nil {
		s.throttled = map[string]int{}
	}
	s.throttled[delivery]++
	return s.throttled[delivery]
}
