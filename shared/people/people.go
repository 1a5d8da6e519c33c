// Package people is the domain of those who write to us: contacts and the addresses they are known by.
//
// Owns: Contact, Alias and how an address is normalised into one. Never: clock, randomness, I/O, store.
// Imported by: store, functions.
package people

import (
	"strings"
	"time"

	"parley/events"
)

// Contact is the remembered person.
type Contact struct {
	ID        string    `json:"id"`
	Name      string    `json:"name,omitempty"`
	Address   string    `json:"address,omitempty"` // main email address, lower-case
	CreatedAt time.Time `json:"createdAt"`
}

// Alias is a name by which a contact can be recognised; one alias leads to one contact.
type Alias struct {
	Kind  string // "email"
	Value string // normalised
}

// EmailAlias returns the alias of an email address. Case is folded as a whole: no mail provider that people use tells
// Ann@x from ann@x (RFC 5321 §2.4 would allow it).
func EmailAlias(address string) Alias {
	return Alias{Kind: "email", Value: strings.ToLower(strings.TrimSpace(address))}
}

// Fact is the contact as facts remember it.
func (c Contact) Fact() events.Contact {
	return events.Contact{ID: c.ID, Name: c.Name, Address: c.Address}
}

// Learn takes a better name from a message: an unnamed contact gets one; a name that stands is never overwritten by mail.
func (c Contact) Learn(name string) (Contact, bool) {
	name = strings.TrimSpace(name)
	if c.Name != "" || name == "" {
		return c, false
	}
	c.Name = name
	return c, true
}
