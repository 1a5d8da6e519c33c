package host

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// BusEvent is an event of EventBridge's, decoded by our own struct. Source: "AWS service events", Amazon EventBridge user guide.
type BusEvent struct {
	ID     string          `json:"id"`
	Source string          `json:"source"`      // "aws.ses"
	Type   string          `json:"detail-type"` // "Email Bounced"
	Time   time.Time       `json:"time"`
	Detail json.RawMessage `json:"detail"`
}

// Bus hosts a reaction to a rule of EventBridge's. An error makes Lambda call again, twice at most; then the event goes to the function's
// on-failure destination.
func Bus(take func(ctx context.Context, e BusEvent) error) Handler {
	return handlerFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		var e BusEvent
		if err := json.Unmarshal(payload, &e); err != nil {
			return nil, fmt.Errorf("host: bus payload: %w", err)
		}
		return []byte("{}"), take(ctx, e)
	})
}
