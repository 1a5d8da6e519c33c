package inbox

import (
	"slices"

	"parley/events"
)

// Erasure is whom to make unknown in the log of a thread: what happened stays, and is counted as it was; who it was and what was said goes.
// It is the one exception to facts never changing, and asked for by law.
type Erasure struct {
	Contacts  []string // ids
	Addresses []string // lower-case
	// Whole says that the thread is theirs: everything said in it goes, what the team wrote, too.
	Whole bool
}

// Objects are keys of what a fact pointed to and what goes with it.
type Objects struct {
	Files []string // in the files bucket
	Mails []string // in the mail bucket
}

func (x Erasure) is(address string) bool {
	return address != "" && slices.Contains(x.Addresses, address)
}

func (x Erasure) contact(c events.Contact) events.Contact {
	if x.Whole || slices.Contains(x.Contacts, c.ID) || x.is(c.Address) {
		return events.Contact{ID: c.ID}
	}
	return c
}

// others are addresses without theirs; of a thread of theirs, nobody.
func (x Erasure) others(list []events.Address) []events.Address {
	if x.Whole {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(list), func(a events.Address) bool { return x.is(a.Email) })
}

func (x Erasure) why(w *events.Why) *events.Why {
	if w == nil || !x.Whole {
		return w
	}
	return &events.Why{Rule: w.Rule}
}

func (x Erasure) address(s string) string {
	if x.Whole || x.is(s) {
		return ""
	}
	return s
}

func (o *Objects) body(b events.Body) events.Body {
	for _, ref := range []string{b.TextRef, b.HTMLRef} {
		if ref != "" {
			o.Files = append(o.Files, ref)
		}
	}
	return events.Body{}
}

// files keeps that there were files, for counting.
func (o *Objects) files(list []events.Attachment) []events.Attachment {
	var out []events.Attachment
	for _, a := range list {
		if a.Ref != "" {
			o.Files = append(o.Files, a.Ref)
		}
		out = append(out, events.Attachment{Type: "application/octet-stream"})
	}
	return out
}

func (o *Objects) email(e *events.Email) *events.Email {
	if e == nil {
		return nil
	}
	o.mail(e.Raw)
	return &events.Email{Auto: e.Auto}
}

func (o *Objects) mail(raw string) {
	if raw != "" {
		o.Mails = append(o.Mails, raw)
	}
}

// Actor is who did something, without their name if it is they.
func (x Erasure) Actor(a events.Actor) events.Actor {
	if a.Kind == events.Visitor && (x.Whole || slices.Contains(x.Contacts, a.ID)) {
		a.Name = ""
	}
	return a
}

// Theirs reports whether what a fact says was said by them: it goes, and so does whatever repeats it.
func (x Erasure) Theirs(f events.Fact) bool {
	m, is := f.(events.MessageReceived)
	return x.Whole || is && (x.is(m.From.Email) || slices.Contains(x.Contacts, m.Contact.ID))
}

// Fact is a fact without them, and what goes from the buckets with it.
func (x Erasure) Fact(f events.Fact) (events.Fact, Objects) {
	var o Objects
	switch f := f.(type) {
	case events.ThreadOpened:
		f.Contact = x.contact(f.Contact)
		if x.Whole {
			f.Subject = ""
		}
		return f, o
	case events.ThreadContactChanged:
		f.Contact, f.Why = x.contact(f.Contact), x.why(f.Why)
		return f, o
	case events.ThreadFiled:
		f.Why = x.why(f.Why)
		return f, o
	case events.ThreadAssigned:
		f.Why = x.why(f.Why)
		if x.Whole && f.Routing != nil {
			r := *f.Routing
			r.Steps = slices.Clone(r.Steps)
			for i := range r.Steps {
				r.Steps[i].Saw = ""
			}
			f.Routing = &r
		}
		return f, o
	case events.TicketMade:
		if x.Whole {
			f.Subject = ""
		}
		return f, o
	case events.CommentAdded:
		if x.Whole {
			f.Body, f.Preview = o.body(f.Body), ""
		}
		return f, o
	case events.MessageReceived:
		return x.received(f, &o), o
	case events.MessageSent:
		if x.Whole {
			f.To, f.Cc, f.Bcc = []events.Address{}, nil, nil
			f.Subject, f.Preview, f.Body, f.Attachments, f.Email = "", "", o.body(f.Body), o.files(f.Attachments), o.email(f.Email)
			return f, o
		}
		f.To, f.Cc, f.Bcc = x.others(f.To), x.others(f.Cc), x.others(f.Bcc)
		return f, o
	case events.MessageRetried:
		if f.To = slices.DeleteFunc(slices.Clone(f.To), func(a string) bool { return x.Whole || x.is(a) }); f.To == nil {
			f.To = []string{}
		}
		return f, o
	case events.MessageBounced:
		if f.Address = x.address(f.Address); f.Address == "" {
			o.mail(f.Raw)
			f.Reason, f.Raw = "", ""
		}
		return f, o
	case events.MessageComplained:
		if f.Address = x.address(f.Address); f.Address == "" {
			o.mail(f.Raw)
			f.Raw = ""
		}
		return f, o
	}
	return f, o // speaks of the team only
}

func (x Erasure) received(f events.MessageReceived, o *Objects) events.MessageReceived {
	if !x.Theirs(f) {
		before := f
		f.Contact, f.To, f.Cc = x.contact(f.Contact), x.others(f.To), x.others(f.Cc)
		if f.Via != nil && x.is(f.Via.Email) {
			f.Via = nil
		}
		if f.Email != nil {
			e := *f.Email
			e.ReplyTo = x.others(e.ReplyTo)
			if len(f.To) < len(before.To) || len(f.Cc) < len(before.Cc) || len(e.ReplyTo) < len(f.Email.ReplyTo) || before.Via != f.Via { // the mail as it came names them
				o.mail(e.Raw)
				e.Raw = ""
			}
			f.Email = &e
		}
		return f
	}
	out := events.MessageReceived{
		Message: f.Message, Contact: events.Contact{ID: f.Contact.ID}, Body: o.body(f.Body), Attachments: o.files(f.Attachments), Email: o.email(f.Email), ThirdParty: f.ThirdParty,
	}
	for _, p := range f.Problems {
		out.Problems = append(out.Problems, events.Problem{Name: p.Name})
	}
	if f.Filter != nil {
		out.Filter = &events.Filter{Folder: f.Filter.Folder, Why: events.Why{Rule: f.Filter.Why.Rule}}
	}
	if f.Chat != nil {
		out.Chat = &events.Chat{}
	}
	return out
}

// Names reports whether a head names any of the addresses.
func (x Erasure) Names(t Thread) bool {
	if x.is(t.Contact.Address) || slices.Contains(x.Contacts, t.Contact.ID) {
		return true
	}
	return slices.ContainsFunc(t.Participants, func(p Participant) bool { return x.is(p.Email) }) ||
		slices.ContainsFunc(t.LastReplyTo, func(a events.Address) bool { return x.is(a.Email) })
}
