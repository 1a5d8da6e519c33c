package turn

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"time"

	"parley/events"
	"parley/shared/bot"
	"parley/shared/chatflow"
	"parley/shared/clerk"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/people"
	"parley/shared/store"
)

// do does an effect and says what came of it. An error means that it is to be done again; what can never be done is a result.
func (h *handler) do(ctx context.Context, a at, e chatflow.Effect) (chatflow.Result, error) {
	r := chatflow.Result{Effect: e.ID}
	var err error
	switch e.Kind {
	case chatflow.DoContact:
		err = h.setContact(ctx, a, e)
	case chatflow.DoCompany:
		err = h.setCompany(ctx, a, e)
	case chatflow.DoList:
		err = h.list(ctx, a, e)
	case chatflow.DoConsent:
		err = h.consent(ctx, a, e)
	case chatflow.DoWebhook:
		r.Vars, err = h.outside.Webhook(ctx, a.head.ID, a.walk.Flow, e)
	case chatflow.DoTicket:
		r.Vars, err = h.ticket(ctx, a, e)
	case chatflow.DoArticle:
		r.Say, err = bot.LookUp(ctx, h.store, e.Text)
	case chatflow.DoCode:
		err = bot.Code(ctx, a.contact.ID, e, &r)
	default: // a newer build's
		err = fault.New(fault.Invalid, "This build does not know the effect %q.", e.Kind)
	}
	switch fault.CodeOf(err) {
	case "":
		return r, nil
	case fault.Internal, fault.Busy:
		return r, err
	}
	host.From(ctx).Info("bot: an effect failed", "thread", a.head.ID, "step", e.Step, "kind", e.Kind, "error", err)
	r.Failed = fault.MessageOf(err)
	return r, nil
}

// setContact writes an answer to the contact. An address or a number that somebody typed is a claim: it is shown, and leads nobody to anybody.
func (h *handler) setContact(ctx context.Context, a at, e chatflow.Effect) error {
	if a.contact.MergedInto != "" { // the team knows them by now; what somebody types in a browser changes nothing of that
		return fault.New(fault.Conflict, "The visitor was merged with a contact, whose data a bot does not change.")
	}
	by := bot.Actor(a.flow)
	switch e.Property {
	case "email", "name":
		address, name := e.Value, ""
		if e.Property == "name" {
			address, name = "", e.Value
		}
		c, err := h.store.Contacts.Introduce(ctx, a.contact.ID, address, name)
		if err != nil {
			return err
		}
		done, err := h.store.Threads.Do(ctx, a.head.ID, "", func(t inbox.Thread) (inbox.Decision, error) {
			return t.SetContact(by, c.Fact(), &events.Why{Rule: "typed"})
		})
		if err == nil {
			h.live.Committed(ctx, done)
		}
		return err
	case "phone":
		_, err := h.store.Contacts.Change(ctx, a.contact.ID, func(c people.Contact) (people.Contact, people.Line, error) {
			c, changes := c.Told(e.Value)
			return c, changed(by, changes), nil
		})
		return err
	}
	rules, _, err := clerk.Rules(ctx, h.store, people.ByToken)
	if err != nil {
		return err
	}
	_, err = h.store.Contacts.Change(ctx, a.contact.ID, func(c people.Contact) (people.Contact, people.Line, error) {
		c, changes, err := c.Edit(people.Edit{Props: map[string]string{e.Property: e.Value}}, rules)
		return c, changed(by, changes), err
	})
	return err
}

func changed(by events.Actor, changes []people.ContactChange) people.Line {
	if len(changes) == 0 {
		return people.Line{}
	}
	return people.Line{Kind: people.LineChanged, By: by, Changes: changes}
}

func (h *handler) setCompany(ctx context.Context, a at, e chatflow.Effect) error {
	if a.contact.Company == "" || a.contact.MergedInto != "" {
		return fault.New(fault.NotFound, "The contact is of no company.")
	}
	rules, _, err := clerk.Rules(ctx, h.store, people.ByToken)
	if err != nil {
		return err
	}
	_, err = h.store.Contacts.ChangeCompany(ctx, a.contact.Company, func(c people.Company) (people.Company, error) {
		return c.Edit(people.CompanyEdit{Props: map[string]string{e.Property: e.Value}}, rules)
	})
	return err
}

// list puts the contact on lists and takes it off others. One that is gone, or has conditions by now, fails, and the walk goes on.
func (h *handler) list(ctx context.Context, a at, e chatflow.Effect) error {
	if a.contact.MergedInto != "" { // as of a property: it is the team's contact that would be meant
		return fault.New(fault.Conflict, "The visitor was merged with a contact, whose lists a bot does not change.")
	}
	for _, id := range e.Add {
		if _, err := h.store.Contacts.Enlist(ctx, bot.Actor(a.flow), a.contact.ID, id); err != nil {
			return err
		}
	}
	for _, id := range e.Remove {
		if _, err := h.store.Contacts.Delist(ctx, bot.Actor(a.flow), a.contact.ID, id); err != nil {
			return err
		}
	}
	return nil
}

// ticket makes one of the conversation, once.
func (h *handler) ticket(ctx context.Context, a at, e chatflow.Effect) (map[string]string, error) {
	t, c, err := h.store.Tickets.Create(ctx, "bot."+a.head.ID+"."+e.ID, store.NewTicket{Thread: a.head.ID, Subject: e.Value, By: bot.Actor(a.flow)})
	if err != nil {
		return nil, err
	}
	h.live.Committed(ctx, c)
	return map[string]string{"ticket": strconv.FormatInt(t.Number, 10)}, nil
}

// consent keeps what was agreed to. Its line has an id of this effect's, so that it is written once.
func (h *handler) consent(ctx context.Context, a at, e chatflow.Effect) error {
	sum := sha256.Sum256([]byte(a.head.ID + "." + e.ID))
	id := stamp(a.walk.At) + strings.ToLower(base32.HexEncoding.EncodeToString(sum[:10]))
	_, err := h.store.Contacts.Write(ctx, a.contact.ID, people.Line{
		ID: id, Kind: people.LineConsent, By: bot.Actor(a.flow), At: a.walk.At,
		Consent: &people.Consent{Purpose: e.Purpose, Given: e.Given, Text: e.Text, URL: e.Page, At: a.walk.At},
	})
	return err
}

// stamp is a time as ULIDs begin with it (github.com/ulid/spec): ten letters of base 32 that grow with time.
func stamp(at time.Time) string {
	const letters = "0123456789abcdefghjkmnpqrstvwxyz"
	var b [10]byte
	ms := at.UnixMilli()
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = letters[ms&31]
		ms >>= 5
	}
	return string(b[:])
}
