package flows

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// What flows look at of a team's work.
type (
	passed  struct{ ID, Why string }
	routing struct {
		Rule, RuleName, Way string
		Waits               bool
		Passed              []passed
		Chosen              *struct{ ID string }
	}
	worked struct {
		Thread struct {
			ID, Status, Priority string
			Seq                  int64
			Assignee, Team       *struct{ ID, Name string }
			Tags                 []struct{ ID, Name string }
			Mentions             []string
			Snooze               *struct{ Until string }
		}
		Entries []struct {
			Type     string
			Assigned *struct{ Routing *routing }
		}
	}
	share struct {
		ID    string
		Count int
	}
	counts struct {
		Open, Mine, Unassigned, Mentions, Snoozed, Trash struct{ Count int }
		Channels, Teams                                  []share
	}
)

func (s *setup) worked(id string) (w worked) {
	s.t.Helper()
	s.call("GET", "/threads/"+id, nil, &w)
	return w
}

// routed waits until the rules have spoken of a thread, and returns what they said last.
func (s *setup) routed(id string) (w worked, said *routing) {
	s.t.Helper()
	s.eventually("what the rules say of "+id, func() bool {
		w = s.worked(id)
		for _, e := range w.Entries {
			if e.Assigned != nil && e.Assigned.Routing != nil {
				said = e.Assigned.Routing
			}
		}
		return said != nil
	})
	return w, said
}

// A second inbox with a team and rules: mail is given to who can take it, up to their capacity and no further, and the thread says why. Then the
// team works on it, and every view counts what it holds.
func TestFlowATeam(t *testing.T) {
	s := flow(t)
	var box struct {
		ID       string
		Accounts []struct{ ID, Address string }
	}
	s.call("POST", "/inboxes", map[string]any{"name": "Desk " + s.tag}, &box)
	var me, ada struct{ ID string }
	s.call("GET", "/me", nil, &me)
	s.call("POST", "/users", map[string]any{"email": s.ours("ada-" + s.tag), "name": "Ada", "role": "agent"}, &ada)
	var team struct{ ID string }
	s.call("POST", "/teams", map[string]any{"name": "Glaze " + s.tag, "members": []string{ada.ID}}, &team)
	s.call("PUT", "/users/"+ada.ID+"/capacity", map[string]any{"capacity": 1}, nil)
	plan := map[string]any{
		"rules": []any{map[string]any{
			"name": "Glazes", "on": true, "if": []any{map[string]any{"kind": "text", "values": []string{"celadon"}}},
			"then": map[string]any{"kind": "people", "teams": []string{team.ID}, "way": "least"},
		}},
		"rest": map[string]any{"kind": "none"}, "awayMinutes": 0,
	}
	var tried routing
	s.call("POST", "/inboxes/"+box.ID+"/routing/try", map[string]any{"plan": plan, "channel": "email", "text": "Which celadon is it?"}, &tried)
	if tried.Chosen == nil || tried.Chosen.ID != ada.ID {
		t.Errorf("%+v", tried)
	}
	s.putIf(`"0"`, "/inboxes/"+box.ID+"/routing", plan)
	settled()

	// Three mails; the word that decides stands far down in a long one, and two are all that Ada can take.
	address := box.Accounts[0].Address
	long := strings.Repeat("We have been customers for years and write to ask about our dinner set. ", 60) + "Is it the celadon?"
	var ids []string
	for i := range 3 {
		from := s.at(fmt.Sprint("gus", i))
		s.post(from, address, letter(from, s.about(fmt.Sprint("Dinner set ", i)), s.id("gus", i), "", long))
		s.eventually("the mail", func() bool {
			ids = ids[:0]
			var page struct {
				Threads []struct{ Thread struct{ ID string } }
			}
			s.call("GET", "/inboxes/"+box.ID+"/threads?view=open", nil, &page)
			for _, th := range page.Threads {
				ids = append(ids, th.Thread.ID)
			}
			return len(ids) == i+1
		})
	}
	taken, waits := 0, ""
	for _, id := range ids {
		w, said := s.routed(id)
		switch {
		case w.Thread.Assignee != nil:
			taken++
			if w.Thread.Assignee.ID != ada.ID || said.RuleName != "Glazes" || w.Thread.Team == nil || w.Thread.Team.ID != team.ID {
				t.Errorf("%+v %+v", w.Thread, said)
			}
		default:
			waits = id
			if !said.Waits || len(said.Passed) != 1 || said.Passed[0] != (passed{ada.ID, "full"}) {
				t.Errorf("%+v", said)
			}
		}
	}
	if taken != 2 || waits == "" {
		t.Fatalf("%d of three were given to Ada", taken)
	}
	var load struct {
		People []struct {
			User           string
			Load, Capacity float64
		}
		Waiting struct{ Count int }
	}
	s.call("GET", "/load", nil, &load)
	if i := slices.IndexFunc(load.People, func(p struct {
		User           string
		Load, Capacity float64
	},
	) bool {
		return p.User == ada.ID
	}); i < 0 || load.People[i].Load != 1 || load.Waiting.Count < 1 {
		t.Errorf("%+v", load)
	}

	// Who answers what is nobody's takes it.
	s.call("POST", "/threads/"+waits+"/messages", map[string]any{"text": "It is."}, nil)
	if w := s.worked(waits); w.Thread.Assignee == nil || w.Thread.Assignee.ID != me.ID {
		t.Errorf("%+v", w.Thread)
	}
	s.works(box.ID, team.ID, waits, ids)
	// Ada leaves: what she has goes to the admin.
	var handed struct{ Moved int }
	s.call("POST", "/users/"+ada.ID+"/handover", map[string]any{"kind": "agent", "id": me.ID}, &handed)
	if handed.Moved != 2 {
		t.Errorf("%d were handed over", handed.Moved)
	}
	s.call("PUT", "/users/"+ada.ID+"/access", map[string]any{"disabled": true}, nil)
	var log struct {
		Changes []struct{ What, Of, Did string }
	}
	s.call("GET", "/changes", nil, &log)
	if c := log.Changes; len(c) < 2 || c[0].Did != "disabled" || c[1].Did != "handed over" || c[0].Of != ada.ID {
		t.Errorf("%+v", c[:min(len(c), 3)])
	}
}

// works is what a team does with threads: tags, priority, snooze, spam and back, a mention, another inbox, many at once.
func (s *setup) works(box, team, id string, all []string) {
	s.t.Helper()
	at := "/threads/" + id
	var tag struct{ ID string }
	s.call("POST", "/tags", map[string]any{"name": "Refund " + s.tag}, &tag)
	s.call("PUT", at+"/tags", map[string]any{"add": []string{tag.ID}}, nil)
	s.call("PUT", at+"/priority", map[string]any{"priority": "high"}, nil)
	var me struct{ ID string }
	s.call("GET", "/me", nil, &me)
	var other struct{ ID string }
	s.call("POST", "/users", map[string]any{"email": s.ours("bo-" + s.tag), "name": "Bo", "role": "agent"}, &other)
	s.call("POST", at+"/comments", map[string]any{"text": "@Bo, look", "mentions": []any{map[string]string{"user": other.ID}}}, nil)
	if w := s.worked(id); len(w.Thread.Tags) != 1 || w.Thread.Priority != "high" || !slices.Equal(w.Thread.Mentions, []string{other.ID}) {
		s.t.Errorf("%+v", w.Thread)
	}
	s.call("PUT", at+"/assignee", map[string]any{"agent": "", "team": team}, nil)
	s.call("PUT", at+"/folder", map[string]any{"folder": "trash"}, nil)
	n := s.counts(box)
	if n.Trash.Count != 1 || n.Open.Count != 2 {
		s.t.Errorf("%+v", n)
	}
	s.call("PUT", at+"/folder", map[string]any{"folder": ""}, nil) // and so it wants an owner again
	s.call("PUT", at+"/snooze", map[string]any{"until": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}, nil)
	if n = s.counts(box); n.Snoozed.Count != 1 {
		s.t.Errorf("%+v", n)
	}
	s.call("DELETE", at+"/snooze", nil, nil)
	n = s.counts(box)
	if len(n.Teams) == 0 || n.Open.Count != 3 || len(n.Channels) != 1 || n.Channels[0].Count != 3 || !slices.Contains(n.Teams, share{team, 3}) {
		s.t.Errorf("%+v", n)
	}
	var page struct {
		Threads []struct{ Thread struct{ ID string } }
	}
	s.call("GET", "/inboxes/"+box+"/threads?view=team&team="+team, nil, &page)
	if len(page.Threads) != 3 {
		s.t.Errorf("%d threads of the team", len(page.Threads))
	}
	var bulk struct{ Results []struct{ Code string } }
	s.call("POST", "/threads/bulk", map[string]any{"threads": append(slices.Clone(all), "nothing"), "change": map[string]any{"priority": "urgent", "read": true}}, &bulk)
	if len(bulk.Results) != 4 || bulk.Results[0].Code != "" || bulk.Results[3].Code != "notfound" {
		s.t.Errorf("%+v", bulk)
	}
	var snippet struct{ ID string }
	s.call("POST", "/snippets", map[string]any{"shortcut": "thanks-" + s.tag, "title": "Thanks", "text": "Thank you, {{contact.firstName|friend}}!"}, &snippet)
	var filled struct{ Text string }
	s.call("GET", at+"/snippets/"+snippet.ID, nil, &filled)
	if !strings.HasPrefix(filled.Text, "Thank you, ") || strings.Contains(filled.Text, "{") {
		s.t.Errorf("%+v", filled)
	}
	s.call("DELETE", "/snippets/"+snippet.ID, nil, nil)
}

func (s *setup) counts(box string) (n counts) {
	s.t.Helper()
	s.call("GET", "/inboxes/"+box+"/counts", nil, &n)
	return n
}

// putIf is a PUT with If-Match.
func (s *setup) putIf(tag, path string, in any) {
	s.t.Helper()
	status, body := s.withHeader(http.MethodPut, path, in, "If-Match", tag)
	if status/100 != 2 {
		s.t.Fatalf("PUT %s: %d %s", path, status, body)
	}
}

// A mention is on the page of who is called before they look, in their list, and seen when they say so; nobody hears of what they did themselves.
func TestFlowNotices(t *testing.T) {
	s := flow(t)
	mia := s.at("mia")
	s.post(mia, s.Address, letter(mia, s.about("Notice"), s.id("mia", 1), "", "Hello?"))
	id := s.bySubject(s.about("Notice")).ID
	var me struct{ ID string }
	s.call("GET", "/me", nil, &me)
	page := s.dial()
	page.send(`{"action":"watch","topics":["me"]}`)
	page.until("that it listens", func(f frame) bool { return f.T == "watching" })
	s.call("PUT", "/threads/"+id+"/assignee", map[string]any{"agent": me.ID}, nil) // by themselves: no news
	s.post(mia, s.Address, letter(mia, "Re: "+s.about("Notice"), s.id("mia", 2), "In-Reply-To: "+s.id("mia", 1)+"\n", "Are you there?"))
	f := page.until("the notice", func(f frame) bool { return f.T == "notice" })
	if f.Thread != id {
		t.Errorf("%+v", f)
	}
	type told struct {
		Notices []struct {
			Kind, Thread, Preview string
			At                    time.Time
		}
		Unseen struct{ Count int }
	}
	var list told
	s.call("GET", "/notices", nil, &list)
	if len(list.Notices) == 0 || list.Notices[0].Kind != "reply" || list.Notices[0].Thread != id || list.Unseen.Count < 1 || !strings.Contains(list.Notices[0].Preview, "Are you there?") {
		t.Fatalf("%+v", list)
	}
	s.call("PUT", "/notices/seen", map[string]any{"at": list.Notices[0].At}, nil)
	var after told
	if s.call("GET", "/notices", nil, &after); after.Unseen.Count != 0 {
		t.Errorf("%+v", after)
	}
	var prefs map[string]any
	s.call("GET", "/me/notifications", nil, &prefs)
	s.call("PUT", "/me/notifications", prefs, nil)
}
