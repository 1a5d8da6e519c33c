package route_test

import (
	"testing"
	"time"

	"parley/events"
	"parley/shared/inbox"
	"parley/shared/routing"
	"parley/shared/store"
)

// TestABotsTeam: what a bot hands to a team goes to whoever of it has least to do, by whatever the inbox's rules say, and without any; while
// nobody of the team can take it, it waits in the team's view and is offered again.
func TestABotsTeam(t *testing.T) {
	d := open(t)
	d.hire("ada", "bo")
	d.Pass(11 * time.Second)
	hand := func(id string) {
		d.Helper()
		d.chat(id, "flow")
		bot := events.Actor{Kind: events.Bot, ID: "flow", Name: "Helper"}
		for _, f := range [][]events.Fact{
			{events.BotStarted{Flow: "flow", Name: "Helper", Version: 1}},
			{events.BotEnded{Flow: "flow", Name: "Helper", Why: "step"}, events.ThreadAssigned{Team: &events.TeamRef{ID: d.team.ID, Name: d.team.Name}, Why: &events.Why{Rule: "bot"}}},
		} {
			if _, err := d.st.Threads.Do(ctx, id, "", func(inbox.Thread) (inbox.Decision, error) { return inbox.Decision{Actor: bot, Facts: f}, nil }); err != nil {
				t.Fatal(err)
			}
		}
		d.deliver()
	}
	got := map[string]int{}
	for _, id := range []string{"t1", "t2", "t3", "t4"} {
		hand(id)
		h := d.head(id)
		if h.Assignee == nil || h.Team == nil || h.Team.ID != d.team.ID {
			t.Fatalf("%s: assignee %v, team %v", id, h.Assignee, h.Team)
		}
		got[h.Assignee.ID]++
	}
	if got["ada"] != 2 || got["bo"] != 2 {
		t.Errorf("conversations: %v", got)
	}
	_, r := d.owner("t4")
	if r == nil || r.Rule != routing.FromTeam || r.RuleName != "Billing" || r.Cause != "handedOff" || r.Chosen == nil || len(r.Passed) != 1 {
		t.Errorf("said: %+v", r)
	}
	if _, err := d.st.Settings.Invited(ctx, by, store.User{ID: "cy", Name: "cy", Email: "cy@parley.example", Role: inbox.Agent}); err != nil {
		t.Fatal(err)
	}
	available := func(u string, yes bool) {
		t.Helper()
		if _, err := d.st.Settings.SetAvailable(ctx, u, yes); err != nil {
			t.Fatal(err)
		}
	}
	available("ada", false)
	available("bo", false)
	d.plan(routing.Target{Kind: routing.People, Users: []string{"cy"}, Way: routing.Least}) // the rules would say somebody else
	hand("t5")
	if o, r := d.owner("t5"); o != "" || r == nil || !r.Waits || d.head("t5").Team == nil {
		t.Errorf("everybody is away: %q %+v", o, r)
	}
	available("bo", true)
	d.again()
	if o, _ := d.owner("t5"); o != "bo" || d.jobs() != 0 {
		t.Errorf("bo is back: %q, %d jobs", o, d.jobs())
	}
}
