// Package push is the port that posts a frame to one connected socket: API Gateway's @connections on AWS, a hub in local mode.
//
// Owns: Post and its faults. Never: who watches what (store/sockets.go).
// Imported by: functions, adapters, host, infra/local.
package push

import "context"

// Poster posts to sockets.
type Poster interface {
	// Post sends one text frame of at most limit.MessageBytes. fault.Gone: the connection is closed, forget it. fault.Busy: its
	// buffer is full or the rate is exceeded, send a "sync" hint later. fault.Invalid: too large.
	Post(ctx context.Context, connection string, frame []byte) error
	// Close ends a connection; closing one that is gone succeeds.
	Close(ctx context.Context, connection string) error
}
