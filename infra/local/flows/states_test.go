package flows

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// simulated is an address of SES's simulator that is this flow's own; scripted one of local mode's script (infra/local/ses).
func (s *setup) simulated(what string) string {
	return what + "+" + s.tag + "@simulator.amazonses.com"
}

func (s *setup) scripted(what string) string { return what + "+" + s.tag + "@simulator.parley.test" }

// deliveryOf is the delivery of the newest message of a thread.
func (s *setup) deliveryOf(id string) (seq int64, d delivery) {
	s.t.Helper()
	for _, e := range s.answering(id).Entries {
		if e.Delivery != nil {
			seq, d = e.Seq, *e.Delivery
		}
	}
	return seq, d
}

func (d delivery) states() map[string]string {
	out := map[string]string{}
	for _, r := range d.Recipients {
		out[r.Address] = strings.TrimSuffix(r.State+" "+r.Code, " ")
	}
	return out
}

// Every state a recipient can be in, with why, for the addresses that stand for it.
func TestFlowEveryStateOfARecipient(t *testing.T) {
	s := flow(t)
	sam := s.at("sam")
	s.post(sam, s.Address, letter(sam, s.about("Who gets it all"), s.id("sam", 1), "", "Please tell everybody."))
	id := s.bySubject(s.about("Who gets it all")).ID
	want := map[string]string{
		s.simulated("success"): "delivered", s.simulated("bounce"): "bounced no-such-address", s.simulated("complaint"): "complained called-spam",
		s.simulated("suppressionlist"): "suppressed suppressed", s.simulated("delay"): "delayed mailbox-full", sam: "delivered",
	}
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "To all of you.", "to": to(sam, s.simulated("success")), "cc": to(s.simulated("bounce"), s.simulated("complaint")), "bcc": to(s.simulated("suppressionlist"), s.simulated("delay"))}, nil)
	var got map[string]string
	s.eventually("every recipient's state", func() bool {
		_, d := s.deliveryOf(id)
		got = d.states()
		return maps.Equal(got, want)
	})
	undelivered := func() bool {
		return slices.ContainsFunc(s.threads("undelivered"), func(t summary) bool { return t.ID == id })
	}
	s.eventually("the thread in the undelivered view", undelivered)
	seq, _ := s.deliveryOf(id)
	s.call("POST", fmt.Sprintf("/threads/%s/messages/%d/retry", id, seq), nil, nil)
	if undelivered() {
		t.Error("tried again, and it still stands out")
	}
	s.eventually("the second try and its bounces", func() bool {
		_, d := s.deliveryOf(id)
		return d.State == "sent" && maps.Equal(d.states(), want) && undelivered()
	})
	if m := s.outbox(s.simulated("bounce"))[0]; len(m.To) != 2 || slices.Contains(m.To, sam) {
		t.Errorf("the second try went to %v", m.To)
	}
	s.call("DELETE", "/threads/"+id+"/undelivered", nil, nil)
	if undelivered() {
		t.Error("seen, and it still stands out")
	}

	for address, state := range map[string]string{s.simulated("reject"): "failed harmful-file", s.scripted("reject"): "failed carrier-refused", s.simulated("ooto"): "delivered"} {
		s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "To one of you.", "to": to(address)}, nil)
		s.eventually(address+" is "+state, func() bool { _, d := s.deliveryOf(id); return d.states()[address] == state })
	}

	// In doubt is said at once, and overruled by the carrier's own word.
	c := s.dial()
	c.send(`{"action":"watch","topics":[{"topic":"thread:` + id + `"}]}`)
	c.until("watching", func(f frame) bool { return f.T == "watching" })
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "Lost.", "to": to(s.scripted("lost"))}, nil)
	c.until("the doubt", func(f frame) bool { return f.T == "delivery" && f.Delivery.State == "unknown" })
	c.until("its end", func(f frame) bool { return f.T == "delivery" && f.Delivery.State == "sent" })
	if n := len(s.outbox(s.scripted("lost"))); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// One file of the largest size there is goes all the way.
func TestFlowALargeFile(t *testing.T) {
	s := flow(t)
	lou := s.at("lou")
	s.post(lou, s.Address, letter(lou, s.about("Large"), s.id("lou", 1), "", "Send it."))
	id := s.bySubject(s.about("Large")).ID
	film := bytes.Repeat([]byte("film"), 27<<20/4)
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "Here.", "attachments": []map[string]any{{"upload": s.upload("film.mov", "video/quicktime", film), "name": "film.mov"}}}, nil)
	s.eventually("the delivery of 27 MB", func() bool { _, d := s.deliveryOf(id); return d.State == "sent" })
	if _, leaves := s.sentTo(lou, 1).parts(t); !bytes.Equal(leaves[len(leaves)-1].content, film) {
		t.Error("it is not what was sent")
	}
}
