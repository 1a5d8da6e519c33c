package cognito_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"parley/infra/local/issuer"
	"parley/infra/rehearsal/cloud"
	"parley/infra/rehearsal/cloud/cloudtest"
	"parley/infra/rehearsal/cognito"
)

const pool = "eu-west-1_pool"

func open(t *testing.T, actions, secret string) (*idp.Client, *issuer.Issuer) {
	t.Helper()
	accounts, err := issuer.Open(issuer.Config{URL: "http://127.0.0.1/id", File: filepath.Join(t.TempDir(), "issuer.json"), Welcome: "welcome"})
	if err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:cognito-idp:" + cloudtest.Region + ":" + cloudtest.Account + ":userpool/"
	c := cloudtest.Open(t, `{"Effect":"Allow","Action":[`+actions+`],"Resource":"`+arn+pool+`"}`,
		cloudtest.Handler("cognito-idp", "cognito-idp", &cognito.Endpoint{Pool: pool, Arn: arn + pool, Accounts: accounts}, cloud.RefuseJSON))
	return idp.NewFromConfig(cloudtest.As(c, secret)), accounts
}

func create(client *idp.Client, pool, email string, mediums ...types.DeliveryMediumType) (*idp.AdminCreateUserOutput, error) {
	return client.AdminCreateUser(context.Background(), &idp.AdminCreateUserInput{
		UserPoolId: &pool, Username: &email, DesiredDeliveryMediums: mediums,
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &email}, {Name: aws.String("email_verified"), Value: aws.String("true")}},
	})
}

func wants(t *testing.T, what string, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("%s: got %v, want %s", what, err, code)
	}
}

func TestPeople(t *testing.T) {
	ctx := context.Background()
	client, accounts := open(t, `"cognito-idp:AdminCreateUser","cognito-idp:AdminGetUser","cognito-idp:AdminDisableUser","cognito-idp:AdminEnableUser","cognito-idp:AdminUserGlobalSignOut"`, "secret")
	_, err := create(client, pool, "noah@parley.example")
	wants(t, "no invitation by mail", err, "InvalidParameterException")
	_, err = create(client, pool, "noah", types.DeliveryMediumTypeEmail)
	wants(t, "no address", err, "InvalidParameterException")
	made, err := create(client, pool, "noah@parley.example", types.DeliveryMediumTypeEmail)
	if err != nil {
		t.Fatal(err)
	}
	_, err = create(client, pool, "noah@parley.example", types.DeliveryMediumTypeEmail)
	wants(t, "twice", err, "UsernameExistsException")
	_, err = create(client, "eu-west-1_other", "noah@parley.example", types.DeliveryMediumTypeEmail)
	wants(t, "another pool", err, "AccessDeniedException")

	sub := made.User.Username
	enabled := func(name string) bool {
		out, err := client.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: aws.String(pool), Username: &name})
		if err != nil || *out.Username != *sub {
			t.Fatalf("%+v %v", out, err)
		}
		return out.Enabled
	}
	if !enabled("noah@parley.example") || !enabled(*sub) {
		t.Error("a new user is disabled")
	}
	if _, err := client.AdminDisableUser(ctx, &idp.AdminDisableUserInput{UserPoolId: aws.String(pool), Username: sub}); err != nil {
		t.Error(err)
	}
	if u, err := accounts.Find(*sub); err != nil || !u.Disabled || enabled(*sub) {
		t.Errorf("%+v %v", u, err)
	}
	if _, err := client.AdminUserGlobalSignOut(ctx, &idp.AdminUserGlobalSignOutInput{UserPoolId: aws.String(pool), Username: sub}); err != nil {
		t.Error(err)
	}
	if _, err := client.AdminEnableUser(ctx, &idp.AdminEnableUserInput{UserPoolId: aws.String(pool), Username: sub}); err != nil || !enabled(*sub) {
		t.Error(err)
	}
	_, err = client.AdminEnableUser(ctx, &idp.AdminEnableUserInput{UserPoolId: aws.String(pool), Username: aws.String("nobody")})
	wants(t, "nobody", err, "UserNotFoundException")
	_, err = client.AdminDeleteUser(ctx, &idp.AdminDeleteUserInput{UserPoolId: aws.String(pool), Username: sub})
	wants(t, "another call", err, "UnknownOperationException")
}

func TestRightsAndSignatures(t *testing.T) {
	client, _ := open(t, `"cognito-idp:AdminGetUser"`, "secret")
	_, err := create(client, pool, "noah@parley.example", types.DeliveryMediumTypeEmail)
	wants(t, "without the right", err, "AccessDeniedException")
	client, _ = open(t, `"cognito-idp:AdminCreateUser"`, "another secret")
	_, err = create(client, pool, "noah@parley.example", types.DeliveryMediumTypeEmail)
	wants(t, "a wrong signature", err, "InvalidSignatureException")
}
