package identity

import (
	"context"
	"net/mail"
	"strings"

	"parley/shared/fault"
	"parley/shared/limit"
)

// Directory is who may sign in: people come by invitation, and go. On AWS it is the user pool.
type Directory interface {
	// Invite makes an account for an address and tells its owner how to sign in; it returns the account's sub. Who has an account already
	// keeps it, enabled or not, and hears nothing. fault.Invalid for what is no address.
	Invite(ctx context.Context, email, name string) (sub string, err error)
	// Disable ends an account's sessions and lets it begin no new one; fault.NotFound if there is none. Access tokens that are out stay
	// good until they expire, so whoever takes them has to ask whether the user is disabled.
	Disable(ctx context.Context, sub string) error
	// Enable lets a disabled account sign in again; fault.NotFound if there is none.
	Enable(ctx context.Context, sub string) error
}

// Email returns an address as directories know it, in lower case; fault.Invalid if it is none (RFC 5321 §4.1.2, without quoted local
// parts, address literals and international addresses, which Amazon Cognito does not take).
func Email(text string) (string, error) {
	email := strings.ToLower(strings.TrimSpace(text))
	a, err := mail.ParseAddress(email)
	_, domain, _ := strings.Cut(email, "@")
	if err != nil || a.Address != email || len(email) > limit.MailAddressBytes || !strings.Contains(domain, ".") || strings.ContainsAny(email, "\"[]() ") || !ascii(email) {
		return "", fault.New(fault.Invalid, "%q is not an email address.", text)
	}
	return email, nil
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 126 || r < 33 }) < 0
}
