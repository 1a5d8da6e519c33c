package agentapi_test

import (
	"fmt"
	"testing"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/tickets"
)

func TestTicketsOfAConversation(t *testing.T) {
	w := newWorld(t)
	w.hire("ada")
	w.receive("t1")
	w.receive("t2") // of the same contact
	type listed struct{ Tickets []tickets.Ticket }
	list := func(user, thread string) string {
		t.Helper()
		var got listed
		w.call(call{method: "GET", path: "/api/threads/" + thread + "/tickets", user: user}).into(200, &got)
		out := ""
		for _, k := range got.Tickets {
			out += fmt.Sprintf("%d %s %s;", k.Number, k.Subject, k.Stage)
		}
		return out
	}
	head, err := w.store.Threads.Head(ctx, "t1")
	if err != nil {
		t.Fatal(err)
	}
	var k, again tickets.Ticket
	w.mara("POST", "/api/threads/t1/tickets", `{}`, "Idempotency-Key", "k1").into(201, &k)
	w.mara("POST", "/api/threads/t1/tickets", `{}`, "Idempotency-Key", "k1").into(201, &again)
	if k != again || k.Number != 1 || k.Subject != head.Subject || k.Stage != tickets.New || k.Contact != head.Contact.ID || k.By.ID != "mara" {
		t.Errorf("%+v %+v", k, again)
	}
	w.mara("POST", "/api/threads/t1/tickets", `{}`).refused(422, fault.Invalid)
	w.mara("POST", "/api/threads/t9/tickets", `{}`, "Idempotency-Key", "k1").refused(404, fault.NotFound)
	var log struct{ Entries []inbox.Entry }
	w.mara("GET", "/api/threads/t1/entries", "").into(200, &log)
	if e := log.Entries[len(log.Entries)-1]; len(log.Entries) != 3 || e.Type != "ticket.made" || e.Ticket.Number != 1 || e.Actor.ID != "mara" {
		t.Errorf("%+v", log.Entries)
	}
	w.mara("POST", "/api/threads/t2/tickets", `{"subject":"A new lamp"}`, "Idempotency-Key", "k2").into(201, nil)
	want := "2 A new lamp new;1 " + head.Subject + " new;"
	if got := list("mara", "t1"); got != want {
		t.Error(got)
	}
	if got := list("mara", "t2"); got != want {
		t.Error(got)
	}
	put := func(version int64, stage string) answer {
		return w.mara("PUT", "/api/tickets/"+k.ID, fmt.Sprintf(`{"subject":"Broken","stage":%q,"version":%d}`, stage, version))
	}
	put(1, "waiting").into(200, &k)
	if k.Version != 2 || k.Stage != tickets.Waiting || k.Subject != "Broken" {
		t.Errorf("%+v", k)
	}
	put(1, "closed").refused(409, fault.Conflict)
	put(2, "done").refused(422, fault.Invalid)
	// What stands in an inbox that somebody does not see is not shown to them, nor changed by them.
	var hidden struct{ ID string }
	w.mara("POST", "/api/inboxes", `{"name":"Staff matters"}`).into(201, &hidden)
	w.mara("PUT", "/api/inboxes/"+hidden.ID+"/members", `{"everyone":false,"users":["mara"]}`).into(200, nil)
	w.mara("PUT", "/api/threads/t1/inbox", `{"inbox":"`+hidden.ID+`"}`).into(200, nil)
	if got := list("ada", "t2"); got != "2 A new lamp new;" {
		t.Error(got)
	}
	w.call(call{method: "PUT", path: "/api/tickets/" + k.ID, user: "ada", body: `{"subject":"x","stage":"closed","version":2}`}).refused(404, fault.NotFound)
	put(2, "closed").into(200, nil)
}
