package chatflow

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// TestTooEarlyIsNoAnswer: what was written before the question could be read does not answer it, however many messages that are; it is heard, and
// the question stands. Asking for a person works at any time.
func TestTooEarlyIsNoAnswer(t *testing.T) {
	g := Graph{Start: "name", Steps: []Step{
		{ID: "name", Kind: StepQuestion, Question: &QuestionStep{Text: "Name?", Ask: AskText}, Next: "mail"},
		{ID: "mail", Kind: StepQuestion, Question: &QuestionStep{Text: "Address?", Ask: AskMail, Tries: 1}, Next: "end"},
		{ID: "end", Kind: StepEnd, End: &EndStep{Text: "Bye"}},
	}}
	say := func(text string, seq, seen, put int64) Input {
		return Input{Kind: InSay, Text: text, Seq: seq, Seen: &seen, Put: put}
	}
	k := newTalk(t, g)
	k.start()
	if said, _ := k.through(say("Lena", 4, 3, 3)); strings.Join(said, "|") != "Address?" {
		t.Fatalf("the answer to what was shown: %q", said)
	}
	for i, early := range []Input{say("my cup is broken", 5, 4, 6), say("it came today", 7, 4, 0), say("hello?", 8, 4, 0)} {
		if said, effects := k.through(early); len(said)+len(effects) != 0 || k.s.State != Waiting || k.s.Step != "mail" || k.s.Tries != 0 {
			t.Fatalf("early message %d: %q %v, %+v", i, said, effects, k.s)
		}
	}
	asked := *k
	if _, effects := asked.through(say("I want to talk to a person", 9, 4, 0)); len(effects) != 1 || effects[0].Kind != DoHandoff {
		t.Errorf("a call for a person: %v", effects)
	}
	if said, _ := k.through(say("lena@kiln.example", 9, 8, 0)); strings.Join(said, "|") != "Bye" {
		t.Errorf("the answer: %q", said)
	}
	if err := Replay(k.find, k.log); err != nil {
		t.Error(err)
	}
	late := newTalk(t, g) // a page that does not say what it showed
	late.start()
	if said, _ := late.through(Input{Kind: InSay, Text: "Lena", Seq: 4, Put: 9}); strings.Join(said, "|") != "Address?" {
		t.Errorf("a page that says nothing: %q", said)
	}
}

// TestThePageStays: where the visitor wrote is known in the turns that follow from it, too.
func TestThePageStays(t *testing.T) {
	g := Graph{Start: "q", Steps: []Step{
		{ID: "q", Kind: StepQuestion, Question: &QuestionStep{Text: "Name?", Ask: AskText, Property: "name"}, Next: "b"},
		{ID: "b", Kind: StepBranch, Branch: &BranchStep{Branches: []Branch{{ID: "x", Tests: []BranchTest{{On: OnPage, Op: TestContains, Value: "/cups"}}, Next: "cups"}}}, Next: "else"},
		{ID: "cups", Kind: StepEnd, End: &EndStep{Text: "Cups: {{page.url}}"}},
		{ID: "else", Kind: StepEnd, End: &EndStep{Text: "Else"}},
	}}
	k := newTalk(t, g)
	k.start()
	k.world.Page = "https://kiln.example/cups"
	k.take(Input{Kind: InSay, Text: "Lena"})
	k.world.Page = "" // nobody wrote for this turn
	turn := k.take(Input{Kind: InResult, Result: &Result{Effect: k.s.Effect.ID}})
	if len(turn.Lines) != 1 || turn.Lines[0].Text != "Cups: https://kiln.example/cups" {
		t.Errorf("%+v", turn.Lines)
	}
}

// TestOurWords: where a bot has no words, Parley's are in the language of the chat, also in turns that do not say it again.
func TestOurWords(t *testing.T) {
	g := Graph{Start: "mail", Steps: []Step{
		{ID: "mail", Kind: StepQuestion, Question: &QuestionStep{Text: "E-Mail?", Ask: AskMail, Property: "email"}, Next: "look"},
		{ID: "look", Kind: StepArticle, Article: &ArticleStep{Text: "Worum geht es?", Helped: "hand"}, Next: "hand"},
		{ID: "hand", Kind: StepHandoff, Handoff: &HandoffStep{To: "routing"}},
	}}
	for lang, want := range map[string]string{
		"de": "Das sieht nicht nach einer E-Mail-Adresse aus. Bitte prüfen Sie sie.|Worum geht es?|Antwort|Hat das geholfen? Ja/Nein|Ich gebe Sie an einen Menschen weiter.",
		"":   "That does not look like an email address. Please check it.|Worum geht es?|Antwort|Did this help? Yes/No|I am passing you on to a person.",
		"xx": "That does not look like an email address. Please check it.|Worum geht es?|Antwort|Did this help? Yes/No|I am passing you on to a person.",
	} {
		k := newTalk(t, g)
		k.world.Lang = lang
		k.start()
		k.world.Lang = ""
		k.fake = func(e Effect) Result {
			if e.Kind == DoArticle {
				return Result{Say: []Bubble{{Text: "Antwort"}}}
			}
			return Result{}
		}
		var got []string
		for _, text := range []string{"nichts", "lena@kiln.example", "Lieferung", wordsIn(lang).no} {
			said, _ := k.say(text)
			got = append(got, said...)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q", lang, got)
		}
	}
	for lang, w := range ours {
		for _, text := range []string{w.email, w.handing, w.nobody, w.helped, w.yes, w.no, w.retry[AskText], w.retry[AskChoice], w.retry[AskMail], w.retry[AskPhone], w.retry[AskNumber], w.retry[AskDate]} {
			if text == "" {
				t.Errorf("%s lacks words", lang)
			}
		}
	}
}

// TestGermanTemplates: the same bots, every word of theirs in German.
func TestGermanTemplates(t *testing.T) {
	words := regexp.MustCompile(`"(text|label|name|away)":"([^"]*)"`)
	for i, de := range Templates("u1", "de") {
		en, _ := json.Marshal(Templates("u1", "")[i])
		raw, _ := json.Marshal(de)
		if a, b := words.ReplaceAllString(string(en), "$1"), words.ReplaceAllString(string(raw), "$1"); a != b {
			t.Errorf("%s is another bot:\n%s\n%s", de.ID, a, b)
		}
		a, b := words.FindAllStringSubmatch(string(en), -1), words.FindAllStringSubmatch(string(raw), -1)
		for n := range a {
			if b[n][2] == "" || b[n][2] == a[n][2] {
				t.Errorf("%s: %q is %q", de.ID, a[n][2], b[n][2])
			}
		}
		if found := de.Graph.Checkup(Known{}); len(found) > 0 {
			t.Errorf("%s: %+v", de.ID, found)
		}
	}
}
