package websocket_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/store"
)

// chat is a world with a chat account, a visitor on connection "v" and an agent on "m".
func chat(t *testing.T) (*world, inbox.Account) {
	w := newWorld(t)
	a, err := w.store.Chats.Create(ctx, events.Actor{ID: "mara"}, "i1", "Kiln & Clay", "https://kiln.example")
	if err != nil {
		t.Fatal(err)
	}
	w.as("v", store.Identity{Kind: "visitor", ID: "v1", Account: a.ID, Conversation: 1})
	w.as("m", store.Identity{Kind: "agent", ID: "mara", Name: "Mara"})
	return w, a
}

func (w *world) theirs(a inbox.Account, visitor string, n int) string {
	w.Helper()
	name := store.ChatClaim(a.ID, visitor, n)
	found, err := w.store.Threads.ByClaims(ctx, name)
	if err != nil {
		w.Fatal(err)
	}
	return found[name].Thread
}

func (w *world) replies(thread, text string) {
	w.Helper()
	c, err := w.store.Threads.Do(ctx, thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		return t.Reply(events.Actor{Kind: events.Agent, ID: "mara", Name: "Mara"}, events.MessageSent{Message: text, Body: events.Body{Text: text}, Preview: text})
	})
	if err != nil {
		w.Fatal(err)
	}
	live.New(w.store, w.push).Committed(ctx, c)
}

func kinds(fs []live.Frame) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.T)
	}
	return strings.Join(out, " ")
}

func TestAVisitorTalks(t *testing.T) {
	w, a := chat(t)
	if got := w.on("v", `{"action":"resume","after":0}`); kinds(got) != "lines" || got[0].Seq != 0 {
		t.Errorf("a conversation that has not begun: %+v", got)
	}
	got := w.on("v", `{"action":"say","client":"k1","text":" Two places? ","page":"https://kiln.example/classes","title":"Classes","flow":"f1"}`)
	if kinds(got) != "said lines" || got[0].Client != "k1" || got[0].Seq != 2 || got[1].From != 1 || got[1].Seq != 2 || len(got[1].Lines) != 1 || got[1].Lines[0].Text != "Two places?" {
		t.Fatalf("%+v", got)
	}
	thread := w.theirs(a, "v1", 1)
	head, err := w.store.Threads.Head(ctx, thread)
	if err != nil || head.Channel != inbox.ChannelChat || head.Subject != "Two places?" || head.Inbox != "i1" || head.WaitingSince.IsZero() {
		t.Fatalf("%+v %v", head, err)
	}
	if got := w.on("v", `{"action":"say","client":"k1","text":"Two places?"}`); kinds(got) != "said" || got[0].Seq != 2 {
		t.Errorf("the same message again: %+v", got)
	}
	got = w.on("v", `{"action":"say","client":"k2","text":"Hello?"}`)
	if kinds(got) != "lines said" || got[0].From != 3 || got[0].Seq != 3 || got[0].Lines[0].Client != "k2" {
		t.Errorf("%+v", got)
	}
	w.replies(thread, "Yes, two.")
	if got := w.push.takeOf(w, "v"); kinds(got) != "lines" || got[0].Lines[0].Name != "Mara" || got[0].Lines[0].Who == "mara" {
		t.Errorf("%+v", got)
	}
	if head, _ := w.store.Threads.Head(ctx, thread); head.Messages != 3 {
		t.Errorf("%d messages", head.Messages)
	}
}

func TestAVisitorMissesNothing(t *testing.T) {
	w, a := chat(t)
	w.on("v", `{"action":"say","client":"k1","text":"Hi"}`)
	thread := w.theirs(a, "v1", 1)
	if err := w.store.Sockets.Disconnect(ctx, "v"); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("long ", 1500)
	for i := range 12 {
		w.replies(thread, fmt.Sprint(i, long))
	}
	w.as("v2", store.Identity{Kind: "visitor", ID: "v1", Account: a.ID, Conversation: 1})
	w.push.largest = 0
	got := w.on("v2", `{"action":"resume","after":2}`)
	var texts int
	have := int64(2)
	for _, f := range got {
		if f.T != "lines" {
			continue
		}
		if f.From != have+1 {
			t.Errorf("lines from %d, the visitor has %d", f.From, have)
		}
		have = f.Seq
		texts += len(f.Lines)
	}
	if texts != 12 || have != 15 || len(got) < 3 || w.push.largest > limit.FrameBytes {
		t.Errorf("%d lines up to %d in %d frames, the largest of %d bytes", texts, have, len(got), w.push.largest)
	}
}

func TestAVisitorIsHeldToTheirOwn(t *testing.T) {
	w, a := chat(t)
	w.on("v", `{"action":"say","client":"k1","text":"secret"}`)
	thread := w.theirs(a, "v1", 1)
	w.as("x", store.Identity{Kind: "visitor", ID: "v2", Account: a.ID, Conversation: 1})
	for _, body := range []string{
		`{"action":"watch","topics":["thread:` + thread + `"]}`, `{"action":"watch","topics":["inbox:i1"]}`, `{"action":"unwatch","topics":["inbox:i1"]}`,
		`{"action":"typing","thread":"` + thread + `"}`, `{"action":"seen","thread":"` + thread + `","seq":1}`,
	} {
		for _, f := range w.on("x", body) {
			if f.T != "error" || f.Code != string(fault.Invalid) {
				t.Errorf("%s: %+v", body, f)
			}
		}
	}
	if got := w.on("x", `{"action":"resume","after":0}`); len(got) != 1 || len(got[0].Lines) != 0 {
		t.Errorf("%+v", got)
	}
	// The same visitor's second conversation is another one.
	w.as("v2", store.Identity{Kind: "visitor", ID: "v1", Account: a.ID, Conversation: 2})
	if got := w.on("v2", `{"action":"say","client":"k9","text":"Another matter"}`); kinds(got) != "said lines" || len(got[1].Lines) != 1 {
		t.Errorf("%+v", got)
	}
	if w.theirs(a, "v1", 2) == thread {
		t.Error("two conversations are one thread")
	}
}

func TestBadMessagesOfVisitors(t *testing.T) {
	w, _ := chat(t)
	for _, body := range []string{
		`{"action":"say","client":"k","text":"  \u0000 "}`, `{"action":"say","client":"","text":"x"}`, `{"action":"say","client":"` + strings.Repeat("k", 65) + `","text":"x"}`,
		`{"action":"say","client":"k","text":"` + strings.Repeat("x", limit.ChatTextBytes+1) + `"}`, `{"action":"resume","after":-1}`, `{"action":"dance"}`, `[]`, `{`,
	} {
		if got := w.on("v", body); len(got) != 1 || got[0].T != "error" || got[0].Code != string(fault.Invalid) {
			t.Errorf("%.60s: %+v", body, got)
		}
	}
	if n := w.refusals(); n != 8 {
		t.Errorf("%d refusals are counted, want 8", n)
	}
	w.as("gone", store.Identity{Kind: "visitor", ID: "v1", Account: "nothing", Conversation: 1})
	if got := w.on("gone", `{"action":"say","client":"k","text":"x"}`); len(got) != 1 || got[0].Code != string(fault.NotFound) || got[0].Client != "k" {
		t.Errorf("%+v", got)
	}
}

func TestPassingThingsAreTold(t *testing.T) {
	w, a := chat(t)
	w.on("v", `{"action":"say","client":"k1","text":"Hi"}`)
	thread := w.theirs(a, "v1", 1)
	got := w.on("m", `{"action":"watch","topics":[{"topic":"thread:`+thread+`","after":2}]}`)
	if kinds(got) != "watching visitor" || got[1].Online == nil || !*got[1].Online {
		t.Fatalf("%+v", got)
	}
	w.on("v", `{"action":"typing"}`)
	if got := w.push.takeOf(w, "m"); kinds(got) != "typing" || got[0].Who.Kind != "visitor" {
		t.Errorf("%+v", got)
	}
	w.on("v", `{"action":"seen","seq":2}`)
	if got := w.push.takeOf(w, "m"); kinds(got) != "seen" || got[0].Seq != 2 {
		t.Errorf("%+v", got)
	}
	w.on("m", `{"action":"typing","thread":"`+thread+`","note":true}`)
	if got := w.push.takeOf(w, "v"); len(got) != 0 {
		t.Errorf("a visitor hears of notes: %+v", got)
	}
	w.on("m", `{"action":"typing","thread":"`+thread+`"}`)
	if got := w.push.takeOf(w, "v"); kinds(got) != "typing" || got[0].Who.Name != "Mara" || got[0].Who.ID != "" || got[0].Thread != "" {
		t.Errorf("%+v", got)
	}
	w.as("j", store.Identity{Kind: "agent", ID: "jo", Name: "Jo"})
	w.on("j", `{"action":"watch","topics":[{"topic":"thread:`+thread+`","after":2}]}`)
	if got := w.push.takeOf(w, "m"); kinds(got) != "viewing" || len(got[0].Viewers) != 2 {
		t.Errorf("%+v", got)
	}
	w.on("j", `{"action":"unwatch","topics":["thread:`+thread+`"]}`)
	if got := w.push.takeOf(w, "m"); kinds(got) != "viewing" || len(got[0].Viewers) != 1 {
		t.Errorf("%+v", got)
	}
	if got := w.on("j", `{"action":"typing","thread":"`+thread+`"}`); kinds(got) != "error" {
		t.Errorf("typing where one does not look: %+v", got)
	}
	w.invoke(w.sample("disconnect", func(e map[string]any) { e["requestContext"].(map[string]any)["connectionId"] = "v" }))
	if got := w.push.takeOf(w, "m"); kinds(got) != "visitor" || *got[0].Online {
		t.Errorf("%+v", got)
	}
}
