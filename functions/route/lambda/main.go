// The Lambda of functions/route.
package main

import (
	"parley/functions/route"
	"parley/shared/blob/s3"
	"parley/shared/host"
	"parley/shared/table/dynamo"
)

func main() { host.Main(route.New, host.Table(dynamo.Open), host.Blob(s3.Open)) }
