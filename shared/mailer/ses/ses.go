// Package ses is the mailer port on Amazon SESv2.
//
// Owns: what SES's answers mean: a definite no, or unknown. Never: composing, jobs.
// Imported by: functions/deliver/lambda, tests.
//
// The SDK's retries are off: a send whose answer was lost must not be sent again blindly. Such an error stays uncoded, and the
// delivery waits for SES's own Send event.
package ses

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"parley/shared/fault"
	"parley/shared/mailer"
)

// Open returns what makes a Mailer of a configuration set ("" for none), with the function's own region and role.
func Open(ctx context.Context) (func(configurationSet string) mailer.Mailer, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client := sesv2.NewFromConfig(cfg, func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })
	return func(set string) mailer.Mailer { return &sender{client: client, set: set} }, nil
}

type sender struct {
	client *sesv2.Client
	set    string
}

// Send implements mailer.Mailer.
func (s *sender) Send(ctx context.Context, m mailer.Envelope) (string, error) {
	if err := mailer.Check(&m); err != nil {
		return "", err
	}
	in := &sesv2.SendEmailInput{
		FromEmailAddress: &m.From,
		Destination:      &types.Destination{ToAddresses: m.To},
		Content:          &types.EmailContent{Raw: &types.RawMessage{Data: m.Raw}},
	}
	if s.set != "" {
		in.ConfigurationSetName = &s.set
	}
	for _, name := range slices.Sorted(maps.Keys(m.Tags)) {
		in.EmailTags = append(in.EmailTags, types.MessageTag{Name: aws.String(name), Value: aws.String(m.Tags[name])})
	}
	out, err := s.client.SendEmail(ctx, in)
	if err != nil {
		return "", coded(err)
	}
	return aws.ToString(out.MessageId), nil
}

// refusals say no to this message for good, whoever asks again (SESv2 API, SendEmail, "Errors").
var refusals = []string{
	"MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException", "NotFoundException", "AccountSuspendedException", "ValidationException",
}

// coded: a 4xx is SES's own word that nothing was accepted. Of those, refusals are for good; the rest is load, a paused account or
// missing rights, which pass or can be mended. A 5xx or a broken connection says nothing about what became of the message.
func coded(err error) error {
	var api smithy.APIError
	var resp *awshttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &resp) {
		return err
	}
	status := resp.HTTPStatusCode()
	if status < 400 || status > 499 || status == http.StatusRequestTimeout {
		return err
	}
	if slices.Contains(refusals, api.ErrorCode()) {
		return fault.Wrap(err, fault.Invalid, "the mail service refuses the message: %s", api.ErrorMessage())
	}
	return fault.Wrap(err, fault.Busy, "the mail service does not take messages now")
}
