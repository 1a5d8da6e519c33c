package host

import (
	"context"
	"encoding/json"
	"fmt"
)

// SocketEvent is API Gateway's WebSocket payload as far as we read it.
// Source: "Set up integration request in API Gateway" and aws-lambda-go's APIGatewayWebsocketProxyRequest.
type SocketEvent struct {
	Headers        map[string]string   `json:"headers,omitempty"`
	MultiHeaders   map[string][]string `json:"multiValueHeaders,omitempty"`
	Query          map[string]string   `json:"queryStringParameters,omitempty"`
	Body           string              `json:"body,omitempty"`
	Base64         bool                `json:"isBase64Encoded"`
	RequestContext SocketContext       `json:"requestContext"`
}

// SocketContext is the request context of a SocketEvent.
type SocketContext struct {
	RouteKey     string `json:"routeKey"`  // $connect, $disconnect, $default
	EventType    string `json:"eventType"` // CONNECT, DISCONNECT, MESSAGE
	ConnectionID string `json:"connectionId"`
	ConnectedAt  int64  `json:"connectedAt"` // milliseconds
	RequestID    string `json:"requestId"`
	MessageID    string `json:"messageId,omitempty"`
	Stage        string `json:"stage"`
	APIID        string `json:"apiId"`
	DomainName   string `json:"domainName"`
	TimeEpoch    int64  `json:"requestTimeEpoch"`
	Direction    string `json:"messageDirection"`
	Identity     struct {
		SourceIP  string `json:"sourceIp"`
		UserAgent string `json:"userAgent"`
	} `json:"identity"`
	DisconnectStatus int    `json:"disconnectStatusCode,omitempty"`
	DisconnectReason string `json:"disconnectReason,omitempty"`
}

// SocketAnswer is what the function returns; at $connect a status of 400 and more refuses the socket, and headers may choose
// the subprotocol.
type SocketAnswer struct {
	Status  int               `json:"statusCode"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// Socket hosts the door of a WebSocket API.
func Socket(do func(ctx context.Context, e SocketEvent) (SocketAnswer, error)) Handler {
	return handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		var e SocketEvent
		if err := json.Unmarshal(payload, &e); err != nil {
			return nil, fmt.Errorf("host: socket payload: %w", err)
		}
		a, err := do(ctx, e)
		if err != nil {
			return nil, err
		}
		return json.Marshal(a)
	})
}
