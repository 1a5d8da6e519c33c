// Package cognito is the identity.Directory adapter for an Amazon Cognito user pool whose users sign in with their email address.
//
// Owns: the calls by which accounts are made, ended and begun again, and what Cognito's errors mean.
// Never: tokens (shared/identity/oidc), roles, passwords: Cognito mails a temporary one to whom we invite.
// Imported by: functions/agentapi/lambda.
//
// Source: Amazon Cognito user pools API reference; each call's page says which errors it has.
package cognito

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"parley/shared/fault"
	"parley/shared/identity"
)

// Open returns directories by the id of their pool, with the function's own region and role.
func Open(ctx context.Context) (func(pool string) identity.Directory, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client := idp.NewFromConfig(cfg)
	return func(pool string) identity.Directory { return &directory{client, pool} }, nil
}

type directory struct {
	client *idp.Client
	pool   string
}

// Invite implements identity.Directory. The address counts as verified: the invitation goes there and nowhere else.
func (d *directory) Invite(ctx context.Context, email, name string) (string, error) {
	email, err := identity.Email(email)
	if err != nil {
		return "", err
	}
	attributes := []types.AttributeType{
		{Name: aws.String("email"), Value: &email}, {Name: aws.String("email_verified"), Value: aws.String("true")},
	}
	if name != "" {
		attributes = append(attributes, types.AttributeType{Name: aws.String("name"), Value: &name})
	}
	out, err := d.client.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
		UserPoolId: &d.pool, Username: &email, UserAttributes: attributes, DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail},
	})
	var exists *types.UsernameExistsException
	switch {
	case errors.As(err, &exists):
		return d.known(ctx, email)
	case err != nil:
		return "", coded(err)
	}
	return sub(out.User.Attributes)
}

func (d *directory) known(ctx context.Context, email string) (string, error) {
	out, err := d.client.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &d.pool, Username: &email})
	if err != nil {
		return "", coded(err)
	}
	return sub(out.UserAttributes)
}

func sub(attributes []types.AttributeType) (string, error) {
	for _, a := range attributes {
		if aws.ToString(a.Name) == "sub" && aws.ToString(a.Value) != "" {
			return *a.Value, nil
		}
	}
	return "", errors.New("cognito: a user without sub")
}

// Disable implements identity.Directory. First no new session, then the end of those there are.
func (d *directory) Disable(ctx context.Context, sub string) error {
	if _, err := d.client.AdminDisableUser(ctx, &idp.AdminDisableUserInput{UserPoolId: &d.pool, Username: &sub}); err != nil {
		return coded(err)
	}
	_, err := d.client.AdminUserGlobalSignOut(ctx, &idp.AdminUserGlobalSignOutInput{UserPoolId: &d.pool, Username: &sub})
	return coded(err)
}

// Enable implements identity.Directory.
func (d *directory) Enable(ctx context.Context, sub string) error {
	_, err := d.client.AdminEnableUser(ctx, &idp.AdminEnableUserInput{UserPoolId: &d.pool, Username: &sub})
	return coded(err)
}

// coded gives Cognito's errors their code, by name: no call's model lists all that it may say. What is not named here is our own mistake, the
// pool's settings or a passing trouble: internal.
func coded(err error) error {
	var e smithy.APIError
	if !errors.As(err, &e) {
		return err
	}
	switch e.ErrorCode() {
	case "UserNotFoundException":
		return fault.Wrap(err, fault.NotFound, "There is no such account.")
	case "InvalidParameterException":
		return fault.Wrap(err, fault.Invalid, "Amazon Cognito does not take this: %s", e.ErrorMessage())
	case "TooManyRequestsException":
		return fault.Wrap(err, fault.Busy, "Amazon Cognito is busy. Please try again.")
	case "LimitExceededException": // Cognito's own sender mails 50 times a day ("Quotas in Amazon Cognito")
		return fault.Wrap(err, fault.Busy, "Amazon Cognito sends no more invitations for now. Please try again later.")
	case "CodeDeliveryFailureException":
		return fault.Wrap(err, fault.Busy, "The invitation could not be mailed. Please try again.")
	}
	return fmt.Errorf("cognito: %w", err)
}
