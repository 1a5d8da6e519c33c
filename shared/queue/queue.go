// Package queue is the port to a queue that a function is fed from, for those who put something on it themselves.
//
// Owns: Send. Never: receiving, which is the mapping's business (Lambda, infra/local/queue); what a message says.
// Imported by: functions (New only), adapters, host, infra/local.
package queue

import "context"

// Sender puts messages on one queue.
type Sender interface {
	// Send keeps a message of at most limit.QueueBytes; it is durable when Send returns nil. It may come more than once. A message that is too
	// large is fault.Invalid, a queue that is overloaded fault.Busy.
	Send(ctx context.Context, body string) error
}
