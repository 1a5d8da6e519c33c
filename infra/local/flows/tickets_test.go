package flows

import (
	"net/http"
	"strings"
	"testing"
)

// A ticket is made of a conversation, which says so; it is worked on, stands beside the person's other conversations, and whoever comes too late
// overwrites nothing.
func TestFlowTickets(t *testing.T) {
	s := flow(t)
	customer := s.at("lena")
	s.post(customer, s.Address, letter(customer, s.about("A broken lamp"), s.id("lena", 1), "", "It fell."))
	th := s.bySubject(s.about("A broken lamp")).ID
	type ticket struct {
		ID, Subject, Stage, Thread string
		Number, Version            int64
	}
	list := func(thread string) []ticket {
		t.Helper()
		var out struct{ Tickets []ticket }
		s.call("GET", "/threads/"+thread+"/tickets", nil, &out)
		return out.Tickets
	}
	if got := list(th); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
	var made, second ticket
	s.call("POST", "/threads/"+th+"/tickets", map[string]any{"subject": "Send her a shade"}, &made)
	s.call("POST", "/threads/"+th+"/tickets", map[string]any{}, &second) // under the conversation's own subject
	if made.Number < 1 || made.Subject != "Send her a shade" || made.Stage != "new" || made.Thread != th || second.Number <= made.Number || second.Subject != s.about("A broken lamp") {
		t.Errorf("%+v %+v", made, second)
	}
	var view struct {
		Entries []struct {
			Type string
		}
	}
	s.call("GET", "/threads/"+th, nil, &view)
	said := 0
	for _, e := range view.Entries {
		if strings.HasPrefix(e.Type, "ticket.") {
			said++
		}
	}
	if said != 2 {
		t.Errorf("%+v", view)
	}
	var changed ticket
	edit := map[string]any{"subject": "Send her a green shade", "stage": "waiting", "version": made.Version}
	s.call("PUT", "/tickets/"+made.ID, edit, &changed)
	if changed.Subject != "Send her a green shade" || changed.Stage != "waiting" || changed.Version <= made.Version {
		t.Errorf("%+v", changed)
	}
	edit["stage"] = "closed"
	if status, _, body := s.try("PUT", "/tickets/"+made.ID, edit); status != http.StatusConflict && status != http.StatusPreconditionFailed {
		t.Errorf("too late: %d %s", status, body)
	}
	s.post(customer, s.Address, letter(customer, s.about("Another matter"), s.id("lena", 2), "", "Hello."))
	other := s.bySubject(s.about("Another matter")).ID
	s.eventually("both beside her other conversation, the newest first", func() bool {
		got := list(other)
		return len(got) == 2 && got[0].ID == second.ID && got[1] == changed
	})
}
