package flows

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/mail"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

type (
	channelRecord struct{ Type, Name, Value, State string }
	channelCheck  struct {
		Name, State, Code, Text string
		Records                 []channelRecord
	}
	channelView struct {
		Account struct {
			ID, Inbox, Address, Name, State, Way, Sending string
			Fallback                                      bool
			Revision                                      int64
		}
		Health                         struct{ State, Code, Text string }
		Hosted, SendsFrom, ConnectedBy string
		Checks                         []channelCheck
		Test                           *struct {
			SentAt    time.Time
			ArrivedAt *time.Time
			Altered   bool
		}
		Confirmation *struct {
			Provider, Code, Link, From, Thread string
			Proven                             bool
		}
	}
)

func (c channelView) check(name string) channelCheck {
	for _, x := range c.Checks {
		if x.Name == name {
			return x
		}
	}
	return channelCheck{}
}

// connect adds an account to the first inbox.
func (s *setup) connect(way, address, name string) (c channelView) {
	s.t.Helper()
	s.call("POST", "/channels", map[string]any{"inbox": s.inbox(), "way": way, "address": address, "name": name}, &c)
	return c
}

// channel is an account as it is now.
func (s *setup) channel(id string) (c channelView) {
	s.t.Helper()
	s.call("GET", "/channels/"+id, nil, &c)
	return c
}

// checked asks for a check and returns what came of it.
func (s *setup) checked(id string) (c channelView) {
	s.t.Helper()
	s.call("POST", "/channels/"+id+"/check", nil, &c)
	return c
}

// publishing is held by who writes the file.
var publishing sync.Mutex

// publish puts DNS records into the file that this set-up looks up.
func (s *setup) publish(records ...channelRecord) {
	s.t.Helper()
	publishing.Lock()
	defer publishing.Unlock()
	zone := map[string]map[string][]string{}
	if raw, err := os.ReadFile(s.DNS); err == nil {
		if err := json.Unmarshal(raw, &zone); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, r := range records {
		if zone[r.Name] == nil {
			zone[r.Name] = map[string][]string{}
		}
		zone[r.Name][r.Type] = []string{r.Value}
	}
	raw, err := json.Marshal(zone)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.DNS, raw, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// settled waits until every process knows the settings of now: each keeps them for ten seconds.
func settled() { time.Sleep(10*time.Second + 100*time.Millisecond) }

// view lists the subjects of a view.
func (s *setup) subjects(view string) (out []string) {
	s.t.Helper()
	for _, t := range s.threads(view) {
		out = append(out, t.Subject)
	}
	return out
}

// A team address elsewhere that forwards to a hosted one: what its provider asks is shown, a test mail proves it, replies leave from where they
// arrive, and it can be paused and ended without losing anything.
func TestFlowConnectAForwardingMailbox(t *testing.T) {
	t.Parallel() // it waits a lot
	s := flow(t)
	team, customer := s.at("hello"), s.at("lena")
	c := s.connect("forward", team, "Kiln & Clay")
	at := "/channels/" + c.Account.ID
	if c.Account.Sending != "pending" || c.SendsFrom != c.Hosted || !strings.HasSuffix(c.Hosted, s.ours("")) || c.Hosted == s.Address || c.ConnectedBy == "" {
		t.Fatalf("%+v", c)
	}
	settled()

	// The provider asks first.
	const link = "https://mail-settings.google.com/mail/vf-%5BANGjdJ8abc%5D-xyz0"
	s.post("forwarding-noreply@google.com", c.Hosted, "From: Gmail Team <forwarding-noreply@google.com>\nTo: "+c.Hosted+
		"\nSubject: (#99427480) Gmail Forwarding Confirmation - Receive Mail from "+team+"\nMessage-ID: "+s.id("gmail", 1)+"\n\nConfirmation code: 99427480\nPlease click "+link+"\n")
	s.eventually("the provider's confirmation", func() bool {
		c = s.channel(c.Account.ID)
		return c.Confirmation != nil
	})
	if c.Confirmation.Link != link || c.Confirmation.Code != "99427480" || c.Confirmation.Provider != "gmail" || !c.Confirmation.Proven {
		t.Errorf("%+v", c.Confirmation)
	}
	if th := s.thread(c.Confirmation.Thread); !strings.Contains(th.Thread.Subject, "Forwarding Confirmation") {
		t.Errorf("the confirmation is no conversation: %+v", th.Thread)
	}
	if c = s.checked(c.Account.ID); c.Health.Code != "confirmation-waits" {
		t.Errorf("%+v", c.Health)
	}

	// The test mail goes to the team's address; its mailbox forwards it.
	s.call("POST", at+"/test", nil, &c)
	probe := s.sentTo(team, 1)
	if c.Test == nil || c.Test.ArrivedAt != nil || s.checked(c.Account.ID).check("test").Code != "test-under-way" {
		t.Errorf("%+v", c.Test)
	}
	if from := probe.header(t).Get("From"); !strings.Contains(from, s.ours("channel-test")) {
		t.Errorf("the test is from %s", from)
	}
	s.post(customer, c.Hosted, strings.ReplaceAll(probe.Raw, "\r\n", "\n"))
	s.eventually("the test mail", func() bool {
		c = s.channel(c.Account.ID)
		return c.Test != nil && c.Test.ArrivedAt != nil
	})
	if c.Test.Altered || c.Confirmation != nil {
		t.Errorf("%+v %+v", c.Test, c.Confirmation)
	}
	for _, subject := range append(s.subjects("open"), s.subjects("filtered")...) {
		if strings.Contains(subject, "test mail") {
			t.Errorf("a test became a conversation: %s", subject)
		}
	}

	// A customer writes to the team; the answer leaves from the hosted address, because nobody has proved the domain.
	s.post(customer, c.Hosted, letter(customer, s.about("A vase"), s.id("lena", 1), "", "Do you have it in blue?"))
	vase := s.bySubject(s.about("A vase")).ID
	answer := func(n int, want string) sent {
		t.Helper()
		s.call("POST", "/threads/"+vase+"/messages", map[string]any{"text": "Yes."}, nil)
		m := s.sentTo(customer, n)
		from, err := mail.ParseAddress(m.header(t).Get("From"))
		if err != nil || from.Address != want || !strings.HasSuffix(from.Name, "(Kiln & Clay)") {
			t.Errorf("from %v, want %s: %v", from, want, err)
		}
		replyTo, err := mail.ParseAddress(m.header(t).Get("Reply-To"))
		if err != nil || !strings.HasPrefix(replyTo.Address, "c+") || !strings.HasSuffix(replyTo.Address, s.ours("")) {
			t.Errorf("reply to %v: %v", replyTo, err)
		}
		return m
	}
	answer(1, c.Hosted)

	// Its records are published: the domain is proved, and answers leave under the team's own address.
	identity := s.checked(c.Account.ID).check("identity")
	if identity.State != "waiting" || len(identity.Records) != 3 {
		t.Fatalf("%+v", identity)
	}
	s.publish(identity.Records...)
	if c = s.checked(c.Account.ID); c.Account.Sending != "verified" || c.SendsFrom != team || c.Health.State != "ok" {
		t.Fatalf("%+v %+v", c.Health, c.Checks)
	}
	settled()
	m := answer(2, team)
	// Somebody answers to the address they see, not to Reply-To: it comes by the mailbox that forwards, and joins.
	s.post(customer, c.Hosted, letter(customer, "Re: "+s.about("A vase"), s.id("lena", 2), "In-Reply-To: "+m.header(t).Get("Message-ID")+"\n", "Two, please."))
	s.eventually("the answer on its conversation", func() bool { return s.thread(vase).Thread.Messages == 4 })

	// Paused: what runs goes on, what begins waits.
	s.call("PUT", at, map[string]any{"state": "paused"}, &c)
	settled()
	s.post(customer, c.Hosted, letter(customer, "Re: "+s.about("A vase"), s.id("lena", 3), "In-Reply-To: "+s.id("lena", 2)+"\n", "Or three."))
	s.post(customer, c.Hosted, letter(customer, s.about("While paused"), s.id("lena", 4), "", "Hello?"))
	s.eventually("the conversation that waits", func() bool { return slices.Contains(s.subjects("filtered"), s.about("While paused")) })
	s.eventually("the conversation that runs", func() bool { return s.thread(vase).Thread.Messages == 5 })
	if slices.Contains(s.subjects("open"), s.about("While paused")) {
		t.Error("a paused account began a conversation")
	}
	s.call("PUT", at, map[string]any{"state": "active"}, &c)

	// Disconnected: its mail is kept where it can be found, its conversations go on from the inbox's own address.
	s.call("DELETE", at, nil, &c)
	if c.Account.State != "disconnected" || c.SendsFrom != s.Address {
		t.Errorf("%+v", c)
	}
	settled()
	s.post(customer, c.Hosted, letter(customer, s.about("Too late"), s.id("lena", 5), "", "Anybody?"))
	s.eventually("the mail in quarantine", func() bool {
		var q struct {
			Mails []struct{ Subject, Reason string }
		}
		s.call("GET", "/quarantine", nil, &q)
		return strings.Contains(fmt.Sprint(q), s.about("Too late")+" no such mailbox")
	})
	answer(3, s.Address)
	if again := s.connect("forward", team, "Kiln & Clay"); again.Account.ID != c.Account.ID || again.Hosted != c.Hosted || again.SendsFrom != team {
		t.Errorf("%+v", again)
	}
}

// A domain whose mail exchanger is ours: the rule that takes its mail follows by itself.
func TestFlowConnectADomain(t *testing.T) {
	t.Parallel()
	s := flow(t)
	customer, address := "ines@"+s.tag+".example.org", s.at("help")
	c := s.connect("mx", address, "Kiln")
	if c.Hosted != address || c.SendsFrom != s.Address {
		t.Fatalf("%+v", c)
	}
	exchange := c.check("mx").Records
	if len(exchange) != 1 || !strings.HasPrefix(exchange[0].Value, "10 inbound-smtp.") {
		t.Fatalf("%+v", c.Checks)
	}
	s.publish(append(c.check("identity").Records, exchange...)...)
	if c = s.checked(c.Account.ID); c.check("mx").State != "ok" || c.Account.Sending != "verified" {
		t.Errorf("%+v", c.Checks)
	}
	// The clock comes once a minute.
	for end := time.Now().Add(100 * time.Second); c.check("rule").State != "ok"; time.Sleep(time.Second) {
		if c = s.checked(c.Account.ID); time.Now().After(end) {
			t.Fatalf("the rule never followed: %+v", c.check("rule"))
		}
	}
	s.post(customer, address, letter(customer, s.about("To your domain"), s.id("ines", 1), "", "Hello."))
	id := s.bySubject(s.about("To your domain")).ID
	s.call("POST", "/threads/"+id+"/messages", map[string]any{"text": "Welcome."}, nil)
	if from := s.sentTo(customer, 1).header(t).Get("From"); !strings.Contains(from, address) {
		t.Errorf("from %s", from)
	}
	// What nobody has at that domain is kept.
	s.post(customer, s.at("nobody"), letter(customer, s.about("To nobody"), s.id("ines", 2), "", "Hello."))
	s.eventually("the mail in quarantine", func() bool {
		var q struct {
			Mails []struct{ Subject, Reason string }
		}
		s.call("GET", "/quarantine", nil, &q)
		return strings.Contains(fmt.Sprint(q), s.about("To nobody")+" no such mailbox")
	})
	// The test mail goes out and comes in by the same exchanger.
	s.call("POST", "/channels/"+c.Account.ID+"/test", nil, nil)
	s.eventually("the test mail", func() bool {
		c = s.channel(c.Account.ID)
		return c.Test != nil && c.Test.ArrivedAt != nil
	})
	if c = s.checked(c.Account.ID); c.Health.State != "ok" {
		t.Errorf("%+v %+v", c.Health, c.Checks)
	}
	s.call("DELETE", "/channels/"+c.Account.ID, nil, nil)
}

// An inbox is born with an address that works; an account that is never proved leaves nothing behind.
func TestFlowAnInboxIsBornWithAnAddress(t *testing.T) {
	s := flow(t)
	var in struct {
		ID, Name string
		Accounts []struct{ Address string }
	}
	s.call("POST", "/inboxes", map[string]any{"name": "Desk " + s.tag}, &in)
	if len(in.Accounts) != 1 || in.Accounts[0].Address != s.ours("desk-"+s.tag) {
		t.Fatalf("%+v", in)
	}
	s.call("PUT", "/inboxes/"+in.ID, map[string]any{"name": "Reception " + s.tag}, &in)
	settled()
	s.post(s.at("kit"), in.Accounts[0].Address, letter(s.at("kit"), s.about("To the desk"), s.id("kit", 1), "", "Hello."))
	s.eventually("the conversation", func() bool {
		var page struct {
			Threads []struct{ Thread summary }
		}
		s.call("GET", "/inboxes/"+in.ID+"/threads", nil, &page)
		return len(page.Threads) == 1 && page.Threads[0].Thread.Subject == s.about("To the desk")
	})
	var c channelView
	s.call("POST", "/channels", map[string]any{"inbox": in.ID, "way": "forward", "address": s.at("shop"), "name": "Shop"}, &c)
	s.call("DELETE", "/channels/"+c.Account.ID, nil, &c)
	var all struct{ Channels []channelView }
	s.call("GET", "/channels", nil, &all)
	states := map[string]string{}
	for _, x := range all.Channels {
		states[x.Account.Address] = x.Account.State
	}
	if states[s.at("shop")] != "disconnected" || states[in.Accounts[0].Address] != "active" {
		t.Errorf("%v", slices.Sorted(maps.Keys(states)))
	}
	for _, method := range []string{"GET", "DELETE"} {
		if status, _, body := s.try(method, "/suppressed/"+s.at("kit"), nil); status != 404 {
			t.Errorf("%s of an address that is not suppressed: %d %s", method, status, body)
		}
	}
}
