package turn_test

import (
	"strings"
	"testing"
	"time"

	"parley/shared/article"
	"parley/shared/chatflow"
	"parley/shared/host/hosttest"
)

// helps is a bot that looks an answer up, and makes a ticket if it did not help.
func helps() chatflow.Graph {
	find := step("find", chatflow.StepArticle, "make")
	find.Article = &chatflow.ArticleStep{Text: "What is it about?", Helped: "bye"}
	ticket := step("make", chatflow.StepTicket, "person")
	ticket.Ticket = &chatflow.TicketStep{Subject: "About {{answer.find}}"}
	bye := step("bye", chatflow.StepEnd, "")
	bye.End = &chatflow.EndStep{Text: "Glad to hear it."}
	return chatflow.Graph{Start: "find", Steps: []chatflow.Step{find, ticket, hands("person", chatflow.HandoffStep{To: "routing", Text: "Ticket {{answer.ticket}} is yours."}), bye}}
}

func (s *shop) writes(title, text string, published bool) {
	s.Helper()
	if _, err := s.st.Articles.Put(ctx, mara, article.Article{Title: title, Text: text, Published: published}); err != nil {
		s.Fatal(err)
	}
	s.Pass(11 * time.Second)
}

func TestAnArticleAnswers(t *testing.T) {
	s := open(t, helps())
	s.writes("How do I return a cup?", "Send it back within 30 days.", true)
	s.writes("Return of the secret cup", "Nobody is to read this yet.", false)
	s.talk("I want to return a cup", "Yes")
	s.wantLog("thread.opened", "bot.started", "bot: What is it about?", "> I want to return a cup", "bot: How do I return a cup?\n\nSend it back within 30 days.",
		"bot: Did this help? [Yes|No]", "> Yes", "bot: Glad to hear it.", "bot.ended completed")
	s.replays()
}

// Whatever fails, one ticket is made.
func TestATicketIsMadeOnce(t *testing.T) {
	hosttest.EveryCrash(t, func(t *testing.T, w *hosttest.World) {
		s := openIn(t, w, helps())
		strike := w.Strike
		w.Strike = nil
		s.say("a broken kiln", 2)
		w.Strike = strike
		s.deliver()
		w.Strike = nil
		got := s.transcript()
		if last := got[len(got)-2]; last != "bot: Ticket 1 is yours." {
			t.Errorf("%q", got)
		}
		list, err := s.st.Tickets.OfThread(ctx, s.thread)
		if err != nil || len(list) != 1 || list[0].Subject != "About a broken kiln" || !strings.Contains(strings.Join(got, "|"), "ticket.made") {
			t.Errorf("%+v %v %q", list, err, got)
		}
		s.replays()
	})
}
