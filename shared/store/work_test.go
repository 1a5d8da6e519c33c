package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/events"
	"parley/shared/inbox"
	"parley/shared/store"
)

// Whatever a team does with some threads: every view holds the threads that its name says and no other, every count agrees, what weighs on
// somebody is what they own.
func TestViewsAndLoadsAreWhatTheHeadsSay(t *testing.T) {
	s, c := openStore(t)
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		boxes := []string{fmt.Sprint("in", run, "a"), fmt.Sprint("in", run, "b")}
		users := []string{fmt.Sprint("u", run, "1"), fmt.Sprint("u", run, "2")}
		ids := []string{fmt.Sprint("t", run, "1"), fmt.Sprint("t", run, "2"), fmt.Sprint("t", run, "3")}
		teams := []string{"g1", "g2"}
		do := func(id string, f func(inbox.Thread) (inbox.Decision, error)) {
			_, _ = s.Threads.Do(ctx, id, "", f) // what a command refuses changes nothing
		}
		contact := events.Contact{ID: "c1"}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			id := rapid.SampledFrom(ids).Draw(t, "thread")
			user, team := rapid.SampledFrom(users).Draw(t, "user"), rapid.SampledFrom(teams).Draw(t, "team")
			by := events.Actor{Kind: events.Agent, ID: user}
			c.pass(time.Minute)
			step := rapid.IntRange(0, 11).Draw(t, "step")
			do(id, func(h inbox.Thread) (inbox.Decision, error) {
				if !h.Exists() {
					account := rapid.SampledFrom([]string{"a1", "a2"}).Draw(t, "account")
					channel := rapid.SampledFrom([]string{"email", "chat"}).Draw(t, "channel")
					return h.Open(events.ThreadOpened{Inbox: boxes[0], Account: account, Channel: channel, Contact: contact}, events.MessageReceived{Message: "m", Contact: contact})
				}
				switch step {
				case 0:
					return h.Assign(by, &events.Assignee{Kind: "agent", ID: user}, nil)
				case 1:
					return h.Assign(by, nil, nil)
				case 2:
					return h.Give(by, inbox.Assignment{To: h.Assignee, Team: &events.TeamRef{ID: team}})
				case 3:
					return h.SetStatus(by, inbox.Closed)
				case 4:
					return h.SetStatus(by, inbox.Open)
				case 5:
					return h.Snooze(by, time.Time{}, c.now())
				case 6:
					return h.Receive(events.MessageReceived{Message: "n", Contact: contact})
				case 7:
					return h.File(by, rapid.SampledFrom([]inbox.Folder{"", "spam", "trash", "filtered"}).Draw(t, "folder"), nil)
				case 8:
					return h.Move(by, events.Place{ID: h.Inbox}, events.Place{ID: rapid.SampledFrom(boxes).Draw(t, "box")}, rapid.Bool().Draw(t, "owner"), rapid.Bool().Draw(t, "keep"))
				case 9:
					return h.Comment(by, events.CommentAdded{Comment: "k", Body: events.Body{Text: "x"}, Mentions: []events.Mention{{ID: users[0]}, {ID: users[1]}}})
				case 10:
					return h.SeeMention(by)
				default:
					return h.Bounce(by, events.MessageBounced{Message: "m", Sent: 2, Delivery: "d", Address: "a@x.example", Kind: "Permanent/General"})
				}
			})
		}
		heads, err := s.Threads.Heads(ctx, ids...)
		if err != nil {
			t.Fatal(err)
		}
		weighs := map[string]float64{}
		for _, h := range heads {
			if u := h.Burdens(); u != "" {
				weighs[u] += map[bool]float64{true: 1, false: 0.5}[h.Channel == inbox.ChannelChat]
			}
		}
		loads, err := s.Threads.Loads(ctx, users...)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range users {
			if loads[u].Weight() != weighs[u] {
				t.Fatalf("%s owns %g, counted %g", u, weighs[u], loads[u].Weight())
			}
		}
		for _, box := range boxes {
			for _, v := range views(box, users[0]) {
				var want []string
				for _, h := range heads {
					if h.Inbox == box && v.holds(h) {
						want = append(want, h.ID)
					}
				}
				got, _, err := s.Threads.View(ctx, v.q)
				if err != nil {
					t.Fatal(err)
				}
				n, _, err := s.Threads.Count(ctx, v.q)
				if err != nil || n != len(want) || len(got) != len(want) || slices.ContainsFunc(got, func(h inbox.Thread) bool { return !slices.Contains(want, h.ID) }) {
					t.Fatalf("%s of %s holds %d, counts %d, want %v (%v)", v.q.View, box, len(got), n, want, err)
				}
			}
		}
	})
}

type viewOf struct {
	q     store.ViewQuery
	holds func(inbox.Thread) bool
}

// views are all views of an inbox, each with what belongs into it.
func views(box, user string) []viewOf {
	open := func(t inbox.Thread) bool {
		return t.Status == inbox.Open && t.Folder == inbox.Inboxed && t.Snoozed == nil
	}
	of := func(v store.View, holds func(inbox.Thread) bool) viewOf {
		return viewOf{store.ViewQuery{Inbox: box, View: v, User: user, Account: "a1", Team: "g1"}, holds}
	}
	return []viewOf{
		of(store.ViewOpen, open),
		of(store.ViewMine, func(t inbox.Thread) bool { return open(t) && t.Assignee != nil && t.Assignee.ID == user }),
		of(store.ViewUnassigned, func(t inbox.Thread) bool { return open(t) && t.Assignee == nil }),
		of(store.ViewChannel, func(t inbox.Thread) bool { return open(t) && t.Account == "a1" }),
		of(store.ViewTeam, func(t inbox.Thread) bool { return open(t) && t.Team != nil && t.Team.ID == "g1" }),
		of(store.ViewSnoozed, func(t inbox.Thread) bool { return t.Folder == inbox.Inboxed && t.Snoozed != nil }),
		of(store.ViewClosed, func(t inbox.Thread) bool { return t.Folder == inbox.Inboxed && t.Status == inbox.Closed }),
		of(store.ViewMentions, func(t inbox.Thread) bool { return slices.Contains(t.Mentions, user) }),
		of(store.ViewSpam, func(t inbox.Thread) bool { return t.Folder == inbox.Spam }),
		of(store.ViewTrash, func(t inbox.Thread) bool { return t.Folder == inbox.Trash }),
		of(store.ViewFiltered, func(t inbox.Thread) bool { return t.Folder == inbox.Filtered }),
		of(store.ViewUndelivered, func(t inbox.Thread) bool { return t.Undelivered != 0 }),
	}
}
