package mailstatus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
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
		Threads: c.Env("PARLEY_TABLE_THREADS"), Outbox: c.Env("PARLEY_TABLE_OUTBOX"), Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)}
	h.live = live.New(h.store.Sockets, c.Push(c.Env("PARLEY_SOCKETS_URL")))
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
		host.From(ctx).Warn("news of a delivery that is not there", "event", e.ID, "type", e.Type, "delivery", w.delivery)
		return nil
	}
	return err
}

// hear brings the news to the thread, if it is a bounce or a complaint, and to the delivery.
func (h *handler) hear(ctx context.Context, w word) error {
	j, err := h.store.Outbox.Get(ctx, w.thread, w.seq)
	if err != nil {
		return err
	}
	if j.ID != w.delivery {
		return fault.New(fault.NotFound, "There is no such delivery.")
	}
	after := j.Hear(w.news)
	if j.Carrier != w.news.Carrier { // deliver did not get as far, or the message went out twice: answers to either must find the thread
		if err := h.store.Threads.Claim(ctx, store.CarrierClaim(w.news.Carrier), w.thread, w.seq); err != nil {
			return err
		}
	}
	if err := h.note(ctx, w, j.Delivery, after); err != nil {
		return err
	}
	now, err := h.store.Outbox.Hear(ctx, w.thread, w.seq, w.delivery, w.news)
	if err != nil {
		return err
	}
	if !now.At.Equal(j.At) {
		h.live.Delivery(ctx, now)
	}
	return nil
}

// note writes a fact for each recipient whom the news has newly lost or angered.
func (h *handler) note(ctx context.Context, w word, before, after inbox.Delivery) error {
	message := ""
	for i, r := range after.Recipients {
		if r == before.Recipients[i] || !r.Lost() && r.State != "complained" {
			continue
		}
		if message == "" {
			var err error
			if message, err = h.message(ctx, w); err != nil {
				return err
			}
		}
		commit, err := h.store.Threads.Do(ctx, w.thread, key(w, r), func(t inbox.Thread) (inbox.Decision, error) {
			if r.State == "complained" {
				return t.Complain(system, events.MessageComplained{Message: message, Sent: w.seq, Delivery: w.delivery, Address: r.Address, Kind: w.kind})
			}
			return t.Bounce(system, events.MessageBounced{
				Message: message, Sent: w.seq, Delivery: w.delivery, Address: r.Address, Doubtful: r.Doubtful, Kind: kind(w, r), Reason: r.Reason,
			})
		})
		if err != nil {
			return err
		}
		h.live.Committed(ctx, commit)
	}
	return nil
}

// kind is what a bounce fact says: our own word where SES did not try.
func kind(w word, r inbox.Recipient) string {
	if r.State == "suppressed" {
		return r.State
	}
	return w.kind
}

// key makes a fact happen once for each state of each address of a delivery.
func key(w word, r inbox.Recipient) string {
	state := r.State
	if r.Doubtful {
		state = "doubtful"
	}
	sum := sha256.Sum256([]byte(strings.ToLower(r.Address)))
	return "mailstatus:" + w.delivery + ":" + state + ":" + hex.EncodeToString(sum[:8])
}

// message is the id of the message that a delivery carries.
func (h *handler) message(ctx context.Context, w word) (string, error) {
	log, err := h.store.Threads.Entries(ctx, w.thread, w.seq, w.seq)
	if err != nil {
		return "", err
	}
	if len(log) == 0 {
		return "", fault.New(fault.NotFound, "The message is not there any more.")
	}
	e, err := inbox.EntryOf(log[0])
	if err != nil {
		return "", err
	}
	if e.Sent == nil {
		return "", fault.New(fault.NotFound, "This entry is no message of ours.")
	}
	return e.Sent.Message, nil
}
