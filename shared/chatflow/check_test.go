package chatflow

import (
	"fmt"
	"strings"
	"testing"

	"parley/events"
)

func TestTheCheckMarksTheStep(t *testing.T) {
	say := func(id, text, next string) Step {
		return Step{ID: id, Kind: StepMessage, Message: &MessageStep{Bubbles: []Bubble{{Text: text}}}, Next: next}
	}
	ask := func(id, next string) Step {
		return Step{ID: id, Kind: StepQuestion, Question: &QuestionStep{Text: "?", Ask: AskText}, Next: next}
	}
	hand := Step{ID: "h", Kind: StepHandoff, Handoff: &HandoffStep{To: "routing"}}
	end := Step{ID: "e", Kind: StepEnd, End: &EndStep{}}
	price := events.BotFile{ID: "x1", Name: "Prices.pdf", Type: "application/pdf", Size: 9}
	cup := events.BotFile{ID: "x2", Name: "cup.png", Type: "image/png", Size: 9, Picture: true}
	known := Known{
		Files: map[string]events.BotFile{price.ID: price, cup.ID: cup},
		Teams: map[string]bool{"t1": true}, Users: map[string]bool{"u1": true}, Meetings: map[string]bool{"u1": true}, Tags: map[string]bool{"g1": true}, Lists: map[string]bool{"l1": true, "l2": false},
		Contact: map[string]bool{"name": true, "email": true}, Company: map[string]bool{"industry": true}, Bots: map[string]bool{"f2": true},
	}
	step := func(s Step) Graph {
		s.ID = "a"
		if s.Next == "" {
			s.Next = "h"
		}
		return Graph{Start: "a", Steps: []Step{s, hand}}
	}
	for name, c := range map[string]struct {
		g    Graph
		want string // fault step/exit, in order
	}{
		"good":                 {Graph{Start: "a", Steps: []Step{say("a", "Hi {{contact.name|you}} {{page.url}}", "b"), ask("b", "c"), say("c", "{{answer.b}}", "h"), hand}}, ""},
		"a loop that asks":     {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: StepQuestion, Question: &QuestionStep{Text: "?", Ask: AskChoice, Choices: []Choice{{ID: "x", Label: "X", Next: "a"}, {ID: "y", Label: "Y", Next: "h"}}}}, hand}}, ""},
		"nothing":              {Graph{}, "empty "},
		"no first":             {Graph{Start: "x", Steps: []Step{end}}, "empty , unreachable e"},
		"unreachable":          {Graph{Start: "h", Steps: []Step{hand, say("a", "x", "h")}}, "unreachable a"},
		"dead end":             {Graph{Start: "a", Steps: []Step{say("a", "x", "")}}, "deadEnd a, noHuman a"},
		"missing":              {Graph{Start: "a", Steps: []Step{say("a", "x", "z")}}, "missing a, noHuman a"},
		"dead branch":          {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: StepBranch, Next: "h", Branch: &BranchStep{Branches: []Branch{{ID: "b1", Tests: []BranchTest{{On: OnHours}}}}}}, hand}}, "deadEnd a/b1"},
		"loop":                 {Graph{Start: "q", Steps: []Step{ask("q", "a"), say("a", "x", "b"), say("b", "y", "a"), hand}}, "noHuman q, loop a, noHuman a, loop b, noHuman b, unreachable h"},
		"loop with a way out":  {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: StepBranch, Next: "a", Branch: &BranchStep{Branches: []Branch{{ID: "b1", Tests: []BranchTest{{On: OnHours}}, Next: "h"}}}}, hand}}, "loop a"},
		"no way to a person":   {Graph{Start: "a", Steps: []Step{ask("a", "b"), ask("b", "a")}}, "noHuman a, noHuman b"},
		"twice":                {Graph{Start: "h", Steps: []Step{hand, hand}}, "twice h, twice h"},
		"broken token":         {step(say("", "Hi {{contact.shoe}}", "")), "token a"},
		"answer nobody gave":   {step(say("", "{{answer.b}}", "")), "token a"},
		"open token":           {step(say("", "{{contact.name", "")), "token a"},
		"unknown test":         {step(Step{Kind: StepBranch, Branch: &BranchStep{Branches: []Branch{{ID: "b1", Next: "h", Tests: []BranchTest{{On: OnAnswer, Name: "z", Op: TestIs}}}}}}), "token a/b1"},
		"not filled in":        {step(Step{Kind: StepWebhook}), "settings a"},
		"newer kind":           {step(Step{Kind: "dance"}), "settings a"},
		"http":                 {step(Step{Kind: StepWebhook, Webhook: &WebhookStep{URL: "http://shop.example"}}), "settings a"},
		"script address":       {step(Step{Kind: StepMessage, Message: &MessageStep{Bubbles: []Bubble{{Link: "javascript:alert(1)"}}}}), "settings a"},
		"picture without text": {step(Step{Kind: StepMessage, Message: &MessageStep{Bubbles: []Bubble{{Image: "https://x.example/a.png"}}}}), "settings a"},
		"only a file":          {step(Step{Kind: StepMessage, Message: &MessageStep{Bubbles: []Bubble{{File: &price}}}}), ""},
		"file of none":         {step(Step{Kind: StepMessage, Message: &MessageStep{Bubbles: []Bubble{{File: &events.BotFile{ID: "x9", Name: "a"}}}}}), "gone a"},
		"file renamed":         {step(Step{Kind: StepMessage, Message: &MessageStep{Bubbles: []Bubble{{File: &events.BotFile{ID: price.ID, Name: "Invoice.pdf", Type: price.Type, Size: price.Size}}}}}), "gone a"},
		"file without words":   {step(Step{Kind: StepMessage, Message: &MessageStep{Bubbles: []Bubble{{File: &cup}}}}), "settings a"},
		"choice of nothing":    {step(Step{Kind: StepQuestion, Question: &QuestionStep{Text: "?", Ask: AskChoice}}), "settings a"},
		"same reply twice":     {step(Step{Kind: StepQuestion, Question: &QuestionStep{Text: "?", Ask: AskChoice, Choices: []Choice{{ID: "a", Label: "Yes"}, {ID: "b", Label: "yes "}}}}), "settings a"},
		"team gone":            {step(Step{Kind: StepHandoff, Handoff: &HandoffStep{To: "team", ID: "t9"}}), "gone a, unreachable h"},
		"user gone":            {step(Step{Kind: StepHandoff, Handoff: &HandoffStep{To: "user", ID: "u9"}}), "gone a, unreachable h"},
		"nobody named":         {step(Step{Kind: StepHandoff, Handoff: &HandoffStep{To: "user"}}), "settings a, unreachable h"},
		"tag gone":             {step(Step{Kind: StepTag, Tag: &TagStep{Add: []string{"g1", "g9"}}}), "gone a"},
		"on a list":            {step(Step{Kind: StepList, List: &ListStep{List: "l1"}}), ""},
		"list gone":            {step(Step{Kind: StepList, List: &ListStep{List: "l9"}}), "gone a"},
		"list with conditions": {step(Step{Kind: StepList, List: &ListStep{List: "l2", Remove: true}}), "gone a"},
		"no list named":        {step(Step{Kind: StepList, List: &ListStep{}}), "settings a"},
		"bot gone":             {step(Step{Kind: StepFlow, Flow: &FlowStep{Flow: "f9"}}), "gone a, unreachable h"},
		"no meeting link":      {step(Step{Kind: StepMeeting, Meeting: &MeetingStep{User: "u9", Text: "x"}}), "gone a"},
		"property gone":        {step(Step{Kind: StepSet, Set: &SetStep{On: "contact", Property: "shoe", Value: "1"}}), "gone a"},
		"no such priority":     {step(Step{Kind: StepSet, Set: &SetStep{On: "thread", Property: "priority", Value: "red"}}), "settings a"},
		"consent for nothing":  {step(Step{Kind: StepSubscribe, Subscribe: &SubscribeStep{Text: "x", Yes: "y", No: "n"}}), "settings a"},
		"the way to a person":  {Graph{Start: "h", Steps: []Step{hand}, Human: &HandoffStep{To: "team", ID: "t9", AwayNext: "z"}}, "gone , missing /away"},
	} {
		var got []string
		for _, f := range c.g.Checkup(known) {
			where := string(f.Fault) + " " + f.Step
			if f.Exit != "" {
				where += "/" + f.Exit
			}
			got = append(got, where)
			if f.Text == "" || f.Block == (f.Fault == FaultUnreachable) {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %s, want %s", name, s, c.want)
		}
	}
	for _, kind := range Kinds() {
		if (Step{Kind: kind}).filled() {
			t.Errorf("%s is filled in without settings", kind)
		}
	}
	if n := len(Faults()); n != 10 || fmt.Sprint(Blocked([]Finding{{Fault: FaultUnreachable}})) != "false" {
		t.Error(n)
	}
}
