package inbox

import (
	"slices"
	"time"

	"parley/events"
	"parley/shared/fault"
)

// Bot is a bot that has the thread: nobody is looked for to own it until people get it.
type Bot struct {
	Flow string `json:"flow"` // id of its chatflow
	Name string `json:"name,omitempty"`
	// Done: its walk is over, and nobody need answer. If the visitor writes again, people get it.
	Done bool `json:"done,omitempty"`
}

// BotTalks reports whether a bot has the thread and the thread is open.
func (t Thread) BotTalks() bool { return t.Bot != nil && t.Status == Open }

// restful reports whether a bot that ended for this reason still has the thread, because nothing is to be done.
func restful(why string) bool { return why == "completed" || why == "abandoned" }

func (t *Thread) foldBotStarted(f events.BotStarted) {
	t.Bot, t.WaitingSince = &Bot{Flow: f.Flow, Name: f.Name}, time.Time{}
}

func (t *Thread) foldBotEnded(e events.Envelope, f events.BotEnded) {
	if restful(f.Why) {
		t.Bot = &Bot{Flow: f.Flow, Name: f.Name, Done: true}
		return
	}
	t.Bot = nil
	if t.Status == Open { // from now on the visitor waits for people; the answer of who took it ends that
		t.WaitingSince = e.At
	}
}

// OpenWithBot is Open where a bot has spoken first: said are its words, as the visitor has read them before they wrote.
func (t Thread) OpenWithBot(o events.ThreadOpened, bot events.Actor, said []events.Fact, m events.MessageReceived) (Decision, error) {
	d, err := t.Open(o, m)
	if err != nil {
		return d, err
	}
	person := d.Actor
	rest := d.Facts[1:]
	if slices.ContainsFunc(said, func(f events.Fact) bool { _, closed := f.(events.ThreadClosed); return closed }) {
		rest = append([]events.Fact{events.ThreadReopened{Cause: "message"}}, rest...)
	}
	d.Facts = append(append([]events.Fact{o}, said...), rest...)
	d.Acts = make([]events.Actor, len(d.Facts))
	for i := range d.Acts {
		d.Acts[i] = person
		if i > 0 && i <= len(said) {
			d.Acts[i] = bot
		}
	}
	return d, nil
}

// botTaken ends a bot because somebody of the team has taken the conversation.
func (t Thread) botTaken(by events.Actor) []events.Fact {
	if t.Bot == nil || by.Kind != events.Agent {
		return nil
	}
	return []events.Fact{events.BotEnded{Flow: t.Bot.Flow, Name: t.Bot.Name, Why: "taken"}}
}

// StopBot takes the conversation from its bot.
func (t Thread) StopBot(by events.Actor) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	return Decision{Actor: by, Facts: t.botTaken(by)}, nil
}

// ResumeBot hands the conversation back to a bot, and takes it from its owner: the bot is to speak next.
func (t Thread) ResumeBot(by events.Actor, f events.BotStarted) (Decision, error) {
	if err := t.mustExist(); err != nil {
		return Decision{}, err
	}
	switch {
	case t.Channel != ChannelChat:
		return Decision{}, fault.New(fault.Invalid, "Bots talk in chats only.")
	case t.Status != Open:
		return Decision{}, fault.New(fault.Conflict, "The conversation is closed.")
	case t.Bot != nil && !t.Bot.Done:
		return Decision{}, nil
	}
	d := Decision{Actor: by, Facts: []events.Fact{f}}
	if t.Assignee != nil {
		d.Facts = append(d.Facts, events.ThreadAssigned{Why: &events.Why{Rule: "bot"}})
	}
	return d, nil
}
