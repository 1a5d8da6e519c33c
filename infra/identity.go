package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"
)

const (
	admins      = "admins" // the group whose members agentapi makes administrators
	oidcScopes  = "openid email profile"
	accessLife  = 30 // minutes an access token is good for, even if its user is disabled meanwhile
	refreshLife = 30 // days
	callback    = "/callback"
)

// identity is who may sign in as an agent.
type identity struct {
	pool   awscognito.CfnUserPool
	client awscognito.CfnUserPoolClient
}

// newIdentity makes the user pool: people come by invitation only. Its tier has managed login and is free for 10 000 users a month; it
// replaces the Lite tier because that has no such login and no refresh rotation.
func newIdentity(s *stack) identity {
	pool := awscognito.NewCfnUserPool(s.scope, jsii.String("UserPool"), &awscognito.CfnUserPoolProps{
		UserPoolTier:          jsii.String("ESSENTIALS"),
		DeletionProtection:    jsii.String(map[bool]string{true: "ACTIVE", false: "INACTIVE"}[s.prod()]),
		AdminCreateUserConfig: &awscognito.CfnUserPool_AdminCreateUserConfigProperty{AllowAdminCreateUserOnly: jsii.Bool(true)},
		UsernameAttributes:    jsii.Strings("email"), AutoVerifiedAttributes: jsii.Strings("email"),
		UsernameConfiguration: &awscognito.CfnUserPool_UsernameConfigurationProperty{CaseSensitive: jsii.Bool(false)},
		// A new address counts once it has been confirmed: agentapi knows people by it.
		UserAttributeUpdateSettings: &awscognito.CfnUserPool_UserAttributeUpdateSettingsProperty{AttributesRequireVerificationBeforeUpdate: jsii.Strings("email")},
		AccountRecoverySetting: &awscognito.CfnUserPool_AccountRecoverySettingProperty{RecoveryMechanisms: []any{
			&awscognito.CfnUserPool_RecoveryOptionProperty{Name: jsii.String("verified_email"), Priority: jsii.Number(1)},
		}},
		MfaConfiguration: jsii.String("OPTIONAL"), EnabledMfas: jsii.Strings("SOFTWARE_TOKEN_MFA"),
		// Length protects, composition annoys (NIST SP 800-63B §3.1.1.2).
		Policies: &awscognito.CfnUserPool_PoliciesProperty{PasswordPolicy: &awscognito.CfnUserPool_PasswordPolicyProperty{
			MinimumLength: jsii.Number(12), RequireLowercase: jsii.Bool(true), RequireUppercase: jsii.Bool(false), RequireNumbers: jsii.Bool(true),
			RequireSymbols: jsii.Bool(false), TemporaryPasswordValidityDays: jsii.Number(7),
		}},
	})
	pin(pool, "UserPool").ApplyRemovalPolicy(s.kept(), nil)
	id := identity{pool: pool, client: newClient(s, pool)}
	pin(awscognito.NewCfnUserPoolGroup(s.scope, jsii.String("Admins"), &awscognito.CfnUserPoolGroupProps{
		UserPoolId: pool.Ref(), GroupName: jsii.String(admins), Description: jsii.String("Administrators of Parley"),
	}), "AdminsGroup")
	newLogin(s, id)
	newAdmin(s, id)
	return id
}

// newClient is the web: public, so code with PKCE alone, which Cognito asks of every client that sends a challenge. Its own APIs give no
// tokens: no password ever passes through us.
func newClient(s *stack, pool awscognito.CfnUserPool) awscognito.CfnUserPoolClient {
	client := awscognito.NewCfnUserPoolClient(s.scope, jsii.String("UserPoolClient"), &awscognito.CfnUserPoolClientProps{
		UserPoolId: pool.Ref(), GenerateSecret: jsii.Bool(false),
		AllowedOAuthFlowsUserPoolClient: jsii.Bool(true), AllowedOAuthFlows: jsii.Strings("code"),
		AllowedOAuthScopes:         jsii.Strings("openid", "email", "profile"),
		SupportedIdentityProviders: jsii.Strings("COGNITO"),
		CallbackUrLs:               jsii.Strings(*s.origin + callback), LogoutUrLs: jsii.Strings(*s.origin),
		// The managed login signs in over this flow; ALLOW_REFRESH_TOKEN_AUTH may not stand beside rotation.
		ExplicitAuthFlows:          jsii.Strings("ALLOW_USER_SRP_AUTH"),
		PreventUserExistenceErrors: jsii.String("ENABLED"), EnableTokenRevocation: jsii.Bool(true),
		AccessTokenValidity: jsii.Number(accessLife), IdTokenValidity: jsii.Number(accessLife), RefreshTokenValidity: jsii.Number(refreshLife),
		TokenValidityUnits: &awscognito.CfnUserPoolClient_TokenValidityUnitsProperty{
			AccessToken: jsii.String("minutes"), IdToken: jsii.String("minutes"), RefreshToken: jsii.String("days"),
		},
		// A minute of grace: two tabs that refresh at once both go on.
		RefreshTokenRotation: &awscognito.CfnUserPoolClient_RefreshTokenRotationProperty{Feature: jsii.String("ENABLED"), RetryGracePeriodSeconds: jsii.Number(60)},
		ReadAttributes:       jsii.Strings("email", "email_verified", "name"), WriteAttributes: jsii.Strings("name"),
	})
	pin(client, "UserPoolClient")
	return client
}

// newLogin is the sign-in page. Without a branding of its own, even Cognito's, the page of the newer login stays empty.
func newLogin(s *stack, id identity) {
	domain := awscognito.NewCfnUserPoolDomain(s.scope, jsii.String("SignIn"), &awscognito.CfnUserPoolDomainProps{
		UserPoolId: id.pool.Ref(), ManagedLoginVersion: jsii.Number(2),
		Domain: jsii.String("parley-" + s.stage + "-" + *s.scope.Account()), // must be unique among all accounts of the region
	})
	pin(domain, "SignInDomain")
	pin(awscognito.NewCfnManagedLoginBranding(s.scope, jsii.String("SignInBranding"), &awscognito.CfnManagedLoginBrandingProps{
		UserPoolId: id.pool.Ref(), ClientId: id.client.Ref(), UseCognitoProvidedValues: jsii.Bool(true),
	}), "SignInBranding")
	output(s, "UserPoolId", id.pool.Ref())
}

// newAdmin invites the first administrator, if the context names one. Nobody is deleted when it names another later.
func newAdmin(s *stack, id identity) {
	if s.adminEmail == "" {
		return
	}
	user := awscognito.NewCfnUserPoolUser(s.scope, jsii.String("Admin"), &awscognito.CfnUserPoolUserProps{
		UserPoolId: id.pool.Ref(), Username: jsii.String(s.adminEmail), DesiredDeliveryMediums: jsii.Strings("EMAIL"),
		UserAttributes: []any{
			&awscognito.CfnUserPoolUser_AttributeTypeProperty{Name: jsii.String("email"), Value: jsii.String(s.adminEmail)},
			&awscognito.CfnUserPoolUser_AttributeTypeProperty{Name: jsii.String("email_verified"), Value: jsii.String("true")},
		},
	})
	pin(user, "Admin").ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	member := awscognito.NewCfnUserPoolUserToGroupAttachment(s.scope, jsii.String("AdminIsAdmin"), &awscognito.CfnUserPoolUserToGroupAttachmentProps{
		UserPoolId: id.pool.Ref(), GroupName: jsii.String(admins), Username: user.Ref(),
	})
	pin(member, "AdminMembership").AddDependency(s.scope.Node().FindChild(jsii.String("Admins")).(awscdk.CfnResource))
}
