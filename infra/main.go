// Command infra describes everything Parley owns in an AWS account, as one CDK stack per stage.
//
// Owns: tables, buckets, queues, functions, their rights, routes, streams and clock; template.golden.json, which is this description
// as CloudFormation reads it and from which local mode is wired.
// Never: parley/shared or a function's code. It knows a function by its folder's name only.
// Imported by: nothing; `cdk` runs it (see cdk.json), and `go test ./infra` synthesizes it.
package main

import (
	"log"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	c, err := readConfig(app)
	if err != nil {
		log.Fatal(err)
	}
	newStack(app, c)
	app.Synth(nil)
}
