package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// Devices holds the browsers that users want to be told on while no page is open, and what is owed to them.
type Devices struct{ base }

// Device is a browser that takes pushes: its PushSubscription.
type Device struct {
	User     string    `json:"user"`
	Name     string    `json:"name"` // as its user knows it
	Endpoint string    `json:"endpoint"`
	P256dh   string    `json:"p256dh"`
	Auth     string    `json:"auth"`
	At       time.Time `json:"at"`
}

// ID names a device.
func (d Device) ID() string { return DeviceID(d.Endpoint) }

type ownerDoc struct {
	User string `json:"user"`
}

// Of returns a user's devices, the newest first.
func (s *Devices) Of(ctx context.Context, user string) ([]Device, error) {
	page, err := s.t.Query(ctx, table.Query{
		Table: s.n.Outbox, PK: pushKeys.PK(user), From: deviceSK, To: deviceSK + "~", Limit: 2 * limit.Devices, Consistent: true,
	})
	if err != nil {
		return nil, err
	}
	out := make([]Device, len(page.Items))
	for i := range page.Items {
		if err := decode(&page.Items[i], &out[i]); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b Device) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Endpoint, b.Endpoint)) })
	return out, nil
}

// Keep adds a device, or what is new of one. A browser is of the user who came last; of more than limit.Devices the oldest goes.
func (s *Devices) Keep(ctx context.Context, d Device) error {
	return retry(ctx, limit.CommitBudget, func() error {
		had, err := s.Of(ctx, d.User)
		if err != nil {
			return err
		}
		owner, err := s.one(ctx, s.n.Outbox, pushKeys.Owner(d.Endpoint))
		if err != nil {
			return err
		}
		keep, err := put(s.n.Outbox, table.Any(), pushKeys.Device(d.User, d.Endpoint), d)
		if err != nil {
			return err
		}
		cond := table.Absent()
		ops := []table.Op{keep}
		if owner != nil {
			var o ownerDoc
			if err := decode(owner, &o); err != nil {
				return err
			}
			if cond = table.RevIs(owner.Rev); o.User != d.User {
				ops = append(ops, s.drop(pushKeys.Device(o.User, d.Endpoint)))
			}
		}
		own, err := put(s.n.Outbox, cond, pushKeys.Owner(d.Endpoint), ownerDoc{d.User})
		if err != nil {
			return err
		}
		ops = append(ops, own)
		had = slices.DeleteFunc(had, func(o Device) bool { return o.Endpoint == d.Endpoint })
		for _, old := range had[min(len(had), limit.Devices-1):] {
			ops = append(ops, s.drop(pushKeys.Device(old.User, old.Endpoint)), s.drop(pushKeys.Owner(old.Endpoint)))
		}
		return s.t.Transact(ctx, ops...)
	})
}

func (s *Devices) drop(k table.Key) table.Op {
	return table.Op{Table: s.n.Outbox, Verb: table.Delete, Item: table.Item{Key: k}}
}

// Forget takes a user's device away; one that is not there is forgotten already.
func (s *Devices) Forget(ctx context.Context, user, id string) error {
	had, err := s.Of(ctx, user)
	if err != nil {
		return err
	}
	for _, d := range had {
		if d.ID() == id {
			return s.t.Transact(ctx, s.drop(pushKeys.Device(user, d.Endpoint)), s.drop(pushKeys.Owner(d.Endpoint)))
		}
	}
	return nil
}

// ForgetAll takes all of a user's devices away.
func (s *Devices) ForgetAll(ctx context.Context, user string) error {
	had, err := s.Of(ctx, user)
	if err != nil || len(had) == 0 {
		return err
	}
	var ops []table.Op
	for _, d := range had {
		ops = append(ops, s.drop(pushKeys.Device(user, d.Endpoint)), s.drop(pushKeys.Owner(d.Endpoint)))
	}
	return s.t.Transact(ctx, ops...)
}

// PushKind is how the outbox's stream tells pushes from deliveries.
const PushKind inbox.JobKind = "push"

// Push is one notice that is owed to one device.
type Push struct {
	Kind     inbox.JobKind `json:"kind"`
	Ready    bool          `json:"ready"` // true wakes callout through the stream's filter
	Device   Device        `json:"device"`
	Thread   string        `json:"thread"`
	Seq      int64         `json:"seq"`
	Told     Told          `json:"told"`
	Urgent   bool          `json:"urgent,omitempty"`
	At       time.Time     `json:"at"`
	Due      time.Time     `json:"due"`
	Attempts int           `json:"attempts,omitempty"`

	rev int64
}

// Told is what a device shows.
type Told struct {
	ID    string `json:"id"` // of the entry: what comes twice is shown once
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
	Path  string `json:"path"` // of the page that opens
}

func (p Push) key() table.Key { return pushKeys.Job(p.Device.User, p.Thread, p.Seq, p.Device.Endpoint) }

func (s *Devices) op(cond table.Cond, p Push) (table.Op, error) {
	op, err := put(s.n.Outbox, cond, p.key(), p)
	op.Item.Index = pushKeys.Due(p.Due, p.Device.ID()+"#"+p.Thread)
	return op, err
}

// Owed reads a push anew; ok is false if it is done.
func (s *Devices) Owed(ctx context.Context, p Push) (now Push, ok bool, err error) {
	it, err := s.one(ctx, s.n.Outbox, p.key())
	if err != nil || it == nil {
		return now, false, err
	}
	err = decode(it, &now)
	now.rev = it.Rev
	return now, err == nil, err
}

// Due returns pushes whose time has come, at most n.
func (s *Devices) Due(ctx context.Context, n int) ([]Push, error) {
	page, err := s.t.Query(ctx, table.Query{Table: s.n.Outbox, Index: indexDue, PK: pushKeys.DuePK, To: dueSK(s.now()), Limit: min(n, limit.BatchGetKeys)})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	keys := make([]table.Key, len(page.Items))
	for i, it := range page.Items {
		keys[i] = it.Key
	}
	items, err := s.t.Get(ctx, s.n.Outbox, true, keys...)
	if err != nil {
		return nil, err
	}
	var out []Push
	for _, it := range items {
		if it == nil {
			continue
		}
		var p Push
		if err := decode(it, &p); err != nil {
			return nil, err
		}
		if p.rev = it.Rev; !p.Due.After(s.now()) {
			out = append(out, p)
		}
	}
	return out, nil
}

// Set writes a push's state: when it is due, whether it is ready. ok is false if somebody else was faster.
func (s *Devices) Set(ctx context.Context, p Push) (ok bool, err error) {
	op, err := s.op(table.RevIs(p.rev), p)
	if err != nil {
		return false, err
	}
	err = s.t.Transact(ctx, op)
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return false, nil
	}
	return err == nil, err
}

// Done ends a push: it was told, or is not worth telling.
func (s *Devices) Done(ctx context.Context, p Push) error { return s.t.Transact(ctx, s.drop(p.key())) }

// Gone ends a push whose device takes none any more, and forgets the device.
func (s *Devices) Gone(ctx context.Context, p Push) error {
	d := p.Device
	err := s.t.Transact(ctx, s.drop(p.key()), s.drop(pushKeys.Device(d.User, d.Endpoint)))
	if err != nil {
		return err
	}
	owner, err := s.one(ctx, s.n.Outbox, pushKeys.Owner(d.Endpoint))
	if err != nil || owner == nil {
		return err
	}
	var o ownerDoc
	if err := decode(owner, &o); err != nil || o.User != d.User { // another's browser by now
		return err
	}
	err = s.t.Transact(ctx, table.Op{Table: s.n.Outbox, Verb: table.Delete, Cond: table.RevIs(owner.Rev), Item: table.Item{Key: owner.Key}})
	var c *table.Conflict
	if errors.As(err, &c) && !c.Throttled {
		return nil
	}
	return err
}

// Pushes are what a notice owes to devices.
func Pushes(devices []Device, n Notice, told Told, urgent bool, now time.Time) []Push {
	out := make([]Push, len(devices))
	for i, d := range devices {
		out[i] = Push{
			Kind: PushKind, Ready: true, Device: d, Thread: n.Thread, Seq: n.Seq, Told: told, Urgent: urgent, At: now.UTC(), Due: now.Add(limit.WakeAfter).UTC(),
		}
	}
	return out
}
