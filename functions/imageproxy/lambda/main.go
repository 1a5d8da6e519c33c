// The Lambda of functions/imageproxy.
package main

import (
	"parley/functions/imageproxy"
	"parley/shared/fetch/public"
	"parley/shared/host"
	"parley/shared/secret/ssm"
)

func main() { host.Main(imageproxy.New, host.Secret(ssm.Open), host.Fetch(public.Open)) }
