package turn_test

import (
	"strings"
	"testing"
	"time"

	"parley/shared/bot"
	"parley/shared/chatflow"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/visitor"
)

// greets says hello by name, and asks by whether somebody is there.
func greets(hello string) chatflow.Graph {
	there := step("there", chatflow.StepBranch, "no")
	there.Branch = &chatflow.BranchStep{Branches: []chatflow.Branch{{ID: "y", Tests: []chatflow.BranchTest{{On: chatflow.OnAvailable}}, Next: "yes"}}}
	return chatflow.Graph{Start: "hi", Steps: []chatflow.Step{
		says("hi", hello+" {{contact.name|stranger}}", "there"), there,
		asks("yes", chatflow.QuestionStep{Text: "How can we help?", Ask: chatflow.AskText}, "e"),
		asks("no", chatflow.QuestionStep{Text: "Nobody is here. What is it about?", Ask: chatflow.AskText}, "e"), ends("e", "Thank you", false),
	}}
}

func (s *shop) first(v, text string, shown *bot.Shown) {
	s.Helper()
	s.n++
	c, err := s.door.Say(ctx, visitor.Visitor{ID: v, Account: s.account.ID}, 1, visitor.Said{Client: v, Text: text, Page: "https://shop.example/cups", Flow: s.flow.ID, Shown: shown})
	if err != nil {
		s.Fatal(err)
	}
	s.thread = c.Thread.ID
	s.deliver()
	s.replays()
}

// TestTheLogHasTheOpeningThatWasRead: whatever has changed between what a page showed and the visitor's first message, the log has what they read:
// who was there, who they were known as, and which version of the bot it was.
func TestTheLogHasTheOpeningThatWasRead(t *testing.T) {
	s := open(t, greets("Hello"))
	flow, err := s.door.Account(ctx, s.account.ID)
	if err != nil {
		t.Fatal(err)
	}
	show := func(c people.Contact) *bot.Shown {
		t.Helper()
		lines, shown, err := s.door.Greeting(ctx, flow, s.flow.ID, c, bot.Where{Page: "https://shop.example/", Lang: "de"})
		if err != nil || shown == nil || len(lines) != 2 {
			t.Fatal(lines, shown, err)
		}
		return shown
	}
	nobody := show(people.Contact{})
	if want := (bot.Shown{Version: 1, There: true, Open: true, Page: "https://shop.example/"}); *nobody != want {
		t.Fatalf("shown: %+v", *nobody)
	}
	away := *nobody
	away.There = false // by now somebody is
	s.first("v1", "A cup", &away)
	s.wantLog("thread.opened", "bot.started", "bot: Hello stranger", "bot: Nobody is here. What is it about?", "> A cup", "bot: Thank you", "bot.ended completed")

	if _, err := s.st.Contacts.ByVisitor(ctx, "v2", ""); err != nil {
		t.Fatal(err)
	}
	c, err := s.st.Contacts.KnownVisitor(ctx, "v2")
	if err != nil {
		t.Fatal(err)
	}
	if c, err = s.st.Contacts.Introduce(ctx, c.ID, "", "Lena"); err != nil {
		t.Fatal(err)
	}
	known := show(c)
	if !known.Known {
		t.Error("she is not known")
	}
	s.publish(greets("Good day"))
	s.first("v2", "A plate", known)
	s.wantLog("thread.opened", "bot.started", "bot: Hello Lena", "bot: How can we help?", "> A plate", "bot: Thank you", "bot.ended completed")

	s.first("v3", "A bowl", &bot.Shown{Version: 1, There: true, Open: true, Page: "https://shop.example/"})
	s.wantLog("thread.opened", "bot.started", "bot: Hello stranger", "bot: How can we help?", "> A bowl", "bot: Thank you", "bot.ended completed")

	s.first("v4", "A lid", &bot.Shown{Version: 2, There: true, Page: "https://shop.example/" + strings.Repeat("ä", 9000)})
	if log := s.replays(); len(log[0].Input.World.Page) > limit.ChatPageBytes {
		t.Errorf("a page of %d bytes is kept", len(log[0].Input.World.Page))
	}

	s.Pass(2 * time.Hour) // a page from before nobody looks at any more: a version that was replaced is over
	for i, shown := range []*bot.Shown{nobody, nil, {Version: 99, There: true}, {Version: -1, There: true}} {
		v := string(rune('a' + i))
		s.first(v, "A jug", shown)
		s.wantLog("thread.opened", "bot.started", "bot: Good day stranger", "bot: How can we help?", "> A jug", "bot: Thank you", "bot.ended completed")
	}
}
