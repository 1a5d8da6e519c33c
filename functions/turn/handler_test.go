package turn_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/people"
	"parley/shared/store"
)

func step(id string, kind chatflow.StepKind, next string) chatflow.Step {
	return chatflow.Step{ID: id, Kind: kind, Next: next}
}

func says(id, text, next string) chatflow.Step {
	s := step(id, chatflow.StepMessage, next)
	s.Message = &chatflow.MessageStep{Bubbles: []chatflow.Bubble{{Text: text}}}
	return s
}

func asks(id string, q chatflow.QuestionStep, next string) chatflow.Step {
	s := step(id, chatflow.StepQuestion, next)
	s.Question = &q
	return s
}

func hands(id string, h chatflow.HandoffStep) chatflow.Step {
	s := step(id, chatflow.StepHandoff, "")
	s.Handoff = &h
	return s
}

// everything is a bot with a step of every kind that does something outside.
func everything() chatflow.Graph {
	set := step("set", chatflow.StepSet, "high")
	set.Set = &chatflow.SetStep{On: "contact", Property: "title", Value: "{{answer.name}} the potter"}
	high := step("high", chatflow.StepSet, "hook")
	high.Set = &chatflow.SetStep{On: "thread", Property: "priority", Value: "high"}
	hook := step("hook", chatflow.StepWebhook, "code")
	hook.Webhook = &chatflow.WebhookStep{URL: "https://team.example/hook", Map: map[string]string{"plan": "plan"}, Fail: "person"}
	code := step("code", chatflow.StepCode, "news")
	code.Code = &chatflow.CodeStep{Source: `exports.main = (event, callback) => callback({botMessage: "You are on " + event.session.customState.plan + ".", customState: {twice: event.session.customState.plan + "!"}})`, Fail: "person"}
	news := step("news", chatflow.StepSubscribe, "person")
	news.Subscribe = &chatflow.SubscribeStep{Purpose: "news", Text: "May we write to you?", Yes: "Yes", No: "No"}
	return chatflow.Graph{Start: "hello", Steps: []chatflow.Step{
		says("hello", "Hello!", "name"),
		asks("name", chatflow.QuestionStep{Text: "Your name?", Ask: chatflow.AskText, Into: "name", Property: "name"}, "mail"),
		asks("mail", chatflow.QuestionStep{Text: "Your address, {{answer.name}}?", Ask: chatflow.AskMail, Property: "email"}, "set"),
		set, high, hook, code, news,
		hands("person", chatflow.HandoffStep{To: "routing", Text: "A colleague ({{answer.twice}}) takes over."}),
	}}
}

var everythingSaid = []string{
	"thread.opened", "bot.started", "bot: Hello!", "bot: Your name?", "> Lena", "thread.contact-changed", "bot: Your address, Lena?", "> nonsense",
	"bot: That does not look like an email address. Please check it.", "> lena@shop.example", "thread.contact-changed", "thread.prioritised", "bot: You are on gold.",
	"bot: May we write to you? [Yes|No]", "> Yes", "bot: A colleague (gold!) takes over.", "bot.ended step",
}

var everythingTyped = []string{"Lena", "nonsense", "lena@shop.example", "Yes"}

func TestABotWalksFromHelloToAPerson(t *testing.T) {
	s := open(t, everything())
	s.talk(everythingTyped...)
	s.wantLog(everythingSaid...)
	head := s.head()
	if head.Bot != nil || head.Priority != inbox.High || head.WaitingSince.IsZero() || head.Contact.Name != "Lena" || head.Contact.Address != "lena@shop.example" || !head.Contact.Claimed {
		t.Errorf("head %+v", head)
	}
	if w, ok, err := s.st.Assignments.Get(ctx, s.thread); err != nil || !ok || w.Cause != "handedOff" {
		t.Errorf("nobody is looked for: %+v %v %v", w, ok, err)
	}
	c, err := s.st.Contacts.Get(ctx, head.Contact.ID)
	if err != nil || c.Props["title"] != "Lena the potter" {
		t.Errorf("contact %+v %v", c, err)
	}
	if c, err := s.st.Contacts.ByEmail(ctx, "lena@shop.example", ""); err != nil || c.ID == head.Contact.ID {
		t.Errorf("a typed address leads to the visitor's history: %+v %v", c, err)
	}
	log := s.replays()
	if n := len(log); n != 11 {
		t.Errorf("%d turns", n)
	}
	if len(s.web.asked) != 1 || !strings.Contains(string(s.web.asked[0].Post), `"name":"Lena"`) || s.web.asked[0].Header["Parley-Signature"] == "" {
		t.Errorf("the server was asked %+v", s.web.asked)
	}
	n, err := s.st.Bots.Numbers(ctx, s.flow.ID, s.Now())
	if err != nil || n.Started != 1 || n.HandedOff != 1 || n.Completed != 0 || n.Steps["mail"] != (store.StepNumbers{Reached: 1, Answered: 1}) {
		t.Errorf("numbers %+v %v", n, err)
	}
	if _, ok, err := s.st.Bots.Job(ctx, s.thread); ok || err != nil {
		t.Errorf("a job is left: %v", err)
	}
	s.talk("Are you there?") // from now on it is people's
	s.wantLog(append(slices.Clone(everythingSaid), "> Are you there?")...)
}

func TestHeldFromRoutingUntilPeopleGetIt(t *testing.T) {
	s := open(t, everything())
	s.talk("Lena")
	if head := s.head(); head.Bot == nil || head.Routable() || !head.WaitingSince.IsZero() {
		t.Errorf("head %+v", head)
	}
	if _, ok, _ := s.st.Assignments.Get(ctx, s.thread); ok {
		t.Error("an owner is looked for while the bot has it")
	}
	s.talk("I want to talk to a human")
	if head := s.head(); head.Bot != nil || !head.Routable() {
		t.Errorf("head %+v", head)
	}
	if got := s.transcript(); got[len(got)-1] != "bot.ended asked" {
		t.Errorf("%q", got)
	}
}

// One walk whatever happens: messages come twice, records come again and together, the worker fails or dies at any call. The log, the record and
// the numbers are those of a walk in which nothing happened.
func TestOneWalkWhateverFails(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
		s := openIn(t, w, everything())
		strike := w.Strike
		for _, words := range everythingTyped {
			w.Strike = nil
			s.say(words, 2)
			w.Strike = strike
			s.deliver()
			if w.Strike == nil { // it has struck
				strike = nil
			}
		}
		w.Strike = nil
		s.same(t)
	})
}

func (s *shop) same(t *testing.T) {
	t.Helper()
	s.wantLog(everythingSaid...)
	s.replays()
	n, err := s.st.Bots.Numbers(ctx, s.flow.ID, s.Now())
	if err != nil || n.Started != 1 || n.HandedOff != 1 || n.Steps["name"] != (store.StepNumbers{Reached: 1, Answered: 1}) {
		t.Errorf("numbers %+v %v", n, err)
	}
	c, err := s.st.Contacts.Get(ctx, s.head().Contact.ID)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := s.st.Contacts.Lines(ctx, c, "", 50)
	consents := 0
	for _, l := range lines {
		if l.Consent != nil {
			consents++
		}
	}
	if err != nil || consents != 1 {
		t.Errorf("%d consents, %v", consents, err)
	}
}

func TestOneWalkInAnyOrder(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 9))
		s := open(t, everything())
		for _, words := range everythingTyped {
			s.say(words, 1+r.IntN(3))
			all, err := s.DB.Read(ctx, "assignments", 0, 10_000)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 + r.IntN(4) { // old records, and several workers at once
				at := r.IntN(len(all))
				payload := hosttest.StreamPayload(all[at:])
				done := make(chan error)
				workers := 1 + r.IntN(2)
				for range workers {
					go func() {
						_, err := s.h.Invoke(ctx, payload)
						done <- err
					}()
				}
				for range workers {
					if err := <-done; err != nil {
						t.Fatal(err)
					}
				}
			}
			s.deliver()
		}
		if s.same(t); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestAnAgentTakesOverAndHandsBack(t *testing.T) {
	s := open(t, everything())
	s.talk("Lena")
	do := func(decide func(inbox.Thread) (inbox.Decision, error)) {
		t.Helper()
		if _, err := s.st.Threads.Do(ctx, s.thread, "", decide); err != nil {
			t.Fatal(err)
		}
	}
	do(func(th inbox.Thread) (inbox.Decision, error) {
		return th.Reply(mara, events.MessageSent{Message: "m", To: []events.Address{}, Body: events.Body{Text: "It is me, Mara."}, Preview: "It is me"})
	})
	s.talk("lena@shop.example") // the bot would have taken this for an answer
	got := s.transcript()
	want := []string{"bot.ended taken", "agent: It is me, Mara.", "thread.assigned", "> lena@shop.example"}
	if !slices.Equal(got[len(got)-4:], want) {
		t.Fatalf("%q", got)
	}
	f := s.flow
	do(func(th inbox.Thread) (inbox.Decision, error) {
		return th.ResumeBot(mara, events.BotStarted{Flow: f.ID, Name: f.Name, Version: 1})
	})
	s.deliver()
	got = s.transcript()
	if want := []string{"bot.started", "thread.assigned", "bot: Your address, Lena?"}; !slices.Equal(got[len(got)-3:], want) {
		t.Fatalf("%q", got)
	}
	if h := s.head(); h.Bot == nil || h.Assignee != nil {
		t.Errorf("head %+v", h)
	}
	s.replays()
}

func TestSilenceEndsIt(t *testing.T) {
	s := open(t, everything())
	s.talk("Lena")
	j, ok, err := s.st.Bots.Job(ctx, s.thread)
	if err != nil || !ok || j.Ready || j.Due.Sub(s.Now()) > chatflow.DefaultTimeout*time.Minute {
		t.Fatalf("job %+v %v %v", j, ok, err)
	}
	s.Pass(31 * time.Minute)
	due, err := s.st.Bots.Due(ctx, 10)
	if err != nil || len(due) != 1 {
		t.Fatalf("due %+v %v", due, err)
	}
	if err := s.st.Bots.Wake(ctx, due[0]); err != nil {
		t.Fatal(err)
	}
	s.deliver()
	if got := s.transcript(); got[len(got)-1] != "bot.ended abandoned" {
		t.Fatalf("%q", got)
	}
	if h := s.head(); h.Bot == nil || !h.Bot.Done || h.Routable() {
		t.Errorf("head %+v", h)
	}
	s.talk("I am back") // people get who comes back
	got := s.transcript()
	if got[len(got)-1] != "bot.ended again" || s.head().Bot != nil {
		t.Errorf("%q", got)
	}
	n, err := s.st.Bots.Numbers(ctx, s.flow.ID, s.Now())
	if err != nil || n.Abandoned != 1 || n.Steps["mail"] != (store.StepNumbers{Reached: 1, Left: 1}) {
		t.Errorf("numbers %+v %v", n, err)
	}
}

func TestWhatIsBrokenLeadsToAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		breaks func(s *shop)
		ends   string
	}{
		"the server hangs":         {func(s *shop) { s.web.fails = fault.New(fault.NotFound, "No answer came.") }, "bot.ended step"},
		"the server talks rot":     {func(s *shop) { s.web.answer = "<html>" }, "bot.ended step"},
		"a private address":        {func(s *shop) { s.web.fails = fault.New(fault.Denied, "That is not of the public web.") }, "bot.ended step"},
		"the chatflow is gone":     {func(s *shop) { s.fail(s.st.Chats.DeleteFlow(ctx, mara, s.account.ID, s.flow.ID)) }, "bot.ended step"},
		"a newer one is published": {func(s *shop) { s.publish(chatflow.Graph{Start: "x", Steps: []chatflow.Step{says("x", "New!", "")}}) }, "bot.ended step"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, everything())
			s.talk("Lena")
			c.breaks(s)
			s.Pass(11 * time.Second)
			s.talk("lena@shop.example", "Yes", "Hello?")
			got := s.transcript()
			if !slices.Contains(got, c.ends) || s.head().Bot != nil {
				t.Errorf("%q", got)
			}
			s.replays()
		})
	}
}

func (s *shop) fail(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// What never ends by itself is ended: it is the engine's to bound, and the visitor's way to a person stays.
func TestALoopEndsAtAPerson(t *testing.T) {
	g := chatflow.Graph{Start: "a", Steps: []chatflow.Step{asks("a", chatflow.QuestionStep{Text: "?", Ask: chatflow.AskText}, "b"), says("b", "Round", "c"), says("c", "and round", "b")}}
	s := open(t, g)
	s.talk("go")
	got := s.transcript()
	if got[len(got)-1] != "bot.ended loop" || s.head().Bot != nil {
		t.Errorf("%d entries end with %q", len(got), got[max(0, len(got)-3):])
	}
}

func TestTheTemplatesWalk(t *testing.T) {
	for _, tpl := range chatflow.Templates("mara", "") {
		t.Run(tpl.ID, func(t *testing.T) {
			s := open(t, tpl.Graph)
			s.talk(map[string][]string{
				"qualify": {"Lena", "lena@shop.example", "More than 100"},
				"support": {"An order", "A-1", "It is broken", "lena@shop.example"},
				"meeting": {"Yes", "lena@shop.example", "No, thank you"},
				"offline": {"Hello"},
			}[tpl.ID]...)
			got := s.transcript()
			last := map[string]string{"qualify": "bot.ended step", "support": "bot.ended step", "meeting": "thread.closed", "offline": "> Hello"}[tpl.ID]
			if got[len(got)-1] != last {
				t.Errorf("%q", got)
			}
			s.replays()
		})
	}
}

func TestErasureLeavesNumbersOnly(t *testing.T) {
	s := open(t, everything())
	s.talk("Lena", "lena@shop.example")
	if err := s.st.EraseThread(ctx, s.thread, inbox.Erasure{Contacts: []string{s.head().Contact.ID}, Whole: true}, nil, &people.Receipt{}, func(inbox.Objects) error { return nil }); err != nil {
		t.Fatal(err)
	}
	records, err := s.st.Bots.Records(ctx, s.thread)
	w, failed := s.st.Bots.Walk(ctx, s.thread)
	if raw, _ := json.Marshal(w); err != nil || failed != nil || len(records) > 0 || w.Number != 0 || strings.Contains(string(raw), "Lena") {
		t.Errorf("%v %v %s", err, failed, raw)
	}
	if n, err := s.st.Bots.Numbers(ctx, s.flow.ID, s.Now()); err != nil || n.Started != 1 {
		t.Errorf("%+v %v", n, err)
	}
}
