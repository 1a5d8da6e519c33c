package ingest

import (
	"context"
	"crypto/sha256"
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
		Threads: c.Env("PARLEY_TABLE_THREADS"), Outbox: c.Env("PARLEY_TABLE_OUTBOX"), Contacts: c.Env("PARLEY_TABLE_CONTACTS"),
		Settings: c.Env("PARLEY_TABLE_SETTINGS"), Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)
	h.live = live.New(h.store.Sockets, c.Push(c.Env("PARLEY_SOCKETS_URL")))
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
	size int
	msg  email.Message
}

// handle takes one mail for each of our mailboxes it came to. Mailboxes do not hinder each other.
func (h *handler) handle(ctx context.Context, m host.QueueMessage) error {
	n, ok, err := readNotification(m.Body)
	if err != nil || !ok {
		return err
	}
	if err := h.store.Settings.Birth(ctx, h.domain); err != nil {
		return err
	}
	raw, _, err := h.mail.Get(ctx, n.Receipt.Action.Key)
	if err != nil {
		return err
	}
	in := &incoming{notification: n, size: len(raw), msg: email.Parse(raw)}
	if reason := h.refuse(in); reason != "" {
		return h.park(ctx, in, "all", n.Receipt.Recipients, reason)
	}
	boxes, strays, err := h.mailboxes(ctx, n.Receipt.Recipients)
	if err != nil {
		return err
	}
	var failed error
	if len(strays) > 0 || len(boxes) == 0 {
		failed = h.park(ctx, in, "stray", strays, "no such mailbox")
	}
	for _, box := range boxes {
		err := h.take(ctx, in, box)
		if fault.Is(err, fault.Invalid) {
			err = h.park(ctx, in, box.account.ID, []string{box.address}, fault.MessageOf(err))
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// refuse says why a mail must not become a message at all: rules 2 (ours come back) and 3 (it goes round in circles).
func (h *handler) refuse(in *incoming) string {
	if _, ours := h.signer.ThreadOfMessageID(in.msg.Loop); ours {
		return "our own mail came back"
	}
	if in.msg.Hops > limit.MailReceivedHops {
		return "the mail goes round in circles"
	}
	return ""
}

// park puts a mail into quarantine, once for each mailbox (or "all", "stray").
func (h *handler) park(ctx context.Context, in *incoming, mailbox string, to []string, reason string) error {
	host.From(ctx).Info("quarantine", "mail", in.Mail.ID, "mailbox", mailbox, "reason", reason)
	at := in.Mail.Timestamp
	return h.store.Quarantine.Put(ctx, store.Quarantined{
		ID: in.Mail.ID + "." + mailbox, Reason: reason, From: cutRunes(sender(in.msg), limit.SubjectRunes), To: to[:min(len(to), limit.MailAddresses)],
		Subject: subject(in.msg), Size: int64(in.size), At: at, Raw: in.Receipt.Action.Key,
	})
}

func sender(m email.Message) string {
	if m.From.Email == "" {
		return m.From.Name
	}
	return m.From.Email
}

// mailbox is one account a mail came to, and the thread if it came to a reply address.
type mailbox struct {
	account inbox.Account
	address string // as the envelope has it
	thread  string // "" unless address is a valid reply address
}

// mailboxes sorts the envelope's recipients (rule 1): one mailbox for each account, the reply address before the plain one, and
// addresses of our domain that are nobody's. What is not of our domain is not ours to judge.
func (h *handler) mailboxes(ctx context.Context, recipients []string) (boxes []mailbox, strays []string, err error) {
	for _, r := range recipients {
		address := strings.ToLower(strings.Trim(strings.TrimSpace(r), "<>"))
		if !h.ours(address) {
			continue
		}
		box, err := h.mailbox(ctx, address)
		if fault.Is(err, fault.NotFound) {
			strays = append(strays, address)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		boxes = add(boxes, box)
	}
	return boxes, strays, nil
}

// add keeps one mailbox for each account: the first reply address, or else the first address.
func add(boxes []mailbox, box mailbox) []mailbox {
	for i := range boxes {
		if boxes[i].account.ID == box.account.ID {
			if boxes[i].thread == "" && box.thread != "" {
				boxes[i] = box
			}
			return boxes
		}
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
		account, err = h.store.Settings.AccountByAddress(ctx, local+"@"+h.domain)
	}
	return mailbox{account: account, address: address}, err
}

// idFrom makes an id that looks like host.NewID's out of when and what, so that the same mail gets the same id again.
func idFrom(at time.Time, what ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(what, "\x00")))
	var id ulid.ULID
	_ = id.SetTime(uint64(max(at.UnixMilli(), 0))) // fails behind the year 10889: then the time is 0
	copy(id[6:], sum[:])
	return strings.ToLower(id.String())
}
