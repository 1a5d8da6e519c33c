package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/google/go-cmp/cmp"
)

// One address for everything, over TLS only, and each door behind its own path.
func TestEdge(t *testing.T) {
	for name, stage := range map[string]template{"dev": dev, "prod": prod} {
		d := resource{Properties: stage.resources["Distribution"].at("DistributionConfig").(map[string]any)}
		origins := map[string]string{}
		for _, o := range d.at("Origins").([]any) {
			o := resource{Properties: o.(map[string]any)}
			origins[o.at("Id").(string)] = plain(o.at("DomainName"))
		}
		want := map[string]string{
			"web": "${WebBucket.RegionalDomainName}", "api": "${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}",
			"sockets": "${SocketsApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}",
		}
		if diff := cmp.Diff(want, origins); diff != "" {
			t.Errorf("%s: origins:\n%s", name, diff)
		}
		web := resource{Properties: d.at("DefaultCacheBehavior").(map[string]any)}
		got := []string{"/ " + web.at("TargetOriginId").(string) + " " + web.at("ViewerProtocolPolicy").(string)}
		for _, b := range d.at("CacheBehaviors").([]any) {
			b := resource{Properties: b.(map[string]any)}
			got = append(got, b.at("PathPattern").(string)+" "+b.at("TargetOriginId").(string)+" "+b.at("ViewerProtocolPolicy").(string))
			if b.at("CachePolicyId") != cachingDisabled || b.at("OriginRequestPolicyId") != allViewerButHost {
				t.Errorf("%s: %s is kept, or loses what the browser sent", name, b.at("PathPattern"))
			}
		}
		if diff := cmp.Diff([]string{"/ web redirect-to-https", "/api/* api https-only", "/ws sockets https-only"}, got); diff != "" {
			t.Errorf("%s: behaviours:\n%s", name, diff)
		}
		if d.at("CustomErrorResponses") != nil {
			t.Errorf("%s: error responses would stand in for the API's own answers", name)
		}
	}
	if stage := dev.resources["SocketsStage"].at("StageName"); stage != "ws" { // CloudFront passes the path on, and the path is the stage
		t.Errorf("the sockets' stage is %v", stage)
	}
}

// Where the web is reached is said in three places, which must agree.
func TestOrigin(t *testing.T) {
	for want, stage := range map[string]template{"https://${Distribution.DomainName}": dev, "https://inbox.example.com": prod} {
		env := plain(stage.function(t, "agentapi").at("Environment", "Variables", "PARLEY_ORIGIN"))
		client := stage.resources["UserPoolClient"]
		back := plain(client.at("CallbackURLs").([]any)[0])
		if env != want || back != want+"/callback" || plain(client.at("LogoutURLs").([]any)[0]) != want {
			t.Errorf("origin %s, sign-in returns to %s, want %s", env, back, want)
		}
	}
	d := resource{Properties: prod.resources["Distribution"].at("DistributionConfig").(map[string]any)}
	if diff := cmp.Diff([]any{"inbox.example.com"}, d.at("Aliases")); diff != "" || d.at("ViewerCertificate", "MinimumProtocolVersion") != "TLSv1.2_2021" {
		t.Errorf("certificate %v for\n%s", d.at("ViewerCertificate"), diff)
	}
}

func TestWebHeaders(t *testing.T) {
	config := resource{Properties: dev.resources["WebHeaders"].at("ResponseHeadersPolicyConfig").(map[string]any)}
	csp := plain(config.at("SecurityHeadersConfig", "ContentSecurityPolicy", "ContentSecurityPolicy"))
	// reference/web.md §6, with the addresses of files and of sign-in's discovery.
	want := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data: https://${FilesBucket.RegionalDomainName}; " +
		"connect-src 'self' https://${FilesBucket.RegionalDomainName} https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}; font-src 'self'; " +
		"frame-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; " +
		"require-trusted-types-for 'script'; trusted-types dompurify email worker"
	if diff := cmp.Diff(want, csp); diff != "" {
		t.Error(diff)
	}
	if age, _ := config.at("SecurityHeadersConfig", "StrictTransportSecurity", "AccessControlMaxAgeSec").(float64); age < 365*24*3600 {
		t.Errorf("HSTS for %v s", age)
	}
	if config.at("SecurityHeadersConfig", "ContentTypeOptions", "Override") != true {
		t.Error("no nosniff")
	}
	custom := []string{}
	for _, h := range config.at("CustomHeadersConfig", "Items").([]any) {
		custom = append(custom, h.(map[string]any)["Header"].(string))
	}
	if !slices.Contains(custom, "Cross-Origin-Opener-Policy") || !slices.Contains(custom, "Permissions-Policy") {
		t.Errorf("headers %v", custom)
	}
}

// The edge function runs as CloudFront runs it, in Node's own words.
func TestPathsOfTheAppAreItsPage(t *testing.T) {
	paths := map[string]string{
		"/": "/index.html", "/callback": "/index.html", "/inbox/01k/open/01k2": "/index.html", "/a.b/c": "/index.html",
		"/assets/app-1a2b.js": "/assets/app-1a2b.js", "/theme.js": "/theme.js", "/favicon.svg": "/favicon.svg", "/index.html": "/index.html",
	}
	in, err := json.Marshal(paths)
	if err != nil {
		t.Fatal(err)
	}
	script := routeToPage + "const out = {}; for (const uri of Object.keys(" + string(in) + ")) out[uri] = handler({request: {uri}}).uri; console.log(JSON.stringify(out))"
	raw, err := exec.Command("node", "-e", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(paths, got); diff != "" {
		t.Error(diff)
	}
}

// Agents come by invitation, with code and PKCE and nothing else, and a token is soon worth nothing.
func TestSignIn(t *testing.T) {
	pool, client := dev.resources["UserPool"], dev.resources["UserPoolClient"]
	if pool.at("AdminCreateUserConfig", "AllowAdminCreateUserOnly") != true {
		t.Error("anybody may sign up")
	}
	want := map[string]any{
		"GenerateSecret": false, "AllowedOAuthFlows": []any{"code"}, "ExplicitAuthFlows": []any{"ALLOW_USER_SRP_AUTH"},
		"PreventUserExistenceErrors": "ENABLED", "EnableTokenRevocation": true, "WriteAttributes": []any{"name"},
		"RefreshTokenRotation": map[string]any{"Feature": "ENABLED", "RetryGracePeriodSeconds": 60.0},
		"TokenValidityUnits":   map[string]any{"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
	}
	got := map[string]any{}
	for key := range want {
		got[key] = client.at(key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if minutes := client.at("AccessTokenValidity").(float64); minutes < 15 || minutes > 60 {
		t.Errorf("an access token is good for %v minutes", minutes)
	}
	if v := dev.resources["SignInDomain"].at("ManagedLoginVersion"); v != 2.0 || dev.resources["SignInBranding"].at("UseCognitoProvidedValues") != true {
		t.Errorf("managed login of version %v, branding %v: its page would be empty", v, dev.resources["SignInBranding"].Properties)
	}
	for _, r := range dev.of(t, "AWS::ApiGatewayV2::Authorizer") {
		if iss := plain(r.at("JwtConfiguration", "Issuer")); iss != "${UserPool.ProviderURL}" || plain(r.at("JwtConfiguration", "Audience").([]any)[0]) != "${UserPoolClient}" {
			t.Errorf("the API takes tokens of %s", iss)
		}
	}
	if pool := prod.resources["UserPool"]; pool.at("DeletionProtection") != "ACTIVE" || pool.at("MfaConfiguration") != "OPTIONAL" {
		t.Errorf("prod's pool: %v", pool.Properties)
	}
}

func TestTheFirstAdministrator(t *testing.T) {
	if group := dev.resources["AdminsGroup"].at("GroupName"); group != "admins" { // agentapi knows administrators by it
		t.Errorf("group %v", group)
	}
	if _, there := dev.resources["Admin"]; there {
		t.Error("a user without an adminEmail")
	}
	admin := prod.resources["Admin"]
	if admin.at("Username") != "ada@example.com" || admin.DeletionPolicy != "Retain" || plain(prod.resources["AdminMembership"].at("Username")) != "${Admin}" {
		t.Errorf("%+v, %+v", admin, prod.resources["AdminMembership"])
	}
	if mail := prod.resources["AlarmMail"]; mail.at("Endpoint") != "ada@example.com" || mail.at("Protocol") != "email" {
		t.Errorf("alarms go to %v", mail.Properties)
	}
}

func TestContextIsChecked(t *testing.T) {
	for says, context := range map[string]map[string]any{
		"context stage":                 {"stage": "Prod!"},
		"certificate":                   {"stage": "dev", "domain": "inbox.example.com"},
		"us-east-1":                     {"stage": "dev", "domain": "inbox.example.com", "certificate": "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b"},
		"without https://":              {"stage": "dev", "domain": "https://inbox.example.com", "certificate": "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"},
		"context adminEmail is \"ada\"": {"stage": "dev", "adminEmail": "ada"},
	} {
		_, err := readConfig(awscdk.NewApp(&awscdk.AppProps{Context: &context}))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v, want %q", context, err, says)
		}
	}
}
