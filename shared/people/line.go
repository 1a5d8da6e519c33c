package people

import (
	"time"

	"parley/events"
)

// What a line of a contact's record says.
const (
	LineNote     = "note"
	LineCreated  = "created"
	LineChanged  = "changed"
	LineMerged   = "merged"
	LineUnmerged = "unmerged"
	LineConsent  = "consent"
)

// Line is one line of what is remembered of a contact besides conversations.
type Line struct {
	ID      string          `json:"id"` // grows with time
	Kind    string          `json:"kind" enum:"note,created,changed,merged,unmerged,consent"`
	At      time.Time       `json:"at"`
	By      events.Actor    `json:"by"`
	Text    string          `json:"text,omitempty"`    // of a note
	Edited  time.Time       `json:"edited,omitzero"`   // when the note was last changed
	Changes []ContactChange `json:"changes,omitempty"` // what was changed
	Other   string          `json:"other,omitempty"`   // the contact that was merged, or taken out again
	Name    string          `json:"name,omitempty"`    // what the other is called now
	Rule    string          `json:"rule,omitempty"`    // of a creation: "mail", "hand", "visitor", "import"; of a merge: "hand", "signed"
	Consent *Consent        `json:"consent,omitempty"`
}

// ContactChange is one value that was changed.
type ContactChange struct {
	On     string `json:"on"` // as in a Condition
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Consent is what somebody agreed to, or no longer does, as it can be shown to a court: the exact words, where they stood, when.
type Consent struct {
	Purpose string    `json:"purpose" minLength:"1" maxLength:"80" doc:"What for: newsletter, replies."`
	Given   bool      `json:"given" doc:"false: it was refused, or taken back."`
	Text    string    `json:"text" minLength:"1" maxLength:"5000" doc:"The exact words that were shown."`
	URL     string    `json:"url,omitempty" maxLength:"2048" doc:"The page on which they stood."`
	At      time.Time `json:"at" doc:"When it was given; not when it was written down."`
}

// MaxNote is how long a note may be, in runes.
const MaxNote = 10_000
