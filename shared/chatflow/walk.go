package chatflow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Library finds the graph of a published version.
type Library func(flow string, version int64) (Graph, bool)

// maxFlows bounds how often a session goes on in another bot.
const maxFlows = 10

// Take takes one turn: what an input makes of a session. It changes nothing that it is given, and says the same whenever it is asked the same.
// ok is false for an input that means nothing to the session: one that was taken before, or comes too early or too late.
//
// Whatever the graph is like, a walk ends within MaxHops steps of the visitor's last word, and where it cannot go on it ends at a person.
func Take(find Library, s Session, in Input) (t Turn, ok bool) {
	s.Vars, s.Quick = maps.Clone(s.Vars), slices.Clone(s.Quick)
	w := &walk{find: find, s: s, in: in}
	g, found := find(s.Flow, s.Version)
	w.g = g
	if !w.hears() {
		return Turn{}, false
	}
	w.s.Number++
	w.s.At = in.At.UTC()
	w.s.Page, w.s.Lang = orWords(in.World.Page, s.Page), orWords(in.World.Lang, s.Lang)
	w.in.World.Page = w.s.Page
	w.s.Seq, w.s.Put = max(w.s.Seq, in.Seq), max(w.s.Put, in.Put)
	if !found && in.Kind != InTimeout && in.Kind != InTaken {
		if in.Kind == InStart {
			w.s.Since = w.s.At
			w.mark(MarkStarted, "")
		}
		w.s.Effect = nil
		w.human("missing")
	} else {
		w.take()
	}
	w.out.Session = w.s
	return w.out, true
}

// Replay takes the turns of a recorded session again. It fails at the first one that comes out differently, by a single byte.
func Replay(find Library, log []Record) error {
	var s Session
	for i, r := range log {
		if i == 0 {
			s.Flow, s.Version = r.Flow, r.Version
		}
		t, ok := Take(find, s, r.Input)
		if !ok {
			return fmt.Errorf("turn %d: the session does not hear its %s", i+1, r.Input.Kind)
		}
		got, err := json.Marshal(t)
		if err != nil {
			return err
		}
		want, err := json.Marshal(r.Turn)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("turn %d: recorded %s, replayed %s", i+1, want, got)
		}
		s = t.Session
	}
	return nil
}

// Due is when a waiting session is abandoned.
func (s Session) Due(g Graph) time.Time {
	minutes := g.Timeout
	if minutes <= 0 {
		minutes = DefaultTimeout
	}
	return s.At.Add(time.Duration(minutes) * time.Minute)
}

type walk struct {
	find Library
	g    Graph
	s    Session
	in   Input
	out  Turn
}

// hears reports whether the input means anything to the session.
func (w *walk) hears() bool {
	s, in := w.s, w.in
	if in.Kind == InStart {
		return s.Number == 0
	}
	if s.Number == 0 {
		return false
	}
	switch in.Kind {
	case InSay:
		if in.Seq != 0 && in.Seq <= s.Seq {
			return false
		}
		switch s.State {
		case Waiting, Completed, Abandoned:
			return true
		case Working: // it is heard when the effect is done; a call for a person is heard at once
			return wantsPerson(in.Text)
		}
		return false
	case InResult:
		return s.State == Working && s.Effect != nil && in.Result != nil && in.Result.Effect == s.Effect.ID
	case InTimeout:
		return s.State == Waiting && !in.At.Before(s.Due(w.g))
	case InTaken:
		return !s.Over() && (in.Seq == 0 || in.Seq > s.Seq)
	case InBack:
		return s.Over()
	}
	return false
}

func (w *walk) take() {
	in := w.in
	switch in.Kind {
	case InStart:
		w.s.Since = w.s.At
		w.mark(MarkStarted, "")
		w.run(w.g.Start)
	case InSay:
		w.s.Hops, w.s.Calls = 0, 0
		if w.s.State == Waiting && in.Seen != nil && *in.Seen < w.s.Put && !wantsPerson(in.Text) {
			return // written before they could read the question: people find it in the conversation, and the question stands
		}
		w.said(in.Text)
	case InResult:
		w.resulted(*in.Result)
	case InTimeout:
		w.leave()
		w.mark(MarkAbandoned, "")
		w.s.State = Abandoned
	case InTaken:
		w.leave()
		w.s.Effect, w.s.Then = nil, ""
		w.mark(MarkHandedOff, "")
		w.s.State = TakenOver
	case InBack:
		w.s.Hops, w.s.Calls, w.s.Tries, w.s.Phase, w.s.Asked = 0, 0, 0, "", false
		step, ok := w.g.Step(w.s.Step)
		if ok && (step.Kind == StepQuestion || step.Kind == StepSubscribe || step.Kind == StepArticle) {
			w.run(step.ID)
			return
		}
		w.run(w.g.Start)
	}
}

// run walks from a step until something is to be waited for, or the end.
func (w *walk) run(id string) {
	for {
		if id == "" {
			w.human("stuck")
			return
		}
		if w.s.Hops++; w.s.Hops > MaxHops || len(w.out.Lines)+len(w.out.Effects) > MaxDone {
			w.human("loop")
			return
		}
		step, ok := w.g.Step(id)
		if !ok || !step.filled() {
			w.human("missing")
			return
		}
		if id != w.s.Step {
			w.s.Tries, w.s.Phase = 0, ""
		}
		w.s.Step, w.s.Quick = id, nil
		if w.s.Phase == "" { // else it is the same visit, a question further
			w.mark(MarkReached, id)
		}
		next, goes := w.enter(step)
		if !goes {
			return
		}
		id = next
	}
}

// enter does a step; goes is false where the walk waits or ends.
func (w *walk) enter(s Step) (next string, goes bool) {
	switch s.Kind {
	case StepMessage:
		for i, b := range s.Message.Bubbles {
			w.say(s, b, i == 0)
		}
		return s.Next, true
	case StepQuestion:
		w.ask(s, s.Question.Text, s.Question.Ask, s.Question.Choices)
		return "", false
	case StepSubscribe:
		w.subscribe(s)
		return "", false
	case StepArticle:
		w.lookUp(s)
		return "", false
	case StepTicket:
		w.await(Effect{Kind: DoTicket, Value: w.fill(s.Ticket.Subject)}, s.Next)
		return "", false
	case StepSet:
		return w.set(s)
	case StepBranch:
		for _, b := range s.Branch.Branches {
			if w.fits(b) {
				return b.Next, true
			}
		}
		return s.Next, true
	case StepMeeting:
		link := w.in.World.Meetings[s.Meeting.User]
		if link == "" {
			w.human("gone")
			return "", false
		}
		w.say(s, Bubble{Text: s.Meeting.Text, Link: link, Label: s.Meeting.Label}, true)
		return s.Next, true
	case StepHandoff:
		return w.handoff(*s.Handoff, "step", true)
	case StepWebhook:
		e := Effect{Kind: DoWebhook, Webhook: s.Webhook, Vars: w.sent(s.Webhook.Send), Contact: maps.Clone(w.in.World.Contact), Page: w.in.World.Page}
		w.await(e, s.Next)
		return "", false
	case StepCode:
		w.await(Effect{Kind: DoCode, Source: s.Code.Source, Text: w.in.Text, Vars: maps.Clone(w.s.Vars), Contact: maps.Clone(w.in.World.Contact)}, s.Next)
		return "", false
	case StepTag:
		w.effect(Effect{Kind: DoTag, Add: s.Tag.Add, Remove: s.Tag.Remove})
		return s.Next, true
	case StepList:
		e := Effect{Kind: DoList, Add: []string{s.List.List}}
		if s.List.Remove {
			e.Add, e.Remove = nil, e.Add
		}
		w.await(e, s.Next)
		return "", false
	case StepFlow:
		return w.enterFlow(s)
	case StepEnd:
		if s.End.Text != "" {
			w.say(s, Bubble{Text: s.End.Text}, true)
		}
		if s.End.Close {
			w.effect(Effect{Kind: DoClose})
		}
		w.mark(MarkCompleted, "")
		w.s.State = Completed
		return "", false
	}
	w.human("missing") // a newer build's step
	return "", false
}

func (w *walk) enterFlow(s Step) (string, bool) {
	to, ok := w.in.World.Bots[s.Flow.Flow]
	g, found := Graph{}, false
	if ok {
		g, found = w.find(s.Flow.Flow, to.Version)
	}
	if !found {
		w.human("gone")
		return "", false
	}
	if w.s.Flows++; w.s.Flows > maxFlows {
		w.human("loop")
		return "", false
	}
	w.s.Flow, w.s.Version, w.s.Step, w.g = s.Flow.Flow, to.Version, "", g
	return g.Start, true
}

func (w *walk) set(s Step) (string, bool) {
	value := w.fill(s.Set.Value)
	switch s.Set.On {
	case "answer":
		w.put(s.Set.Property, value)
		return s.Next, true
	case "thread":
		w.effect(Effect{Kind: DoPriority, Value: value})
		return s.Next, true
	case "company":
		w.await(Effect{Kind: DoCompany, Property: s.Set.Property, Value: value}, s.Next)
		return "", false
	}
	w.await(Effect{Kind: DoContact, Property: s.Set.Property, Value: value}, s.Next)
	return "", false
}

func (w *walk) subscribe(s Step) {
	if w.s.Phase == "" && w.in.World.Contact["email"] == "" {
		w.s.Phase = "email"
		w.ask(s, w.words().email, AskMail, nil)
		return
	}
	w.s.Phase = "consent"
	w.ask(s, s.Subscribe.Text, AskChoice, s.consents())
}

func (s Step) consents() []Choice {
	return []Choice{{ID: "yes", Label: s.Subscribe.Yes}, {ID: "no", Label: s.Subscribe.No}}
}

// handoff gives the conversation to people, or, while nobody is there, goes where a message is taken.
func (w *walk) handoff(h HandoffStep, why string, away bool) (next string, goes bool) {
	text := orWords(h.Text, w.words().handing)
	if !w.in.World.There {
		text = orWords(h.Away, orWords(h.Text, w.words().nobody))
		if away && h.AwayNext != "" {
			w.line(Line{Step: w.s.Step, Bubble: Bubble{Text: w.fill(text)}})
			return h.AwayNext, true
		}
	}
	to, who := h.To, h.ID
	gone := to == "team" && !slices.Contains(w.in.World.Teams, who) || to == "user" && !slices.Contains(w.in.World.Users, who)
	if gone || to != "team" && to != "user" {
		to, who = "routing", ""
	}
	if gone && why == "step" {
		why = "gone"
	}
	w.line(Line{Step: w.s.Step, Bubble: Bubble{Text: w.fill(text)}})
	w.effect(Effect{Kind: DoHandoff, To: to, Who: who, Why: why})
	w.mark(MarkHandedOff, "")
	w.s.State, w.s.Effect, w.s.Then = HandedOff, nil, ""
	return "", false
}

// human leads to a person from anywhere. Where a message is taken while nobody is there, it is taken once.
func (w *walk) human(why string) {
	h := HandoffStep{To: "routing"}
	if w.g.Human != nil {
		h = *w.g.Human
	}
	away := why == "asked" && !w.s.Asked
	next, goes := w.handoff(h, why, away)
	if goes {
		w.s.Asked, w.s.Effect, w.s.Then = true, nil, ""
		w.run(next)
	}
}

func (w *walk) words() words { return wordsIn(w.s.Lang) }

func (w *walk) say(s Step, b Bubble, first bool) {
	b.Text = w.fill(b.Text)
	l := Line{Step: s.ID, Bubble: b}
	if first {
		l.Delay = s.Delay
	}
	w.line(l)
}

func (w *walk) ask(s Step, text string, kind AskKind, choices []Choice) {
	l := Line{Step: s.ID, Bubble: Bubble{Text: w.fill(text)}, Delay: s.Delay, Ask: kind}
	if s.Kind == StepSubscribe {
		l.Text = text // the exact words
	}
	for _, c := range choices {
		l.Choices = append(l.Choices, c.Label)
	}
	w.line(l)
	w.s.State = Waiting
}

func (w *walk) line(l Line) { w.out.Lines = append(w.out.Lines, l) }

func (w *walk) mark(k MarkKind, step string) {
	w.out.Marks = append(w.out.Marks, Mark{Kind: k, Step: step})
}

// leave notes that the visitor leaves the step that waits for them without an answer to it.
func (w *walk) leave() {
	if w.s.State == Waiting || w.s.Phase != "" {
		w.mark(MarkLeft, w.s.Step)
	}
	w.s.Phase = ""
}

func (w *walk) effect(e Effect) Effect {
	e.ID = strconv.FormatInt(w.s.Number, 10) + "." + strconv.Itoa(len(w.out.Effects))
	e.Step = w.s.Step
	w.out.Effects = append(w.out.Effects, e)
	return e
}

// await owes an effect before the walk goes on at then.
func (w *walk) await(e Effect, then string) {
	if e.Kind == DoWebhook || e.Kind == DoCode {
		if w.s.Calls++; w.s.Calls > MaxCalls {
			w.human("loop")
			return
		}
	}
	e = w.effect(e)
	w.s.State, w.s.Effect, w.s.Then = Working, &e, then
}

// put keeps a variable within bounds.
func (w *walk) put(name, value string) {
	if w.s.Vars == nil {
		w.s.Vars = map[string]string{}
	}
	if _, has := w.s.Vars[name]; !has && len(w.s.Vars) >= MaxVariables {
		return
	}
	value = clip(value, MaxVariable)
	all := len(value) - len(w.s.Vars[name])
	for _, v := range w.s.Vars {
		all += len(v)
	}
	if all > MaxVars { // a record holds them three times over, and an item 400 KB
		return
	}
	w.s.Vars[name] = value
}

func (w *walk) sent(names []string) map[string]string {
	if len(names) == 0 {
		return maps.Clone(w.s.Vars)
	}
	out := map[string]string{}
	for _, n := range names {
		if v, ok := w.s.Vars[n]; ok {
			out[n] = v
		}
	}
	return out
}
