// The Lambda of functions/visitorapi.
package main

import (
	"parley/functions/visitorapi"
	"parley/shared/blob/s3"
	"parley/shared/host"
	"parley/shared/push/apigw"
	"parley/shared/secret/ssm"
	"parley/shared/table/dynamo"
)

func main() {
	host.Main(visitorapi.New, host.Table(dynamo.Open), host.Blob(s3.Open), host.Push(apigw.Open), host.Secret(ssm.Open))
}
