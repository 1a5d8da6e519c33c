package turn_test

import (
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/chatflow"
	"parley/shared/inbox"
	"parley/shared/people"
)

func ends(id, text string, closes bool) chatflow.Step {
	s := step(id, chatflow.StepEnd, "")
	s.End = &chatflow.EndStep{Text: text, Close: closes}
	return s
}

func (s *shop) do(decide func(inbox.Thread) (inbox.Decision, error)) {
	s.Helper()
	if _, err := s.st.Threads.Do(ctx, s.thread, "", decide); err != nil {
		s.Fatal(err)
	}
}

func replies(th inbox.Thread) (inbox.Decision, error) {
	return th.Reply(mara, events.MessageSent{Message: "m", To: []events.Address{}, Body: events.Body{Text: "It is me, Mara."}, Preview: "It is me"})
}

// What a hostile review of the first build found: each of these kept a visitor from people, or said too much.

// two messages in a row, the first ends the walk and closes.
func TestFoundTwoMessagesAndClose(t *testing.T) {
	g := chatflow.Graph{Start: "a", Steps: []chatflow.Step{asks("a", chatflow.QuestionStep{Text: "Solved?", Ask: chatflow.AskText}, "e"), ends("e", "Bye", true)}}
	s := open(t, g)
	s.talk("x")
	g2 := chatflow.Graph{Start: "q", Steps: []chatflow.Step{asks("q", chatflow.QuestionStep{Text: "Solved?", Ask: chatflow.AskText}, "e"), ends("e", "Bye", true)}}
	s = open(t, g2)
	s.say("Yes", 1)
	s.say("oh wait, I have another problem", 1)
	s.deliver()
	if s.head().Status != inbox.Open {
		t.Error("passed on to a person in a closed conversation")
	}
}

// opening that closes.
func TestFoundOpeningCloses(t *testing.T) {
	g := chatflow.Graph{Start: "h", Steps: []chatflow.Step{says("h", "We are closed today", "e"), ends("e", "Bye", true)}}
	s := open(t, g)
	s.talk("but I need help")
	if s.head().Status != inbox.Open {
		t.Error("closed with visitor's message")
	}
}

// visitor writes, agent takes before the worker.
func TestFoundSayThenTaken(t *testing.T) {
	s := open(t, everything())
	s.talk("Lena")
	s.say("lena@shop.example", 1)
	s.do(replies)
	s.deliver()
	for range 5 {
		s.Pass(70 * time.Second)
		due, _ := s.st.Bots.Due(ctx, 10)
		for _, j := range due {
			if err := s.st.Bots.Wake(ctx, j); err != nil {
				t.Fatal(err)
			}
		}
		s.deliver()
	}
	if _, has, _ := s.st.Bots.Job(ctx, s.thread); has {
		t.Error("the job never ends")
	}
	s.do(func(th inbox.Thread) (inbox.Decision, error) {
		return th.ResumeBot(mara, events.BotStarted{Flow: s.flow.ID, Name: s.flow.Name, Version: 1})
	})
	s.deliver()
}

// handed back after it was completed.
func TestFoundBackAfterCompleted(t *testing.T) {
	for _, taken := range []bool{true, false} {
		g := chatflow.Graph{Start: "q", Steps: []chatflow.Step{asks("q", chatflow.QuestionStep{Text: "Name?", Ask: chatflow.AskText}, "e"), ends("e", "Bye", false)}}
		s := open(t, g)
		s.talk("Lena")
		if taken {
			s.do(replies)
			s.deliver()
		}
		s.do(func(th inbox.Thread) (inbox.Decision, error) {
			return th.ResumeBot(mara, events.BotStarted{Flow: s.flow.ID, Name: s.flow.Name, Version: 1})
		})
		s.deliver()
		if got := s.transcript(); strings.HasPrefix(got[len(got)-1], "bot: ") == false {
			t.Error("the bot never speaks")
		}
	}
}

// agent takes over w/o writing.
func TestFoundTakenWaits(t *testing.T) {
	s := open(t, everything())
	s.talk("Lena", "not an address, I have a problem")
	s.do(func(th inbox.Thread) (inbox.Decision, error) { return th.StopBot(mara) })
	s.deliver()
	if s.head().WaitingSince.IsZero() {
		t.Error("nobody waits")
	}
}

// hand back and take again before the worker.
func TestFoundBackThenTaken(t *testing.T) {
	s := open(t, everything())
	s.talk("Lena")
	s.do(replies)
	s.deliver()
	s.do(func(th inbox.Thread) (inbox.Decision, error) {
		return th.ResumeBot(mara, events.BotStarted{Flow: s.flow.ID, Name: s.flow.Name, Version: 1})
	})
	s.do(replies)
	s.deliver()
	if _, has, _ := s.st.Bots.Job(ctx, s.thread); has {
		t.Error("job stays")
	}
}

// code that keeps much.
func TestFoundBigVars(t *testing.T) {
	code := step("code", chatflow.StepCode, "q")
	code.Code = &chatflow.CodeStep{Source: `exports.main = (event, callback) => { const s = {}; for (let i = 0; i < 15; i++) s["v"+event.userMessage.message+i] = "x".repeat(4000); callback({botMessage: "ok", customState: s}) }`}
	g := chatflow.Graph{Start: "q", Steps: []chatflow.Step{asks("q", chatflow.QuestionStep{Text: "?", Ask: chatflow.AskText}, "code"), code}}
	s := open(t, g)
	for i := range 6 {
		s.talk(string(rune('a' + i)))
		if got := s.transcript(); s.head().Bot != nil && got[len(got)-1] != "bot: ?" {
			t.Fatalf("after %d answers the bot neither asks nor gives the conversation to people: %q", i+1, got)
		}
	}
}

// a merged contact's data reaches a browser.
func TestFoundMergedLeak(t *testing.T) {
	g := chatflow.Graph{Start: "q", Steps: []chatflow.Step{asks("q", chatflow.QuestionStep{Text: "?", Ask: chatflow.AskText}, "m"), says("m", "Your number is {{contact.phone|unknown}}, {{contact.email|unknown}}", "e"), ends("e", "Bye", false)}}
	s := open(t, g)
	s.say("hi", 1)
	head := s.head()
	p, err := s.st.Contacts.ByEmail(ctx, "victim@corp.example", "Victim")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.st.Contacts.Change(ctx, p.ID, func(c people.Contact) (people.Contact, people.Line, error) {
		c, ch := c.Told("+49 30 1234567")
		_ = ch
		return c, people.Line{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.st.Contacts.Merge(ctx, mara, "manual", head.Contact.ID, p.ID); err != nil {
		t.Fatal(err)
	}
	s.deliver()
	if got := strings.Join(s.transcript(), "|"); !strings.Contains(got, "Your number is unknown, unknown") {
		t.Errorf("what the team knows of somebody else reaches a browser: %s", got)
	}
}

// Two messages in a row: the second was written before the bot's question, and is no answer to it.
func TestFoundTwoMessagesBeforeAQuestion(t *testing.T) {
	g := chatflow.Graph{Start: "topic", Steps: []chatflow.Step{
		asks("topic", chatflow.QuestionStep{Text: "What is it about?", Ask: chatflow.AskText}, "mail"),
		asks("mail", chatflow.QuestionStep{Text: "Your address?", Ask: chatflow.AskMail, Tries: 1}, "end"), ends("end", "Thank you", false),
	}}
	s := open(t, g)
	s.sees(0, "Hello")
	first := s.head().Seq
	s.sees(0, "my cup came in two pieces")
	s.deliver()
	s.sees(first, "are you there?")
	s.deliver()
	s.wantLog("thread.opened", "bot.started", "bot: What is it about?", "> Hello", "> my cup came in two pieces", "bot: Your address?", "> are you there?")
	s.sees(s.head().Seq, "lena@shop.example")
	s.deliver()
	log := s.transcript()
	if got := log[len(log)-2:]; got[0] != "bot: Thank you" {
		t.Errorf("the log ends %q", got)
	}
	s.replays()
}
