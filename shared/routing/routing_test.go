package routing_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/routing"
)

func plan() routing.Plan {
	billing := routing.Target{Kind: routing.People, Teams: []string{"billing"}, Way: routing.Least}
	return routing.Plan{
		Inbox: "i1", Rest: routing.Target{Kind: routing.None},
		Sources: map[string]routing.Target{"a2": {Kind: routing.People, Users: []string{"u1"}, Way: routing.Round}, "f1": {Kind: routing.Owner}},
		Rules: []routing.PlanRule{
			{ID: "r0", Name: "Off", Then: billing},
			{ID: "r1", Name: "Enterprise", On: true, If: []routing.PlanCondition{{Kind: routing.OfContact, Property: "list", Values: []string{"Enterprise"}}}, Then: routing.Target{Kind: routing.Owner}},
			{ID: "r2", Name: "Billing words", On: true, If: []routing.PlanCondition{
				{Kind: routing.OfChannel, Values: []string{"chat"}, Not: true},
				{Kind: routing.OfText, Values: []string{"invoice", "Charged twice"}},
			}, Then: billing},
			{ID: "r3", Name: "French", On: true, If: []routing.PlanCondition{{Kind: routing.OfLanguage, Values: []string{"fr"}}}, Then: billing},
		},
	}
}

func TestTheFirstRuleThatFitsDecides(t *testing.T) {
	p := plan()
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		q    routing.Question
		rule string
		kind routing.TargetKind
		last events.RouteStep
	}{
		"a word of the text": {
			routing.Question{Channel: "email", Account: "a1", Subject: "Hello", Text: "I was CHARGED TWICE"},
			"r2", routing.People,
			events.RouteStep{Rule: "r2", Name: "Billing words", Fits: true, Because: "text", Saw: "charged twice"},
		},
		"not on this channel": {
			routing.Question{Channel: "chat", Account: "a1", Text: "invoice"},
			routing.FromRest, routing.None,
			events.RouteStep{Rule: "r3", Name: "French", Because: "language"},
		},
		"a property": {
			routing.Question{Channel: "email", Text: "invoice", Contact: map[string]string{"list": "enterprise"}},
			"r1", routing.Owner,
			events.RouteStep{Rule: "r1", Name: "Enterprise", Fits: true, Because: "contact.list", Saw: "enterprise"},
		},
		"its account":                     {routing.Question{Channel: "email", Account: "a2", Language: "de"}, routing.FromSource, routing.People, events.RouteStep{Rule: "r3", Name: "French", Because: "language", Saw: "de"}},
		"its chatflow before its account": {routing.Question{Channel: "chat", Account: "a2", Chatflow: "f1"}, routing.FromSource, routing.Owner, events.RouteStep{Rule: "r3", Name: "French", Because: "language"}},
	} {
		r := p.Rule(c.q)
		if r.Rule != c.rule || r.Target.Kind != c.kind {
			t.Errorf("%s: %s gives to %s", name, r.Rule, r.Target.Kind)
		}
		if d := cmp.Diff(c.last, r.Steps[len(r.Steps)-1]); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// Who takes turns among whom: what one chatflow gives moves nobody's turn elsewhere.
func TestTurnsOfEachSource(t *testing.T) {
	p := plan()
	for want, q := range map[string]routing.Question{
		"r2":        {Channel: "email", Account: "a2", Chatflow: "f1", Text: "invoice"},
		"source:f1": {Channel: "chat", Account: "a2", Chatflow: "f1"},
		"source:a2": {Channel: "chat", Account: "a2", Chatflow: "f2"},
		"rest":      {Channel: "chat", Account: "a1", Chatflow: "f2"},
	} {
		if got := p.Rule(q).Turn(); got != want {
			t.Errorf("%+v: %s, want %s", q, got, want)
		}
	}
}

func TestWhoIsPassedOverAndWhy(t *testing.T) {
	people := []routing.Person{
		{ID: "u1", Teams: []string{"billing"}, Load: 12, Capacity: 12, Member: true},
		{ID: "u2", Teams: []string{"billing"}, Load: 11, Capacity: 12, Member: true},
		{ID: "u3", Teams: []string{"billing"}, Load: 7.5, Capacity: 12, Member: true},
		{ID: "u4", Teams: []string{"billing"}, Capacity: 12, Member: true, Away: true},
		{ID: "u5", Teams: []string{"billing"}, Capacity: 12},
		{ID: "u6", Teams: []string{"billing"}, Capacity: 12, Member: true, Disabled: true},
		{ID: "u7", Teams: []string{"billing"}, Capacity: 12, Member: true, Viewer: true},
		{ID: "u8", Teams: []string{"billing"}, Capacity: 12, Member: true, Works: map[string]bool{"billing": false, "": true}},
		{ID: "u9", Capacity: 12, Member: true},
	}
	c := routing.Choose(routing.Target{Kind: routing.People, Teams: []string{"billing"}, Way: routing.Least, InHours: true}, people, "", 1, routing.Draw{})
	if c.To == nil || c.To.ID != "u3" || c.Team != "billing" || c.Count != 8 {
		t.Fatalf("%+v", c)
	}
	got := map[string]string{}
	for _, p := range c.Passed {
		got[p.ID] = p.Why
	}
	if d := cmp.Diff(map[string]string{"u1": "full", "u2": "busier", "u4": "away", "u5": "outside", "u6": "disabled", "u7": "viewer", "u8": "hours"}, got); d != "" {
		t.Error(d)
	}
	owner := routing.Choose(routing.Target{Kind: routing.Owner}, people, "u9", 1, routing.Draw{})
	if owner.To == nil || owner.To.ID != "u9" || owner.Way != "owner" {
		t.Errorf("%+v", owner)
	}
	away := routing.Choose(routing.Target{Kind: routing.Owner, Users: []string{"u9"}, Way: routing.Round}, people, "u4", 1, routing.Draw{})
	if away.To == nil || away.To.ID != "u9" || away.Passed[0].Why != "away" {
		t.Errorf("%+v", away)
	}
	if again := routing.Choose(routing.Target{Kind: routing.People, Users: []string{"u9"}, Way: routing.Round}, people, "", 1, routing.Draw{Not: "u9"}); again.To != nil {
		t.Errorf("it went back to who was away: %+v", again)
	}
}

func TestRefusedPlans(t *testing.T) {
	for name, change := range map[string]func(*routing.Plan){
		"two of one id":     func(p *routing.Plan) { p.Rules[1].ID = "r0" },
		"no name":           func(p *routing.Plan) { p.Rules[1].Name = " " },
		"no values":         func(p *routing.Plan) { p.Rules[1].If[0].Values = nil },
		"property":          func(p *routing.Plan) { p.Rules[2].If[1].Property = "x" },
		"people of nobody":  func(p *routing.Plan) { p.Rest = routing.Target{Kind: routing.People, Way: routing.Least} },
		"nobody of people":  func(p *routing.Plan) { p.Rest.Users = []string{"u1"} },
		"no way":            func(p *routing.Plan) { p.Rules[2].Then.Way = "" },
		"no kind":           func(p *routing.Plan) { p.Rules[2].Then.Kind = "x" },
		"an age":            func(p *routing.Plan) { p.AwayMinutes = 1e6 },
		"of no known thing": func(p *routing.Plan) { p.Rules[2].If[0].Kind = "moon" },
	} {
		p := plan()
		change(&p)
		if err := p.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A day at any desk: conversations come and go, people go away and come back. Nobody ever holds more than their capacity, nobody gets one who is
// away or outside; somebody does whenever somebody could; and of people who are alike all day the shares differ by one at most, in turn.
func TestTheDeskHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		way := rapid.SampledFrom([]routing.Way{routing.Least, routing.Round, routing.Random}).Draw(t, "way")
		n := rapid.IntRange(1, 6).Draw(t, "people")
		target := routing.Target{Kind: routing.People, Way: way, Teams: []string{"t"}, InHours: rapid.Bool().Draw(t, "in hours")}
		people := make([]routing.Person, n)
		for i := range people {
			people[i] = routing.Person{
				ID: fmt.Sprint("u", i), Teams: []string{"t"}, Member: rapid.IntRange(0, 9).Draw(t, "member") > 0,
				Capacity: float64(rapid.IntRange(1, 8).Draw(t, "capacity")) / 2, Works: map[string]bool{"": rapid.Bool().Draw(t, "works")},
			}
		}
		held := map[string][]float64{}
		last := ""
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			who := rapid.IntRange(0, n-1).Draw(t, "who")
			switch rapid.IntRange(0, 3).Draw(t, "event") {
			case 0: // one of theirs is closed
				if mine := held[people[who].ID]; len(mine) > 0 {
					people[who].Load -= mine[0]
					held[people[who].ID] = mine[1:]
				}
				continue
			case 1:
				people[who].Away = !people[who].Away
				continue
			}
			weight := rapid.SampledFrom([]float64{1, 0.5}).Draw(t, "weight")
			can := 0
			for _, p := range people {
				if p.Member && !p.Away && (!target.InHours || p.Works[""]) && p.Load+weight <= p.Capacity {
					can++
				}
			}
			c := routing.Choose(target, people, "", weight, routing.Draw{Last: last, Lot: rapid.Float64Range(0, 0.999).Draw(t, "lot")})
			if (c.To != nil) != (can > 0) {
				t.Fatalf("%d could take it, chosen %+v", can, c.To)
			}
			if c.Count != n || len(c.Passed) != n-min(can, 1) {
				t.Fatalf("%d came into question, %d were passed over", c.Count, len(c.Passed))
			}
			if c.To == nil {
				continue
			}
			i := 0
			for people[i].ID != c.To.ID {
				i++
			}
			p := &people[i]
			p.Load += weight
			held[p.ID] = append(held[p.ID], weight)
			if p.Away || !p.Member || p.Load > p.Capacity || target.InHours && !p.Works[""] {
				t.Fatalf("given to %+v", *p)
			}
			last = p.ID
		}
	})
}

func TestFairOverTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		way := rapid.SampledFrom([]routing.Way{routing.Least, routing.Round}).Draw(t, "way")
		n := rapid.IntRange(1, 7).Draw(t, "people")
		people := make([]routing.Person, n)
		for i := range people {
			people[i] = routing.Person{ID: fmt.Sprint("u", i), Member: true, Capacity: 1000}
		}
		target := routing.Target{Kind: routing.People, Way: way}
		for _, p := range people {
			target.Users = append(target.Users, p.ID)
		}
		given := map[string]int{}
		last := ""
		for range rapid.IntRange(1, 100).Draw(t, "threads") {
			c := routing.Choose(target, people, "", 0.5, routing.Draw{Last: last})
			last = c.To.ID
			given[last]++
			for i := range people {
				if people[i].ID == last {
					people[i].Load += 0.5
				}
			}
			least, most := 1000, 0
			for _, p := range people {
				least, most = min(least, given[p.ID]), max(most, given[p.ID])
			}
			if most-least > 1 {
				t.Fatalf("shares are %v", given)
			}
		}
	})
	// By lot everybody gets about as many.
	given := map[string]int{}
	people := []routing.Person{{ID: "a", Member: true, Capacity: 1e6}, {ID: "b", Member: true, Capacity: 1e6}, {ID: "c", Member: true, Capacity: 1e6}}
	target := routing.Target{Kind: routing.People, Way: routing.Random, Users: []string{"a", "b", "c"}}
	for i := range 3000 {
		given[routing.Choose(target, people, "", 1, routing.Draw{Lot: float64((i*7919)%3000) / 3000}).To.ID]++
	}
	for id, n := range given {
		if n < 900 || n > 1100 {
			t.Errorf("%s got %d of 3000", id, n)
		}
	}
}
