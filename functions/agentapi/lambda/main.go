// The Lambda of functions/agentapi.
package main

import (
	"parley/functions/agentapi"
	"parley/shared/blob/s3"
	"parley/shared/dns/system"
	"parley/shared/fetch/public"
	"parley/shared/host"
	"parley/shared/identity/cognito"
	"parley/shared/identity/oidc"
	mailses "parley/shared/mailer/ses"
	"parley/shared/push/apigw"
	"parley/shared/queue/sqs"
	"parley/shared/secret/ssm"
	"parley/shared/sender/ses"
	"parley/shared/table/dynamo"
)

func main() {
	host.Main(agentapi.New, host.Table(dynamo.Open), host.Blob(s3.Open), host.Push(apigw.Open), host.Enqueue(sqs.Open), host.Identity(oidc.Open), host.Directory(cognito.Open),
		host.Sender(ses.Open), host.DNS(system.Open), host.Mailer(mailses.Open), host.Secret(ssm.Open), host.Fetch(public.Open))
}
