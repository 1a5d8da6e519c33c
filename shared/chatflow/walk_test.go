package chatflow

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var day0 = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

func only(g Graph) Library {
	return func(flow string, _ int64) (Graph, bool) { return g, flow == "f1" }
}

// talk is a visitor at a bot whose effects succeed with what fake says.
type talk struct {
	t     *testing.T
	find  Library
	s     Session
	world World
	fake  func(Effect) Result
	seq   int64
	log   []Record
}

func newTalk(t *testing.T, g Graph) *talk {
	return &talk{t: t, find: only(g), s: Session{Flow: "f1", Version: 1}, world: World{There: true, Contact: map[string]string{}}}
}

func (k *talk) take(in Input) Turn {
	k.t.Helper()
	in.At, in.World = day0.Add(time.Duration(len(k.log))*time.Second), k.world
	turn, ok := Take(k.find, k.s, in)
	if !ok {
		k.t.Fatalf("%s is not heard in state %s", in.Kind, k.s.State)
	}
	k.log = append(k.log, Record{Flow: k.s.Flow, Version: k.s.Version, Input: in, Turn: turn})
	k.s = turn.Session
	return turn
}

// through takes the input and everything that its effects lead to, and returns what the bot says.
func (k *talk) through(in Input) (said []string, effects []Effect) {
	k.t.Helper()
	turn := k.take(in)
	for {
		for _, l := range turn.Lines {
			said = append(said, strings.TrimSpace(l.Text+" "+strings.Join(l.Choices, "/")))
		}
		effects = append(effects, turn.Effects...)
		if k.s.State != Working {
			return said, effects
		}
		e := *k.s.Effect
		r := Result{}
		if k.fake != nil {
			r = k.fake(e)
		}
		if e.Kind == DoContact && r.Failed == "" {
			contact := map[string]string{e.Property: e.Value}
			for n, v := range k.world.Contact {
				if n != e.Property {
					contact[n] = v
				}
			}
			k.world.Contact = contact
		}
		r.Effect = e.ID
		turn = k.take(Input{Kind: InResult, Result: &r})
	}
}

func (k *talk) start() []string {
	k.t.Helper()
	said, _ := k.through(Input{Kind: InStart})
	return said
}

func (k *talk) say(text string) ([]string, []Effect) {
	k.t.Helper()
	k.seq++
	return k.through(Input{Kind: InSay, Text: text, Seq: k.seq})
}

func (k *talk) hears(text string, want ...string) {
	k.t.Helper()
	if got, _ := k.say(text); fmt.Sprint(got) != fmt.Sprint(want) {
		k.t.Fatalf("%q: said %q, want %q", text, got, want)
	}
}

func (k *talk) replays() {
	k.t.Helper()
	if err := Replay(k.find, k.log); err != nil {
		k.t.Error(err)
	}
}

func TestEveryStepInOneConversation(t *testing.T) {
	g := Graph{Start: "a", Steps: []Step{
		{ID: "a", Kind: StepMessage, Message: &MessageStep{Bubbles: []Bubble{{Text: "Hi {{contact.name|there}}"}, {Text: "I am a bot"}}}, Next: "n"},
		{ID: "n", Kind: StepQuestion, Question: &QuestionStep{Text: "Name?", Ask: AskText, Into: "name", Property: "name"}, Next: "age"},
		{ID: "age", Kind: StepQuestion, Question: &QuestionStep{Text: "Age of {{contact.name}}?", Ask: AskNumber, Into: "age", Retry: "Again"}, Next: "br"},
		{ID: "br", Kind: StepBranch, Branch: &BranchStep{Branches: []Branch{{ID: "b1", Tests: []BranchTest{{On: OnAnswer, Name: "age", Op: TestAbove, Value: "17"}}, Next: "sub"}}}, Next: "end"},
		{ID: "sub", Kind: StepSubscribe, Subscribe: &SubscribeStep{Purpose: "newsletter", Text: "News?", Yes: "Yes", No: "No"}, Next: "hook"},
		{ID: "hook", Kind: StepWebhook, Webhook: &WebhookStep{URL: "https://shop.example/x", Map: map[string]string{"plan": "plan"}}, Next: "code"},
		{ID: "code", Kind: StepCode, Code: &CodeStep{Source: "x", Exits: []Choice{{ID: "go", Label: "go", Next: "tag"}}}, Next: "end"},
		{ID: "tag", Kind: StepTag, Tag: &TagStep{Add: []string{"t1"}}, Next: "list"},
		{ID: "list", Kind: StepList, List: &ListStep{List: "l1"}, Next: "off"},
		{ID: "off", Kind: StepList, List: &ListStep{List: "l2", Remove: true}, Next: "set"},
		{ID: "set", Kind: StepSet, Set: &SetStep{On: "thread", Property: "priority", Value: "high"}, Next: "meet"},
		{ID: "meet", Kind: StepMeeting, Meeting: &MeetingStep{User: "u1", Text: "Meet"}, Next: "hand"},
		{ID: "hand", Kind: StepHandoff, Handoff: &HandoffStep{To: "team", ID: "t9", Text: "Plan {{answer.plan}}"}},
		{ID: "end", Kind: StepEnd, End: &EndStep{Text: "Bye"}},
	}}
	if found := g.Checkup(Known{}); len(found) > 0 {
		t.Fatalf("%+v", found)
	}
	k := newTalk(t, g)
	k.world.Teams, k.world.Meetings = []string{"t9"}, map[string]string{"u1": "https://cal.example/u1"}
	k.fake = func(e Effect) Result {
		switch e.Kind {
		case DoWebhook:
			return Result{Vars: map[string]string{"plan": "gold"}}
		case DoCode:
			return Result{Say: []Bubble{{Text: "from code {{contact.name}}"}}, Next: "go"}
		case DoList:
			return Result{Failed: "There is no such list."} // the visitor need not wait for that
		}
		return Result{}
	}
	if got := k.start(); fmt.Sprint(got) != "[Hi there I am a bot Name?]" {
		t.Fatal(got)
	}
	k.hears("{{answer.secret}} Lena", "Age of {{answer.secret}} Lena?") // what a visitor writes is no template
	k.hears("old", "Again")
	k.hears("42", "What is your email address?")
	k.hears("nope", "That does not look like an email address. Please check it.")
	k.hears("Lena@Shop.example", "News? Yes/No")
	said, effects := k.say("yes")
	if fmt.Sprint(said) != "[from code {{contact.name}} Meet Plan gold]" {
		t.Fatal(said)
	}
	var kinds []string
	for _, e := range effects {
		kinds = append(kinds, string(e.Kind))
	}
	if fmt.Sprint(kinds) != "[consent webhook code tag list list priority handoff]" || fmt.Sprint(effects[4].Add, effects[5].Remove) != "[l1] [l2]" || effects[7].Who != "t9" || !effects[0].Given || effects[0].Text != "News?\nYes" {
		t.Errorf("%v %+v", kinds, effects)
	}
	if k.s.State != HandedOff {
		t.Error(k.s.State)
	}
	k.replays()
}

func TestAPersonAtAnyTime(t *testing.T) {
	for _, words := range []string{"human", "Can I talk to a person?", "I want an agent please", "Kann ich mit einem Mitarbeiter sprechen", "real person!!"} {
		for _, tpl := range Templates("u1", "") {
			k := newTalk(t, tpl.Graph)
			k.world.There = false
			k.start()
			_, effects := k.say(words)
			if k.s.State != HandedOff || len(effects) != 1 || effects[0].Why != "asked" {
				t.Errorf("%s, %q: %s %+v", tpl.ID, words, k.s.State, effects)
			}
		}
	}
	for _, words := range []string{"Lena Personne", "agent orange T-shirt", "three people", "My order 12"} {
		if wantsPerson(words) {
			t.Errorf("%q asks for nobody", words)
		}
	}
	// A person is reached while a webhook hangs, and its late answer changes nothing.
	g := Graph{Start: "w", Steps: []Step{{ID: "w", Kind: StepWebhook, Webhook: &WebhookStep{URL: "https://x.example"}, Next: "w"}}}
	k := newTalk(t, g)
	turn := k.take(Input{Kind: InStart})
	id := turn.Session.Effect.ID
	k.take(Input{Kind: InSay, Text: "human", Seq: 1})
	if _, ok := Take(k.find, k.s, Input{Kind: InResult, Result: &Result{Effect: id}}); ok || k.s.State != HandedOff {
		t.Error("a late answer moved a walk that people have")
	}
}

func TestWhatIsGoneEndsAtAPerson(t *testing.T) {
	hand := Step{ID: "h", Kind: StepHandoff, Handoff: &HandoffStep{To: "team", ID: "gone"}}
	for name, c := range map[string]struct {
		g   Graph
		why string
	}{
		"team":        {Graph{Start: "h", Steps: []Step{hand}}, "gone"},
		"no step":     {Graph{Start: "x"}, "missing"},
		"dead end":    {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: StepTag, Tag: &TagStep{}}}}, "stuck"},
		"loop":        {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: StepTag, Tag: &TagStep{}, Next: "a"}}}, "loop"},
		"slow loop":   {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: StepSet, Set: &SetStep{On: "contact", Property: "name", Value: "x"}, Next: "a"}}}, "loop"},
		"bot":         {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: StepFlow, Flow: &FlowStep{Flow: "f9"}}}}, "gone"},
		"own bot":     {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: StepFlow, Flow: &FlowStep{Flow: "f1"}}}}, "loop"},
		"meeting":     {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: StepMeeting, Meeting: &MeetingStep{User: "u9"}, Next: "h"}, hand}}, "gone"},
		"newer kind":  {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: "dance", Next: "h"}, hand}}, "missing"},
		"bad webhook": {Graph{Start: "a", Steps: []Step{{ID: "a", Kind: StepWebhook, Webhook: &WebhookStep{}, Next: "h"}, hand}}, "failed"},
	} {
		k := newTalk(t, c.g)
		k.world.Bots = map[string]Entry{"f1": {Version: 1, Start: "a"}}
		k.fake = func(e Effect) Result {
			if e.Kind == DoWebhook {
				return Result{Failed: "timeout"}
			}
			return Result{}
		}
		_, effects := k.through(Input{Kind: InStart})
		last := effects[len(effects)-1]
		if k.s.State != HandedOff || last.Kind != DoHandoff || last.Why != c.why || last.To != "routing" {
			t.Errorf("%s: %s %+v", name, k.s.State, last)
		}
		k.replays()
	}
}

func TestSilenceTakeoverAndBack(t *testing.T) {
	k := newTalk(t, Templates("", "")[1].Graph)
	k.start()
	if _, ok := Take(k.find, k.s, Input{Kind: InTimeout, At: day0.Add(29 * time.Minute)}); ok {
		t.Error("given up too early")
	}
	turn, ok := Take(k.find, k.s, Input{Kind: InTimeout, At: day0.Add(31 * time.Minute)})
	if !ok || turn.Session.State != Abandoned || len(turn.Lines) > 0 {
		t.Errorf("%+v", turn)
	}
	back, ok := Take(k.find, turn.Session, Input{Kind: InSay, Text: "hello again", Seq: 5, At: day0.Add(time.Hour)})
	if !ok || back.Session.State != HandedOff || back.Effects[0].Why != "again" {
		t.Errorf("%+v", back)
	}
	k.take(Input{Kind: InTaken})
	if _, ok := Take(k.find, k.s, Input{Kind: InSay, Text: "An order", Seq: 9}); ok {
		t.Error("the bot talks while an agent does")
	}
	if turn := k.take(Input{Kind: InBack}); len(turn.Lines) != 1 || turn.Session.State != Waiting {
		t.Errorf("handed back: %+v", turn)
	}
	k.hears("An order", "What is the number of the order?")
	k.replays()
}

func TestAnswersAreChecked(t *testing.T) {
	lo, hi := 1.0, 10.0
	for _, c := range []struct {
		q        QuestionStep
		good     map[string]string
		bad      []string
		retrying string
	}{
		{QuestionStep{Ask: AskMail}, map[string]string{" A.b+c@X.example ": "a.b+c@x.example"}, []string{"a", "a@b", "a b@c.de", "a@b..de", "a@b.de,c@d.de", strings.Repeat("a", 65) + "@b.de"}, ""},
		{QuestionStep{Ask: AskPhone}, map[string]string{"+49 30 123456": "+49 30 123456"}, []string{"12", "call me", "123456789012345678"}, ""},
		{QuestionStep{Ask: AskNumber, Min: &lo, Max: &hi}, map[string]string{"2,5": "2.5", "+3": "3"}, []string{"0", "11", "NaN", "Inf", "0x1", "1e1", ""}, ""},
		{QuestionStep{Ask: AskDate}, map[string]string{"2026-02-28": "2026-02-28", "1.3.2026": "2026-03-01"}, []string{"2026-02-30", "tomorrow"}, ""},
		{QuestionStep{Ask: AskText}, map[string]string{" x ": "x"}, []string{"  "}, ""},
	} {
		for in, want := range c.good {
			if got, ok := c.q.parse(Choice{}, in); !ok || got != want {
				t.Errorf("%s %q: %q %v", c.q.Ask, in, got, ok)
			}
		}
		for _, in := range c.bad {
			if got, ok := c.q.parse(Choice{}, in); ok {
				t.Errorf("%s takes %q as %q", c.q.Ask, in, got)
			}
		}
	}
	k := newTalk(t, Templates("", "")[0].Graph)
	k.start()
	k.say("Lena")
	k.say("no")
	k.say("no")
	if _, effects := k.say("no"); k.s.State != HandedOff || effects[0].Why != "unanswered" {
		t.Errorf("asked for ever: %s", k.s.State)
	}
}

func TestTemplatesToTheirEnd(t *testing.T) {
	for _, c := range []struct {
		n     int
		says  []string
		state State
	}{
		{0, []string{"Lena", "lena@shop.example", "More than 100"}, HandedOff},
		{1, []string{"An order", "12", "It is broken", "lena@shop.example"}, HandedOff},
		{2, []string{"Yes", "lena@shop.example", "No, thank you"}, Completed},
		{3, []string{"A cup", "lena@shop.example"}, HandedOff},
	} {
		tpl := Templates("u1", "")[c.n]
		if found := tpl.Graph.Checkup(Known{Meetings: map[string]bool{"u1": true}}); len(found) > 0 {
			t.Errorf("%s: %+v", tpl.ID, found)
		}
		k := newTalk(t, tpl.Graph)
		k.world.There, k.world.Meetings = false, map[string]string{"u1": "https://cal.example"}
		k.start()
		for _, text := range c.says {
			k.say(text)
		}
		if k.s.State != c.state || k.world.Contact["email"] != "lena@shop.example" {
			t.Errorf("%s: %s %v", tpl.ID, k.s.State, k.world.Contact)
		}
		k.replays()
	}
}

func BenchmarkTurn(b *testing.B) {
	g := Templates("u1", "")[0].Graph
	find := only(g)
	t, _ := Take(find, Session{Flow: "f1", Version: 1}, Input{Kind: InStart, At: day0})
	for b.Loop() {
		Take(find, t.Session, Input{Kind: InSay, Text: "Lena", Seq: 2, At: day0})
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "turns/s")
}

func TestComparisons(t *testing.T) {
	for _, c := range []struct {
		have  string
		op    TestOp
		value string
		want  bool
	}{
		{"Gold ", TestIs, "gold", true},
		{"", TestIs, "gold", false},
		{"a gold b", TestContains, "GOLD", true},
		{"gold", TestBegins, "go", true},
		{"gold", TestEnds, "go", false},
		{"shop.example/a/b", TestMatches, "*/a/*", true},
		{"x", TestExists, "", true},
		{"", TestExists, "", false},
		{"10", TestAbove, "9", true},
		{"9", TestAbove, "9", false},
		{"9,5", TestBelow, "10", true},
		{"many", TestAbove, "1", false},
		{"2026-11-26", TestAbove, "2026-02-01", true},
		{"2026-11-26", TestBelow, "12", false},
		{"x", "newer", "x", false},
	} {
		test := BranchTest{On: OnAnswer, Name: "a", Op: c.op, Value: c.value}
		w := &walk{s: Session{Vars: map[string]string{"a": c.have}}}
		if got := w.holds(test); got != c.want {
			t.Errorf("%q %s %q: %v", c.have, c.op, c.value, got)
		}
		test.Not = true
		if w.fits(Branch{Tests: []BranchTest{test}}) == c.want {
			t.Errorf("not %q %s %q", c.have, c.op, c.value)
		}
	}
}
