package route_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/events"
	"parley/functions/route"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/host/hosttest"
	"parley/shared/hours"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/routing"
	"parley/shared/store"
	"parley/shared/table"
)

var (
	ctx = hosttest.Context()
	by  = events.Actor{Kind: events.Agent, ID: "admin"}
)

// desk is the function in a world with an inbox, a team and its rules.
type desk struct {
	*hosttest.World
	testing.TB
	h     host.Handler
	st    *store.Store
	inbox inbox.Inbox
	box   inbox.Account
	team  inbox.Team
	pos   int64
}

func open(t testing.TB) *desk {
	w := hosttest.New(t)
	d := &desk{World: w, TB: t, h: w.Build(t, route.New)}
	var mu sync.Mutex
	n := 0
	d.st = store.Open(w.DB, store.Names{Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets"}, w.Now, func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("test%06d", n)
	})
	var err error
	if d.inbox, d.box, err = d.st.Settings.NewInbox(ctx, by, "Support", "parley.example"); err != nil {
		t.Fatal(err)
	}
	return d
}

// hire makes users and puts them into one team.
func (d *desk) hire(ids ...string) {
	d.Helper()
	for _, id := range ids {
		if _, err := d.st.Settings.Invited(ctx, by, store.User{ID: id, Name: id, Email: id + "@parley.example", Role: inbox.Agent}); err != nil {
			d.Fatal(err)
		}
	}
	var err error
	if d.team, err = d.st.Settings.ChangeTeam(ctx, by, d.team.ID, func(t inbox.Team) (inbox.Team, error) {
		t.Name, t.Members = "Billing", append(t.Members, ids...)
		return t, nil
	}); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) capacity(user string, n float64) {
	d.Helper()
	if _, err := d.st.Settings.SetCapacity(ctx, by, user, n); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) plan(rest routing.Target, rules ...routing.PlanRule) {
	d.Helper()
	if _, err := d.st.Settings.PutPlan(ctx, by, func(int64) error { return nil }, routing.Plan{Inbox: d.inbox.ID, Rest: rest, Rules: rules}); err != nil {
		d.Fatal(err)
	}
	d.Pass(11 * time.Second) // the function's copy of the settings is old now
}

func (d *desk) toTeam(way routing.Way) routing.Target {
	return routing.Target{Kind: routing.People, Teams: []string{d.team.ID}, Way: way}
}

// mail opens a thread.
func (d *desk) mail(id, text string) {
	d.Helper()
	c, err := d.st.Contacts.ByEmail(ctx, "lena@shop.example", "Lena")
	if err != nil {
		d.Fatal(err)
	}
	if _, err := d.st.Threads.Do(ctx, id, "", func(t inbox.Thread) (inbox.Decision, error) {
		m := events.MessageReceived{Message: "m" + id, Contact: c.Fact(), Body: events.Body{Text: text}, Preview: inbox.Preview(text), Email: &events.Email{}}
		if t.Exists() {
			return t.Receive(m)
		}
		return t.Open(events.ThreadOpened{Inbox: d.inbox.ID, Account: d.box.ID, Channel: "email", Subject: "Hello", Contact: c.Fact()}, m)
	}); err != nil {
		d.Fatal(err)
	}
}

// chat opens a thread in a chatflow.
func (d *desk) chat(id, flow string) {
	d.Helper()
	c, err := d.st.Contacts.ByEmail(ctx, "lena@shop.example", "Lena")
	if err != nil {
		d.Fatal(err)
	}
	if _, err := d.st.Threads.Do(ctx, id, "", func(t inbox.Thread) (inbox.Decision, error) {
		m := events.MessageReceived{Message: "m" + id, Contact: c.Fact(), Body: events.Body{Text: "Hi"}, Preview: "Hi", Chat: &events.Chat{}}
		return t.Open(events.ThreadOpened{Inbox: d.inbox.ID, Account: d.box.ID, Channel: "chat", Chatflow: flow, Contact: c.Fact()}, m)
	}); err != nil {
		d.Fatal(err)
	}
}

// changes are what is new in the stream of assignments.
func (d *desk) changes() []table.Change {
	d.Helper()
	all, err := d.DB.Read(ctx, "assignments", d.pos, 10_000)
	if err != nil {
		d.Fatal(err)
	}
	if len(all) > 0 {
		d.pos = all[len(all)-1].Pos
	}
	return all
}

// deliver gives the function what is new, once or more.
func (d *desk) deliver() {
	d.Helper()
	changes := d.changes()
	for range 2 {
		out, err := d.h.Invoke(ctx, hosttest.StreamPayload(changes))
		if err != nil {
			d.Fatal(err)
		}
		if failed := hosttest.Failures(d, out); len(failed) > 0 {
			d.Fatalf("failed: %v", failed)
		}
	}
}

func (d *desk) head(id string) inbox.Thread {
	d.Helper()
	t, err := d.st.Threads.Head(ctx, id)
	if err != nil {
		d.Fatal(err)
	}
	return t
}

// owner is who owns a thread, and the last entry that says how it came to that.
func (d *desk) owner(id string) (string, *events.Routing) {
	d.Helper()
	t := d.head(id)
	log, err := d.st.Threads.Entries(ctx, id, 1, t.Seq)
	if err != nil {
		d.Fatal(err)
	}
	var why *events.Routing
	for _, e := range log {
		f, err := e.Open()
		if err != nil {
			d.Fatal(err)
		}
		if a, ok := f.(events.ThreadAssigned); ok && a.Routing != nil {
			why = a.Routing
		}
	}
	if t.Assignee == nil {
		return "", why
	}
	return t.Assignee.ID, why
}

// again lets the one job that waits be tried once more, as sweep does.
func (d *desk) again() {
	d.Helper()
	d.Pass(limit.RouteAgainMost + time.Second)
	wants, err := d.st.Assignments.Due(ctx, 10)
	if err != nil || len(wants) != 1 {
		d.Fatal(wants, err)
	}
	if err := d.st.Assignments.Wake(ctx, wants[0]); err != nil {
		d.Fatal(err)
	}
	d.deliver()
}

func (d *desk) jobs() int {
	d.Helper()
	n, _, err := d.st.Assignments.Waiting(ctx)
	if err != nil {
		d.Fatal(err)
	}
	return n
}

func TestWithoutRulesNothingHappens(t *testing.T) {
	d := open(t)
	d.hire("u1")
	d.mail("t1", "Hi")
	d.deliver()
	if o, why := d.owner("t1"); o != "" || why != nil || d.jobs() != 0 || d.head("t1").Seq != 2 {
		t.Errorf("%s %+v", o, why)
	}
}

func TestTheEntrySaysWhoAndWhy(t *testing.T) {
	d := open(t)
	d.hire("u1", "u2", "u3")
	d.capacity("u1", 0.5)
	if _, err := d.st.Settings.SetAvailable(ctx, "u3", false); err != nil {
		t.Fatal(err)
	}
	d.plan(d.toTeam(routing.Least), routing.PlanRule{Name: "French", On: true, If: []routing.PlanCondition{{Kind: routing.OfLanguage, Values: []string{"fr"}}}, Then: routing.Target{Kind: routing.None}})
	d.mail("t1", "Hello, I was charged twice and would like my money back, please.")
	d.deliver()
	o1, why := d.owner("t1")
	if o1 == "" || why == nil || why.Rule != routing.FromRest || why.Cause != "new" || len(why.Steps) != 1 || why.Steps[0].Saw != "en" || why.Candidates != 3 || len(why.Passed) != 2 {
		t.Fatalf("%s %+v", o1, why)
	}
	if team := d.head("t1").Team; team == nil || team.Name != "Billing" {
		t.Errorf("%+v", team)
	}
	d.mail("t2", "Hello")
	d.deliver()
	o2, why := d.owner("t2")
	got := map[string]string{}
	for _, p := range why.Passed {
		got[p.ID] = p.Why
	}
	if o1 == o2 || got["u3"] != "away" {
		t.Errorf("%s, then %s: %+v", o1, o2, why)
	}
	d.mail("t3", "Hello")
	d.deliver()
	if o, why := d.owner("t3"); o != "u2" || why.Passed[0].Why != "full" && why.Passed[1].Why != "full" {
		t.Errorf("%s %+v", o, why)
	}
	d.mail("t4", "Bonjour, je voudrais savoir quand ma commande sera livrée, merci beaucoup pour votre aide.")
	d.deliver()
	if o, why := d.owner("t4"); o != "" || why == nil || why.RuleName != "French" || why.Way != "none" || d.jobs() != 0 {
		t.Errorf("%s %+v %d", o, why, d.jobs())
	}
}

// A chatflow may say for itself who gets its chats; one that says nothing gets what its account says. Each has turns of its own.
func TestChatflowBeforeItsAccount(t *testing.T) {
	d := open(t)
	d.hire("u1", "u2", "u3", "u4")
	round := func(users ...string) routing.Target {
		return routing.Target{Kind: routing.People, Users: users, Way: routing.Round}
	}
	if _, err := d.st.Settings.PutPlan(ctx, by, func(int64) error { return nil }, routing.Plan{
		Inbox: d.inbox.ID, Rest: routing.Target{Kind: routing.None},
		Sources: map[string]routing.Target{"pricing": round("u1", "u2"), d.box.ID: round("u3", "u4")},
	}); err != nil {
		t.Fatal(err)
	}
	d.Pass(11 * time.Second)
	var got []string
	for i, flow := range []string{"pricing", "other", "pricing", "other"} {
		id := fmt.Sprint("t", i)
		d.chat(id, flow)
		d.deliver()
		o, why := d.owner(id)
		if why == nil || why.Rule != routing.FromSource {
			t.Fatalf("%s: %q %+v", flow, o, why)
		}
		got = append(got, o)
	}
	if want := []string{"u1", "u3", "u2", "u4"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestNobodyCanTakeItUntilSomebodyCan(t *testing.T) {
	d := open(t)
	d.hire("u1")
	d.capacity("u1", 0.5)
	d.plan(d.toTeam(routing.Round))
	d.mail("t1", "Hi")
	d.mail("t2", "Hi")
	d.deliver()
	o, why := d.owner("t2")
	if first, _ := d.owner("t1"); first != "u1" || o != "" || why == nil || !why.Waits || d.jobs() != 1 {
		t.Fatalf("%s %q %+v", first, o, why)
	}
	seq := d.head("t2").Seq
	d.again()
	if d.head("t2").Seq != seq || d.jobs() != 1 {
		t.Error("that nobody can take it was said twice")
	}
	if _, err := d.st.Threads.Do(ctx, "t1", "", func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(by, inbox.Closed) }); err != nil {
		t.Fatal(err)
	}
	d.again()
	if o, _ := d.owner("t2"); o != "u1" || d.jobs() != 0 {
		t.Errorf("%q, %d jobs", o, d.jobs())
	}
}

func TestHoursAndOwnersOfContacts(t *testing.T) {
	d := open(t)
	d.hire("u1", "u2")
	h, err := d.st.Settings.PutHours(ctx, by, "", func(int64) error { return nil }, hours.Hours{Name: "Nights", Zone: "UTC", Week: []hours.Span{{Day: 7, From: "00:00", To: "24:00"}}, Holidays: []hours.Holiday{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.st.Settings.ChangeTeam(ctx, by, d.team.ID, func(t inbox.Team) (inbox.Team, error) { t.Hours = h.ID; return t, nil }); err != nil {
		t.Fatal(err)
	}
	target := d.toTeam(routing.Least)
	target.InHours = true
	d.plan(target)
	d.mail("t1", "Hi") // a Monday
	d.deliver()
	if o, why := d.owner("t1"); o != "" || len(why.Passed) != 2 || why.Passed[0].Why != "hours" {
		t.Errorf("%q %+v", o, why)
	}
	// The contact's owner is a user's id among its properties.
	c, err := d.st.Contacts.ByEmail(ctx, "lena@shop.example", "")
	if err != nil {
		t.Fatal(err)
	}
	items, err := d.DB.Get(ctx, "contacts", true, table.Key{PK: "P#" + c.ID, SK: "P"})
	if err != nil {
		t.Fatal(err)
	}
	it := *items[0]
	it.Doc = []byte(`{"id":"` + c.ID + `","name":"Lena","address":"lena@shop.example","props":{"owner":"u2","plan":"Enterprise"}}`)
	if err := d.DB.Transact(ctx, table.Op{Table: "contacts", Verb: table.Put, Item: it}); err != nil {
		t.Fatal(err)
	}
	d.plan(routing.Target{Kind: routing.None}, routing.PlanRule{
		Name: "Enterprise", On: true, If: []routing.PlanCondition{{Kind: routing.OfContact, Property: "plan", Values: []string{"enterprise"}}}, Then: routing.Target{Kind: routing.Owner},
	})
	d.mail("t2", "Hi")
	d.deliver()
	if o, why := d.owner("t2"); o != "u2" || why.Way != "owner" {
		t.Errorf("%q %+v", o, why)
	}
}

func TestWhoLeftLosesWhatComesBack(t *testing.T) {
	d := open(t)
	d.hire("u1", "u2")
	d.plan(d.toTeam(routing.Least))
	d.mail("t1", "Hi")
	d.deliver()
	o, _ := d.owner("t1")
	if _, err := d.st.Threads.Do(ctx, "t1", "", func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(by, inbox.Closed) }); err != nil {
		t.Fatal(err)
	}
	d.mail("t1", "Hello again")
	d.deliver()
	if now, _ := d.owner("t1"); now != o || d.jobs() != 0 {
		t.Errorf("%s lost it to %q", o, now)
	}
	if _, err := d.st.Threads.Do(ctx, "t1", "", func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(by, inbox.Closed) }); err != nil {
		t.Fatal(err)
	}
	if _, err := d.st.Settings.Invited(ctx, by, store.User{ID: "admin", Role: inbox.Admin}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.st.Settings.SetAccess(ctx, by, o, true); err != nil {
		t.Fatal(err)
	}
	d.Pass(11 * time.Second)
	d.mail("t1", "And again")
	d.deliver()
	if now, why := d.owner("t1"); now == o || now == "" || why.Cause != "reopened" {
		t.Errorf("%s has it still, or nobody: %q %+v", o, now, why)
	}
}

// Many routers at once: whatever the order, nobody holds more than they can, whoever could take one has one, and nothing is left over that
// somebody could take.
func TestConcurrentAssignmentsKeepCapacity(t *testing.T) {
	d := open(t)
	d.hire("u1", "u2", "u3")
	d.capacity("u1", 2)
	d.capacity("u2", 1.5)
	d.capacity("u3", 3)
	d.plan(d.toTeam(routing.Random))
	const threads = 20
	for i := range threads {
		d.mail(fmt.Sprint("t", i), "Hi")
	}
	changes := d.changes()
	var wg sync.WaitGroup
	for i := range changes {
		wg.Go(func() {
			for range 3 { // Lambda brings again what failed
				if out, err := d.h.Invoke(ctx, hosttest.StreamPayload(changes[i:i+1])); err == nil && len(hosttest.Failures(t, out)) == 0 {
					return
				}
			}
			t.Error("failed three times")
		})
	}
	wg.Wait()
	held := map[string]float64{}
	for i := range threads {
		o, _ := d.owner(fmt.Sprint("t", i))
		held[o] += 0.5
	}
	if held["u1"] != 2 || held["u2"] != 1.5 || held["u3"] != 3 || held[""] != threads*0.5-6.5 || d.jobs() != threads-13 {
		t.Errorf("%v, %d jobs", held, d.jobs())
	}
	loads, err := d.st.Threads.Loads(ctx, "u1", "u2", "u3")
	if err != nil {
		t.Fatal(err)
	}
	for u, l := range loads {
		if l.Weight() != held[u] {
			t.Errorf("%s holds %g, counted %g", u, held[u], l.Weight())
		}
	}
}

// Wherever it crashes, before a call or after it had its effect, the next delivery ends as if nothing had been: one owner, one entry, no job.
func TestEveryCrash(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			d := open(t)
			d.hire("u1", "u2")
			d.plan(d.toTeam(routing.Round))
			d.mail("t1", "Hi")
			changes := d.changes()
			calls := 0
			d.Strike = func(call string, done bool) error {
				if done != after {
					return nil
				}
				if calls++; calls == n {
					return fmt.Errorf("crash at %s", call)
				}
				return nil
			}
			first, _ := d.h.Invoke(ctx, hosttest.StreamPayload(changes))
			struck := calls >= n
			d.Strike = nil
			d.Pass(11 * time.Second)
			if _, err := d.h.Invoke(ctx, hosttest.StreamPayload(changes)); err != nil {
				t.Fatal(err)
			}
			if o, why := d.owner("t1"); o == "" || why == nil || d.head("t1").Seq != 3 || d.jobs() != 0 {
				t.Fatalf("crash %d (after %v): %q, %d entries, %d jobs, first %s", n, after, o, d.head("t1").Seq, d.jobs(), first)
			}
			if !struck {
				break
			}
			if n > 60 {
				t.Fatal("it never ends")
			}
		}
	}
}

func TestWhatCannotBeReadIsPassedOver(t *testing.T) {
	d := open(t)
	out, err := d.h.Invoke(ctx, []byte(`{"Records":[{"eventID":"1","dynamodb":{"SequenceNumber":"1","NewImage":{"sk":{"S":"A"},"pk":{"S":"T#gone"},"thread":{"S":"gone"},"ready":{"BOOL":true}}}}]}`))
	if err != nil || len(hosttest.Failures(t, out)) != 0 {
		t.Errorf("%s %v", out, err)
	}
	if err := d.st.Assignments.Ask(ctx, "nothing", "new", ""); err != nil {
		t.Fatal(err)
	}
	d.deliver()
	if d.jobs() != 0 {
		t.Error("a job of no thread stays")
	}
	if _, err := d.st.Threads.Head(ctx, "nothing"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}
