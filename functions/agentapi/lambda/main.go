// The Lambda of functions/agentapi.
package main

import (
	"parley/functions/agentapi"
	"parley/shared/blob/s3"
	"parley/shared/host"
	"parley/shared/identity/cognito"
	"parley/shared/identity/oidc"
	"parley/shared/push/apigw"
	"parley/shared/table/dynamo"
)

func main() {
	host.Main(agentapi.New, host.Table(dynamo.Open), host.Blob(s3.Open), host.Push(apigw.Open), host.Identity(oidc.Open), host.Directory(cognito.Open))
}
