package ingest

import (
	"context"
	"slices"
	"strings"

	"parley/shared/email"
	"parley/shared/inbox"
)

// house is who we are, as far as a mail can meet it: our addresses, and the people of the team.
type house struct {
	domain   string
	accounts []inbox.Account
	people   []string // addresses of those who may work here
}

func (h *handler) house(ctx context.Context) (house, error) {
	out := house{domain: h.domain}
	users, err := h.store.Settings.Users(ctx)
	if err != nil {
		return out, err
	}
	for _, u := range users {
		if a, err := email.NormaliseAddress(u.Email); err == nil && !u.Disabled {
			out.people = append(out.people, a)
		}
	}
	out.accounts, err = h.store.Settings.Accounts(ctx)
	return out, err
}

// owns reports whether mail to an address (lower case) comes back to us: it is a mailbox, a reply address, or a forgery of one.
func (h house) owns(address string) bool {
	return strings.HasSuffix(address, "@"+h.domain) || slices.ContainsFunc(h.accounts, func(a inbox.Account) bool { return a.Owns(address) })
}

// lists reports whether a List-Id (RFC 2919) is that of a mailbox of ours: a group at a provider whose members we are among. Its name is the
// address with a dot for the @.
func (h house) lists(id string) bool {
	return id != "" && slices.ContainsFunc(h.accounts, func(a inbox.Account) bool {
		return strings.EqualFold(id, strings.Replace(a.Address, "@", ".", 1))
	})
}

// employs reports whether an address is of somebody of the team.
func (h house) employs(address string) bool { return slices.Contains(h.people, address) }
