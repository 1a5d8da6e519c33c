package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/shared/blob"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/secret"
	"parley/shared/store"
)

type handler struct {
	store  *store.Store
	mail   blob.Bucket
	files  blob.Bucket
	live   *live.Live
	signer *email.Signer
	domain string
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	h := &handler{
		mail:   c.Blob(c.Env("PARLEY_BUCKET_MAIL")),
		files:  c.Blob(c.Env("PARLEY_BUCKET_FILES")),
		domain: strings.ToLower(c.Env("PARLEY_MAIL_DOMAIN")),
	}
	h.store = store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Assignments: c.Env("PARLEY_TABLE_ASSIGNMENTS"), Outbox: c.Env("PARLEY_TABLE_OUTBOX"), Contacts: c.Env("PARLEY_TABLE_CONTACTS"),
		Settings: c.Env("PARLEY_TABLE_SETTINGS"), Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)
	h.live = live.New(h.store, c.Push(c.Env("PARLEY_SOCKETS_URL")))
	key, err := c.Secret(c.Env("PARLEY_SECRETS")).Key(context.Background(), secret.MailSigningKey)
	if err != nil {
		return nil, err
	}
	h.signer = email.NewSigner(key, h.domain)
	return host.Queue(h.handle), nil
}

// incoming is one received mail, read.
type incoming struct {
	notification
	source string // the notification as it came
	house  house
	size   int
	msg    email.Message
}

// handle takes one message of the queue: a mail that came, or one that is to be run again.
func (h *handler) handle(ctx context.Context, m host.QueueMessage) error {
	if err := h.store.Settings.Birth(ctx, h.domain); err != nil {
		return err
	}
	if id := reprocess(m.Body); id != "" {
		return h.again(ctx, id)
	}
	n, ok, err := readNotification(m.Body)
	if err != nil || !ok {
		return err
	}
	units, err := h.accept(ctx, n)
	if err != nil {
		return err
	}
	return h.deal(ctx, n, m.Body, units)
}

// again runs a mail in quarantine once more: at the address for which it is there, whoever has that now.
func (h *handler) again(ctx context.Context, id string) error {
	row, err := h.store.Quarantine.Get(ctx, id)
	if fault.Is(err, fault.NotFound) || row.State == store.QuarantineResolved {
		return nil // somebody was faster
	}
	if err != nil {
		return err
	}
	n := notificationOf(row)
	boxes, err := h.mailboxes(ctx, n.Receipt.Recipients)
	if err != nil {
		return err
	}
	units := make([]unit, len(boxes))
	for i, box := range boxes {
		if row.Arrival == "" { // of an older build: it is counted from now on
			units[i], err = h.arrive(ctx, n, box)
			units[i].arrival.Parked = row.ID
		} else {
			units[i].box = box
			units[i].arrival, err = h.store.Ledger.Arrival(ctx, row.Arrival)
		}
		if err != nil {
			return err
		}
	}
	return h.deal(ctx, n, row.Notification, units)
}

// unit is a mail at one mailbox: what is decided and counted once.
type unit struct {
	box     mailbox // without an account if the address is nobody's
	arrival store.Arrival
}

// accept finds the mailboxes of a mail and counts it in each of them, before anything can go wrong with it.
func (h *handler) accept(ctx context.Context, n notification) ([]unit, error) {
	boxes, err := h.mailboxes(ctx, n.Receipt.Recipients)
	if err != nil {
		return nil, err
	}
	units := make([]unit, len(boxes))
	for i, box := range boxes {
		if units[i], err = h.arrive(ctx, n, box); err != nil {
			return nil, err
		}
	}
	return units, nil
}

// arrive counts a mail at one mailbox.
func (h *handler) arrive(ctx context.Context, n notification, box mailbox) (unit, error) {
	name := store.MailArrival(box.account.ID, n.Mail.ID)
	if box.stray() {
		name = store.StrayArrival(box.address, n.Mail.ID)
	}
	arrival, err := h.store.Ledger.Accept(ctx, name, box.account.ID, n.at)
	return unit{box, arrival}, err
}

// deal reads the mail and decides about it at each mailbox. Mailboxes do not hinder each other.
func (h *handler) deal(ctx context.Context, n notification, source string, units []unit) error {
	house, err := h.house(ctx)
	if err != nil {
		return err
	}
	raw, _, err := h.mail.Get(ctx, n.Receipt.Action.Key)
	in := &incoming{notification: n, source: source, house: house, size: len(raw)}
	var failed error
	if fault.Is(err, fault.Invalid) { // larger than any mail can be: nothing will ever read it
		for _, u := range units {
			failed = errors.Join(failed, h.park(ctx, in, u, fault.MessageOf(err)))
		}
		return failed
	}
	if err != nil {
		return err
	}
	in.msg = email.Parse(raw)
	for _, u := range units {
		failed = errors.Join(failed, h.receive(ctx, in, u))
	}
	return failed
}

// park puts a mail into quarantine, once for each mailbox.
func (h *handler) park(ctx context.Context, in *incoming, u unit, reason string) error {
	host.From(ctx).Info("quarantine", "mail", in.Mail.ID, "account", u.box.account.ID, "reason", reason)
	id := in.Mail.ID + "." + u.box.account.ID
	if u.box.stray() {
		sum := sha256.Sum256([]byte(u.box.address))
		id = in.Mail.ID + ".stray." + hex.EncodeToString(sum[:4])
	}
	if u.arrival.Parked != "" {
		id = u.arrival.Parked
	}
	return h.store.Ledger.Settle(ctx, u.arrival, store.Settled{Outcome: store.Parked, Park: &store.Quarantined{
		ID: id, Reason: reason, From: cutRunes(shownSender(in.msg), limit.SubjectRunes), To: []string{u.box.address},
		Subject: subject(in.msg), Size: int64(in.size), At: in.at, Raw: in.Receipt.Action.Key,
		Account: u.box.account.ID, Arrival: u.arrival.Name, Notification: in.source,
	}})
}

func shownSender(m email.Message) string {
	if m.From.Email == "" {
		return m.From.Name
	}
	return m.From.Email
}

// mailbox is one account a mail came to, and the thread if it came to a reply address; or an address of ours that is nobody's.
type mailbox struct {
	account inbox.Account
	address string // as the envelope has it
	thread  string // "" unless address is a valid reply address
}

func (b mailbox) stray() bool { return b.account.ID == "" }

// mailboxes sorts the envelope's recipients (rule 1): one mailbox for each account, the reply address before the plain one, and one for each
// address of our domains that is nobody's. What is not of our domains is not ours to judge, unless there is nothing else.
func (h *handler) mailboxes(ctx context.Context, recipients []string) (boxes []mailbox, err error) {
	for _, r := range recipients {
		address := strings.ToLower(strings.Trim(strings.TrimSpace(r), "<>"))
		if taken, err := h.taken(ctx, address); err != nil {
			return nil, err
		} else if !taken {
			continue
		}
		box, err := h.mailbox(ctx, address)
		if fault.Is(err, fault.NotFound) {
			box, err = mailbox{address: address}, nil
		}
		if err != nil {
			return nil, err
		}
		boxes = add(boxes, box)
	}
	if len(boxes) == 0 {
		boxes = []mailbox{{address: strings.ToLower(strings.Join(recipients[:min(len(recipients), 1)], ""))}}
	}
	return boxes, nil
}

// add keeps one mailbox for each account: the first reply address, or else the first address.
func add(boxes []mailbox, box mailbox) []mailbox {
	for i := range boxes {
		if boxes[i].account.ID != box.account.ID || box.stray() && boxes[i].address != box.address {
			continue
		}
		if boxes[i].thread == "" && box.thread != "" {
			boxes[i] = box
		}
		return boxes
	}
	return append(boxes, box)
}

// mailbox finds whose address it is: a reply address leads to its thread's account, support+anything@ to support@ (RFC 5233).
func (h *handler) mailbox(ctx context.Context, address string) (mailbox, error) {
	if thread, ok := h.signer.ThreadOfAddress(address); ok {
		head, err := h.store.Threads.Head(ctx, thread)
		if err != nil {
			return mailbox{}, err
		}
		account, err := h.store.Settings.Account(ctx, head.Account)
		return mailbox{account: account, address: address, thread: thread}, err
	}
	account, err := h.store.Settings.AccountByAddress(ctx, address)
	if local, _, tagged := strings.Cut(address, "+"); fault.Is(err, fault.NotFound) && tagged {
		account, err = h.store.Settings.AccountByAddress(ctx, local+address[strings.LastIndexByte(address, '@'):])
	}
	return mailbox{account: account, address: address}, err
}

// ours reports whether an address is of our mail domain.
func (h *handler) ours(address string) bool { return strings.HasSuffix(address, "@"+h.domain) }

// idFrom makes an id that looks like host.NewID's out of when and what, so that the same mail gets the same id again.
func idFrom(at time.Time, what ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(what, "\x00")))
	var id ulid.ULID
	_ = id.SetTime(uint64(max(at.UnixMilli(), 0))) // fails behind the year 10889: then the time is 0
	copy(id[6:], sum[:])
	return strings.ToLower(id.String())
}
