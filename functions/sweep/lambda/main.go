// The Lambda of functions/sweep.
package main

import (
	"parley/functions/sweep"
	"parley/shared/host"
	"parley/shared/table/dynamo"
)

func main() { host.Main(sweep.New, host.Table(dynamo.Open)) }
