package chatflow

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// desk is a worker as functions run one: it commits a turn only if the session still has the number that it was taken for.
type desk struct {
	s    Session
	log  []Record
	sent []Line
	ran  map[string]int // how often each effect's result was taken
}

func (d *desk) commit(at int64, in Input, turn Turn) bool {
	if d.s.Number != at {
		return false
	}
	d.log = append(d.log, Record{Flow: d.s.Flow, Version: d.s.Version, Input: in, Turn: turn})
	d.sent = append(d.sent, turn.Lines...)
	if in.Kind == InResult {
		d.ran[fmt.Sprint(in.Result.Effect)]++
	}
	d.s = turn.Session
	return true
}

func TestOneWalkWhateverHappens(t *testing.T) {
	seeds := 4000
	if testing.Short() {
		seeds = 400
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		g := randomGraph(r)
		clean := walkWith(g, uint64(seed), false)
		rough := walkWith(g, uint64(seed), true)
		a, _ := json.Marshal(clean)
		b, _ := json.Marshal(rough)
		if string(a) != string(b) {
			t.Fatalf("seed %d: disturbed, the walk is another:\n%s\n%s", seed, a, b)
		}
		if err := Replay(only(g), rough.Log); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for id, n := range rough.Ran {
			if n != 1 {
				t.Fatalf("seed %d: effect %s was taken %d times", seed, id, n)
			}
		}
		count := map[Mark]int{}
		for _, rec := range rough.Log {
			for _, m := range rec.Turn.Marks {
				count[m]++
			}
		}
		last := rough.Log[len(rough.Log)-1].Turn.Session
		for _, s := range g.Steps {
			in, out := count[Mark{MarkReached, s.ID}], count[Mark{MarkAnswered, s.ID}]+count[Mark{MarkLeft, s.ID}]
			if (s.Kind == StepQuestion || s.Kind == StepSubscribe || s.Kind == StepArticle) && in != out && (last.Over() || last.Step != s.ID) {
				t.Fatalf("seed %d: %d reached %s %s, %d answered or left it", seed, in, s.Kind, s.ID, out)
			}
		}
		if count[Mark{MarkStarted, ""}] != 1 || last.Over() && count[Mark{MarkCompleted, ""}]+count[Mark{MarkHandedOff, ""}]+count[Mark{MarkAbandoned, ""}] != 1 {
			t.Fatalf("seed %d: %v", seed, count)
		}
		blocked := Blocked(g.Checkup(Known{}))
		for _, rec := range rough.Log {
			if rec.Turn.Session.Hops > MaxHops+1 {
				t.Fatalf("seed %d: %d hops", seed, rec.Turn.Session.Hops)
			}
			for _, e := range rec.Turn.Effects {
				if !blocked && (e.Why == "loop" || e.Why == "missing" || e.Why == "stuck") {
					t.Fatalf("seed %d: the check found nothing, and the walk ended by %s", seed, e.Why)
				}
			}
		}
	}
}

type walked struct {
	Log  []Record
	Sent []Line
	Ran  map[string]int
}

// walkWith lets a visitor talk. Rough: wake-ups come twice, late and at once, and workers die between deciding and committing.
func walkWith(g Graph, seed uint64, rough bool) walked {
	find := only(g)
	visitor, chaos := rand.New(rand.NewPCG(seed, 2)), rand.New(rand.NewPCG(seed, 3))
	d := &desk{s: Session{Flow: "f1", Version: 1}, ran: map[string]int{}}
	words := []string{"a", "b", "hello", "7", "x@y.example", "human", "", "2026-01-02", "Yes"}
	var old []Input
	input := func(seq int64) Input {
		in := Input{At: day0.Add(time.Duration(d.s.Number) * time.Minute), Seq: seq, World: World{There: seed%2 == 0, Contact: map[string]string{"name": "N"}}}
		switch {
		case d.s.Number == 0:
			in.Kind = InStart
		case d.s.State == Working:
			in.Kind, in.Seq = InResult, 0
			in.Result = &Result{Effect: d.s.Effect.ID, Vars: map[string]string{"v": d.s.Effect.ID}}
			if d.s.Effect.Kind == DoArticle && visitor.IntN(3) > 0 {
				in.Result.Say = []Bubble{{Text: "an answer"}}
			}
			if len(d.s.Effect.ID)%3 == 0 {
				in.Result.Failed = "no"
			}
		default:
			in.Kind, in.Text = InSay, words[visitor.IntN(len(words))]
			if seen := seq - int64(visitor.IntN(5)); visitor.IntN(2) == 0 { // every other page says what it showed, some of them less than there was
				in.Seen, in.Put = &seen, seq-2
			}
		}
		return in
	}
	for seq := int64(1); seq < 400 && (d.s.Number == 0 || !d.s.Over()); seq++ {
		in := input(seq)
		old = append(old, in)
		todo := []Input{in}
		if rough {
			for range chaos.IntN(3) {
				todo = append(todo, old[chaos.IntN(len(old))])
			}
			chaos.Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
			todo = append(todo, in) // the stream brings it again until it is done
		}
		read := d.s // two workers may have read the same session
		for _, in := range todo {
			if !rough || chaos.IntN(2) == 0 {
				read = d.s
			}
			turn, ok := Take(find, read, in)
			if !ok || rough && in.Seq != seq && in.Seq != 0 && in.Seq > d.s.Seq {
				continue
			}
			if rough && chaos.IntN(4) == 0 && d.s.Number == read.Number {
				turn, ok = Take(find, read, in) // the first worker died; the next one decides again
			}
			if ok {
				d.commit(read.Number, in, turn)
			}
		}
		if rough {
			if turn, ok := Take(find, d.s, in); ok {
				d.commit(d.s.Number, in, turn)
			}
		}
	}
	return walked{d.log, d.sent, d.ran}
}

func randomGraph(r *rand.Rand) Graph {
	n := 1 + r.IntN(9)
	id := func() string {
		if r.IntN(14) == 0 {
			return [...]string{"", "nowhere"}[r.IntN(2)]
		}
		return fmt.Sprint("s", r.IntN(n))
	}
	g := Graph{Start: id(), Timeout: r.IntN(30)}
	for i := range n {
		s := Step{ID: fmt.Sprint("s", i), Kind: Kinds()[r.IntN(len(Kinds()))], Next: id()}
		switch s.Kind {
		case StepMessage:
			s.Message = &MessageStep{Bubbles: []Bubble{{Text: "m {{contact.name}}"}}}
		case StepQuestion:
			s.Question = &QuestionStep{Text: "q", Ask: [...]AskKind{AskText, AskChoice, AskMail, AskNumber, AskDate}[r.IntN(5)], Tries: r.IntN(4), Choices: []Choice{{ID: "a", Label: "a", Next: id()}, {ID: "b", Label: "b"}}}
			if r.IntN(3) == 0 {
				s.Question.Property = "name"
			}
			if r.IntN(3) == 0 {
				s.Question.Fail = id()
			}
		case StepSet:
			s.Set = &SetStep{On: [...]string{"contact", "thread", "answer"}[r.IntN(3)], Property: "priority", Value: "high"}
		case StepSubscribe:
			s.Subscribe = &SubscribeStep{Purpose: "p", Text: "t", Yes: "Yes", No: "No"}
		case StepBranch:
			s.Branch = &BranchStep{Branches: []Branch{{ID: "x", Tests: []BranchTest{{On: OnAvailable}}, Next: id()}}}
		case StepMeeting:
			s.Meeting = &MeetingStep{User: "u", Text: "t"}
		case StepHandoff:
			s.Handoff = &HandoffStep{To: "routing"}
			if r.IntN(3) == 0 {
				s.Handoff.AwayNext = id()
			}
		case StepWebhook:
			s.Webhook = &WebhookStep{URL: "https://x.example", Fail: id()}
		case StepCode:
			s.Code = &CodeStep{Source: "x", Fail: id()}
		case StepTag:
			s.Tag = &TagStep{Add: []string{"t"}}
		case StepList:
			s.List = &ListStep{List: "l", Remove: r.IntN(2) == 0}
		case StepTicket:
			s.Ticket = &TicketStep{Subject: "t"}
		case StepArticle:
			s.Article = &ArticleStep{Text: "?", Helped: id()}
		case StepFlow:
			s.Flow = &FlowStep{Flow: "f9"}
		case StepEnd:
			s.End = &EndStep{}
		}
		g.Steps = append(g.Steps, s)
	}
	if r.IntN(2) == 0 {
		g.Human = &HandoffStep{To: "routing", AwayNext: id()}
	}
	return g
}
