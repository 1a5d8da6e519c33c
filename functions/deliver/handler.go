package deliver

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"parley/events"
	"parley/shared/blob"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/mailer"
	"parley/shared/secret"
	"parley/shared/store"
	"parley/shared/table/image"
)

type handler struct {
	store  *store.Store
	files  blob.Bucket
	mailer mailer.Mailer
	live   *live.Live
	signer *email.Signer
	now    func() time.Time
	newID  func() string
	origin string // of the pages, for links in notices
}

// New puts the function together.
func New(c *host.Cloud) (host.Handler, error) {
	h := &handler{
		files:  c.Blob(c.Env("PARLEY_BUCKET_FILES")),
		mailer: c.Mailer(c.Env("PARLEY_SES_CONFIGURATION_SET")),
		now:    c.Now, newID: c.NewID,
		origin: strings.TrimRight(c.Env("PARLEY_ORIGIN"), "/"),
	}
	h.store = store.Open(c.Table, store.Names{
		Threads: c.Env("PARLEY_TABLE_THREADS"), Outbox: c.Env("PARLEY_TABLE_OUTBOX"),
		Settings: c.Env("PARLEY_TABLE_SETTINGS"), Sockets: c.Env("PARLEY_TABLE_SOCKETS"),
	}, c.Now, c.NewID)
	h.live = live.New(h.store, c.Push(c.Env("PARLEY_SOCKETS_URL")))
	domain := strings.ToLower(c.Env("PARLEY_MAIL_DOMAIN"))
	key, err := c.Secret(c.Env("PARLEY_SECRETS")).Key(context.Background(), secret.MailSigningKey)
	if err != nil {
		return nil, err
	}
	h.signer = email.NewSigner(key, domain)
	return host.Stream(h.record), nil
}

// record finds out which thread is owed something.
func (h *handler) record(ctx context.Context, r host.Record) error {
	it, err := image.Decode(r.Change.New)
	var job store.Job
	var mail store.NoticeMail
	if err == nil && it != nil && json.Unmarshal(it.Doc, &mail) == nil && mail.Kind == store.NoticeKind {
		return h.notice(ctx, mail.User, mail.Thread)
	}
	if err == nil && it != nil {
		err = json.Unmarshal(it.Doc, &job)
	}
	if err != nil { // the job stays in the table and is due: sweep brings it again
		host.From(ctx).Error("record cannot be read", "id", r.EventID, "error", err)
		return nil
	}
	if job.Kind != inbox.JobMail || job.Thread == "" {
		return nil
	}
	from := int64(0)
	if job.Try > 0 {
		from = job.Seq
	}
	return h.work(ctx, job.Thread, from)
}

// work does what a thread's outbox owes, if nobody else is at it. from is the seq of a delivery that is tried again.
func (h *handler) work(ctx context.Context, thread string, from int64) error {
	for ; ; from = 0 {
		lease, ok, err := h.store.Outbox.Lease(ctx, thread, h.newID(), from)
		if err != nil || !ok {
			return err
		}
		failed := h.owed(ctx, lease)
		more, err := lease.Release(context.WithoutCancel(ctx))
		if failed != nil {
			return failed
		}
		if err != nil || !more {
			return err
		}
	}
}

// shift is how long one lease is worked on before it is renewed: with one more send it ends before the lease does.
const shift = limit.SendLease / 3

// owed goes through the thread's unfinished jobs in order. Its error is that of a state that could not be written.
func (h *handler) owed(ctx context.Context, lease *store.Lease) error {
	began := h.now()
	jobs, err := lease.Owed(ctx)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		due := !j.Due.After(h.now())
		switch {
		case !due && (j.State == inbox.DeliveryHeld || j.State == inbox.DeliveryPending && !j.Ready):
			return nil // it waits, and those behind it with it
		case j.State == inbox.DeliveryHeld || j.State == inbox.DeliveryPending:
			j, err = h.send(ctx, lease, j)
		case !due:
			continue // in doubt, and its time has not come
		case j.State == inbox.DeliverySending:
			j, err = lease.Unknown(ctx, j, "The worker stopped while it was sending.")
		case j.Doubt > 1:
			j, err = h.failed(ctx, lease, j, inbox.InDoubt, "Twice we could not tell whether this message was sent. It may have arrived: please check before you send it again.")
		default:
			j, err = h.send(ctx, lease, j)
		}
		if err != nil {
			return err
		}
		h.live.Delivery(ctx, j.Delivery)
		if j.State == inbox.DeliveryPending || h.now().Sub(began) > shift {
			return nil
		}
	}
	return nil
}

// send tries one job and writes what came of it.
func (h *handler) send(ctx context.Context, lease *store.Lease, j store.Job) (store.Job, error) {
	m, err := h.compose(ctx, j)
	if err != nil { // nothing was sent
		j.Attempts++
		return h.refused(ctx, lease, j, inbox.Unwritable, err)
	}
	if j, err = lease.Sending(ctx, j); err != nil || j.State != inbox.DeliverySending {
		return j, err
	}
	h.live.Delivery(ctx, j.Delivery)
	calling, cancel := context.WithTimeout(ctx, limit.SendTimeout)
	id, err := h.mailer.Send(calling, m)
	cancel()
	ctx = context.WithoutCancel(ctx) // what the carrier said must be written even if we are being stopped
	if err != nil && fault.CodeOf(err) == fault.Internal {
		host.From(ctx).Warn("send is in doubt", "delivery", j.ID, "error", err)
		return lease.Unknown(ctx, j, "We could not tell whether the mail system took this message.")
	}
	defer h.health(ctx, m.Tags["account"], err) // after the job: a crash before the job is written sends the mail twice
	if err != nil {
		return h.refused(ctx, lease, j, inbox.CarrierRefused, err)
	}
	return h.sent(ctx, lease, j, id)
}

// health notes whether the carrier takes mail of an account. The job is what counts: a note that cannot be written is left out.
func (h *handler) health(ctx context.Context, account string, said error) {
	var err error
	switch {
	case said == nil:
		err = h.store.Settings.Sent(ctx, account)
	case fault.Is(said, fault.Invalid):
		err = h.store.Settings.Refused(ctx, account, fault.MessageOf(said))
	}
	if err != nil {
		host.From(ctx).Warn("health of the account", "account", account, "error", err)
	}
}

// sent makes answers that name the carrier's id find the thread, then ends the job. If the claim cannot be written the job ends all the
// same: answers find the thread by the reply address and our signed id in References too, but nothing undoes a mail sent twice.
func (h *handler) sent(ctx context.Context, lease *store.Lease, j store.Job, id string) (store.Job, error) {
	claim := store.CarrierClaim(id)
	missed := h.store.Threads.Claim(ctx, claim, j.Thread, j.Seq)
	j, err := lease.Sent(ctx, j, id)
	if missed != nil && err == nil {
		missed = h.store.Threads.Claim(ctx, claim, j.Thread, j.Seq)
	}
	if missed != nil {
		host.From(ctx).Error("claim of the carrier's id", "delivery", j.ID, "error", missed)
	}
	return j, err
}

// refused puts a job off if another try may help, or ends it; code says why.
func (h *handler) refused(ctx context.Context, lease *store.Lease, j store.Job, code inbox.Reason, cause error) (store.Job, error) {
	kind := fault.CodeOf(cause)
	switch kind {
	case fault.Internal:
		host.From(ctx).Error("message cannot be read", "delivery", j.ID, "error", cause)
	case fault.Busy: // load passes; a missing right does not, and nothing else would name it
		host.From(ctx).Warn("the mail system takes no mail now", "delivery", j.ID, "attempt", j.Attempts, "error", cause)
	}
	if kind != fault.Busy && kind != fault.Internal {
		return h.failed(ctx, lease, j, code, fault.MessageOf(cause))
	}
	if j.Attempts < limit.SendAttempts {
		return lease.Later(ctx, j, h.now().Add(backoff(j.Attempts)), fault.MessageOf(cause))
	}
	return h.failed(ctx, lease, j, inbox.CarrierBusy, fault.MessageOf(cause))
}

// failed ends a job. The thread hears of it first: a crash in between repeats the facts, under their key, and finds them done.
func (h *handler) failed(ctx context.Context, lease *store.Lease, j store.Job, code inbox.Reason, reason string) (store.Job, error) {
	err := h.tell(ctx, j, code, reason)
	switch fault.CodeOf(err) {
	case fault.Internal, fault.Busy:
		return j, err
	}
	return lease.Failed(ctx, j, code, reason) // what is gone needs no facts
}

// system is who notes that a message was not sent.
var system = events.Actor{Kind: events.System, ID: "deliver"}

// tell notes in the thread whom the job did not reach.
func (h *handler) tell(ctx context.Context, j store.Job, code inbox.Reason, reason string) error {
	f, err := h.fact(ctx, j)
	if err != nil {
		return err
	}
	c, err := h.store.Threads.Do(ctx, j.Thread, fmt.Sprintf("deliver:%s:%d", j.ID, j.Try), func(t inbox.Thread) (d inbox.Decision, err error) {
		for _, r := range j.Recipients {
			if !j.Owes(r) {
				continue
			}
			one, err := t.Bounce(system, events.MessageBounced{
				Message: f.Message, Sent: j.Seq, Delivery: j.ID, Address: r.Address, Kind: "failed", Reason: reason, Code: string(code),
			})
			if err != nil {
				return d, err
			}
			d, t.Status = d.Then(one), inbox.Open // the first one reopened it
		}
		return d, nil
	})
	if err == nil {
		h.live.Committed(ctx, c)
	}
	return err
}

// backoff is the pause after the nth attempt.
func backoff(n int) time.Duration {
	return min(limit.SendBackoff<<max(min(n-1, 20), 0), limit.SendBackoffMost)
}
