package cost_test

import (
	"fmt"
	"strings"
	"time"

	"parley/events"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/live"
	"parley/shared/store"
	"parley/shared/visitor"
)

const lena = "Lena Novak <lena@atelier-novak.example>"

// answers lets a new visitor answer the bot's first question.
func (w *world) answers(desk *visitor.Desk, round int, text string) {
	v := visitor.Visitor{ID: fmt.Sprintf("%s%06d", host26[:20], round), Account: w.chat}
	if _, err := desk.Say(ctx, v, 1, visitor.Said{Client: "c1", Text: text, Page: "https://shop.example/cups", Flow: w.bot}); err != nil {
		w.Fatal(err)
	}
}

// conn is the connection of a round.
func conn(round int) string { return fmt.Sprintf("BmK9yfQ5joECHI%d=", round) }

// operations says how each operation of the table is carried out, in the order of the list below; the call it returns is what is measured.
// Each is done in two rounds, and the second one counts. Between any two a minute passes, so that every activity moves its index rows.
var operations = map[string]func(w *world, round int) func(){
	"mail in: a new conversation of a new contact": func(w *world, round int) func() {
		return w.mail(fmt.Sprintf("New Customer <new%d@shop.example>", round), "Charged twice")
	},
	"mail in: joins a conversation": func(w *world, _ int) func() {
		return w.mail("Customer 000003 <customer000003@shop.example>", "Re: Order", "In-Reply-To: <"+signer.MessageID(w.long, host26)+">")
	},
	"reply": func(w *world, _ int) func() {
		return w.request("POST", "/threads/"+w.long+"/messages", `{"text":"`+text200+`"}`)
	},
	"reply that can be undone, in the place of its draft": func(w *world, _ int) func() {
		tag := w.draft("reply")
		return w.request("POST", "/threads/"+w.long+"/messages", `{"text":"`+text200+`","undo":true,"draft":"`+tag+`"}`)
	},
	"undo: release": func(w *world, _ int) func() {
		return w.request("POST", fmt.Sprintf("/threads/%s/messages/%d/release", w.long, w.hold()), "")
	},
	"undo: withdraw": func(w *world, _ int) func() {
		return w.request("POST", fmt.Sprintf("/threads/%s/messages/%d/withdraw", w.long, w.hold()), "")
	},
	"write to somebody new": func(w *world, round int) func() {
		return w.request("POST", "/threads", fmt.Sprintf(`{"account":%q,"to":[{"email":"first%d@firm.example"}],"subject":"An offer","text":%q}`, w.account, round, text200))
	},
	"a draft is saved": func(w *world, _ int) func() {
		tag := w.draft("note")
		w.Pass(time.Minute)
		return w.requestIf(tag, "PUT", "/threads/"+w.long+"/drafts/note", `{"text":"`+text200+`"}`)
	},
	"delivery: the mail system's word (bounced)": func(w *world, _ int) func() {
		j := w.reply()
		w.batch(w.deliver, w.stream(names.Outbox, "D#"))()
		return w.bounced(j)
	},
	"retry": func(w *world, _ int) func() {
		j := w.reply()
		w.batch(w.deliver, w.stream(names.Outbox, "D#"))()
		w.bounced(j)()
		return w.request("POST", fmt.Sprintf("/threads/%s/messages/%d/retry", j.Thread, j.Seq), "")
	},
	"delivery of a reply: job through sent": func(w *world, _ int) func() {
		w.reply()
		return w.batch(w.deliver, w.stream(names.Outbox, "D#"))
	},
	"delivery: the mail system's word (delivered)": func(w *world, _ int) func() {
		j := w.reply()
		w.batch(w.deliver, w.stream(names.Outbox, "D#"))()
		return w.delivered(j)
	},
	"comment": func(w *world, _ int) func() {
		return w.request("POST", "/threads/"+w.long+"/comments", `{"text":"`+text200+`"}`)
	},
	"comment while an agent has the conversation open": func(w *world, round int) func() {
		w.look(round, live.ThreadTopic(w.long))
		return w.request("POST", "/threads/"+w.long+"/comments", `{"text":"`+text200+`"}`)
	},
	"assign": func(w *world, round int) func() {
		return w.request("PUT", "/threads/"+w.threads[3+4*round]+"/assignee", `{"agent":"mara"}`)
	},
	"close": func(w *world, round int) func() {
		return w.request("PUT", "/threads/"+w.threads[3+4*round]+"/status", `{"status":"closed"}`)
	},
	"tag": func(w *world, round int) func() {
		return w.request("PUT", "/threads/"+w.threads[2+4*round]+"/tags", `{"add":["`+w.tag+`"]}`)
	},
	"snooze": func(w *world, round int) func() {
		return w.request("PUT", "/threads/"+w.threads[4*round]+"/snooze", `{}`)
	},
	"ticket: made of a conversation": func(w *world, round int) func() {
		return w.request("POST", "/threads/"+w.threads[2+4*round]+"/tickets", `{"subject":"Pay it back"}`)
	},
	"ticket: its stage changes": func(w *world, round int) func() {
		k, _, err := w.st.Tickets.Create(ctx, fmt.Sprint("k", round), store.NewTicket{Thread: w.threads[2+4*round], Subject: "Pay it back", By: mara})
		if err != nil {
			w.Fatal(err)
		}
		return w.request("PUT", "/tickets/"+k.ID, fmt.Sprintf(`{"subject":"Pay it back","stage":"waiting","version":%d}`, k.Version))
	},
	"many at once: priority of 8": func(w *world, round int) func() {
		return w.request("POST", "/threads/bulk", `{"threads":["`+strings.Join(w.threads[:8], `","`)+`"],"change":{"priority":"`+[]string{"high", "low"}[round]+`"}}`)
	},
	"route: a new conversation to whom the rules say": func(w *world, round int) func() {
		id := host26[:20] + fmt.Sprintf("%06d", 100+round)
		c := events.Contact{ID: "c1"}
		w.decide(id, func(t inbox.Thread) (inbox.Decision, error) {
			return t.Open(events.ThreadOpened{Inbox: w.inbox, Account: w.account, Channel: "email", Subject: "Order", Contact: c}, events.MessageReceived{Message: "m", Contact: c, Body: text, Preview: "Hello"})
		})
		return w.batch(w.route, w.stream(names.Assignments, "A"))
	},
	"bot: a visitor begins a conversation with its answer": func(w *world, round int) func() {
		return func() { w.answers(w.desk, round, "An order") }
	},
	"bot: it hears an answer and asks again": func(w *world, round int) func() {
		w.answers(visitor.NewDesk(w.st, live.New(w.st, w.Cloud().Push("")), host.NewID, w.Now), 10+round, "An order")
		return w.batch(w.turn, w.stream(names.Assignments, "J"))
	},
	"inbox page of 25: of a team": get("GET", "/inboxes/%s/threads?view=team&team="+team, "", false),
	"inbox page of 25: of a channel": func(w *world, _ int) func() {
		return w.request("GET", "/inboxes/"+w.inbox+"/threads?view=channel&account="+w.account, "")
	},
	"inbox page of 25: mentions":    get("GET", "/inboxes/%s/threads?view=mentions", "", false),
	"notices: a page":               func(w *world, _ int) func() { return w.request("GET", "/notices", "") },
	"mark read":                     get("PUT", "/threads/%s/read", `{"seq":1}`, true),
	"inbox page of 25: open":        get("GET", "/inboxes/%s/threads?view=open", "", false),
	"inbox page of 25: mine":        get("GET", "/inboxes/%s/threads?view=mine", "", false),
	"inbox page of 25: unassigned":  get("GET", "/inboxes/%s/threads?view=unassigned", "", false),
	"inbox page of 25: closed":      get("GET", "/inboxes/%s/threads?view=closed", "", false),
	"inbox page of 25: undelivered": get("GET", "/inboxes/%s/threads?view=undelivered", "", false),
	"drafts: a page":                func(w *world, _ int) func() { return w.request("GET", "/drafts", "") },
	"counts of the views":           get("GET", "/inboxes/%s/counts", "", false),
	"conversation with its newest 50 entries": func(w *world, _ int) func() {
		return w.request("GET", "/threads/"+w.long, "")
	},
	"older 50 entries": func(w *world, _ int) func() {
		head, err := w.st.Threads.Head(ctx, w.long)
		if err != nil {
			w.Fatal(err)
		}
		return w.request("GET", fmt.Sprintf("/threads/%s/entries?before=%d", w.long, max(2, head.Seq-49)), "")
	},
	"people: a page of 50": func(w *world, _ int) func() { return w.request("GET", "/contacts", "") },
	"people: a list that few contacts fit": func(w *world, _ int) func() {
		return w.request("POST", "/contacts/search", `{"conditions":[{"on":"address","op":"contains","value":"nobody"}]}`)
	},
	"people: type-ahead": func(w *world, _ int) func() { return w.request("GET", "/contacts/suggest?q=customer", "") },
	"people: the sidebar of a conversation": func(w *world, _ int) func() {
		c, err := w.st.Contacts.ByEmail(ctx, "customer000004@shop.example", "")
		if err != nil {
			w.Fatal(err)
		}
		var all []func()
		for _, path := range []string{"", "/threads", "/duplicates"} {
			all = append(all, w.request("GET", "/contacts/"+c.ID+path, ""))
		}
		all = append(all, w.request("GET", "/companies/"+c.Company+"/threads?except="+c.ID, ""))
		return func() {
			for _, ask := range all {
				ask()
			}
		}
	},
	"quarantine: newest 100": func(w *world, _ int) func() { return w.request("GET", "/quarantine", "") },
	"socket: ticket":         func(w *world, _ int) func() { return w.request("POST", "/ticket", "{}") },
	"socket: connect": func(w *world, round int) func() {
		ticket, err := w.st.Sockets.IssueTicket(ctx, store.Identity{Kind: "agent", ID: mara.ID, Name: mara.Name})
		if err != nil {
			w.Fatal(err)
		}
		w.Connect(conn(round))
		return w.frame("connect", conn(round), func(e map[string]any) {
			e["headers"].(map[string]any)["Sec-WebSocket-Protocol"] = "parley, " + ticket
		})
	},
	"socket: watch an inbox and a conversation": func(w *world, round int) func() {
		head, err := w.st.Threads.Head(ctx, w.long)
		if err != nil {
			w.Fatal(err)
		}
		return w.frame("message", conn(round), func(e map[string]any) {
			e["body"] = fmt.Sprintf(`{"action":"watch","topics":["inbox:%s",{"topic":"thread:%s","after":%d}]}`, w.inbox, w.long, head.Seq)
		})
	},
	"socket: disconnect": func(w *world, round int) func() {
		return w.frame("disconnect", conn(round), func(map[string]any) {})
	},
	"push to one watcher, noted": func(w *world, round int) func() {
		w.look(round, live.ThreadTopic(w.long))
		c := w.comment()
		return func() { w.live.Committed(ctx, c) }
	},
	"notify: to who has the conversation and the inbox open": func(w *world, round int) func() {
		w.look(round, live.ThreadTopic(w.long), live.InboxTopic(w.inbox))
		w.comment()
		return w.batch(w.notify, w.stream(names.Threads, "H"))
	},
	"notify: nobody looks": func(w *world, _ int) func() {
		w.comment()
		return w.batch(w.notify, w.stream(names.Threads, "H"))
	},
	"sweep, nothing due": func(w *world, _ int) func() { return func() { w.invoke(w.sweep, nil) } },
}

// team is one that a quarter of the threads belong to.
const team = "01k0000000000000000000team"

// host26 is an id as a message of ours has one.
const host26 = "01k0000000000000000000000a"

const text200 = "Hello Lena, the second amount was never captured: your bank shows a reservation that goes away by itself within five days. " +
	"If it is still there next week, please write again and we look at once. Mara"

// get is a request about the inbox, or about a thread that is nobody's.
func get(method, path, body string, thread bool) func(*world, int) func() {
	return func(w *world, _ int) func() {
		if thread {
			return w.request(method, fmt.Sprintf(path, w.threads[2]), body)
		}
		return w.request(method, fmt.Sprintf(path, w.inbox), body)
	}
}

// comment adds a comment outside the measuring.
func (w *world) comment() store.Commit {
	w.serial++
	return w.decide(w.long, func(t inbox.Thread) (inbox.Decision, error) {
		return t.Comment(mara, events.CommentAdded{Comment: fmt.Sprintf("01k00000000000000000%06d", w.serial), Body: text, Preview: inbox.Preview(text.Text)})
	})
}

// reply adds a reply outside the measuring and returns its delivery.
func (w *world) reply() inbox.Delivery {
	c := w.decide(w.long, func(t inbox.Thread) (inbox.Decision, error) { return t.Reply(mara, w.answer(t.Contact)) })
	m := c.Entries[0].Sent
	return inbox.Delivery{ID: m.Delivery, Thread: w.long, Seq: c.Seq, Recipients: []inbox.Recipient{{Address: m.To[0].Email}}}
}

// hold adds a reply that can be undone outside the measuring and returns its seq.
func (w *world) hold() int64 {
	return w.decide(w.long, func(t inbox.Thread) (inbox.Decision, error) {
		m := w.answer(t.Contact)
		m.Held = true
		return t.Reply(mara, m)
	}).Seq
}

// draft saves a draft of Mara's outside the measuring and returns its tag.
func (w *world) draft(mode string) string {
	d, err := w.st.Drafts.Put(ctx, mara.ID, "*", store.Draft{DraftPlace: store.DraftPlace{Thread: w.long, Mode: mode}, Text: text200})
	if err != nil {
		w.Fatal(err)
	}
	return d.Tag
}

// bounced is SES's word that a delivery came back.
func (w *world) bounced(d inbox.Delivery) func() {
	j, err := w.st.Outbox.Get(ctx, d.Thread, d.Seq)
	if err != nil || j.State != inbox.DeliverySent {
		w.Fatal(j.State, err)
	}
	payload := w.sample("ses/event-bounce", func(e map[string]any) {
		detail := e["detail"].(map[string]any)
		mail := detail["mail"].(map[string]any)
		mail["messageId"] = j.Carrier
		tags := mail["tags"].(map[string]any)
		tags["thread"], tags["seq"], tags["delivery"] = []string{d.Thread}, []string{fmt.Sprint(d.Seq)}, []string{d.ID}
		detail["bounce"].(map[string]any)["bouncedRecipients"].([]any)[0].(map[string]any)["emailAddress"] = d.Recipients[0].Address
	})
	return func() {
		w.invoke(w.status, payload)
		if j, err = w.st.Outbox.Get(ctx, d.Thread, d.Seq); err != nil || j.Recipients[0].State != "bounced" {
			w.Fatalf("%v %+v", err, j)
		}
	}
}

// look opens a socket outside the measuring that watches topics until the next operation.
func (w *world) look(round int, topics ...string) {
	c := "look" + conn(round)
	w.Connect(c)
	if err := w.st.Sockets.Connect(ctx, c, store.Identity{Kind: "agent", ID: mara.ID, Name: mara.Name}); err != nil {
		w.Fatal(err)
	}
	if err := w.st.Sockets.Watch(ctx, c, topics...); err != nil {
		w.Fatal(err)
	}
	w.after = func() {
		if err := w.st.Sockets.Disconnect(ctx, c); err != nil {
			w.Fatal(err)
		}
	}
}

// delivered is SES's word that a delivery arrived.
func (w *world) delivered(d inbox.Delivery) func() {
	j, err := w.st.Outbox.Get(ctx, d.Thread, d.Seq)
	if err != nil || j.State != inbox.DeliverySent {
		w.Fatal(j.State, err)
	}
	payload := w.sample("ses/event-delivery", func(e map[string]any) {
		detail := e["detail"].(map[string]any)
		mail := detail["mail"].(map[string]any)
		mail["messageId"], mail["destination"] = j.Carrier, []string{d.Recipients[0].Address}
		tags := mail["tags"].(map[string]any)
		tags["thread"], tags["seq"], tags["delivery"] = []string{d.Thread}, []string{fmt.Sprint(d.Seq)}, []string{d.ID}
		detail["delivery"].(map[string]any)["recipients"] = []string{d.Recipients[0].Address}
	})
	return func() {
		w.invoke(w.status, payload)
		if j, err = w.st.Outbox.Get(ctx, d.Thread, d.Seq); err != nil || j.Recipients[0].State != "delivered" {
			w.Fatalf("%v %+v", err, j)
		}
	}
}
