// The Lambda of functions/ingest.
package main

import (
	"parley/functions/ingest"
	"parley/shared/blob/s3"
	"parley/shared/host"
	"parley/shared/push/apigw"
	"parley/shared/secret/ssm"
	"parley/shared/table/dynamo"
)

func main() {
	host.Main(ingest.New, host.Table(dynamo.Open), host.Blob(s3.Open), host.Push(apigw.Open), host.Secret(ssm.Open))
}
