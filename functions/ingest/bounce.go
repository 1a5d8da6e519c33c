package ingest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

// system is who notes what a mail says of a message of ours.
var system = events.Actor{Kind: events.System, ID: "ingest"}

// report takes what a mail system says of a message of ours to that message (rules 6 and 7): a bounce or a complaint becomes news of its
// delivery. What does not say enough for that, and the receipt of somebody who has read it, is shown on the thread. It never begins one.
func (h *handler) report(ctx context.Context, in *incoming, u unit, m match) error {
	r := in.msg.Report
	of, err := h.about(ctx, u, r)
	if err != nil {
		return err
	}
	if of.Thread == "" {
		of.Thread = m.thread
	}
	if of.Thread == "" {
		return fault.New(fault.Invalid, "%s without a message of ours", map[email.ReportKind]string{
			email.ReportBounce: "a bounce", email.ReportComplaint: "a complaint", email.ReportReceipt: "a read receipt",
		}[r.Kind])
	}
	if of.Seq == 0 {
		if of.Seq, err = h.guess(ctx, of.Thread, r); err != nil {
			return err
		}
	}
	done, err := h.hear(ctx, in, of, r)
	if err != nil {
		return err
	}
	if done {
		return h.store.Ledger.Settle(ctx, u.arrival, store.Settled{Outcome: store.Threaded, Thread: of.Thread, Seq: of.Seq})
	}
	if m.settled = true; m.thread == "" {
		m.thread, m.why = of.Thread, events.Why{Rule: "report", Inputs: map[string]string{"messageId": r.Original.MessageID}}
	}
	return h.letter(ctx, in, u, m)
}

// about finds the message of ours that a report speaks of: by an id that we signed, wherever the report has it, or by the one that SES gave it.
// An id that only leads to the thread gives no Seq.
func (h *handler) about(ctx context.Context, u unit, r *email.Report) (store.Claim, error) {
	ids := []string{r.Original.Loop, r.Original.MessageID}
	for _, id := range slices.Backward(r.Original.References) {
		ids = append(ids, id)
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	ids = ids[:min(len(ids), maxReferences)]
	for _, id := range ids {
		if c, err := h.signed(ctx, id); err != nil || c.Thread != "" {
			return c, err
		}
	}
	var look []string
	for _, id := range ids {
		look = append(look, store.MessageIDClaim(u.box.account.ID, id))
		if name := carrierClaim(id); name != "" {
			look = append(look, name)
		}
	}
	found, err := h.store.Threads.ByClaims(ctx, look...)
	if err != nil {
		return store.Claim{}, err
	}
	for _, id := range ids {
		if name := carrierClaim(id); has(found, name) {
			return found[name], nil
		}
	}
	for _, id := range ids {
		if name := store.MessageIDClaim(u.box.account.ID, id); has(found, name) {
			return store.Claim{Thread: found[name].Thread}, nil
		}
	}
	return store.Claim{}, nil
}

// signed is the entry of a message by the id that we gave it.
func (h *handler) signed(ctx context.Context, id string) (store.Claim, error) {
	thread, message, ok := h.signer.EntryOfMessageID(id)
	if !ok {
		return store.Claim{}, nil
	}
	head, err := h.store.Threads.Head(ctx, thread)
	if fault.Is(err, fault.NotFound) {
		return store.Claim{}, nil
	}
	if err != nil {
		return store.Claim{}, err
	}
	seq, err := h.store.Threads.SeqOf(ctx, head, message)
	return store.Claim{Thread: thread, Seq: seq}, err
}

// How many of a thread's newest messages may be meant by a report that names none.
const guesses = 20

// guess finds the newest message of a thread that went to somebody whom the report names; 0 if there is none.
func (h *handler) guess(ctx context.Context, thread string, r *email.Report) (int64, error) {
	list, err := h.store.Outbox.Latest(ctx, thread, guesses)
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		for _, p := range r.Recipients {
			if goesTo(d, p.Address) != "" {
				return d.Seq, nil
			}
		}
	}
	return 0, nil
}

// goesTo is the address of a delivery that a report means; "" if it is none.
func goesTo(d inbox.Delivery, address string) string {
	if normal, err := email.NormaliseAddress(address); err == nil {
		address = normal
	}
	for _, r := range d.Recipients {
		if strings.EqualFold(r.Address, address) {
			return r.Address
		}
	}
	return ""
}

// hear tells the delivery what a report says. done is false if it says nothing of it that could be told.
func (h *handler) hear(ctx context.Context, in *incoming, of store.Claim, r *email.Report) (done bool, err error) {
	if of.Seq == 0 {
		return false, nil
	}
	job, err := h.store.Outbox.Get(ctx, of.Thread, of.Seq)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, w := range words(in, r, job.Delivery) {
		heard, err := h.store.Hear(ctx, of.Thread, of.Seq, w)
		for _, c := range heard.Commits {
			h.live.Committed(ctx, c)
		}
		if heard.Changed {
			h.live.Delivery(ctx, heard.Delivery)
		}
		if err != nil {
			return false, err
		}
		done = true
	}
	host.From(ctx).Info("report", "mail", in.Mail.ID, "kind", r.Kind, "thread", of.Thread, "entry", of.Seq, "heard", done)
	return done && r.Kind != email.ReportReceipt, nil // that somebody has read it, only the thread can show
}

// words are what a report says of a delivery, one word for each of its recipients.
func words(in *incoming, r *email.Report, d inbox.Delivery) []inbox.Word {
	var out []inbox.Word
	for _, p := range meant(in.msg, r, d) {
		w := inbox.Word{By: system, Raw: in.Receipt.Action.Key, News: inbox.News{Unsure: true}}
		said := inbox.Recipient{Address: p.Address, Reason: cutRunes(cmp.Or(p.Diagnostic, p.Status), limit.SubjectRunes)}
		switch {
		case r.Kind == email.ReportComplaint:
			said.State, w.Kind, said.Reason, said.Code = "complained", r.Feedback, r.Feedback, inbox.CalledSpam
		case r.Kind == email.ReportReceipt, p.Action == "delivered":
			said.State, said.Reason = "delivered", ""
		case p.Action == "delayed":
			said.State, said.Code = "delayed", inbox.ReasonOf("Delay/General", p.Status, p.Diagnostic)
		case p.Action == "failed":
			said.State, w.Kind, said.Doubtful = "bounced", kindOf(p.Status), len(r.Recipients) == 0
			said.Reason, said.Code = cmp.Or(said.Reason, w.Kind), inbox.ReasonOf("", p.Status, p.Diagnostic)
		default: // relayed, expanded: nobody can tell
			continue
		}
		w.News.Recipients = []inbox.Recipient{said}
		out = append(out, w)
	}
	return out
}

// kindOf is what SES calls a bounce of this status (RFC 3463).
func kindOf(status string) string {
	switch {
	case status == "":
		return "Undetermined/Undetermined"
	case strings.HasPrefix(status, "4"):
		return "Transient/" + status
	}
	return "Permanent/" + status
}

// meant are the recipients of a delivery that a report speaks of. One who was reached at another address in the end is found by being the only
// one, or by being named in the report's text.
func meant(m email.Message, r *email.Report, d inbox.Delivery) []email.Reported {
	var out []email.Reported
	for _, p := range r.Recipients {
		if address := goesTo(d, p.Address); address != "" {
			p.Address = address
			out = append(out, p)
		}
	}
	if len(out) > 0 {
		return out
	}
	one := email.Reported{Action: "failed"}
	if len(r.Recipients) > 0 {
		one = r.Recipients[0]
	}
	text := strings.ToLower(m.Text)
	for _, to := range d.Recipients {
		if len(d.Recipients) == 1 || strings.Contains(text, strings.ToLower(to.Address)) {
			one.Address = to.Address
			out = append(out, one)
		}
	}
	return out
}
