package inbox

import (
	"crypto/sha256"
	"encoding/base64"
	"time"

	"parley/events"
)

// VisitorLine is an entry as the visitor of a chat may see it: what was said, by whom, and nothing of what the team does among itself.
type VisitorLine struct {
	Seq    int64            `json:"seq"`
	At     time.Time        `json:"at"`
	By     events.ActorKind `json:"by"`             // "visitor", "agent" or "bot"
	Who    string           `json:"who,omitempty"`  // the agent's Face
	Name   string           `json:"name,omitempty"` // of the agent
	Text   string           `json:"text,omitempty"`
	More   bool             `json:"more,omitempty"`   // the text is long and has to be fetched
	Client string           `json:"client,omitempty"` // the browser's own id, of the visitor's messages
	Mail   bool             `json:"mail,omitempty"`   // it came, or went, by mail
	Files  int              `json:"files,omitempty"`
	Bot    *VisitorBot      `json:"bot,omitempty"`  // of a bot's
	Gone   bool             `json:"gone,omitempty"` // a message that was taken back: the line of Ref is to go
	Ref    int64            `json:"ref,omitempty"`
}

// VisitorBot is what a bot's message has besides its text.
type VisitorBot struct {
	Image string `json:"image,omitempty"`
	Alt   string `json:"alt,omitempty"`
	Link  string `json:"link,omitempty"`
	Label string `json:"label,omitempty"`
	// File is fetched from the visitors' door by its id.
	File    *events.BotFile `json:"file,omitempty"`
	Ask     string          `json:"ask,omitempty"`     // what is asked for
	Choices []string        `json:"choices,omitempty"` // quick replies
	Delay   int             `json:"delay,omitempty"`   // milliseconds of typing before it
}

// ForVisitor returns what the visitor may see of an entry; ok is false if that is nothing. A message of a third party is not the visitor's
// to read, whoever they are.
func (e Entry) ForVisitor() (line VisitorLine, ok bool) {
	line = VisitorLine{Seq: e.Seq, At: e.At, By: e.Actor.Kind}
	switch {
	case e.Received != nil && !e.Received.ThirdParty && e.Received.Filter == nil:
		m := e.Received
		line.By, line.Text, line.More, line.Files = events.Visitor, m.Body.Text, m.Body.TextRef != "", len(m.Attachments)
		line.Mail = m.Email != nil
		if m.Chat != nil {
			line.Client = m.Chat.Client
		}
	case e.Sent != nil && e.Sent.Forwards == 0:
		m := e.Sent
		line.Text, line.More, line.Files = m.Body.Text, m.Body.TextRef != "", len(m.Attachments)
		if m.Bot != nil { // what the team calls it is not the visitor's business
			line.Bot = &VisitorBot{m.Bot.Image, m.Bot.Alt, m.Bot.Link, m.Bot.Label, m.Bot.File, m.Bot.Ask, m.Bot.Choices, m.Bot.Delay}
		} else {
			line.Who, line.Name = Face(e.Actor.ID), e.Actor.Name
		}
	case e.Withdrawn != nil:
		line.Gone, line.Ref = true, e.Withdrawn.Sent
	default:
		return VisitorLine{}, false
	}
	return line, true
}

// Face is an agent's id as visitors see it: always the same one, from which the real one cannot be learnt.
func Face(user string) string {
	sum := sha256.Sum256([]byte("face\x00" + user))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}
