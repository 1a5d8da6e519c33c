package main

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// prodStage is the one stage whose data outlives its stack.
const prodStage = "prod"

// config is what shapes the stack before it is deployed. What only fills it in (domains, issuers) is a parameter: see stack.go.
type config struct {
	stage string                       // names the stack and its secrets: dev, prod, a developer's name
	asset func(function string) string // the directory that holds a function's bootstrap
}

func (c config) prod() bool { return c.stage == prodStage }

// kept is what becomes of data when its resource leaves the stack.
func (c config) kept() awscdk.RemovalPolicy {
	if c.prod() {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

var stageName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)

// readConfig takes the stage from the context: cdk.json, or `-c stage=prod`.
func readConfig(app awscdk.App) (config, error) {
	stage, _ := app.Node().TryGetContext(jsii.String("stage")).(string)
	if !stageName.MatchString(stage) {
		return config{}, fmt.Errorf("context stage is %q: want a small letter, then at most 19 of a-z, 0-9 and -", stage)
	}
	return config{stage: stage, asset: func(function string) string { return "dist/" + function }}, nil
}
