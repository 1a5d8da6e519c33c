// The Lambda of functions/deliver.
package main

import (
	"parley/functions/deliver"
	"parley/shared/blob/s3"
	"parley/shared/host"
	"parley/shared/mailer/ses"
	"parley/shared/push/apigw"
	"parley/shared/secret/ssm"
	"parley/shared/table/dynamo"
)

func main() {
	host.Main(deliver.New, host.Table(dynamo.Open), host.Blob(s3.Open), host.Mailer(ses.Open), host.Push(apigw.Open), host.Secret(ssm.Open))
}
