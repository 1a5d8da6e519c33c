package host

import (
	"context"
	"log/slog"
)

type logKey struct{}

// WithLog gives a context a logger.
func WithLog(ctx context.Context, log *slog.Logger) context.Context {
	return context.WithValue(ctx, logKey{}, log)
}

// From returns the context's logger, or the default one. Logs carry ids and reasons, never bodies, addresses or tokens.
func From(ctx context.Context) *slog.Logger {
	if log, ok := ctx.Value(logKey{}).(*slog.Logger); ok {
		return log
	}
	return slog.Default()
}
