package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/events"
	"parley/shared/inbox"
	"parley/shared/store"
	"parley/shared/table/local"
)

var ctx = context.Background()

// month writes n threads of the last thirty days, through the store's own commits, each on a clock of its own.
func month(db *local.Store, s shop, n int, seed uint64, now time.Time) error {
	var next atomic.Int64
	var failed atomic.Value
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n) && failed.Load() == nil; i = next.Add(1) {
				w := newWriter(db, s, seed, uint64(i), now)
				if err := w.thread(float64(i) / float64(n)); err != nil {
					failed.Store(fmt.Errorf("thread %d: %w", i, err))
				}
			}
		})
	}
	wg.Wait()
	err, _ := failed.Load().(error)
	return err
}

// writer writes one thread. What it writes depends on its seed and number alone, and its times on now.
type writer struct {
	shop
	*rand.Rand
	st      *store.Store
	at, now time.Time
	entropy io.Reader
	fill    map[string]string
}

func newWriter(db *local.Store, s shop, seed, i uint64, now time.Time) *writer {
	w := &writer{shop: s, Rand: rand.New(rand.NewPCG(seed, i)), now: now}
	w.entropy = ulid.Monotonic(randReader{rand.New(rand.NewPCG(^seed, i))}, 0) // its own: a commit that is tried again takes more ids
	w.st = store.Open(db, store.Names{
		Threads: "threads", Outbox: "outbox", Assignments: "assignments", Contacts: "contacts", Settings: "settings", Sockets: "sockets",
	}, func() time.Time { return w.at }, w.id)
	return w
}

type randReader struct{ r *rand.Rand }

func (r randReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r.r.Uint32())
	}
	return len(p), nil
}

// id is a ULID of the writer's moment.
func (w *writer) id() string {
	return strings.ToLower(ulid.MustNew(ulid.Timestamp(w.at), w.entropy).String())
}

func pick[T any](w *writer, list []T) T { return list[w.IntN(len(list))] }

// working moves a moment into the hours in which people write, or answer.
func working(t time.Time, from, to int) time.Time {
	switch h := t.Hour(); {
	case h < from:
		return time.Date(t.Year(), t.Month(), t.Day(), from, t.Minute(), t.Second(), 0, t.Location())
	case h >= to:
		return time.Date(t.Year(), t.Month(), t.Day()+1, from, t.Minute(), t.Second(), 0, t.Location())
	}
	return t
}

// thread writes one from its first message to where it stands today. share is how far the month has gone.
func (w *writer) thread(share float64) error {
	span := 30 * 24 * time.Hour
	w.at = working(w.now.Add(-span+time.Duration(share*float64(span))).Add(-time.Duration(w.IntN(5*3600))*time.Second), 7, 23)
	if w.at.After(w.now) {
		w.at = w.now.Add(-time.Duration(1+w.IntN(90)) * time.Minute)
	}
	w.at = w.at.Truncate(time.Millisecond)
	switch p := w.IntN(100); {
	case p < 3:
		m := pick(w, spam)
		return w.aside(m.from, m.name, m.subject, m.text, "spam", "spam")
	case p < 6:
		m := pick(w, newsletters)
		return w.aside(m.from, m.name, m.subject, m.text, "filtered", "marketing")
	}
	total := 0
	for _, m := range matters {
		total += m.weight
	}
	at := w.IntN(total)
	for _, m := range matters {
		if at -= m.weight; at < 0 {
			return w.matter(m)
		}
	}
	return nil
}

// aside is mail that the filters put away.
func (w *writer) aside(from, name, subject, text, folder, rule string) error {
	c, err := w.st.Contacts.ByEmail(ctx, from, name)
	if err != nil {
		return err
	}
	m := w.received(c.Fact(), subject, text)
	m.Filter = &events.Filter{Folder: folder, Why: events.Why{Rule: rule}}
	id := w.id()
	_, err = w.st.Threads.Do(ctx, id, "", func(t inbox.Thread) (inbox.Decision, error) {
		return t.Open(events.ThreadOpened{Inbox: w.Box, Account: w.Mail, Channel: "email", Subject: subject, Contact: c.Fact()}, m)
	})
	return err
}

// customer is one of some hundreds: many write more than once.
func (w *writer) customer(lang string) (events.Contact, error) {
	from := people[lang]
	n := w.IntN(len(from.first) * len(from.last))
	if w.IntN(3) == 0 { // regulars
		n %= 40
	}
	first, last := from.first[n%len(from.first)], from.last[(n*7+n/len(from.first))%len(from.last)]
	w.fill["first"] = first
	address := ascii(strings.ToLower(first+"."+last)) + "@" + from.hosts[n%len(from.hosts)]
	c, err := w.st.Contacts.ByEmail(ctx, address, first+" "+last)
	return c.Fact(), err
}

func ascii(s string) string {
	return strings.NewReplacer("é", "e", "è", "e", "É", "e", "ï", "i", "ö", "oe", "č", "c", "ü", "ue").Replace(s)
}

// say fills a text's places.
func (w *writer) say(text string) string {
	for name, value := range w.fill {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

func (w *writer) received(c events.Contact, subject, text string) events.MessageReceived {
	id := w.id()
	return events.MessageReceived{
		Message: id, Contact: c, From: events.Address{Name: c.Name, Email: c.Address}, To: []events.Address{{Name: "Kiln & Clay", Email: w.Address}},
		Subject: subject, Body: events.Body{Text: text}, Preview: inbox.Preview(text),
		Email: &events.Email{MessageID: id + "@" + c.Address[strings.IndexByte(c.Address, '@')+1:], Date: w.at, Mailbox: w.Address},
	}
}

func (w *writer) matter(m matter) error {
	w.fill = map[string]string{"order": fmt.Sprint(20400 + w.IntN(2600))}
	for _, name := range slices.Sorted(maps.Keys(words)) {
		w.fill[name] = pick(w, words[name])
	}
	c, err := w.customer(m.lang)
	if err != nil {
		return err
	}
	chat := m.chat && w.IntN(100) < 55
	k := w.IntN(len(m.opens))
	subject, text := w.say(m.subject[k%len(m.subject)]), w.say(m.opens[k])
	opened := events.ThreadOpened{Inbox: w.Box, Account: w.Mail, Channel: "email", Subject: subject, Contact: c}
	first := w.received(c, subject, text)
	if chat {
		text = strings.ReplaceAll(strings.SplitN(text, "\n\n", 3)[min(1, strings.Count(text, "\n\n"))], "\n", " ")
		opened.Account, opened.Channel, opened.Subject = w.Chat, "chat", inbox.Preview(text)
		first = w.typed(c, text)
	}
	t := talk{w, w.id(), m, k, c, chat, nil}
	if err := t.do(func(h inbox.Thread) (inbox.Decision, error) { return h.Open(opened, first) }); err != nil {
		return err
	}
	return t.goOn()
}

// typed is a message in the widget.
func (w *writer) typed(c events.Contact, text string) events.MessageReceived {
	return events.MessageReceived{
		Message: w.id(), Contact: c, From: events.Address{Name: c.Name, Email: c.Address}, Body: events.Body{Text: text}, Preview: inbox.Preview(text),
		Chat: &events.Chat{Client: w.id(), Page: "https://kiln.example/" + pick(w, []string{"", "classes", "shop", "shop/mugs", "delivery", "vouchers"}), Title: "Kiln & Clay"},
	}
}

// talk is a thread that people talk in.
type talk struct {
	*writer
	id    string
	m     matter
	k     int // which of its stories
	c     events.Contact
	chat  bool
	owner *colleague
}

func (t *talk) do(f func(inbox.Thread) (inbox.Decision, error)) error {
	_, err := t.st.Threads.Do(ctx, t.id, "", f)
	return err
}

// pass lets time go by and reports whether it is still the past.
func (t *talk) pass(least, most time.Duration) bool {
	next := t.at.Add(least + time.Duration(t.Int64N(int64(most-least)))).Truncate(time.Millisecond)
	if next.After(t.now) {
		return false
	}
	t.at = next
	return true
}

func (t *talk) byTeam(name string) *colleague {
	members := t.Teams[name].Members
	who := pick(t.writer, members)
	i := slices.IndexFunc(t.Agents, func(a colleague) bool { return a.Name == who })
	return &t.Agents[i]
}

func (t *talk) agent() events.Actor {
	return events.Actor{Kind: events.Agent, ID: t.owner.ID, Name: t.owner.Name}
}

// goOn is everything behind the first message, as far as the month has come.
func (t *talk) goOn() error {
	if err := t.assign(); err != nil || t.owner == nil {
		return err
	}
	if t.m.priority == "high" && t.IntN(3) > 0 {
		if err := t.do(func(h inbox.Thread) (inbox.Decision, error) { return h.Prioritise(t.agent(), inbox.High) }); err != nil {
			return err
		}
	}
	if len(t.m.note) > 0 && t.IntN(100) < 30 && t.pass(2*time.Minute, 40*time.Minute) {
		if err := t.comment(); err != nil {
			return err
		}
	}
	least, most := 4*time.Minute, 7*time.Hour
	if t.chat {
		least, most = 20*time.Second, 9*time.Minute
	}
	if !t.pass(least, most) {
		return t.settle()
	}
	for turn := range 1 + t.IntN(2) {
		if turn > 0 && !t.pass(least, most) {
			return t.settle()
		}
		said := t.m.answers[t.k%len(t.m.answers)]
		if turn > 0 {
			said = pick(t.writer, welcome[t.m.lang])
		}
		if err := t.answer(t.say(said)); err != nil {
			return err
		}
		if !t.pass(least, 3*most) {
			return t.settle()
		}
		if turn > 0 || t.IntN(100) < 20 {
			break
		}
		if err := t.hears(t.say(t.m.thanks[t.k%len(t.m.thanks)])); err != nil {
			return err
		}
	}
	return t.end()
}

// assign gives the thread to somebody of its team, as the rules would, and says so.
func (t *talk) assign() error {
	own := t.Teams[t.m.team]
	t.owner = t.byTeam(t.m.team)
	defer t.tag(*t.owner)
	recent := t.now.Sub(t.at) < 20*time.Hour
	if recent && t.IntN(100) < 14 {
		t.owner = nil // nobody's yet, and nobody has answered
		return t.drop()
	}
	t.at = t.at.Add(900 * time.Millisecond)
	r := &events.Routing{Version: 1, Cause: "new", Rule: "rest", Way: "least", Candidates: len(own.Members)}
	if t.m.team != "Orders" {
		r.Rule, r.RuleName = "rule-"+strings.ToLower(t.m.team), map[string]string{"Billing": "Billing words", "Classes": "Classes"}[t.m.team]
		r.Steps = []events.RouteStep{{Rule: "rule-french", Name: "French speakers", Because: "language", Saw: t.m.lang}, {Rule: r.Rule, Name: r.RuleName, Fits: true, Because: "text", Saw: strings.ToLower(t.m.tag)}}
	}
	load := float64(t.IntN(8)) / 2
	r.Chosen = &events.Candidate{ID: t.owner.ID, Name: t.owner.Name, Team: own.ID, Load: load, Capacity: 12}
	for _, name := range own.Members {
		if i := slices.IndexFunc(t.Agents, func(a colleague) bool { return a.Name == name }); name != t.owner.Name {
			r.Passed = append(r.Passed, events.Candidate{ID: t.Agents[i].ID, Name: name, Team: own.ID, Load: load + 0.5 + float64(t.IntN(6))/2, Capacity: 12, Why: "busier"})
		}
	}
	err := t.do(func(h inbox.Thread) (inbox.Decision, error) {
		return h.Give(events.Actor{Kind: events.System, ID: "route"}, inbox.Assignment{
			To: &events.Assignee{Kind: "agent", ID: t.owner.ID, Name: t.owner.Name}, Team: &events.TeamRef{ID: own.ID, Name: own.Name}, Why: &events.Why{Rule: "routing"}, Routing: r,
		})
	})
	if err != nil {
		return err
	}
	return t.drop()
}

// drop ends the job to find the thread an owner: what was to be found was.
func (t *talk) drop() error {
	w, ok, err := t.st.Assignments.Get(ctx, t.id)
	if err != nil || !ok {
		return err
	}
	return t.st.Assignments.Drop(ctx, w)
}

func (t *talk) tag(by colleague) {
	if t.IntN(100) < 85 {
		_ = t.do(func(h inbox.Thread) (inbox.Decision, error) {
			return h.Tag(events.Actor{Kind: events.Agent, ID: by.ID, Name: by.Name}, []events.TagRef{{ID: t.Tags[t.m.tag], Name: t.m.tag}}, nil)
		})
	}
}

func (t *talk) comment() error {
	text := t.say(pick(t.writer, t.m.note))
	other := pick(t.writer, t.Agents[:7])
	c := events.CommentAdded{Comment: t.writer.id()}
	if t.IntN(100) < 40 && other.ID != t.owner.ID && t.now.Sub(t.at) < 72*time.Hour {
		text = "@" + other.Name + " " + text
		c.Mentions = []events.Mention{{ID: other.ID, Name: other.Name}}
	}
	c.Body, c.Preview = events.Body{Text: text}, inbox.Preview(text)
	return t.do(func(h inbox.Thread) (inbox.Decision, error) { return h.Comment(t.agent(), c) })
}

// answer is a message of the owner's, which has arrived long since.
func (t *talk) answer(text string) error {
	if !t.chat {
		t.at = working(t.at, 9, 18)
		if t.at.After(t.now) {
			t.at = t.now.Add(-time.Minute)
		}
	}
	name, _, _ := strings.Cut(t.owner.Name, " ")
	if !t.chat && t.m.lang == "en" {
		text += "\n\n" + pick(t.writer, []string{"Best wishes", "Warm regards", "All the best"}) + "\n" + name
	}
	m := events.MessageSent{
		Message: t.writer.id(), From: events.Address{Name: t.owner.Name + " (Kiln & Clay)", Email: t.Address}, To: []events.Address{}, Body: events.Body{Text: text}, Preview: inbox.Preview(text),
	}
	if !t.chat {
		m.To, m.Delivery = []events.Address{{Name: t.c.Name, Email: t.c.Address}}, t.writer.id()
	}
	if err := t.do(func(h inbox.Thread) (inbox.Decision, error) {
		if !t.chat {
			m.Subject, m.Email = "Re: "+h.Subject, &events.Email{InReplyTo: h.LastMessageID, References: h.LastReferences}
		}
		return t.reply(h, m)
	}); err != nil || t.chat {
		return err
	}
	return t.delivered()
}

func (t *talk) reply(h inbox.Thread, m events.MessageSent) (inbox.Decision, error) {
	return h.Reply(t.agent(), m)
}

// delivered ends what the outbox owes: nothing of the demo is mailed.
func (t *talk) delivered() error {
	l, ok, err := t.st.Outbox.Lease(ctx, t.id, "demo", 0)
	if err != nil || !ok {
		return err
	}
	jobs, err := l.Owed(ctx)
	for _, j := range jobs {
		if err == nil {
			j, err = l.Sending(ctx, j)
		}
		if err == nil {
			_, err = l.Sent(ctx, j, "demo-"+j.ID)
		}
	}
	if err == nil {
		_, err = l.Release(ctx)
	}
	return err
}

// hears is a message of the customer's.
func (t *talk) hears(text string) error {
	return t.do(func(h inbox.Thread) (inbox.Decision, error) {
		if t.chat {
			return h.Receive(t.typed(t.c, text))
		}
		return h.Receive(t.received(t.c, "Re: "+h.Subject, text))
	})
}

// end closes what is answered; some of what is young waits, open or snoozed.
func (t *talk) end() error {
	age := t.now.Sub(t.at)
	if age < 24*time.Hour && t.IntN(100) < 22 {
		return t.settle()
	}
	if age < 6*24*time.Hour && t.IntN(100) < 4 {
		return t.do(func(h inbox.Thread) (inbox.Decision, error) {
			until := time.Time{}
			if t.IntN(2) == 0 {
				until = time.Date(t.now.Year(), t.now.Month(), t.now.Day()+1+t.IntN(4), 9, 0, 0, 0, time.UTC)
			}
			return h.Snooze(t.agent(), until, t.at)
		})
	}
	if !t.pass(time.Minute, 2*time.Hour) {
		return t.settle()
	}
	return t.do(func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(t.agent(), inbox.Closed) })
}

// settle ends a thread where it stands: what is old was closed, as somebody did.
func (t *talk) settle() error {
	if t.now.Sub(t.at) > 20*time.Hour {
		return t.do(func(h inbox.Thread) (inbox.Decision, error) { return h.SetStatus(t.agent(), inbox.Closed) })
	}
	return nil
}
