// The Lambda of functions/mailstatus.
package main

import (
	"parley/functions/mailstatus"
	"parley/shared/host"
	"parley/shared/push/apigw"
	"parley/shared/table/dynamo"
)

func main() {
	host.Main(mailstatus.New, host.Table(dynamo.Open), host.Push(apigw.Open))
}
