package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

type page struct {
	Threads []struct {
		Thread struct {
			ID string `json:"id"`
		} `json:"thread"`
	} `json:"threads"`
	Next string `json:"next"`
}

func inboxID(c *client) string {
	var out struct {
		Inboxes []struct {
			ID string `json:"id"`
		} `json:"inboxes"`
	}
	check(json.Unmarshal(c.do("GET", "/inboxes", "", nil), &out))
	return out.Inboxes[0].ID
}

// threadIDs walks the open view until it has n.
func threadIDs(c *client, inbox string, n int) []string {
	var ids []string
	cursor := ""
	for len(ids) < n {
		var p page
		check(json.Unmarshal(c.do("GET", "/inboxes/"+inbox+"/threads?view=open&limit=100&cursor="+cursor, "", nil), &p))
		for _, t := range p.Threads {
			ids = append(ids, t.Thread.ID)
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	return ids[:min(n, len(ids))]
}

// pages measures a page of the inbox and of a thread, one reader.
func pages(p *program, n int) {
	c := dial(p)
	inbox := inboxID(c)
	ids := threadIDs(c, inbox, 500)
	m := measure(p)
	const rounds = 1000
	var list, thread []time.Duration
	for i := range rounds {
		begin := time.Now()
		c.do("GET", "/inboxes/"+inbox+"/threads?view=open", "", nil)
		mid := time.Now()
		c.do("GET", "/threads/"+ids[i%len(ids)], "", nil)
		list, thread = append(list, mid.Sub(begin)), append(thread, time.Since(mid))
	}
	quantiles(fmt.Sprintf("page.inbox.%d", n), list[rounds/10:])
	quantiles(fmt.Sprintf("page.thread.%d", n), thread[rounds/10:])
	m.say(fmt.Sprintf("page.%d", n), 2*rounds)
	say(fmt.Sprintf("memory.%d", n), p.rss(), "MB")
}

// people measures what pages of people ask for, with n contacts of a thousand companies: the list, type-ahead of a first name that thousands have
// and of a whole name, everything that stands beside a conversation, and a static list of forty of them.
func people(p *program, n int) {
	c := dial(p)
	var page struct {
		Contacts []struct{ ID, Name, Company string }
	}
	check(json.Unmarshal(c.do("GET", "/contacts?limit=100", "", nil), &page))
	var fair struct{ ID string }
	check(json.Unmarshal(c.do("POST", "/lists", "", []byte(`{"name":"Fair","kind":"static","conditions":[]}`)), &fair))
	var enlist []time.Duration
	for _, who := range page.Contacts[:min(40, len(page.Contacts))] {
		begin := time.Now()
		c.do("PUT", "/contacts/"+who.ID+"/lists/"+fair.ID, "", nil)
		enlist = append(enlist, time.Since(begin))
	}
	m := measure(p)
	const rounds = 300
	var list, typed, beside, static []time.Duration
	timed := func(to *[]time.Duration, paths ...string) {
		begin := time.Now()
		for _, path := range paths {
			c.do("GET", path, "", nil)
		}
		*to = append(*to, time.Since(begin))
	}
	for i := range rounds {
		who := page.Contacts[i%len(page.Contacts)]
		timed(&list, "/contacts?sort="+[]string{"activity", "name"}[i%2])
		timed(&typed, "/contacts/suggest?q="+[]string{"lena", url.QueryEscape(who.Name), "customer", "seed4"}[i%4])
		timed(&beside, "/contacts/"+who.ID, "/contacts/"+who.ID+"/threads", "/contacts/"+who.ID+"/duplicates", "/companies/"+who.Company+"/threads?except="+who.ID)
	}
	for range rounds {
		timed(&static, "/contacts?list="+fair.ID)
	}
	quantiles(fmt.Sprintf("people.static.%d", n), static[rounds/10:])
	quantiles(fmt.Sprintf("people.enlist.%d", n), enlist)
	quantiles(fmt.Sprintf("people.list.%d", n), list[rounds/10:])
	quantiles(fmt.Sprintf("people.typeahead.%d", n), typed[rounds/10:])
	quantiles(fmt.Sprintf("people.sidebar.%d", n), beside[rounds/10:])
	m.say(fmt.Sprintf("people.%d", n), 7*rounds)
}

type frame struct {
	T       string `json:"t"`
	Thread  string `json:"thread"`
	Seq     int64  `json:"seq"`
	Entries []struct {
		Seq int64     `json:"seq"`
		At  time.Time `json:"at"`
		// Received is a message that came in.
		Received *struct {
			Body struct {
				Text string `json:"text"`
			} `json:"body"`
		} `json:"received"`
	} `json:"entries"`
	Head struct {
		ID string `json:"id"`
	} `json:"head"`
}

// watch opens a socket on topics and hands every frame, with the time it came, to got.
func watch(p *program, topics []string, got func(frame, time.Time)) func() {
	var ticket struct{ Ticket, URL, Protocol string }
	check(json.Unmarshal(dial(p).do("POST", "/ticket", "", []byte("{}")), &ticket))
	ctx, cancel := context.WithCancel(context.Background())
	ws, _, err := websocket.Dial(ctx, ticket.URL, &websocket.DialOptions{Subprotocols: []string{ticket.Protocol, ticket.Ticket}})
	check(err)
	ws.SetReadLimit(1 << 20)
	type topic struct {
		Topic string `json:"topic"`
	}
	ask := struct {
		Action string  `json:"action"`
		Topics []topic `json:"topics"`
	}{Action: "watch"}
	for _, t := range topics {
		ask.Topics = append(ask.Topics, topic{t})
	}
	raw, err := json.Marshal(ask)
	check(err)
	check(ws.Write(ctx, websocket.MessageText, raw))
	watching := make(chan struct{})
	go func() {
		for {
			_, raw, err := ws.Read(ctx)
			if err != nil {
				return
			}
			at := time.Now()
			var f frame
			check(json.Unmarshal(raw, &f))
			switch f.T {
			case "error":
				check(fmt.Errorf("socket: %s", raw))
			case "watching":
				close(watching)
				continue
			}
			got(f, at)
		}
	}()
	<-watching
	return cancel
}

// frames measures one quiet thread: from just before the commit (the entry's own time) and from the request to the frame at a socket.
// Frames may come twice; the first one of an entry counts.
func frames(p *program) {
	c := dial(p)
	id := threadIDs(c, inboxID(c), 1)[0]
	type arrival struct {
		seq       int64
		entry, at time.Time
	}
	const rounds = 500
	came := make(chan arrival, 8*rounds)
	stop := watch(p, []string{"thread:" + id}, func(f frame, at time.Time) {
		for _, e := range f.Entries {
			came <- arrival{e.Seq, e.At, at}
		}
	})
	defer stop()
	var whole, commit []time.Duration
	last := int64(0)
	for i := range rounds {
		begin := time.Now()
		c.do("POST", "/threads/"+id+"/comments", fmt.Sprint("frame", i), []byte(`{"text":"Is it here yet?"}`))
		a := <-came
		for a.seq <= last {
			a = <-came
		}
		last = a.seq
		whole, commit = append(whole, a.at.Sub(begin)), append(commit, a.at.Sub(a.entry))
	}
	quantiles("frame.from-request", whole[50:])
	quantiles("frame.from-commit", commit[50:])
}

// commentLoad writes comments on fifty threads that a socket watches, forty-eight at a time: enough for commits
// to share a disk flush, about one writer a thread.
func commentLoad(p *program, n int) {
	c := dial(p)
	ids := threadIDs(c, inboxID(c), 50)
	topics := make([]string, len(ids))
	for i, id := range ids {
		topics[i] = "thread:" + id
	}
	var seen atomic.Int64
	stop := watch(p, topics, func(f frame, _ time.Time) { seen.Add(int64(len(f.Entries))) })
	defer stop()
	m, begin := measure(p), time.Now()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 48 {
		wg.Go(func() {
			c := dial(p)
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				c.do("POST", "/threads/"+ids[int(i)%len(ids)]+"/comments", fmt.Sprint("load", i), []byte(`{"text":"The Solo renewal ran an hour before the upgrade."}`))
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	say("comments", float64(n)/took.Seconds(), "comments/s")
	m.say("comments", n)
	say("comments.frames", float64(seen.Load())/float64(n), "frames/comment")
}
