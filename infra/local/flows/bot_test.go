package flows

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// helper is a bot that does something of every kind.
const helper = `{"start":"name","steps":[
	{"id":"name","kind":"question","question":{"text":"What is your name?","ask":"text","into":"name","property":"name"},"next":"mail"},
	{"id":"mail","kind":"question","question":{"text":"Your address, {{answer.name}}?","ask":"email","property":"email"},"next":"phone"},
	{"id":"phone","kind":"question","question":{"text":"Your number?","ask":"phone","property":"phone"},"next":"title"},
	{"id":"title","kind":"set","set":{"on":"contact","property":"title","value":"Potter"},"next":"urgent"},
	{"id":"urgent","kind":"set","set":{"on":"thread","property":"priority","value":"urgent"},"next":"ticket"},
	{"id":"ticket","kind":"ticket","ticket":{},"next":"ask"},
	{"id":"ask","kind":"webhook","webhook":{"url":"https://127.0.0.1:9/","fail":"code"},"next":"person"},
	{"id":"code","kind":"code","code":{"source":"exports.main = (event, callback) => callback({botMessage: 'Hello ' + event.session.customState.name.toUpperCase()})"},"next":"news"},
	{"id":"news","kind":"subscribe","subscribe":{"purpose":"news","text":"May we write?","yes":"Yes","no":"No"},"next":"person"},
	{"id":"person","kind":"handoff","handoff":{"to":"user","id":"WHO","text":"Ticket {{answer.ticket}}: a colleague is coming."}}]}`

type botLines struct {
	Lines []struct {
		By, Text string
		Bot      *struct{ Choices []string }
	}
}

// publishes makes a bot of the visitor's chat account what visitors meet.
func (v *visitor) publishes(graph string) (flow string) {
	v.s.t.Helper()
	var f struct{ ID string }
	v.s.call("POST", "/chats/"+v.account+"/flows", map[string]any{
		"id": "", "account": v.account, "name": "Helper", "on": true, "bot": true, "version": 0, "targeting": map[string]any{}, "welcome": "", "askEmail": "never",
		"away": map[string]string{"mode": "message"}, "available": "always",
	}, &f)
	bot := "/chats/" + v.account + "/flows/" + f.ID + "/bot"
	var d struct {
		Draft    struct{ Revision int64 }
		Findings []struct {
			Text  string
			Block bool
		}
	}
	v.s.call("PUT", bot+"/draft", map[string]any{"graph": json.RawMessage(graph), "revision": 0}, &d)
	for _, found := range d.Findings {
		if found.Block {
			v.s.t.Fatalf("the check says: %s", found.Text)
		}
	}
	v.s.call("POST", bot+"/publish", map[string]any{"revision": d.Draft.Revision}, nil)
	settled()
	return f.ID
}

// walks says each of the words once the bot has asked, and returns what stands in the conversation then.
func (v *visitor) walks(flow string, words, asked []string) []string {
	v.s.t.Helper()
	said := func() (out []string) {
		var l botLines
		v.ask("GET", "messages?conversation=1&after=0", shop, nil, &l)
		for _, line := range l.Lines {
			out = append(out, line.By+": "+line.Text)
		}
		return out
	}
	for i, w := range words {
		m := map[string]any{"conversation": 1, "client": fmt.Sprint("b", i), "text": w, "flow": flow, "page": shop + "/cups"}
		for range 2 { // as a browser does that heard no answer
			if status := v.ask("POST", "messages", shop, m, nil); status != http.StatusCreated {
				v.s.t.Fatalf("say %q: %d", w, status)
			}
		}
		v.s.eventually("the bot's answer to "+w, func() bool {
			return slices.ContainsFunc(said(), func(line string) bool {
				return asked[i] != "" && line == "bot: "+asked[i] || asked[i] == "" && strings.HasPrefix(line, "bot: Ticket ")
			})
		})
	}
	return said()
}

func TestFlowABot(t *testing.T) {
	s := flow(t)
	v := s.enter()
	var me struct{ ID string }
	s.call("GET", "/me", nil, &me)
	id := v.publishes(strings.Replace(helper, "WHO", me.ID, 1))
	mail := s.tag + "@cups.example"
	var config struct {
		Flows []struct {
			ID      string
			Opening []struct{ Text string }
		}
	}
	v.ask("GET", "config", shop, nil, &config)
	i := slices.IndexFunc(config.Flows, func(f struct {
		ID      string
		Opening []struct{ Text string }
	},
	) bool {
		return f.ID == id
	})
	if i < 0 || len(config.Flows[i].Opening) != 1 || config.Flows[i].Opening[0].Text != "What is your name?" {
		t.Fatalf("config %+v", config)
	}
	c := v.connect() // what the bot says is pushed to who listens
	c.send(`{"action":"say","client":"b0","text":"Lena","page":"https://kiln.example/cups","flow":"` + id + `"}`)
	c.until("the bot's next question", says("Your address, Lena?"))
	got := v.walks(id, []string{"Lena", mail, "+49 30 5550143", "Yes"}, []string{"Your address, Lena?", "Your number?", "May we write?", ""})
	var tickets struct{ Tickets []struct{ Number int64 } }
	th := s.bySubject("Lena").ID
	s.call("GET", "/threads/"+th+"/tickets", nil, &tickets)
	if len(tickets.Tickets) != 1 {
		t.Fatalf("%+v", tickets)
	}
	want := []string{
		"bot: What is your name?", "visitor: Lena", "bot: Your address, Lena?", "visitor: " + mail, "bot: Your number?", "visitor: +49 30 5550143",
		"bot: Hello LENA", "bot: May we write?", "visitor: Yes", fmt.Sprintf("bot: Ticket %d: a colleague is coming.", tickets.Tickets[0].Number),
	}
	if !slices.Equal(got, want) {
		t.Errorf("the conversation reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var view struct {
		Thread struct {
			Priority string
			Assignee *struct{ ID string }
			Bot      *struct{}
			Contact  struct {
				ID, Name, Address string
				Claimed           bool
			}
		}
	}
	s.call("GET", "/threads/"+th, nil, &view)
	if c := view.Thread.Contact; view.Thread.Bot != nil || view.Thread.Assignee == nil || view.Thread.Assignee.ID != me.ID || view.Thread.Priority != "urgent" || c.Name != "Lena" || c.Address != mail || !c.Claimed {
		t.Errorf("%+v", view)
	}
	var contact struct {
		Contact struct {
			Phone string
			Props map[string]string
		}
	}
	s.call("GET", "/contacts/"+view.Thread.Contact.ID, nil, &contact)
	if contact.Contact.Phone != "+49 30 5550143" || contact.Contact.Props["title"] != "Potter" {
		t.Errorf("%+v", contact)
	}
	var walk struct {
		Session struct{ State string }
		Turns   []json.RawMessage
	}
	s.call("GET", "/threads/"+th+"/bot", nil, &walk)
	if walk.Session.State != "handedOff" || len(walk.Turns) < 10 {
		t.Errorf("%s after %d turns", walk.Session.State, len(walk.Turns))
	}
	var n struct{ Started, HandedOff int }
	s.call("GET", "/chats/"+v.account+"/flows/"+id+"/bot/numbers", nil, &n)
	if n.Started != 1 || n.HandedOff != 1 {
		t.Errorf("%+v", n)
	}
	s.call("PUT", "/threads/"+th+"/bot", map[string]bool{"on": true}, nil) // it begins anew, and is stopped
	s.eventually("the bot again", func() bool {
		var l botLines
		v.ask("GET", "messages?conversation=1&after=0", shop, nil, &l)
		return l.Lines[len(l.Lines)-1].Text == "What is your name?"
	})
	s.call("PUT", "/threads/"+th+"/bot", map[string]bool{"on": false}, nil)
	s.eventually("the end of it", func() bool {
		s.call("GET", "/threads/"+th+"/bot", nil, &walk)
		return walk.Session.State == "takenOver"
	})
}

// Whoever is erased goes from what a bot remembers of them, too; what was counted stays.
func TestFlowABotForgets(t *testing.T) {
	s := flow(t)
	v := s.enter()
	name := "Bo" + s.tag
	id := v.publishes(`{"start":"name","steps":[{"id":"name","kind":"question","question":{"text":"Name?","ask":"text","property":"name"},"next":"more"},
		{"id":"more","kind":"question","question":{"text":"And?","ask":"text"},"next":"person"},{"id":"person","kind":"handoff","handoff":{"to":"routing","text":"Bye"}}]}`)
	v.walks(id, []string{name}, []string{"And?"})
	th := s.bySubject(name).ID
	var view struct {
		Thread struct{ Contact struct{ ID string } }
	}
	s.call("GET", "/threads/"+th, nil, &view)
	s.call("POST", "/contacts/"+view.Thread.Contact.ID+"/erase", nil, nil)
	s.byTheClock("the bot has forgotten", func() bool {
		status, _, _ := s.try("GET", "/threads/"+th+"/bot", nil)
		return status == http.StatusNotFound
	})
	var n struct{ Started int }
	s.call("GET", "/chats/"+v.account+"/flows/"+id+"/bot/numbers", nil, &n)
	if n.Started != 1 {
		t.Errorf("%+v", n)
	}
}

// A visitor who writes twice before the bot can ask is not misunderstood, and the team that the bot names finds somebody who takes them. Who comes
// again is greeted by name before they have written, and that is what their next conversation begins with.
func TestFlowABotsTeam(t *testing.T) {
	s := flow(t)
	v := s.enter()
	var ada, team struct{ ID string }
	s.call("POST", "/users", map[string]any{"email": s.ours("ada-" + s.tag), "name": "Ada", "role": "agent"}, &ada)
	s.call("POST", "/teams", map[string]any{"name": "Desk " + s.tag, "members": []string{ada.ID}}, &team)
	name := "Ida" + s.tag
	id := v.publishes(`{"start":"hi","steps":[{"id":"hi","kind":"message","message":{"bubbles":[{"text":"Hello {{contact.name|stranger}}!"}]},"next":"name"},
		{"id":"name","kind":"question","question":{"text":"Name?","ask":"text","property":"name"},"next":"mail"},
		{"id":"mail","kind":"question","question":{"text":"Address?","ask":"email","tries":1},"next":"person"},
		{"id":"person","kind":"handoff","handoff":{"to":"team","id":"` + team.ID + `","text":"The desk has you."}}]}`)
	say := func(n, client int, text string, seen any, shown json.RawMessage) {
		t.Helper()
		m := map[string]any{"conversation": n, "client": fmt.Sprint("t", n, client), "text": text, "flow": id, "page": shop + "/cups", "seen": seen}
		if shown != nil {
			m["shown"] = shown
		}
		if status := v.ask("POST", "messages", shop, m, nil); status != http.StatusCreated {
			t.Fatalf("say %q: %d", text, status)
		}
	}
	said := func(n int) (out []string, seq int64) {
		var l struct {
			Seq int64
			botLines
		}
		v.ask("GET", fmt.Sprintf("messages?conversation=%d&after=0", n), shop, nil, &l)
		for _, line := range l.Lines {
			out = append(out, line.By+": "+line.Text)
		}
		return out, l.Seq
	}
	say(1, 1, name, 0, nil)
	say(1, 2, "my order is late", 0, nil)
	var seen int64
	s.eventually("the bot's question", func() bool {
		var got []string
		got, seen = said(1)
		return slices.Contains(got, "bot: Address?")
	})
	say(1, 3, s.tag+"@cups.example", seen, nil)
	s.eventually("the desk", func() bool {
		got, _ := said(1)
		return slices.Contains(got, "bot: The desk has you.")
	})
	var view struct {
		Thread struct {
			Assignee, Team *struct{ ID string }
			Bot            *struct{}
		}
	}
	th := s.bySubject(name).ID
	s.eventually("somebody of the team", func() bool {
		s.call("GET", "/threads/"+th, nil, &view)
		return view.Thread.Assignee != nil
	})
	if x := view.Thread; x.Assignee.ID != ada.ID || x.Team == nil || x.Team.ID != team.ID || x.Bot != nil {
		t.Errorf("%+v", x)
	}
	var again struct {
		Token   string
		Opening []struct{ Text string }
		Shown   json.RawMessage
	}
	v.ask("POST", "session", shop, map[string]any{"token": v.token, "conversation": 2, "flow": id, "page": shop + "/cups"}, &again)
	if len(again.Opening) != 2 || again.Opening[0].Text != "Hello "+name+"!" {
		t.Fatalf("%+v", again.Opening)
	}
	say(2, 1, "Me again", nil, again.Shown)
	if got, _ := said(2); len(got) < 3 || got[0] != "bot: Hello "+name+"!" || got[2] != "visitor: Me again" {
		t.Errorf("%q", got)
	}
}
