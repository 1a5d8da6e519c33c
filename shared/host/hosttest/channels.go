package hosttest

import (
	"context"
	"slices"
	"sync"

	"parley/shared/dns"
	"parley/shared/fault"
	"parley/shared/sender"
)

// Senders is a carrier in memory: what a test puts into it.
type Senders struct {
	Domains map[string]sender.Identity
	Is      sender.Account
	Lifted  map[string]sender.Suppressed // suppressed addresses
	Down    error                        // answers everything

	mu    sync.Mutex
	calls []string
}

// NewSenders is a carrier that sends to everybody and knows no domain.
func NewSenders() *Senders {
	return &Senders{Domains: map[string]sender.Identity{}, Is: sender.Account{Production: true, Enabled: true, Quota: 50000}, Lifted: map[string]sender.Suppressed{}}
}

// Calls lists what was asked.
func (s *Senders) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Set puts a domain in.
func (s *Senders) Set(i sender.Identity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Domains[i.Domain] = i
}

func (s *Senders) call(name string, f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, name)
	if s.Down != nil {
		return s.Down
	}
	return f()
}

// Identity implements sender.Senders.
func (s *Senders) Identity(_ context.Context, domain string) (i sender.Identity, err error) {
	err = s.call("identity "+domain, func() error {
		var ok bool
		if i, ok = s.Domains[domain]; !ok {
			return fault.New(fault.NotFound, "unknown")
		}
		return nil
	})
	return i, err
}

// Prove implements sender.Senders.
func (s *Senders) Prove(_ context.Context, domain string) (i sender.Identity, made bool, err error) {
	err = s.call("prove "+domain, func() error {
		var there bool
		if i, there = s.Domains[domain]; !there {
			i = sender.Identity{Domain: domain, Status: sender.Pending, Tokens: []string{"t1", "t2", "t3"}}
			s.Domains[domain] = i
		}
		made = !there
		return nil
	})
	return i, made, err
}

// Forget implements sender.Senders.
func (s *Senders) Forget(_ context.Context, domain string) error {
	return s.call("forget "+domain, func() error { delete(s.Domains, domain); return nil })
}

// Account implements sender.Senders.
func (s *Senders) Account(context.Context) (a sender.Account, err error) {
	err = s.call("account", func() error { a = s.Is; return nil })
	return a, err
}

// Suppressed implements sender.Senders.
func (s *Senders) Suppressed(_ context.Context, address string) (out sender.Suppressed, err error) {
	err = s.call("suppressed "+address, func() error {
		var ok bool
		if out, ok = s.Lifted[address]; !ok {
			return fault.New(fault.NotFound, "not suppressed")
		}
		return nil
	})
	return out, err
}

// Lift implements sender.Senders.
func (s *Senders) Lift(_ context.Context, address string) error {
	return s.call("lift "+address, func() error {
		if _, ok := s.Lifted[address]; !ok {
			return fault.New(fault.NotFound, "not suppressed")
		}
		delete(s.Lifted, address)
		return nil
	})
}

// Zone is what DNS knows: values by "MX kiln.example"; nil knows nothing.
type Zone map[string][]string

// Lookup implements dns.Resolver.
func (z Zone) Lookup(_ context.Context, kind dns.Kind, name string) ([]string, error) {
	if z == nil {
		return nil, fault.New(fault.Busy, "no DNS")
	}
	return z[string(kind)+" "+name], nil
}
