// The Lambda of functions/turn.
package main

import (
	"parley/functions/turn"
	"parley/shared/fetch/public"
	"parley/shared/host"
	"parley/shared/push/apigw"
	"parley/shared/secret/ssm"
	"parley/shared/table/dynamo"
)

func main() {
	host.Main(turn.New, host.Table(dynamo.Open), host.Push(apigw.Open), host.Secret(ssm.Open), host.Fetch(public.Open))
}
