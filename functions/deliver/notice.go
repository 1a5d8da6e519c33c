package deliver

import (
	"cmp"
	"context"
	"strings"
	"time"

	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/mailer"
	"parley/shared/store"
)

// notice tells a user by mail of what they have not seen in a thread, if that is still so.
func (h *handler) notice(ctx context.Context, user, thread string) error {
	m, ok, err := h.store.Notices.Mail(ctx, user, thread)
	if err != nil || !ok || !m.Ready {
		return err
	}
	if m.Sending { // somebody was at it, and may have sent it
		return h.store.Notices.Done(ctx, m)
	}
	u, next, err := h.wanted(ctx, m)
	if err != nil {
		return err
	}
	switch {
	case u.ID == "":
		return h.store.Notices.Done(ctx, m)
	case next.After(h.now()):
		m.Ready, m.Due = false, next.UTC()
		_, err := h.store.Notices.Set(ctx, m)
		return err
	}
	env, err := h.noticeMail(ctx, m, u)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		host.From(ctx).Warn("a notice cannot be written", "thread", thread, "error", err)
		return h.store.Notices.Done(ctx, m)
	}
	if err != nil {
		return err
	}
	m.Ready, m.Sending, m.Due = false, true, h.now().Add(limit.SendLease).UTC()
	if ok, err := h.store.Notices.Set(ctx, m); err != nil || !ok {
		return err
	}
	calling, cancel := context.WithTimeout(ctx, limit.SendTimeout)
	_, err = h.mailer.Send(calling, env)
	cancel()
	if err != nil { // a notice is not worth telling twice: the list has it
		host.From(ctx).Warn("a notice was not mailed", "thread", thread, "error", err)
	}
	return h.store.Notices.Done(context.WithoutCancel(ctx), m)
}

// wanted is who is to be mailed and from when on; the zero User if nobody is: they have seen it, have no access any more, or are never to be
// disturbed.
func (h *handler) wanted(ctx context.Context, m store.NoticeMail) (store.User, time.Time, error) {
	none := store.User{}
	u, err := h.store.Settings.Who(ctx, m.User)
	if fault.Is(err, fault.NotFound) || err == nil && (u.Disabled || u.Email == "") {
		return none, time.Time{}, nil
	}
	if err != nil {
		return none, time.Time{}, err
	}
	newest, ok, err := h.store.Notices.Newest(ctx, u.ID, m.Thread)
	if err != nil || !ok {
		return none, time.Time{}, err
	}
	seen, err := h.store.Notices.Seen(ctx, u.ID)
	if err != nil {
		return none, time.Time{}, err
	}
	read, err := h.store.Threads.ReadSeqs(ctx, u.ID, []string{m.Thread})
	if err != nil {
		return none, time.Time{}, err
	}
	if !seen.Before(newest.At) || read[m.Thread] >= newest.Seq {
		return none, time.Time{}, nil
	}
	prefs, err := h.store.Notices.Prefs(ctx, u.ID)
	if err != nil {
		return none, time.Time{}, err
	}
	now, next, ok := prefs.Disturbs(h.now())
	switch {
	case !ok:
		return none, time.Time{}, nil
	case now:
		next = h.now()
	}
	return u, next, nil
}

// words of the mails, by language.
var words = map[string]struct{ hint, link, why string }{
	"en": {"Something waits for you in this conversation.", "Open it:", "You get this because you have not seen it in the inbox. You can turn these mails off under Settings, Notifications."},
	"de": {"In dieser Unterhaltung wartet etwas auf dich.", "Hier öffnen:", "Du bekommst diese Mail, weil du es im Posteingang noch nicht gesehen hast. Unter Einstellungen, Benachrichtigungen kannst du sie abstellen."},
}

// noticeMail writes it. It names the thread and shows the newest line of it, unless its user wants no text shown.
func (h *handler) noticeMail(ctx context.Context, m store.NoticeMail, u store.User) (mailer.Envelope, error) {
	head, err := h.store.Threads.Head(ctx, m.Thread)
	if err != nil {
		return mailer.Envelope{}, err
	}
	access, err := h.store.Settings.Access(ctx, u)
	if err != nil {
		return mailer.Envelope{}, err
	}
	if !access.Sees(head.Inbox) {
		return mailer.Envelope{}, fault.New(fault.NotFound, "There is no such conversation.")
	}
	account, err := h.store.Settings.Fallback(ctx, head.Inbox)
	if err != nil {
		return mailer.Envelope{}, err
	}
	prefs, err := h.store.Notices.Prefs(ctx, u.ID)
	if err != nil {
		return mailer.Envelope{}, err
	}
	workspace, err := h.store.Settings.Workspace(ctx)
	if err != nil {
		return mailer.Envelope{}, err
	}
	w, ok := words[workspace.Language]
	if !ok {
		w = words["en"]
	}
	lines := []string{w.hint}
	if prefs.Text && head.Preview != "" {
		lines = []string{cmp.Or(head.PreviewBy.Name, head.Contact.Name, head.Contact.Address) + ": " + head.Preview}
	}
	lines = append(lines, "", w.link, h.origin+"/inbox/"+head.Inbox+"/open/"+head.ID, "", "-- ", w.why)
	text := strings.Join(lines, "\n")
	id := h.signer.MessageID(m.Thread, h.newID())
	raw, err := email.Compose(email.Outgoing{
		From: email.Address{Name: account.Name, Email: account.Address}, To: []email.Address{{Name: u.Name, Email: u.Email}},
		Subject: "[" + account.Name + "] " + inbox.Preview(cmp.Or(head.Subject, head.Preview)), Text: text, HTML: email.Page(email.HTMLOf(text)),
		MessageID: id, Date: h.now(), Headers: map[string]string{email.LoopHeader: id, "Auto-Submitted": "auto-generated"},
	})
	if err != nil {
		return mailer.Envelope{}, err
	}
	return mailer.Envelope{From: account.Address, To: []string{u.Email}, Raw: raw}, nil
}
