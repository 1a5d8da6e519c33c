// The Lambda of functions/websocket.
package main

import (
	"parley/functions/websocket"
	"parley/shared/host"
	"parley/shared/push/apigw"
	"parley/shared/table/dynamo"
)

func main() {
	host.Main(websocket.New, host.Table(dynamo.Open), host.Push(apigw.Open))
}
