package events

// BotStarted says that a bot talks with the visitor: from the beginning (the actor is the bot), or again, because somebody handed the
// conversation back to it.
type BotStarted struct {
	Flow    string `json:"flow"` // id of the chatflow
	Name    string `json:"name,omitempty"`
	Version int64  `json:"version,omitempty"` // as published
}

// BotEnded says that it talks no more. Why is "completed", "abandoned" (the visitor was silent), "taken" (the actor took over), or why it went to
// people: "step" (the bot says so), "asked" (the visitor asked for a person), "again" (they wrote after its end), "unanswered" (a question, too
// often), "failed" (a webhook or code), "gone" (whom the bot names), "stuck", "loop", "missing" (the bot is broken).
type BotEnded struct {
	Flow string `json:"flow"`
	Name string `json:"name,omitempty"`
	Why  string `json:"why"`
}

// BotLine is what a bot's message has besides its text.
type BotLine struct {
	Flow    string   `json:"flow"`
	Step    string   `json:"step"`
	Image   string   `json:"image,omitempty"` // https address
	Alt     string   `json:"alt,omitempty"`
	Link    string   `json:"link,omitempty"`
	Label   string   `json:"label,omitempty"`   // of the link
	File    *BotFile `json:"file,omitempty"`    // of the team's own, kept by Parley
	Ask     string   `json:"ask,omitempty"`     // what is asked for: "text", "choice", "email", "phone", "number", "date"
	Choices []string `json:"choices,omitempty"` // quick replies
	Delay   int      `json:"delay,omitempty"`   // milliseconds for which the bot seems to type before it
}

// BotFile is a file that a bot gives to visitors. It never changes and is never thrown away: versions and conversations go on naming it.
type BotFile struct {
	ID      string `json:"id" maxLength:"64"`
	Name    string `json:"name" maxLength:"255"`
	Type    string `json:"type" maxLength:"100"` // media type; of a picture, what its bytes are
	Size    int64  `json:"size" minimum:"0"`     // bytes
	Picture bool   `json:"picture,omitempty"`    // it is shown, not downloaded: a PNG, JPEG, GIF or WebP
}

func (BotStarted) FactType() (string, int) { return "bot.started", 1 }
func (BotEnded) FactType() (string, int)   { return "bot.ended", 1 }
