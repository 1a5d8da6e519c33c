package people

import (
	"time"

	"parley/events"
)

// Erasure is a person being erased, and the receipt of it when it is done. When it is done it says nothing of whom it was but the id, which leads
// nowhere.
type Erasure struct {
	ID      string       `json:"id"`
	Contact string       `json:"contact"` // id
	By      events.Actor `json:"by"`
	At      time.Time    `json:"at"`
	EndedAt time.Time    `json:"endedAt,omitzero"` // not before everything is gone
	Receipt Receipt      `json:"receipt"`
	// What the work needs until it is done. Nothing outside sees it.
	Contacts  []string `json:"-"`
	Addresses []string `json:"-"`
	Visitors  []string `json:"-"`
	Phase     int      `json:"-"`
	Cursor    string   `json:"-"`
}

// Receipt counts what is gone.
type Receipt struct {
	Contacts    int `json:"contacts"`    // with their properties
	Names       int `json:"names"`       // by which they were found
	Lines       int `json:"lines"`       // notes, changes, consents
	Threads     int `json:"threads"`     // conversations of theirs: they are counted as before, nothing is said in them any more
	Others      int `json:"others"`      // conversations of others, where they were named
	Files       int `json:"files"`       // texts and attachments
	Mails       int `json:"mails"`       // as they came
	Deliveries  int `json:"deliveries"`  // that named them
	Tickets     int `json:"tickets"`     // made from their conversations
	Drafts      int `json:"drafts"`      // to them
	Notices     int `json:"notices"`     // of their conversations
	Quarantined int `json:"quarantined"` // mails that nobody could read
	Listed      int `json:"listed"`      // entries of allow and deny lists
}
