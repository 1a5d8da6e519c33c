package flows

import (
	"testing"
)

// A hard bounce and a complaint put an address on the suppression list: nothing is sent there any more, the message and the API say why, and an
// admin who lifts it has the next one sent again. SES's own simulator addresses never get onto the list.
func TestFlowSuppressedAndLifted(t *testing.T) {
	s := flow(t)
	ada := s.at("ada")
	s.post(ada, s.Address, letter(ada, s.about("Suppressed"), s.id("ada", 1), "", "Well?"))
	id := s.bySubject(s.about("Suppressed")).ID
	becomes := func(address, state string) {
		t.Helper()
		s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "To you.", "to": to(address)}, nil)
		var got map[string]string
		s.eventually(address+" is "+state, func() bool {
			_, d := s.deliveryOf(id)
			got = d.states()
			return got[address] == state
		})
		if len(got) != 1 {
			t.Errorf("%v", got)
		}
	}
	for what, c := range map[string]struct{ state, reason string }{
		"bounce": {"bounced no-such-address", "BOUNCE"}, "complaint": {"complained called-spam", "COMPLAINT"},
	} {
		address := s.scripted(what)
		for range 2 {
			becomes(address, c.state)
			becomes(address, "suppressed suppressed")
			var list struct{ Address, Reason string }
			s.call("GET", "/suppressed/"+address, nil, &list)
			if list.Address != address || list.Reason != c.reason {
				t.Errorf("%+v", list)
			}
			becomes(address, "suppressed suppressed")
			s.call("DELETE", "/suppressed/"+address, nil, nil)
			if status, _, body := s.try("GET", "/suppressed/"+address, nil); status != 404 {
				t.Errorf("lifted, and still on the list: %d %s", status, body)
			}
		}
		becomes(address, c.state) // tried again, so it comes back again

		// Lifted, and the very message that did not go out is sent again.
		becomes(address, "suppressed suppressed")
		seq, _ := s.deliveryOf(id)
		s.call("DELETE", "/suppressed/"+address, nil, nil)
		s.call("POST", s.messagePath(id, seq)+"/retry", nil, nil)
		s.eventually("the second try", func() bool { _, d := s.deliveryOf(id); return d.states()[address] == c.state })

		becomes(s.simulated(what), c.state)
		becomes(s.simulated(what), c.state)
		if status, _, _ := s.try("GET", "/suppressed/"+s.simulated(what), nil); status != 404 {
			t.Errorf("a simulator address is on the list: %d", status)
		}
	}
}
