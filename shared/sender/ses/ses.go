// Package ses is the sender port on Amazon SESv2.
//
// Owns: what SES's answers mean. Never: which domains are to be proved. Imported by: functions/agentapi/lambda, tests.
package ses

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"parley/shared/fault"
	"parley/shared/sender"
)

// Tag marks the identities that a stage has made: those alone it may take away again (infra/grants.go).
const Tag = "parley"

// Open returns what makes the port of a stage, in the function's own account and region.
func Open(ctx context.Context) (func(stage string) sender.Senders, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client := sesv2.NewFromConfig(cfg)
	return func(stage string) sender.Senders { return &senders{client, stage} }, nil
}

type senders struct {
	client *sesv2.Client
	stage  string
}

// Identity implements sender.Senders.
func (s *senders) Identity(ctx context.Context, domain string) (sender.Identity, error) {
	out, err := s.client.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &domain})
	if err != nil {
		return sender.Identity{}, coded(err)
	}
	i := sender.Identity{Domain: domain, Status: status(out.VerifiedForSendingStatus, out.DkimAttributes)}
	if out.DkimAttributes != nil {
		i.Tokens = out.DkimAttributes.Tokens
	}
	if m := out.MailFromAttributes; m != nil {
		i.MailFrom, i.MailFromStatus = aws.ToString(m.MailFromDomain), string(m.MailFromDomainStatus)
	}
	return i, nil
}

// status: what counts is whether mail of the domain is signed. A domain that was proved by a TXT record of SES's first API is verified
// too, but without a signature of its own its mail fails DMARC.
func status(verified bool, dkim *types.DkimAttributes) sender.Status {
	switch {
	case dkim == nil:
		return sender.Pending
	case verified && dkim.SigningEnabled && dkim.Status == types.DkimStatusSuccess:
		return sender.Verified
	case dkim.Status == types.DkimStatusFailed:
		return sender.Failed
	}
	return sender.Pending
}

// Prove implements sender.Senders.
func (s *senders) Prove(ctx context.Context, domain string) (sender.Identity, bool, error) {
	out, err := s.client.CreateEmailIdentity(ctx, &sesv2.CreateEmailIdentityInput{
		EmailIdentity: &domain, Tags: []types.Tag{{Key: aws.String(Tag), Value: &s.stage}},
	})
	var there *types.AlreadyExistsException
	if errors.As(err, &there) {
		i, err := s.Identity(ctx, domain)
		return i, false, err
	}
	if err != nil {
		return sender.Identity{}, false, coded(err)
	}
	i := sender.Identity{Domain: domain, Status: status(out.VerifiedForSendingStatus, out.DkimAttributes)}
	if out.DkimAttributes != nil {
		i.Tokens = out.DkimAttributes.Tokens
	}
	return i, true, nil
}

// Forget implements sender.Senders.
func (s *senders) Forget(ctx context.Context, domain string) error {
	_, err := s.client.DeleteEmailIdentity(ctx, &sesv2.DeleteEmailIdentityInput{EmailIdentity: &domain})
	if err = coded(err); fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Account implements sender.Senders.
func (s *senders) Account(ctx context.Context) (sender.Account, error) {
	out, err := s.client.GetAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return sender.Account{}, coded(err)
	}
	a := sender.Account{Production: out.ProductionAccessEnabled, Enabled: out.SendingEnabled}
	if out.SendQuota != nil {
		a.Quota = int(out.SendQuota.Max24HourSend)
	}
	return a, nil
}

// Suppressed implements sender.Senders.
func (s *senders) Suppressed(ctx context.Context, address string) (sender.Suppressed, error) {
	out, err := s.client.GetSuppressedDestination(ctx, &sesv2.GetSuppressedDestinationInput{EmailAddress: &address})
	if err != nil {
		return sender.Suppressed{}, coded(err)
	}
	d := out.SuppressedDestination
	return sender.Suppressed{Address: aws.ToString(d.EmailAddress), Reason: string(d.Reason), At: aws.ToTime(d.LastUpdateTime).UTC()}, nil
}

// Lift implements sender.Senders.
func (s *senders) Lift(ctx context.Context, address string) error {
	_, err := s.client.DeleteSuppressedDestination(ctx, &sesv2.DeleteSuppressedDestinationInput{EmailAddress: &address})
	return coded(err)
}

// coded goes by the code alone: each operation of the SDK knows only some of the types.
func coded(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode() {
	case "NotFoundException":
		return fault.Wrap(err, fault.NotFound, "Amazon SES does not know it.")
	case "TooManyRequestsException", "ConcurrentModificationException":
		return fault.Wrap(err, fault.Busy, "Amazon SES is asked too often. Please try again in a moment.")
	case "BadRequestException", "LimitExceededException":
		return fault.Wrap(err, fault.Invalid, "Amazon SES does not take this: %s", api.ErrorMessage())
	}
	return err
}
