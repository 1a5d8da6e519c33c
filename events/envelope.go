// Package events is the published language: one Go type for each fact that can happen to a thread, and the envelope it travels in.
//
// Owns: names, versions and JSON of facts (testdata/*.json is frozen). Never: anything of ours. Imported by: everything that speaks of threads.
//
// A fact is past tense and never changes. An optional field may be added when its absence means what the fact always meant, and an older
// build that overlooks it does no harm; it gets a frozen file of its own. Any other new shape is a new version beside the old one; readers know both.
package events

import (
	"encoding/json"
	"fmt"
	"time"
)

// ActorKind says what kind of party did something.
type ActorKind string

// The closed union of actors.
const (
	Agent   ActorKind = "agent"   // a signed-in user; ID is the user's
	Visitor ActorKind = "visitor" // a person outside; ID is the contact's
	Bot     ActorKind = "bot"     // a chatflow; ID is the chatflow's
	System  ActorKind = "system"  // Parley itself; ID names the function
)

// Actor is who did it. Name is what to show should the id no longer resolve.
type Actor struct {
	Kind ActorKind `json:"kind"`
	ID   string    `json:"id,omitempty"`
	Name string    `json:"name,omitempty"`
}

// Envelope carries one fact. Seq numbers the entries of a thread from 1 without gaps; ID is unique for ever (a ULID).
type Envelope struct {
	ID     string          `json:"id"`
	Type   string          `json:"type"` // "message.received"
	V      int             `json:"v"`
	Thread string          `json:"thread"`
	Seq    int64           `json:"seq"`
	At     time.Time       `json:"at"` // UTC, milliseconds
	Actor  Actor           `json:"actor"`
	Data   json.RawMessage `json:"data"`
}

// Fact is implemented by every fact type, by value.
type Fact interface {
	// FactType returns the stable name ("message.received") and the version of the JSON shape.
	FactType() (name string, version int)
}

// Seal puts a fact into an envelope. Seq, Thread and ID are the store's to give.
func Seal(id, thread string, seq int64, at time.Time, actor Actor, f Fact) (Envelope, error) {
	name, v := f.FactType()
	data, err := json.Marshal(f)
	if err != nil {
		return Envelope{}, fmt.Errorf("events: %s: %w", name, err)
	}
	return Envelope{ID: id, Type: name, V: v, Thread: thread, Seq: seq, At: at.UTC().Truncate(time.Millisecond), Actor: actor, Data: data}, nil
}

// Open decodes the fact of an envelope. An unknown type or version is an error: an older build must not guess.
func (e Envelope) Open() (Fact, error) {
	decode, ok := registry[key{e.Type, e.V}]
	if !ok {
		return nil, fmt.Errorf("events: unknown fact %s version %d", e.Type, e.V)
	}
	return decode(e.Data)
}
