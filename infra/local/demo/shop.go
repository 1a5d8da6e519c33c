package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"parley/infra/local/run"
)

// shop is what the months before left in the settings, made through the API as a person makes it.
type shop struct {
	Box, Mail, Chat string // ids of the inbox, its address and its chat
	Address         string
	Agents          []colleague // the admin, then those of the table in hire
	Teams           map[string]team
	Tags            map[string]string // ids by name
}

type colleague struct{ ID, Name, Email string }

type team struct {
	ID, Name string
	Members  []string // names
}

// client speaks to the program's API as its admin.
type client struct {
	base, token string
	n           int
}

func (c *client) call(method, path string, in, out any, header ...string) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(method, c.base+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	c.n++
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", fmt.Sprint("demo-", c.n))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %d %s", method, path, a.StatusCode, body)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(body, out)
	}
	return err
}

// open starts the program once and sets the shop up.
func open(cfg run.Config) (s shop, err error) {
	p, err := run.Start(cfg)
	if err != nil {
		return s, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if e := p.Close(ctx); err == nil {
			err = e
		}
	}()
	c := &client{base: p.Ready.API, token: p.Ready.Token}
	s = shop{Address: p.Ready.Address, Teams: map[string]team{}, Tags: map[string]string{}}
	domain := s.Address[strings.IndexByte(s.Address, '@'):]
	steps := []func() error{
		func() error { // whoever signs in as `make run` says is one of the team
			s.Agents = make([]colleague, 1)
			return c.call("GET", "/me", nil, &s.Agents[0])
		},
		func() error {
			return c.call("PUT", "/workspace", map[string]any{"name": "Kiln & Clay", "zone": "Europe/London", "language": "en"}, nil)
		},
		func() error { return s.findInbox(c) },
		func() error { return s.hire(c, domain) },
		func() error { return s.makeTeams(c) },
		func() error { return s.makeHours(c) },
		func() error { return s.makeRules(c) },
		func() error { return s.makeWords(c) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *shop) findInbox(c *client) error {
	var boxes struct {
		Inboxes []struct {
			ID       string
			Accounts []struct{ ID string }
		}
	}
	if err := c.call("GET", "/inboxes", nil, &boxes); err != nil {
		return err
	}
	s.Box, s.Mail = boxes.Inboxes[0].ID, boxes.Inboxes[0].Accounts[0].ID
	if err := c.call("PUT", "/channels/"+s.Mail, map[string]any{"name": "Kiln & Clay"}, nil); err != nil {
		return err
	}
	var chat struct{ Account struct{ ID string } }
	err := c.call("POST", "/chats", map[string]any{"inbox": s.Box, "name": "Kiln & Clay", "origin": "https://kiln.example"}, &chat)
	s.Chat = chat.Account.ID
	return err
}

func (s *shop) hire(c *client, domain string) error {
	for _, p := range []struct {
		name, local, role string
		capacity          float64
		away              bool
	}{
		{"Mara Winter", "mara", "manager", 12, false},
		{"Jonas Reed", "jonas", "agent", 12, false},
		{"June Tan", "june", "agent", 10, false},
		{"Sam Bello", "sam", "agent", 8, true},
		{"Noor Haddad", "noor", "agent", 8, false},
		{"Priya Shah", "priya", "agent", 12, false},
		{"Ilse Brandt", "ilse", "viewer", 0, false},
	} {
		var u struct{ ID string }
		if err := c.call("POST", "/users", map[string]any{"email": p.local + domain, "name": p.name, "role": p.role}, &u); err != nil {
			return err
		}
		s.Agents = append(s.Agents, colleague{u.ID, p.name, p.local + domain})
		if p.capacity > 0 {
			if err := c.call("PUT", "/users/"+u.ID+"/capacity", map[string]any{"capacity": p.capacity}, nil); err != nil {
				return err
			}
		}
		if p.away {
			if err := c.call("PUT", "/users/"+u.ID+"/availability", map[string]any{"available": false}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *shop) makeTeams(c *client) error {
	for _, t := range []struct {
		name, colour string
		who          []int
	}{{"Orders", "green", []int{0, 2, 3}}, {"Billing", "blue", []int{0, 1, 6}}, {"Classes", "amber", []int{4, 5, 3}}} {
		made := team{Name: t.name}
		var ids []string
		for _, i := range t.who {
			ids, made.Members = append(ids, s.Agents[i].ID), append(made.Members, s.Agents[i].Name)
		}
		var answer struct{ ID string }
		if err := c.call("POST", "/teams", map[string]any{"name": t.name, "colour": t.colour, "members": ids}, &answer); err != nil {
			return err
		}
		made.ID = answer.ID
		s.Teams[t.name] = made
	}
	return nil
}

func (s *shop) makeHours(c *client) error {
	var week []any
	for day := 1; day <= 6; day++ {
		to := "18:00"
		if day == 6 {
			to = "13:00"
		}
		week = append(week, map[string]any{"day": day, "from": "09:00", "to": to})
	}
	var h struct{ ID string }
	if err := c.call("POST", "/hours", map[string]any{
		"name": "Shop hours", "zone": "Europe/London", "week": week, "holidays": []any{
			map[string]any{"date": "2026-12-25", "name": "Christmas Day", "yearly": true},
			map[string]any{"date": "2026-12-26", "name": "Boxing Day", "yearly": true},
			map[string]any{"date": "2026-12-24", "name": "Christmas Eve", "yearly": true, "from": "09:00", "to": "12:00"},
		},
	}, &h); err != nil {
		return err
	}
	return c.call("PUT", "/inboxes/"+s.Box+"/hours", map[string]any{"hours": h.ID}, nil)
}

func (s *shop) makeRules(c *client) error {
	to := func(name string) map[string]any {
		return map[string]any{"kind": "people", "teams": []string{s.Teams[name].ID}, "way": "least"}
	}
	rule := func(name, kind string, then map[string]any, values ...string) map[string]any {
		return map[string]any{"name": name, "on": true, "if": []any{map[string]any{"kind": kind, "values": values}}, "then": then}
	}
	return c.call("PUT", "/inboxes/"+s.Box+"/routing", map[string]any{
		"rules": []any{
			rule("French speakers", "language", map[string]any{"kind": "people", "users": []string{s.Agents[5].ID}, "way": "round"}, "fr"),
			rule("Billing words", "text", to("Billing"), "invoice", "refund", "charged", "rechnung"),
			rule("Classes", "text", to("Classes"), "class", "course", "workshop", "waiting list", "booking"),
		},
		"rest": to("Orders"), "awayMinutes": 60,
	}, nil, "If-Match", `"0"`)
}

func (s *shop) makeWords(c *client) error {
	colours := map[string]string{"Refund": "red", "Broken": "red", "Delivery": "amber", "Booking": "green", "Invoice": "blue", "Wholesale": "violet"}
	for _, m := range matters {
		if s.Tags[m.tag] != "" {
			continue
		}
		var t struct{ ID string }
		if err := c.call("POST", "/tags", map[string]any{"name": m.tag, "colour": colours[m.tag]}, &t); err != nil {
			return err
		}
		s.Tags[m.tag] = t.ID
	}
	for shortcut, text := range map[string]string{
		"thanks":  "Thank you for writing, {{contact.firstName|and good to hear from you}}!",
		"refund":  "I have started your refund, {{contact.firstName|}}. It should be with you in three to five days.",
		"parking": "There is free parking behind the studio; come in by the green door.",
		"firing":  "We fire for others every other Thursday. A shelf is £24; please tell us which clay you use.",
	} {
		if err := c.call("POST", "/snippets", map[string]any{"shortcut": shortcut, "title": strings.ToUpper(shortcut[:1]) + shortcut[1:], "text": text}, nil); err != nil {
			return err
		}
	}
	return nil
}
