package agentapi

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/people"
)

type pastIn struct {
	Contact string `path:"contact" maxLength:"64"`
	Cursor  string `query:"cursor" maxLength:"64" doc:"next of the page before."`
}

type pastOut struct {
	Body struct {
		Threads []inbox.Summary `json:"threads" doc:"The last begun first; only those of inboxes that the caller sees, so a page may hold less than others."`
		Next    string          `json:"next" doc:"Empty at the end."`
	}
}

type timelineIn struct {
	Contact string `path:"contact" maxLength:"64"`
	Kind    string `query:"kind" enum:",threads,notes,changes" doc:"Everything if it is not given."`
	Cursor  string `query:"cursor" maxLength:"64" doc:"next of the page before."`
}

type timelineOut struct {
	Body struct {
		Items []timelineItem `json:"items" doc:"The newest first; a conversation stands where it began."`
		Next  string         `json:"next" doc:"Empty at the end."`
	}
}

// timelineItem is a conversation or a line of the contact's record.
type timelineItem struct {
	ID     string         `json:"id"`
	At     time.Time      `json:"at"`
	Thread *inbox.Summary `json:"thread,omitempty"`
	Line   *people.Line   `json:"line,omitempty"`
}

type noteIn struct {
	Contact string `path:"contact" maxLength:"64"`
	Body    noteText
}

// noteText is a note as somebody writes it.
type noteText struct {
	Text string `json:"text" minLength:"1" maxLength:"10000"`
}

type editNoteIn struct {
	Contact string `path:"contact" maxLength:"64"`
	Note    string `path:"note" maxLength:"64"`
	Body    noteText
}

type noteRef struct {
	Contact string `path:"contact" maxLength:"64"`
	Note    string `path:"note" maxLength:"64"`
}

type lineOut struct{ Body people.Line }

type consentIn struct {
	Contact string `path:"contact" maxLength:"64"`
	Body    people.Consent
}

func (d *door) registerContactLog() {
	const one = "/api/contacts/{contact}"
	huma.Register(d.api, op("GET", one+"/threads", "listPastThreads", "A contact's conversations"), d.past)
	huma.Register(d.api, op("GET", one+"/timeline", "listTimeline", "Conversations, notes and changes of a contact in time order"), d.timeline)
	huma.Register(d.api, created(op("POST", one+"/notes", "addNote", "Write a note about a contact")), d.addNote)
	huma.Register(d.api, op("PUT", one+"/notes/{note}", "editNote", "Change a note of the caller's (admins: any)"), d.editNote)
	huma.Register(d.api, op("DELETE", one+"/notes/{note}", "deleteNote", "Remove a note of the caller's (admins: any)"), d.deleteNote)
	huma.Register(d.api, created(op("POST", one+"/consents", "addConsent", "Record what a contact agreed to, or no longer does: exact words, page, time")), d.addConsent)
}

// person is the contact whose person an id is.
func (d *door) person(ctx context.Context, id string) (people.Contact, error) {
	c, err := d.store.Contacts.Get(ctx, id)
	if err == nil && !c.ErasedAt.IsZero() {
		err = fault.New(fault.Gone, "This contact was erased on %s.", c.ErasedAt.Format("2006-01-02"))
	}
	return c, err
}

func (d *door) past(ctx context.Context, in *pastIn) (*pastOut, error) {
	c, err := d.person(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	threads, next, err := d.store.Threads.Of(ctx, c.IDs(), in.Cursor, limit.PastPage)
	if err != nil {
		return nil, err
	}
	access, err := d.store.Settings.Access(ctx, caller(ctx))
	out := &pastOut{}
	out.Body.Threads, out.Body.Next = []inbox.Summary{}, next
	for _, t := range threads {
		if access.Sees(t.Inbox) {
			out.Body.Threads = append(out.Body.Threads, t.Summary())
		}
	}
	return out, err
}

// timeline joins conversations and lines: ids of both grow with time.
func (d *door) timeline(ctx context.Context, in *timelineIn) (*timelineOut, error) {
	c, err := d.person(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	access, err := d.store.Settings.Access(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	const n = limit.TimelinePage
	out := &timelineOut{}
	items := []timelineItem{}
	full := false
	if in.Kind == "" || in.Kind == "threads" {
		threads, next, err := d.store.Threads.Of(ctx, c.IDs(), in.Cursor, n)
		if err != nil {
			return nil, err
		}
		full = next != ""
		for _, t := range threads {
			s := t.Summary()
			items = append(items, timelineItem{ID: t.ID, At: t.OpenedAt, Thread: &s})
		}
	}
	if in.Kind != "threads" {
		lines, err := d.store.Contacts.Lines(ctx, c, in.Cursor, n+1)
		if err != nil {
			return nil, err
		}
		full = full || len(lines) > n
		for i, l := range lines {
			items = append(items, timelineItem{ID: l.ID, At: l.At, Line: &lines[i]})
		}
	}
	slices.SortFunc(items, func(a, b timelineItem) int { return cmp.Compare(b.ID, a.ID) })
	if full = full || len(items) > n; full {
		items = items[:min(n, len(items))]
		out.Body.Next = items[len(items)-1].ID
	}
	out.Body.Items = slices.DeleteFunc(items, func(i timelineItem) bool {
		if i.Thread != nil {
			return !access.Sees(i.Thread.Inbox)
		}
		return in.Kind != "" && (in.Kind == "notes") != (i.Line.Kind == people.LineNote)
	})
	return out, nil
}

func (d *door) addNote(ctx context.Context, in *noteIn) (*lineOut, error) {
	c, err := d.person(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	l, err := d.store.Contacts.Write(ctx, c.ID, people.Line{Kind: people.LineNote, At: d.now().UTC(), By: agent(caller(ctx)), Text: strings.TrimSpace(in.Body.Text)})
	return &lineOut{l}, err
}

// note finds a note that the caller may change, and the contact it stands with.
func (d *door) note(ctx context.Context, contact, note string) (people.Line, string, error) {
	c, err := d.person(ctx, contact)
	if err != nil {
		return people.Line{}, "", err
	}
	l, of, err := d.store.Contacts.Line(ctx, c, note)
	switch {
	case err != nil:
	case l.Kind != people.LineNote:
		err = fault.New(fault.NotFound, "There is no such note.")
	case l.By.ID != caller(ctx).ID:
		err = mayRole(caller(ctx).Role, inbox.Admin)
	}
	return l, of, err
}

func (d *door) editNote(ctx context.Context, in *editNoteIn) (*lineOut, error) {
	l, of, err := d.note(ctx, in.Contact, in.Note)
	if err != nil {
		return nil, err
	}
	l.Text, l.Edited = strings.TrimSpace(in.Body.Text), d.now().UTC()
	l, err = d.store.Contacts.Write(ctx, of, l)
	return &lineOut{l}, err
}

func (d *door) deleteNote(ctx context.Context, in *noteRef) (*struct{}, error) {
	_, of, err := d.note(ctx, in.Contact, in.Note)
	if fault.Is(err, fault.NotFound) {
		return nil, nil // it is gone already
	}
	if err != nil {
		return nil, err
	}
	return nil, d.store.Contacts.Strike(ctx, of, in.Note)
}

func (d *door) addConsent(ctx context.Context, in *consentIn) (*lineOut, error) {
	c, err := d.person(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	if in.Body.At.After(d.now().Add(time.Minute)) {
		return nil, fault.New(fault.Invalid, "at: nobody has agreed to anything yet at a time to come.")
	}
	l, err := d.store.Contacts.Write(ctx, c.ID, people.Line{Kind: people.LineConsent, At: d.now().UTC(), By: agent(caller(ctx)), Consent: &in.Body})
	return &lineOut{l}, err
}
