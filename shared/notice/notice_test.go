package notice_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/notice"
)

var (
	mara = events.Actor{Kind: events.Agent, ID: "mara"}
	lena = events.Actor{Kind: events.Visitor, ID: "c1"}
	desk = events.Actor{Kind: events.System, ID: "route"}
	ada  = &events.Assignee{Kind: "agent", ID: "ada"}
)

func TestWhoIsTold(t *testing.T) {
	received := inbox.Entry{Seq: 2, Actor: lena, Received: &events.MessageReceived{}}
	opened := inbox.Entry{Seq: 1, Actor: lena, Opened: &events.ThreadOpened{}}
	to := func(by events.Actor, a *events.Assignee, team string) inbox.Entry {
		f := &events.ThreadAssigned{To: a}
		if team != "" {
			f.Team = &events.TeamRef{ID: team}
		}
		return inbox.Entry{Seq: 3, Actor: by, Assigned: f}
	}
	for name, c := range map[string]struct {
		before  inbox.Thread
		entries []inbox.Entry
		want    map[string]notice.Kind
	}{
		"a new one":                       {entries: []inbox.Entry{opened, received}, want: map[string]notice.Kind{"ada": notice.New, "mara": notice.New}},
		"to somebody":                     {before: inbox.Thread{Seq: 2}, entries: []inbox.Entry{to(desk, ada, "t1")}, want: map[string]notice.Kind{"ada": notice.Assigned}},
		"to oneself":                      {before: inbox.Thread{Seq: 2}, entries: []inbox.Entry{to(mara, &events.Assignee{ID: "mara"}, "")}},
		"to a team":                       {before: inbox.Thread{Seq: 2}, entries: []inbox.Entry{to(mara, nil, "t1")}, want: map[string]notice.Kind{"ada": notice.ToTeam}},
		"they write":                      {before: inbox.Thread{Seq: 2, Assignee: ada}, entries: []inbox.Entry{received}, want: map[string]notice.Kind{"ada": notice.Reply}},
		"a machine writes":                {before: inbox.Thread{Seq: 2, Assignee: ada}, entries: []inbox.Entry{{Actor: lena, Received: &events.MessageReceived{Email: &events.Email{Auto: "auto-submitted"}}}}},
		"they write before it is given":   {before: inbox.Thread{Seq: 2}, entries: []inbox.Entry{received, to(desk, ada, "")}, want: map[string]notice.Kind{"ada": notice.Assigned}},
		"one's own mention":               {before: inbox.Thread{Seq: 2}, entries: []inbox.Entry{{Actor: mara, Comment: &events.CommentAdded{Mentions: []events.Mention{{ID: "mara"}, {ID: "ada"}}}}}, want: map[string]notice.Kind{"ada": notice.Mention}},
		"its team changes, its owner not": {before: inbox.Thread{Seq: 2, Assignee: ada}, entries: []inbox.Entry{to(mara, ada, "t2")}},
	} {
		got := map[string]notice.Kind{}
		for _, call := range notice.Of(c.before, c.entries, func(id string) []string { return map[string][]string{"t1": {"ada", "mara"}}[id] }, []string{"ada", "mara"}) {
			if _, twice := got[call.User]; twice {
				t.Errorf("%s: %s is told twice", name, call.User)
			}
			got[call.User] = call.Kind
		}
		if c.want == nil {
			c.want = map[string]notice.Kind{}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestQuiet(t *testing.T) {
	p := notice.Defaults()
	p.Quiet.On, p.Quiet.Zone = true, "Europe/London"
	at := func(s string) time.Time { v, _ := time.Parse(time.RFC3339, s); return v }
	for moment, want := range map[string]bool{
		"2026-11-26T09:00:00Z": true, "2026-11-26T19:00:00Z": false, "2026-11-26T07:59:00Z": false, "2026-07-02T17:29:00Z": true, "2026-07-02T17:31:00Z": false, "2026-11-28T12:00:00Z": false,
	} {
		if now, _, _ := p.Disturbs(at(moment)); now != want {
			t.Errorf("%s: %v", moment, now)
		}
	}
	if _, next, ok := p.Disturbs(at("2026-11-27T22:00:00Z")); !ok || !next.Equal(at("2026-11-30T08:00:00Z")) {
		t.Errorf("after Friday night comes %v", next)
	}
	for _, bad := range []func(*notice.Prefs){
		func(p *notice.Prefs) { p.Quiet.Zone = "Mars" }, func(p *notice.Prefs) { p.Quiet.From = p.Quiet.Until }, func(p *notice.Prefs) { p.Quiet.Days = []int{0} },
		func(p *notice.Prefs) { p.Kinds["party"] = notice.Where{} },
	} {
		p := notice.Defaults()
		bad(&p)
		if _, err := p.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// Whatever the quiet hours: next is a moment at which somebody may be disturbed.
func TestQuietEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := notice.Defaults()
		clock := rapid.StringMatching(`(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]`)
		p.Quiet = notice.Quiet{On: true, From: clock.Draw(t, "from"), Until: clock.Draw(t, "until"), Days: rapid.SliceOfNDistinct(rapid.IntRange(1, 7), 0, 7, rapid.ID[int]).Draw(t, "days"), Zone: "Europe/Berlin"}
		if _, err := p.Check(); err != nil {
			return
		}
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "at"), 0)
		now, next, ok := p.Disturbs(at)
		if ok != (len(p.Quiet.Days) > 0) {
			t.Fatalf("ok %v with days %v", ok, p.Quiet.Days)
		}
		if !ok {
			return
		}
		if again, _, _ := p.Disturbs(next); !again || next.Before(at.UTC()) || now != next.Equal(at) {
			t.Fatalf("%v, next %v, disturbs then %v", now, next, again)
		}
	})
}
