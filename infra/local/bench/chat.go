package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	site         = "https://kiln.example"
	chatVisitors = 1000
	chatAgents   = 50
	chatRounds   = 6 // messages of each visitor; one visitor may say thirty a minute
)

// visitor is a widget with its panel open: a session and a socket.
type visitor struct {
	name, token string
	ws          *websocket.Conn
	thread      string
}

// chats measures a full shop: a thousand visitors and fifty agents on sockets of their own. Each visitor speaks some fifteen times a minute, every
// third message is answered; all agents watch the inbox, each the conversations of twenty visitors. chat.in is from a visitor's send to the
// frame at the agent who has it open, chat.out from the agent's request to the frame at the visitor.
func chats(p *program) {
	c := dial(p)
	inbox := inboxID(c)
	var made struct{ Account struct{ ID string } }
	check(json.Unmarshal(c.do("POST", "/chats", "", fmt.Appendf(nil, `{"inbox":%q,"name":"Kiln","origin":%q}`, inbox, site)), &made))
	account := made.Account.ID
	time.Sleep(11 * time.Second) // until every process follows the settings
	say("chat.rss.before", p.rss(), "MB")

	var mu sync.Mutex
	sent := map[string]time.Time{} // by text
	var in, out []time.Duration
	heard := func(into *[]time.Duration, text string, at time.Time) {
		mu.Lock()
		defer mu.Unlock()
		if begin, ok := sent[text]; ok {
			*into = append(*into, at.Sub(begin))
			delete(sent, text)
		}
	}
	people := make([]*visitor, chatVisitors)
	each(people, 16, func(i int) {
		v := &visitor{name: fmt.Sprintf("visitor %d", i)}
		v.enter(p, account)
		people[i] = v
	})
	for _, v := range people {
		go v.read(func(text string, at time.Time) { heard(&out, text, at) })
	}
	for _, v := range people {
		v.say("first", v.name+" is here")
	}
	conversations(c, inbox, people)

	var frames atomic.Int64
	for a := range chatAgents {
		topics := []string{"inbox:" + inbox}
		for _, v := range people[a*chatVisitors/chatAgents : (a+1)*chatVisitors/chatAgents] {
			topics = append(topics, "thread:"+v.thread)
		}
		defer watch(p, topics, func(f frame, at time.Time) {
			frames.Add(1)
			for _, e := range f.Entries {
				if e.Received != nil {
					heard(&in, e.Received.Body.Text, at)
				}
			}
		})()
	}
	say("chat.sockets", chatVisitors+chatAgents, "sockets")
	say("chat.rss.connected", p.rss(), "MB")
	cost := measure(p)
	begin := time.Now()
	var talking sync.WaitGroup
	replies := make(chan int, chatVisitors)
	for range 4 {
		talking.Go(func() {
			agent := dial(p)
			for i := range replies {
				text := fmt.Sprintf("answer %d at %d", i, time.Now().UnixNano())
				mu.Lock()
				sent[text] = time.Now()
				mu.Unlock()
				agent.do("POST", "/threads/"+people[i].thread+"/messages", text, fmt.Appendf(nil, `{"text":%q}`, text))
			}
		})
	}
	// One message after the other, evenly: a thousand visitors each four seconds.
	tick := time.NewTicker(4 * time.Second / chatVisitors)
	defer tick.Stop()
	for m := range chatRounds {
		for i, v := range people {
			<-tick.C
			text := fmt.Sprintf("%s says %d", v.name, m)
			mu.Lock()
			sent[text] = time.Now()
			mu.Unlock()
			v.say(fmt.Sprint("c", m), text)
			if (i+m)%3 == 0 {
				replies <- i
			}
		}
	}
	close(replies)
	talking.Wait()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		mu.Lock()
		left := len(sent)
		mu.Unlock()
		if left == 0 {
			break
		}
	}
	took := time.Since(begin)
	say("chat.rss", p.rss(), "MB")
	mu.Lock()
	defer mu.Unlock()
	say("chat.lost", float64(len(sent)), "messages")
	say("chat.rate", float64(len(in)+len(out))/took.Seconds(), "messages/s")
	cost.say("chat", len(in)+len(out))
	quantiles("chat.in", in)
	quantiles("chat.out", out)
	say("chat.frames", float64(frames.Load()), "frames")
	for _, v := range people {
		_ = v.ws.CloseNow()
	}
}

// each runs f for every index, some at a time.
func each(people []*visitor, at int, f func(i int)) {
	var wg sync.WaitGroup
	work := make(chan int)
	for range at {
		wg.Go(func() {
			for i := range work {
				f(i)
			}
		})
	}
	for i := range people {
		work <- i
	}
	close(work)
	wg.Wait()
}

// ask is a request of the widget's.
func (v *visitor) ask(p *program, account, path string, in string, out any) {
	r, err := http.NewRequest("POST", p.API+"/visitor/"+account+"/"+path, bytes.NewReader([]byte(in)))
	check(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", site)
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	a, err := http.DefaultClient.Do(r)
	check(err)
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	check(err)
	if a.StatusCode/100 != 2 {
		check(fmt.Errorf("%s: %s %s", path, a.Status, body))
	}
	check(json.Unmarshal(body, out))
}

func (v *visitor) enter(p *program, account string) {
	var session struct{ Token string }
	v.ask(p, account, "session", "{}", &session)
	v.token = session.Token
	var ticket struct{ Ticket, URL, Protocol string }
	v.ask(p, account, "ticket", `{"conversation":1}`, &ticket)
	ws, _, err := websocket.Dial(context.Background(), ticket.URL, &websocket.DialOptions{Subprotocols: []string{ticket.Protocol, ticket.Ticket}})
	check(err)
	v.ws = ws
	check(ws.Write(context.Background(), websocket.MessageText, []byte(`{"action":"resume","after":0}`)))
}

func (v *visitor) say(client, text string) {
	check(v.ws.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, `{"action":"say","client":%q,"text":%q}`, client, text)))
}

// conversations finds what each visitor has begun.
func conversations(c *client, inbox string, people []*visitor) {
	by := map[string]*visitor{}
	for _, v := range people {
		by[v.name+" is here"] = v
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		missing := len(people)
		for cursor := ""; ; {
			var list struct {
				Threads []struct {
					Thread struct{ ID, Subject, Preview string }
				}
				Next string
			}
			check(json.Unmarshal(c.do("GET", "/inboxes/"+inbox+"/threads?view=open&limit=100&cursor="+cursor, "", nil), &list))
			for _, t := range list.Threads {
				if v := by[t.Thread.Preview]; v != nil {
					v.thread = t.Thread.ID
					missing--
				}
			}
			if cursor = list.Next; cursor == "" {
				break
			}
		}
		if missing <= 0 {
			return
		}
		if time.Now().After(end) {
			check(fmt.Errorf("%d visitors have no conversation", missing))
		}
	}
}

// read hands every text that comes to got.
func (v *visitor) read(got func(text string, at time.Time)) {
	for {
		_, raw, err := v.ws.Read(context.Background())
		if err != nil {
			return
		}
		at := time.Now()
		var f struct {
			T     string
			Lines []struct{ Text, By string }
		}
		check(json.Unmarshal(raw, &f))
		if f.T == "error" && !strings.Contains(string(raw), "busy") {
			check(fmt.Errorf("visitor: %s", raw))
		}
		for _, l := range f.Lines {
			if l.By != "visitor" {
				got(l.Text, at)
			}
		}
	}
}
