package ingest

import (
	"context"
	"strings"

	"parley/events"
	"parley/shared/email"
	"parley/shared/inbox"
	"parley/shared/store"
)

// apart says that a mail found a thread and is under another subject: it has to be asked whether it is of another matter.
type apart struct{ from inbox.Thread }

func (*apart) Error() string { return "ingest: another subject" }

// another reports whether a mail is under another subject than the thread it answers to. Programs write subjects of their own around ours, and
// no subject says nothing.
func another(in *incoming, who sender, t inbox.Thread) bool {
	subject := email.NormaliseSubject(in.msg.Subject)
	return subject != "" && automatic(in, who) == "" && !strings.EqualFold(subject, email.NormaliseSubject(t.Subject))
}

// How many of a thread's newest entries are looked through for a subject.
const splitLooks = 50

// split decides where a mail under another subject belongs (rule 13): a matter of its own if the old one is over, and then every later mail of
// it, too, whatever it answers to. Otherwise it stays where it was found.
func (h *handler) split(ctx context.Context, in *incoming, u unit, m match, old inbox.Thread) (match, error) {
	subject := email.NormaliseSubject(in.msg.Subject)
	claim := store.SplitClaim(old.ID, subject)
	found, err := h.store.Threads.ByClaims(ctx, claim)
	if err != nil {
		return m, err
	}
	m.settled = true
	m.why.Inputs["split"] = subject
	if c, ok := found[claim]; ok {
		m.thread, m.origin = c.Thread, old.ID
		return m, nil
	}
	if same, err := h.hadSubject(ctx, old, subject); err != nil || same || !old.Stale(in.at) {
		delete(m.why.Inputs, "split")
		return m, err
	}
	m.thread, m.origin, m.claims = "", old.ID, append(m.claims, claim)
	return m, nil
}

// hadSubject reports whether a thread has come to another subject on its way: then that is no other matter.
func (h *handler) hadSubject(ctx context.Context, t inbox.Thread, subject string) (bool, error) {
	log, err := h.store.Threads.Entries(ctx, t.ID, max(1, t.Seq-splitLooks+1), t.Seq)
	if err != nil {
		return false, err
	}
	for _, e := range log {
		f, err := e.Open()
		if err != nil {
			return false, err
		}
		had := ""
		switch f := f.(type) {
		case events.MessageReceived:
			had = f.Subject
		case events.MessageSent:
			had = f.Subject
		}
		if strings.EqualFold(subject, email.NormaliseSubject(had)) {
			return true, nil
		}
	}
	return false, nil
}
