// Package tickets is the domain of the pieces of work that are made from threads.
//
// Owns: Ticket, its stages and what one must be.
// Never: clock, randomness, I/O, store. Imported by: store, functions.
package tickets

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/events"
	"parley/shared/fault"
)

// Stage is how far a ticket is.
type Stage string

// The stages, in the order of the work.
const (
	New     Stage = "new"
	Waiting Stage = "waiting" // for the contact
	Open    Stage = "open"    // for the team
	Closed  Stage = "closed"
)

// Stages lists them.
func Stages() []Stage { return []Stage{New, Waiting, Open, Closed} }

// NewestFirst puts a list into its order.
func NewestFirst(list []Ticket) {
	slices.SortFunc(list, func(a, b Ticket) int { return cmp.Compare(b.Number, a.Number) })
}

// SubjectRunes bounds what a ticket is called.
const SubjectRunes = 200

// Ticket is a piece of work made from a thread. Who it was made for stays its contact, whoever writes in the thread later.
type Ticket struct {
	ID      string       `json:"id"`
	Number  int64        `json:"number"` // by which people call it: unique in the workspace
	Subject string       `json:"subject"`
	Stage   Stage        `json:"stage"`
	Thread  string       `json:"thread"`
	Contact string       `json:"contact"` // id
	By      events.Actor `json:"by"`      // who made it
	At      time.Time    `json:"at"`
	Version int64        `json:"version"`
}

// Clean returns a ticket as it is kept, or why it is none.
func (t Ticket) Clean() (Ticket, error) {
	t.Subject = strings.Join(strings.Fields(t.Subject), " ")
	switch {
	case t.Subject == "" || utf8.RuneCountInString(t.Subject) > SubjectRunes:
		return t, fault.New(fault.Invalid, "A ticket has a subject of 1 to %d characters.", SubjectRunes)
	case !utf8.ValidString(t.Subject) || strings.ContainsFunc(t.Subject, unicode.IsControl):
		return t, fault.New(fault.Invalid, "A subject is plain text.")
	case !slices.Contains(Stages(), t.Stage):
		return t, fault.New(fault.Invalid, "A ticket is new, waiting, open or closed.")
	}
	return t, nil
}

// Made is what the thread says of it.
func (t Ticket) Made() events.TicketMade {
	return events.TicketMade{Ticket: t.ID, Number: t.Number, Subject: t.Subject}
}

// Called is the subject of a ticket for which nobody gave one: the thread's, shortened.
func Called(subject string) string {
	subject = strings.Join(strings.Fields(subject), " ")
	if r := []rune(subject); len(r) > SubjectRunes {
		return string(r[:SubjectRunes-1]) + "…"
	}
	return subject
}
