package flows

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// What becomes of a message is told by the carrier afterwards, and seen on the message and, if it went wrong, in the thread. The addresses
// are those of SES's mailbox simulator, so this flow says the same of a deployed stack.
func TestFlowTheCarrierTellsWhatBecameOfIt(t *testing.T) {
	s := flow(t)
	s.post(s.at("cora"), s.Address, letter(s.at("cora"), s.about("Who gets it"), s.id("carrier", 1), "", "Please tell everybody."))
	got := s.bySubject(s.about("Who gets it"))
	to := []map[string]string{}
	want := map[string]string{
		s.at("cora"): "delivered", "bounce@simulator.amazonses.com": "bounced", "complaint@simulator.amazonses.com": "complained",
		"ooto@simulator.amazonses.com": "delivered",
	}
	for address := range want {
		to = append(to, map[string]string{"email": address})
	}
	s.call("POST", "/threads/"+got.ID+"/messages", map[string]any{"text": "To all of you.", "to": to}, nil)
	s.call("PUT", "/threads/"+got.ID+"/status", map[string]any{"status": "closed"}, nil)
	var states map[string]string
	var kinds []string
	s.eventually("every recipient's state", func() bool {
		var raw struct {
			Thread  struct{ Status string }
			Entries []struct {
				Type     string
				Bounced  *struct{ Doubtful bool }
				Delivery *struct {
					State      string
					Recipients []struct{ Address, State string }
				}
			}
		}
		_, _, body := s.try("GET", "/threads/"+got.ID, nil)
		if err := json.Unmarshal(body, &raw); err != nil {
			t.Fatal(err)
		}
		states, kinds = map[string]string{}, nil
		for _, e := range raw.Entries {
			if e.Bounced == nil || !e.Bounced.Doubtful { // the out-of-office answer counts as a bounce if it beats the delivery
				kinds = append(kinds, e.Type)
			}
			if e.Delivery != nil {
				for _, r := range e.Delivery.Recipients {
					states[r.Address] = r.State
				}
			}
		}
		for address, state := range want {
			if states[address] != state {
				return false
			}
		}
		return slices.Contains(kinds, "message.complained") // the log was read a moment before the deliveries: what they say may not be in it yet
	})
	all := strings.Join(kinds, " ")
	if strings.Count(all, "message.bounced") != 1 || strings.Count(all, "message.complained") != 1 {
		t.Errorf("entries %s", all)
	}
	// On a slow machine the bounce may beat the closing: then there is nothing to reopen.
	if closed, bounced := strings.Index(all, "thread.closed"), strings.Index(all, "message.bounced"); closed < bounced && !strings.Contains(all, "thread.reopened") {
		t.Errorf("a message came back and the thread stayed closed: %s", all)
	}
}
