// The Lambda of functions/sweep.
package main

import (
	"parley/functions/sweep"
	"parley/shared/blob/s3"
	"parley/shared/host"
	"parley/shared/table/dynamo"
)

func main() { host.Main(sweep.New, host.Table(dynamo.Open), host.Blob(s3.Open)) }
