package visitorapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/events"
	"parley/shared/host/hosttest"
	"parley/shared/people"
	"parley/shared/visitor"
)

// signed is an identity as the team's server makes it, now.
func (w *world) signed(external, email, name string) visitor.Identity {
	w.t.Helper()
	widget, err := w.st.Chats.Widget(hosttest.Context(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	i := visitor.Identity{ExternalID: external, Email: email, Name: name, At: w.Now().Unix()}
	i.Signature = i.Sign(visitor.IdentitySecret(hosttest.Key, w.account.ID, widget.Identity))
	return i
}

func (w *world) as(token string, i visitor.Identity) answer {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"token": token, "identity": i, "zone": "Europe/Lisbon"})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.call("POST", w.account.ID+"/session", shop, "", string(body))
}

func (w *world) contactOf(token string) people.Contact {
	w.t.Helper()
	ctx := hosttest.Context()
	c, err := w.st.Contacts.KnownVisitor(ctx, visitorOf(token))
	if err != nil {
		w.t.Fatal(err)
	}
	if c, err = w.st.Contacts.Get(ctx, c.ID); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// Who is vouched for is one visitor in all browsers of theirs, and the contact that the id in the team's systems leads to.
func TestASignedIdentityIsTheContact(t *testing.T) {
	w := open(t)
	ctx := hosttest.Context()
	known, err := w.st.Contacts.Create(ctx, events.Actor{ID: "mara"}, "hand", people.Contact{Name: "Lena Novak", Aliases: []people.Alias{{Kind: people.KindExternal, Value: "K-7", How: people.ByAgent}}})
	if err != nil {
		t.Fatal(err)
	}
	var s, again session
	w.as("", w.signed("K-7", "Lena@Shop.example", "lena")).into(200, &s)
	if !s.Known || s.Name != "Lena Novak" || s.Email != "lena@shop.example" {
		t.Errorf("%+v", s)
	}
	c := w.contactOf(s.Token)
	if c.ID != known.ID || c.Claimed || c.Address != "lena@shop.example" || c.Zone != "Europe/Lisbon" || !c.Knows(people.EmailAlias("lena@shop.example")) {
		t.Errorf("%+v", c)
	}
	w.call("POST", w.account.ID+"/messages", shop, s.Token, `{"conversation":1,"client":"a","text":"Is it me?"}`).into(201, nil)
	w.Pass(time.Hour)
	w.as("", w.signed("K-7", "lena@shop.example", "")).into(200, &again) // another browser
	if visitorOf(again.Token) != visitorOf(s.Token) || !again.Conversation.Begun || len(again.Conversation.Lines) != 1 {
		t.Errorf("%+v", again)
	}
	// Mail from that address is theirs; somebody else's session is not.
	if mail, err := w.st.Contacts.ByEmail(ctx, "lena@shop.example", ""); err != nil || mail.ID != known.ID {
		t.Errorf("%+v %v", mail, err)
	}
	var other session
	w.as(s.Token, w.signed("K-8", "", "Gus")).into(200, &other)
	if visitorOf(other.Token) == visitorOf(s.Token) || other.Conversation.Begun || other.Name != "Gus" {
		t.Errorf("%+v", other)
	}
	if c := w.contactOf(other.Token); c.ID == known.ID || c.Visitor || !c.Listed() {
		t.Errorf("%+v", c)
	}
	if anon := w.session(""); anon.Known || anon.Conversation.Begun || visitorOf(anon.Token) == visitorOf(s.Token) {
		t.Errorf("%+v", anon)
	}
}

// An address leads to the contact that has it, unless the team's systems know that one by another id: two customers may share an address.
func TestASharedAddress(t *testing.T) {
	w := open(t)
	ctx := hosttest.Context()
	owner, err := w.st.Contacts.ByEmail(ctx, "office@shop.example", "Office")
	if err != nil {
		t.Fatal(err)
	}
	var first, second session
	w.as("", w.signed("K-1", "office@shop.example", "Ina")).into(200, &first)
	w.as("", w.signed("K-2", "office@shop.example", "Ole")).into(200, &second)
	if c := w.contactOf(first.Token); c.ID != owner.ID || c.Name != "Office" {
		t.Errorf("%+v", c)
	}
	if c := w.contactOf(second.Token); c.ID == owner.ID || c.Name != "Ole" || c.Address != "office@shop.example" || c.Knows(people.EmailAlias(c.Address)) {
		t.Errorf("%+v", c)
	}
}

// What is not signed with this chat's secret, as it stands, and lately, is refused; nobody is made of it, and the browser goes on without.
func TestABadSignatureIsRefused(t *testing.T) {
	w := open(t)
	good := w.signed("K-7", "lena@shop.example", "Lena")
	with := func(change func(*visitor.Identity)) visitor.Identity {
		i := good
		change(&i)
		return i
	}
	resigned := func(change func(*visitor.Identity)) visitor.Identity {
		i := with(change)
		i.Signature = i.Sign(visitor.IdentitySecret(hosttest.Key, w.account.ID, 0))
		return i
	}
	for name, i := range map[string]visitor.Identity{
		"no signature":      with(func(i *visitor.Identity) { i.Signature = "" }),
		"another's id":      with(func(i *visitor.Identity) { i.ExternalID = "K-8" }),
		"another address":   with(func(i *visitor.Identity) { i.Email = "ceo@shop.example" }),
		"another name":      with(func(i *visitor.Identity) { i.Name = "The CEO" }),
		"another time":      with(func(i *visitor.Identity) { i.At++ }),
		"moved border":      with(func(i *visitor.Identity) { i.ExternalID, i.Email = "K-7\nlena@shop.example", "" }),
		"another chat's":    with(func(i *visitor.Identity) { i.Signature = i.Sign(visitor.IdentitySecret(hosttest.Key, "other", 0)) }),
		"another secret":    with(func(i *visitor.Identity) { i.Signature = i.Sign(visitor.IdentitySecret(hosttest.Key, w.account.ID, 1)) }),
		"of yesterday":      resigned(func(i *visitor.Identity) { i.At -= 24*3600 + 1 }),
		"of tomorrow":       resigned(func(i *visitor.Identity) { i.At += 3600 }),
		"no address":        resigned(func(i *visitor.Identity) { i.Email = "nonsense" }),
		"line break signed": resigned(func(i *visitor.Identity) { i.Name = "a\nb" }),
	} {
		a := w.as("", i)
		var p struct{ Detail string }
		if a.into(403, &p); !strings.Contains(p.Detail, "identity") {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	if id, err := w.st.Contacts.Leads(hosttest.Context(), people.ExternalAlias("K-7")); err != nil || id != "" {
		t.Errorf("somebody was made: %s %v", id, err)
	}
	var s session
	w.as("", good).into(200, &s)
	w.Pass(25 * time.Hour)
	w.as("", good).into(403, nil)     // an old page in a new browser
	w.as(s.Token, good).into(200, &s) // and in the one that was told so before
	if _, err := w.st.Chats.RollIdentity(hosttest.Context(), events.Actor{ID: "mara"}, w.account.ID); err != nil {
		t.Fatal(err)
	}
	w.Pass(time.Minute)
	w.as(s.Token, good).into(403, nil)
	w.as("", w.signed("K-7", "lena@shop.example", "Lena")).into(200, nil)
}

// Where a visitor is their browser says, at boot and when they write; what is no zone is not kept.
func TestTheVisitorsZone(t *testing.T) {
	w := open(t)
	s := w.session("")
	say := func(n int, zone string) {
		body := fmt.Sprintf(`{"conversation":1,"client":"z%d","text":"Hello","zone":%q}`, n, zone)
		w.call("POST", w.account.ID+"/messages", shop, s.Token, body).into(201, nil)
	}
	boot := func(zone string) {
		body, _ := json.Marshal(map[string]any{"token": s.Token, "zone": zone})
		w.call("POST", w.account.ID+"/session", shop, "", string(body)).into(200, &s)
	}
	want := func(zone string) {
		t.Helper()
		if c := w.contactOf(s.Token); c.Zone != zone || !c.Visitor {
			t.Errorf("%q, want %q", c.Zone, zone)
		}
	}
	boot("Europe/Berlin") // nobody yet: nothing to keep
	say(1, "Europe/Berlin")
	want("Europe/Berlin")
	boot("Asia/Tokyo")
	want("Asia/Tokyo")
	for _, bad := range []string{"", "Mars/Base", "../../etc/passwd", "Local", "<b>"} {
		boot(bad)
		want("Asia/Tokyo")
	}
	say(2, "America/New_York")
	want("America/New_York")
	// Of somebody who is known by more than this browser, it is the person's.
	ctx := hosttest.Context()
	person, err := w.st.Contacts.ByEmail(ctx, "lena@shop.example", "Lena")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.st.Contacts.Merge(ctx, events.Actor{ID: "mara"}, "hand", person.ID, w.contactOf(s.Token).ID); err != nil {
		t.Fatal(err)
	}
	boot("Europe/Paris")
	if c := w.contactOf(s.Token); c.ID != person.ID || c.Zone != "Europe/Paris" {
		t.Errorf("%+v", c)
	}
}
