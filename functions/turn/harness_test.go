package turn_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/functions/turn"
	"parley/shared/chatflow"
	"parley/shared/fetch"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/inbox"
	"parley/shared/live"
	"parley/shared/push"
	"parley/shared/store"
	"parley/shared/visitor"
)

var (
	ctx  = hosttest.Context()
	mara = events.Actor{Kind: events.Agent, ID: "mara", Name: "Mara"}
)

// server is a team's server that webhooks ask.
type server struct {
	answer string
	fails  error
	asked  []fetch.Request
}

func (s *server) Get(_ context.Context, r fetch.Request) (fetch.Answer, error) {
	s.asked = append(s.asked, r)
	return fetch.Answer{Status: 200, Body: []byte(s.answer)}, s.fails
}

type nowhere struct{}

func (nowhere) Post(context.Context, string, []byte) error { return nil }
func (nowhere) Close(context.Context, string) error        { return nil }

// shop is the function in a world with a chat in which a bot talks, and the door that visitors come through.
type shop struct {
	*hosttest.World
	testing.TB
	h       host.Handler
	st      *store.Store
	door    *visitor.Desk
	web     *server
	account inbox.Account
	flow    chatflow.Flow
	thread  string
	n       int
	pos     int64
}

func open(t testing.TB, g chatflow.Graph) *shop { return openIn(t, hosttest.New(t), g) }

func openIn(t testing.TB, w *hosttest.World, g chatflow.Graph) *shop {
	t.Helper()
	strike := w.Strike
	w.Strike = nil
	s := &shop{World: w, TB: t, web: &server{answer: `{"plan":"gold"}`}}
	c := w.Cloud()
	c.Fetch = s.web
	n := 0
	c.NewID = func() string { n++; return fmt.Sprintf("fn%06d", n) }
	var err error
	if s.h, err = c.Build(turn.New); err != nil {
		t.Fatal(err)
	}
	m := 0
	s.st = store.Open(w.DB, store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}, w.Now,
		func() string { m++; return fmt.Sprintf("test%06d", m) })
	var poster push.Poster = nowhere{}
	s.door = visitor.NewDesk(s.st, live.New(s.st, poster), func() string { m++; return fmt.Sprintf("door%06d", m) }, w.Now)
	in, _, err := s.st.Settings.NewInbox(ctx, mara, "Support", "parley.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.st.Settings.Invited(ctx, mara, store.User{ID: "mara", Name: "Mara", Email: "mara@parley.example", Role: inbox.Admin, Meeting: "https://meet.example/mara"}); err != nil {
		t.Fatal(err)
	}
	if s.account, err = s.st.Chats.Create(ctx, mara, in.ID, "Shop", "https://shop.example"); err != nil {
		t.Fatal(err)
	}
	if s.flow, err = s.st.Chats.PutFlow(ctx, mara, chatflow.Flow{
		Account: s.account.ID, Name: "Helper", On: true, Bot: true, AskEmail: chatflow.AskNever, Away: chatflow.Away{Mode: chatflow.AwayMessage}, Available: chatflow.Always,
	}); err != nil {
		t.Fatal(err)
	}
	s.publish(g)
	w.Strike = strike
	return s
}

func (s *shop) publish(g chatflow.Graph) {
	s.Helper()
	d, err := s.st.Bots.Draft(ctx, s.flow.ID)
	if err != nil {
		s.Fatal(err)
	}
	if _, err := s.st.Bots.Publish(ctx, mara, s.account.ID, s.flow.ID, d.Revision, g); err != nil {
		s.Fatal(err)
	}
	s.Pass(11 * time.Second) // the function's copy of the settings is old now
}

// say lets the visitor say something, once or several times over.
func (s *shop) say(text string, times int) {
	s.Helper()
	s.n++
	for range max(times, 1) {
		c, err := s.door.Say(ctx, visitor.Visitor{ID: "v1", Account: s.account.ID}, 1, visitor.Said{Client: fmt.Sprint("c", s.n), Text: text, Page: "https://shop.example/cups", Flow: s.flow.ID})
		if err != nil {
			s.Fatal(err)
		}
		s.thread = c.Thread.ID
	}
}

// sees lets the visitor say something on a page that shows the log up to an entry.
func (s *shop) sees(seen int64, text string) {
	s.Helper()
	s.n++
	said := visitor.Said{Client: fmt.Sprint("c", s.n), Text: text, Page: "https://shop.example/cups", Flow: s.flow.ID, Seen: &seen}
	c, err := s.door.Say(ctx, visitor.Visitor{ID: "v1", Account: s.account.ID}, 1, said)
	if err != nil {
		s.Fatal(err)
	}
	s.thread = c.Thread.ID
}

func (s *shop) deliver() {
	s.Helper()
	s.pos = s.Deliver(s, s.h, "assignments", s.pos, 20)
}

func (s *shop) talk(words ...string) {
	s.Helper()
	for _, w := range words {
		s.say(w, 1)
		s.deliver()
	}
}

func (s *shop) head() inbox.Thread {
	s.Helper()
	t, err := s.st.Threads.Head(ctx, s.thread)
	if err != nil {
		s.Fatal(err)
	}
	return t
}

// transcript is the log in words, without what chance makes: ids and times.
func (s *shop) transcript() []string {
	s.Helper()
	log, err := s.st.Threads.Entries(ctx, s.thread, 1, s.head().Seq)
	if err != nil {
		s.Fatal(err)
	}
	var out []string
	for _, e := range log {
		x, err := inbox.EntryOf(e)
		if err != nil {
			s.Fatal(err)
		}
		switch {
		case x.Received != nil:
			out = append(out, "> "+x.Received.Body.Text)
		case x.Sent != nil:
			line := string(x.Actor.Kind) + ": " + x.Sent.Body.Text
			if b := x.Sent.Bot; b != nil && len(b.Choices) > 0 {
				line += " [" + strings.Join(b.Choices, "|") + "]"
			}
			out = append(out, line)
		case x.BotStarted != nil:
			out = append(out, "bot.started")
		case x.BotEnded != nil:
			out = append(out, "bot.ended "+x.BotEnded.Why)
		default:
			out = append(out, x.Type)
		}
	}
	return out
}

func (s *shop) wantLog(want ...string) {
	s.Helper()
	if got := s.transcript(); !slices.Equal(got, want) {
		s.Errorf("the log reads\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// replays holds the record of the walk to the engine: turn by turn, to the byte.
func (s *shop) replays() []chatflow.Record {
	s.Helper()
	log, err := s.st.Bots.Records(ctx, s.thread)
	if err != nil {
		s.Fatal(err)
	}
	find, failed := s.st.Bots.Library(ctx)
	if err := chatflow.Replay(find, log); err != nil || failed() != nil {
		s.Errorf("replay: %v %v", err, failed())
	}
	return log
}
