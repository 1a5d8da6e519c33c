package flows

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/shared/inbox"
)

// visitor is a browser on a page of the shop's.
type visitor struct {
	s              *setup
	account, token string
}

const shop = "https://kiln.example"

// ask sends a request of the widget's and reads JSON into out.
func (v *visitor) ask(method, path, origin string, in, out any) int {
	v.s.t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		v.s.t.Fatal(err)
	}
	r, err := http.NewRequest(method, v.s.API+"/visitor/"+v.account+"/"+path, bytes.NewReader(raw))
	if err != nil {
		v.s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", origin)
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		v.s.t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		v.s.t.Fatal(err)
	}
	if a.StatusCode/100 == 2 && out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			v.s.t.Fatalf("%s %s: %v in %s", method, path, err, body)
		}
	}
	return a.StatusCode
}

// enter opens the widget on a page of a new chat account.
func (s *setup) enter() *visitor {
	s.t.Helper()
	var made struct{ Account struct{ ID string } }
	s.call("POST", "/chats", map[string]string{"inbox": s.inbox(), "name": "Kiln " + s.tag, "origin": shop}, &made)
	v := &visitor{s: s, account: made.Account.ID}
	s.eventually("the chat's settings", func() bool { return v.ask("GET", "config", shop, nil, nil) == http.StatusOK })
	var session struct{ Token string }
	if status := v.ask("POST", "session", shop, map[string]any{}, &session); status != http.StatusOK {
		s.t.Fatalf("session: %d", status)
	}
	v.token = session.Token
	return v
}

func (v *visitor) connect() *socket {
	v.s.t.Helper()
	var t ticket
	if status := v.ask("POST", "ticket", shop, map[string]any{"conversation": 1}, &t); status != http.StatusOK {
		v.s.t.Fatalf("ticket: %d", status)
	}
	return v.s.open(t)
}

func says(text string) func(frame) bool {
	return func(f frame) bool {
		return f.T == "lines" && slices.ContainsFunc(f.Lines, func(l line) bool { return l.Text == text })
	}
}

// showsAFace: the widget tells where it was seen, and shows the picture of an agent who has one.
func (s *setup) showsAFace(v *visitor) {
	s.t.Helper()
	if status := v.ask("GET", "config?page="+url.QueryEscape(shop+"/classes?secret=1"), shop, nil, nil); status != http.StatusOK {
		s.t.Errorf("config of a page: %d", status)
	}
	var me struct{ ID, Name string }
	s.call("GET", "/me", nil, &me)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		s.t.Fatal(err)
	}
	profile := map[string]string{"name": me.Name, "picture": base64.StdEncoding.EncodeToString(picture.Bytes())}
	s.call("PUT", "/me/profile", profile, nil)
	settled()
	if status := v.ask("GET", "face/"+inbox.Face(me.ID), shop, nil, nil); status != http.StatusOK {
		s.t.Errorf("the agent's picture: %d", status)
	}
	profile["picture"] = ""
	s.call("PUT", "/me/profile", profile, nil)
}

func TestFlowAChat(t *testing.T) {
	s := flow(t)
	v := s.enter()
	if status := v.ask("GET", "config", "https://evil.example", nil, nil); status != http.StatusForbidden {
		t.Errorf("another website may use the chat: %d", status)
	}
	c := v.connect()
	c.send(`{"action":"resume","after":0}`)
	c.until("an empty conversation", func(f frame) bool { return f.T == "lines" && f.Seq == 0 })
	question := s.about("Two places?")
	say := fmt.Sprintf(`{"action":"say","client":"k1","text":%q,"page":"https://kiln.example/classes"}`, question)
	c.send(say)
	c.send(say) // the same message again is one message
	c.until("that it is kept", func(f frame) bool { return f.T == "said" })
	head := s.bySubject(question)

	agent := s.dial()
	agent.send(`{"action":"watch","topics":[{"topic":"thread:` + head.ID + `","after":0}]}`)
	agent.until("that the visitor is there", func(f frame) bool { return f.T == "visitor" && f.Online != nil && *f.Online })
	c.send(`{"action":"typing"}`)
	agent.until("that the visitor types", func(f frame) bool { return f.T == "typing" && f.Who.Kind == "visitor" })
	s.call("POST", "/threads/"+head.ID+"/comments", map[string]any{"text": "A secret of ours."}, nil)
	s.call("POST", "/threads/"+head.ID+"/messages", map[string]any{"text": "Yes, two."}, nil)
	got := c.until("the answer", says("Yes, two."))
	for _, l := range got.Lines {
		if strings.Contains(l.Text, "secret") {
			t.Errorf("the visitor reads a note: %+v", l)
		}
	}

	// A dropped line: what was said meanwhile comes when it is back, once.
	_ = c.CloseNow()
	agent.until("that the visitor is gone", func(f frame) bool { return f.T == "visitor" && f.Online != nil && !*f.Online })
	s.call("POST", "/threads/"+head.ID+"/messages", map[string]any{"text": "Shall I hold them?"}, nil)
	back := v.connect()
	back.send(fmt.Sprintf(`{"action":"resume","after":%d}`, got.Seq))
	missed := back.until("what was missed", says("Shall I hold them?"))
	if missed.From != got.Seq+1 || len(missed.Lines) != 1 {
		t.Errorf("%+v behind %d", missed, got.Seq)
	}
	_ = back.CloseNow()
	agent.until("that the visitor is gone again", func(f frame) bool { return f.T == "visitor" && f.Online != nil && !*f.Online })

	// Gone, but with an address: the answer goes by mail, and the answer to it stands in the same conversation, for the widget too.
	address := s.at("vera")
	if status := v.ask("POST", "introduce", shop, map[string]any{"conversation": 1, "email": address, "name": "Vera"}, nil); status != http.StatusNoContent {
		t.Fatalf("introduce: %d", status)
	}
	s.call("POST", "/threads/"+head.ID+"/messages", map[string]any{"text": "They are held until tonight."}, nil)
	mail := s.sentTo(address, 1)
	reply := mail.header(t).Get("Reply-To")
	reply = reply[strings.LastIndexByte(reply, '<')+1:]
	s.post(address, strings.TrimSuffix(reply, ">"), letter(address, "Re: "+question, s.id("vera", 1), "", "Great, thank you!"))
	defer func() {
		if t.Failed() {
			t.Logf("the conversation: %+v", s.thread(head.ID))
		}
	}()
	s.eventually("the answer by mail in the chat", func() bool { return s.thread(head.ID).Thread.Messages == 5 })
	var lines struct{ Lines []line }
	v.ask("GET", fmt.Sprintf("messages?conversation=1&after=%d", missed.Seq), shop, nil, &lines)
	if n := len(lines.Lines); n != 2 || !strings.Contains(lines.Lines[1].Text, "Great, thank you!") || lines.Lines[1].By != "visitor" {
		t.Errorf("the widget shows %+v", lines.Lines)
	}
	s.showsAFace(v)

	// Closed, and they write again, by either door: it is open, and weighs on who had it.
	line := v.connect()
	for n, say := range []func(text string){
		func(text string) {
			if status := v.ask("POST", "messages", shop, map[string]any{"conversation": 1, "client": "http", "text": text}, nil); status/100 != 2 {
				t.Fatalf("message: %d", status)
			}
		},
		func(text string) { line.send(fmt.Sprintf(`{"action":"say","client":"socket","text":%q}`, text)) },
	} {
		s.call("PUT", "/threads/"+head.ID+"/status", map[string]any{"status": "closed"}, nil)
		say(fmt.Sprint("One more thing ", n))
		s.eventually("it is open again", func() bool { return s.thread(head.ID).Thread.Status == "open" })
	}
	// A conversation of another page begins without a socket.
	if status := v.ask("POST", "messages", shop, map[string]any{"conversation": 2, "client": "http2", "text": s.about("Another matter")}, nil); status/100 != 2 {
		t.Fatalf("message: %d", status)
	}
	s.bySubject(s.about("Another matter"))
}
