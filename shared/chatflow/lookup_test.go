package chatflow

import (
	"testing"
)

// A look-up shows what was found and asks whether it helped; what helps nobody goes on, and so does what is not found.
func TestALookUp(t *testing.T) {
	g := Graph{Start: "find", Steps: []Step{
		{ID: "find", Kind: StepArticle, Article: &ArticleStep{Text: "What is it about?", Helped: "bye"}, Next: "make"},
		{ID: "make", Kind: StepTicket, Ticket: &TicketStep{Subject: "About {{answer.find}}"}, Next: "person"},
		{ID: "person", Kind: StepHandoff, Handoff: &HandoffStep{To: "routing", Text: "Ticket {{answer.ticket}} is yours."}},
		{ID: "bye", Kind: StepEnd, End: &EndStep{Text: "Glad to hear it."}},
	}}
	if found := g.Checkup(Known{}); len(found) > 0 {
		t.Fatalf("%+v", found)
	}
	walk := func(say []Bubble, words ...string) (last string, s Session) {
		t.Helper()
		s = Session{Flow: "f1", Version: 1}
		in := Input{Kind: InStart, At: day0}
		seq := int64(0)
		for range 20 {
			turn, ok := Take(only(g), s, in)
			if !ok {
				t.Fatalf("not heard: %+v in %+v", in, s)
			}
			s = turn.Session
			for _, l := range turn.Lines {
				last = l.Text
			}
			switch {
			case s.State == Working && s.Effect.Kind == DoArticle:
				in = Input{Kind: InResult, At: day0, Result: &Result{Effect: s.Effect.ID, Say: say}}
			case s.State == Working && s.Effect.Kind == DoTicket:
				if s.Effect.Value != "About a broken kiln" {
					t.Errorf("subject %q", s.Effect.Value)
				}
				in = Input{Kind: InResult, At: day0, Result: &Result{Effect: s.Effect.ID, Vars: map[string]string{"ticket": "7"}}}
			case s.Over() || len(words) == 0:
				return last, s
			default:
				seq++
				in = Input{Kind: InSay, At: day0, Seq: seq, Text: words[0]}
				words = words[1:]
			}
		}
		t.Fatal("it never ends")
		return last, s
	}
	hits := []Bubble{{Text: "Kilns break", Link: "https://x.example"}, {Text: "Second"}, {Text: "Third"}, {Text: "one too many"}}
	if last, s := walk(hits, "a broken kiln"); last != ours["en"].helped || s.State != Waiting {
		t.Errorf("%q %s", last, s.State)
	}
	if last, s := walk(hits, "a broken kiln", "yes"); last != "Glad to hear it." || s.State != Completed {
		t.Errorf("%q %s", last, s.State)
	}
	for _, words := range [][]string{{"a broken kiln", "No"}, {"a broken kiln", "what do you mean?"}} {
		if last, s := walk(hits, words...); last != "Ticket 7 is yours." || s.State != HandedOff {
			t.Errorf("%q: %q %s", words, last, s.State)
		}
	}
	if last, s := walk(nil, "a broken kiln"); last != "Ticket 7 is yours." || s.State != HandedOff {
		t.Errorf("%q %s", last, s.State)
	}
}
