package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// prodStage is the one stage whose data outlives its stack.
const prodStage = "prod"

// config is what shapes the stack before it is deployed. What only fills it in (the mail domain) is a parameter: see stack.go.
type config struct {
	stage string                       // names the stack and its secrets: dev, prod, a developer's name
	asset func(function string) string // the directory that holds a function's bootstrap
	// domain is where people reach it ("inbox.example.com"), "" for CloudFront's own; certificate is that domain's, which must be in us-east-1.
	domain, certificate string
	adminEmail          string // the first administrator, who also gets the alarms; "" for nobody
}

func (c config) prod() bool { return c.stage == prodStage }

// kept is what becomes of data when its resource leaves the stack.
func (c config) kept() awscdk.RemovalPolicy {
	if c.prod() {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

var domainName = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)

var stageName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)

// readConfig takes all from the context: cdk.json, or `-c stage=prod -c adminEmail=…`.
func readConfig(app awscdk.App) (config, error) {
	stage, _ := app.Node().TryGetContext(jsii.String("stage")).(string)
	if !stageName.MatchString(stage) {
		return config{}, fmt.Errorf("context stage is %q: want a small letter, then at most 19 of a-z, 0-9 and -", stage)
	}
	text := func(key string) string {
		s, _ := app.Node().TryGetContext(jsii.String(key)).(string)
		return strings.TrimSpace(s)
	}
	c := config{
		stage: stage, asset: func(function string) string { return "dist/" + function },
		domain: text("domain"), certificate: text("certificate"), adminEmail: text("adminEmail"),
	}
	switch {
	case c.domain != "" && !strings.HasPrefix(c.certificate, "arn:aws:acm:us-east-1:"):
		return config{}, fmt.Errorf("context domain is %q: CloudFront wants its certificate too, as context certificate, and from us-east-1", c.domain)
	case c.domain != "" && !domainName.MatchString(c.domain):
		return config{}, fmt.Errorf("context domain is %q: want a name such as inbox.example.com, without https://", c.domain)
	case c.adminEmail != "" && !strings.Contains(c.adminEmail, "@"):
		return config{}, fmt.Errorf("context adminEmail is %q: want an address", c.adminEmail)
	}
	return c, nil
}
