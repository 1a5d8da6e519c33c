package agentapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

// hire makes users known.
func (w *world) hire(ids ...string) {
	w.Helper()
	w.mara("GET", "/api/me", "").into(200, nil)
	for _, id := range ids {
		u := store.User{ID: id, Name: strings.ToUpper(id[:1]) + id[1:], Email: id + "@parley.example", Role: inbox.Agent}
		if _, err := w.store.Settings.Invited(ctx, events.Actor{ID: "mara"}, u); err != nil {
			w.Fatal(err)
		}
	}
	w.later += 20e9
}

func (w *world) view(view string) []string {
	w.Helper()
	var list struct {
		Threads []struct{ Thread inbox.Summary }
	}
	w.mara("GET", "/api/inboxes/"+w.inbox+"/threads?view="+view, "").into(200, &list)
	var out []string
	for _, t := range list.Threads {
		out = append(out, t.Thread.ID)
	}
	return out
}

// Each view holds what its name says and its count agrees; a thread is in every view it belongs to and leaves it in the same moment.
func TestViewsOfWork(t *testing.T) {
	w := newWorld(t)
	w.hire("ada")
	var team inbox.Team
	w.mara("POST", "/api/teams", `{"name":"Billing","colour":"blue","members":["ada","mara"]}`).into(201, &team)
	var tag inbox.Tag
	w.mara("POST", "/api/tags", `{"name":"#Refund","colour":"red"}`).into(201, &tag)
	for i := range 6 {
		w.receive(fmt.Sprint("t", i))
	}
	at := func(i int, what string) string { return fmt.Sprintf("/api/threads/t%d/%s", i, what) }
	w.mara("PUT", at(0, "assignee"), `{"agent":"mara","team":"`+team.ID+`"}`).into(200, nil)
	w.mara("PUT", at(1, "assignee"), `{"team":"`+team.ID+`"}`).into(200, nil)
	w.mara("PUT", at(2, "snooze"), `{}`).into(200, nil)
	w.mara("PUT", at(3, "snooze"), `{"until":"`+w.soon(time.Hour)+`"}`).into(200, nil)
	w.mara("PUT", at(4, "folder"), `{"folder":"trash"}`).into(200, nil)
	w.call(call{method: "POST", path: at(5, "comments"), user: "ada", body: `{"text":"@Billing look","mentions":[{"team":"` + team.ID + `"}]}`, headers: map[string]string{"Idempotency-Key": "k"}}).into(201, nil)
	w.mara("PUT", at(5, "tags"), `{"add":["`+tag.ID+`"]}`).into(200, nil)
	for view, want := range map[string]string{
		"open": "t5 t1 t0", "mine": "t0", "unassigned": "t5 t1", "mentions": "t5", "snoozed": "t3 t2", "trash": "t4",
		"team&team=" + team.ID: "t1 t0", "channel&account=" + w.account.ID: "t5 t1 t0",
	} {
		got := w.view(view)
		if len(got) != len(strings.Fields(want)) {
			t.Errorf("%s holds %v, want %s", view, got, want)
		}
		for _, id := range strings.Fields(want) {
			if !strings.Contains(strings.Join(got, " "), id) {
				t.Errorf("%s lacks %s", view, id)
			}
		}
		name, arg, _ := strings.Cut(view, "&")
		if _, id, ok := strings.Cut(arg, "="); ok {
			name += " " + id
		}
		if n := w.counts()[name]; n.Count != len(got) {
			t.Errorf("%s counts %d", name, n.Count)
		}
	}
	var got threadBody
	w.mara("GET", "/api/threads/t5", "").into(200, &got)
	if len(got.Thread.Tags) != 1 || got.Thread.Tags[0].Name != "Refund" || len(got.Thread.Mentions) != 1 || got.Thread.Mentions[0] != "mara" {
		t.Errorf("%+v", got.Thread)
	}
	w.mara("DELETE", at(5, "mention"), "").into(200, nil)
	w.mara("DELETE", at(2, "snooze"), "").into(200, nil)
	w.receive("t3") // they write again
	w.receive("t4")
	for view, want := range map[string]int{"mentions": 0, "snoozed": 0, "trash": 0, "open": 6} {
		if n := w.counts()[view]; n.Count != want {
			t.Errorf("%s counts %d, want %d", view, n.Count, want)
		}
	}
	w.mara("PUT", at(5, "tags"), `{"add":["nothing"]}`).refused(422, fault.Invalid)
	w.mara("PUT", at(5, "tags"), `{"remove":["`+tag.ID+`"]}`).into(200, nil)
	w.mara("PUT", at(5, "snooze"), `{"until":"2020-01-01T00:00:00Z"}`).refused(422, fault.Invalid)
	w.mara("GET", "/api/inboxes/"+w.inbox+"/threads?view=team", "").refused(422, fault.Invalid)
}

// soon is a time the function's clock has not reached.
func (w *world) soon(d time.Duration) string {
	return time.Now().Add(w.later + d).UTC().Format(time.RFC3339)
}

// What weighs on somebody follows every change of every thread.
func TestLoad(t *testing.T) {
	w := newWorld(t)
	w.hire("ada")
	weight := func(user string) float64 {
		t.Helper()
		var got struct {
			People []struct {
				User     string
				Load     float64
				Capacity float64
			}
		}
		w.mara("GET", "/api/load", "").into(200, &got)
		for _, p := range got.People {
			if p.User == user {
				return p.Load
			}
		}
		t.Fatalf("%s is not there: %+v", user, got)
		return 0
	}
	w.receive("t1")
	w.receive("t2")
	steps := []struct {
		path, body string
		mara, ada  float64
	}{
		{"t1/assignee", `{"agent":"mara"}`, 0.5, 0},
		{"t2/assignee", `{"agent":"mara"}`, 1, 0},
		{"t2/assignee", `{"agent":"ada"}`, 0.5, 0.5},
		{"t1/status", `{"status":"closed"}`, 0, 0.5},
		{"t1/status", `{"status":"open"}`, 0.5, 0.5},
		{"t1/snooze", `{}`, 0, 0.5},
		{"t2/folder", `{"folder":"spam"}`, 0, 0},
		{"t2/folder", `{"folder":""}`, 0, 0.5},
		{"t2/assignee", `{"agent":""}`, 0, 0},
	}
	for _, s := range steps {
		w.mara("PUT", "/api/threads/"+s.path, s.body).into(200, nil)
		if m, a := weight("mara"), weight("ada"); m != s.mara || a != s.ada {
			t.Errorf("after %s %s: mara %g, ada %g", s.path, s.body, m, a)
		}
	}
	w.receive("t1") // wakes it
	if m := weight("mara"); m != 0.5 {
		t.Errorf("%g after a message", m)
	}
	w.mara("PUT", "/api/users/ada/capacity", `{"capacity":3.5}`).into(200, nil)
	w.mara("PUT", "/api/users/ada/capacity", `{"capacity":3.3}`).refused(422, fault.Invalid)
}

func TestSettingsOfATeamAreRecorded(t *testing.T) {
	w := newWorld(t)
	w.hire("ada")
	var team inbox.Team
	a := w.mara("POST", "/api/teams", `{"name":"Billing","members":["ada"]}`).into(201, &team)
	w.mara("PUT", "/api/teams/"+team.ID, `{"name":"Money","members":["ada"]}`, "If-Match", a.headers["etag"]).into(200, nil)
	w.mara("PUT", "/api/teams/"+team.ID, `{"name":"Gold","members":["ada"]}`, "If-Match", a.headers["etag"]).refused(412, fault.Conflict)
	w.mara("POST", "/api/teams", `{"name":"x","members":["nobody"]}`).refused(422, fault.Invalid)
	w.mara("PUT", "/api/users/ada/role", `{"role":"manager"}`).into(200, nil)
	w.mara("PUT", "/api/users/mara/role", `{"role":"agent"}`).refused(422, fault.Invalid)
	w.mara("PUT", "/api/inboxes/"+w.inbox+"/members", `{"everyone":false,"users":["mara"],"teams":["`+team.ID+`"]}`).into(200, nil)
	var h struct{ ID string }
	w.mara("POST", "/api/hours", `{"name":"Shop","zone":"Europe/London","week":[{"day":1,"from":"09:00","to":"17:30"}]}`).into(201, &h)
	w.mara("PUT", "/api/inboxes/"+w.inbox+"/hours", `{"hours":"`+h.ID+`"}`).into(200, nil)
	w.mara("DELETE", "/api/hours/"+h.ID, "").refused(409, fault.Conflict)
	w.mara("PUT", "/api/workspace", `{"name":"Kiln & Clay","zone":"Europe/London","language":"en"}`).into(200, nil)
	w.mara("PUT", "/api/workspace", `{"name":"Kiln & Clay","zone":"Europe/Atlantis","language":"en"}`).refused(422, fault.Invalid)
	var got struct{ Changes []store.Change }
	w.mara("GET", "/api/changes", "").into(200, &got)
	var all []string
	for _, c := range got.Changes {
		all = append(all, c.What+" "+c.Did)
	}
	if s := strings.Join(all, ", "); !strings.HasPrefix(s, "workspace edited, inbox hours, hours created, inbox members, user role, team edited, team created") {
		t.Error(s)
	}
	c := got.Changes[5]
	if c.By.Name != "Mara Lind" || !strings.Contains(string(c.Before), `"Billing"`) || !strings.Contains(string(c.After), `"Money"`) {
		t.Errorf("%+v %s %s", c, c.Before, c.After)
	}
}

func TestSnippetsAreFilled(t *testing.T) {
	w := newWorld(t)
	w.receive("t1")
	var s inbox.Snippet
	a := w.mara("POST", "/api/snippets", `{"shortcut":"#refund","title":"Refund","text":"Hi {{contact.firstName|there}}, it is on its way. {{agent.meeting}}","html":"<p>Hi {{contact.firstName|there}}</p><script>x</script>"}`).into(201, &s)
	if s.Shortcut != "refund" || strings.Contains(s.HTML, "script") {
		t.Errorf("%+v", s)
	}
	w.mara("POST", "/api/snippets", `{"shortcut":"Refund","title":"x","text":"x"}`).refused(409, fault.Conflict)
	w.mara("POST", "/api/snippets", `{"shortcut":"x","title":"x","text":"{{card.number}}"}`).refused(422, fault.Invalid)
	var got struct {
		Text, HTML string
		Missing    []string
	}
	w.mara("GET", "/api/threads/t1/snippets/"+s.ID, "").into(200, &got)
	if got.Text != "Hi Lena, it is on its way. " || got.HTML != "<p>Hi Lena</p>" || len(got.Missing) != 1 {
		t.Errorf("%+v", got)
	}
	w.mara("PUT", "/api/snippets/"+s.ID, `{"shortcut":"refund","title":"Refund","text":"Hello"}`, "If-Match", a.headers["etag"]).into(200, nil)
	w.mara("PUT", "/api/snippets/"+s.ID, `{"shortcut":"refund","title":"Refund","text":"Hello again"}`, "If-Match", a.headers["etag"]).refused(412, fault.Conflict)
	w.mara("DELETE", "/api/snippets/"+s.ID, "").into(204, nil)
	w.mara("GET", "/api/threads/t1/snippets/"+s.ID, "").refused(404, fault.NotFound)
}

func TestRoutingIsTriedBeforeItIsKept(t *testing.T) {
	w := newWorld(t)
	w.hire("ada", "ben")
	w.mara("PUT", "/api/users/ben/availability", `{"available":false}`).into(200, nil)
	base := "/api/inboxes/" + w.inbox + "/routing"
	plan := `{"rules":[{"name":"French","on":true,"if":[{"kind":"language","values":["fr"]}],"then":{"kind":"people","users":["ada"],"way":"round"}}],
		"rest":{"kind":"people","users":["ada","ben"],"way":"least"},"awayMinutes":10}`
	try := `{"plan":` + plan + `,"channel":"email","subject":"Une question","text":"Bonjour, je voudrais savoir quand ma commande sera livrée, merci beaucoup pour votre aide."}`
	var r events.Routing
	w.mara("POST", base+"/try", try).into(200, &r)
	if r.RuleName != "French" || r.Chosen == nil || r.Chosen.ID != "ada" || !r.Steps[0].Fits || r.Steps[0].Saw != "fr" {
		t.Errorf("%+v", r)
	}
	r = events.Routing{}
	w.mara("POST", base+"/try", `{"plan":`+plan+`,"channel":"email","text":"Hello, I would like to know when my order will arrive, thank you."}`).into(200, &r)
	if r.Rule != "rest" || r.Chosen == nil || len(r.Passed) != 1 || r.Passed[0].Why != "away" {
		t.Errorf("%+v", r)
	}
	w.mara("PUT", base, plan, "If-Match", `"0"`).into(200, nil)
	w.mara("PUT", base, plan, "If-Match", `"0"`).refused(412, fault.Conflict)
	w.mara("PUT", base, strings.Replace(plan, `["ada"]`, `["nobody"]`, 1), "If-Match", `"1"`).refused(422, fault.Invalid)
}
