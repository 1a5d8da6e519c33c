package mailstatus

import (
	"context"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/live"
	"parley/shared/store"
)

type handler struct {
	store *store.Store
	live  *live.Live
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	h := &handler{store: store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Outbox: c.Env("PARLEY_TABLE_OUTBOX"), Settings: c.Env("PARLEY_TABLE_SETTINGS"), Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)}
	h.live = live.New(h.store, c.Push(c.Env("PARLEY_SOCKETS_URL")))
	return host.Bus(h.event), nil
}

// system is who notes what SES says.
var system = events.Actor{Kind: events.System, ID: "mailstatus"}

func (h *handler) event(ctx context.Context, e host.BusEvent) error {
	w, ok, err := read(e.Detail)
	if err != nil || !ok {
		return err
	}
	err = h.hear(ctx, w)
	if fault.Is(err, fault.NotFound) {
		host.From(ctx).Warn("news of a delivery that is not there", "event", e.ID, "type", e.Type, "delivery", w.Delivery)
		return nil
	}
	return err
}

// hear brings the news to the store, and to those who look.
func (h *handler) hear(ctx context.Context, w word) error {
	heard, err := h.store.Hear(ctx, w.thread, w.seq, w.Word)
	for _, c := range heard.Commits {
		h.live.Committed(ctx, c)
	}
	if heard.Changed {
		h.live.Delivery(ctx, heard.Delivery)
	}
	return err
}
