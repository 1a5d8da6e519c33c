// The Lambda of functions/callout.
package main

import (
	"parley/functions/callout"
	"parley/shared/fetch/public"
	"parley/shared/host"
	"parley/shared/secret/ssm"
	"parley/shared/table/dynamo"
)

func main() {
	host.Main(callout.New, host.Table(dynamo.Open), host.Secret(ssm.Open), host.Fetch(public.Open))
}
