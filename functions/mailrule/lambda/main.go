// The Lambda of functions/mailrule.
package main

import (
	"parley/functions/mailrule"
	"parley/shared/host"
	"parley/shared/receipt/ses"
	"parley/shared/table/dynamo"
)

func main() { host.Main(mailrule.New, host.Receipt(ses.Open), host.Table(dynamo.Open)) }
