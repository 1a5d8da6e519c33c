// The Lambda of functions/notify.
package main

import (
	"parley/functions/notify"
	"parley/shared/host"
	"parley/shared/push/apigw"
	"parley/shared/table/dynamo"
)

func main() {
	host.Main(notify.New, host.Table(dynamo.Open), host.Push(apigw.Open))
}
