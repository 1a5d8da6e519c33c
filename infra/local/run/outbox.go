package run

import (
	"context"
	"slices"
	"strings"

	"parley/infra/local/pages"
	"parley/infra/local/ses"
	mailersmtp "parley/shared/mailer/smtp"
)

// listSent and getSent show the mailer's folder to the outbox page.
func (p *Parley) listSent(limit int) ([]pages.Sent, error) {
	list, err := p.outbox.List(limit)
	if err != nil {
		return nil, err
	}
	out := make([]pages.Sent, len(list))
	for i := range list {
		if out[i], err = p.getSent(list[i].ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *Parley) getSent(id string) (pages.Sent, error) {
	s, err := p.outbox.Get(id)
	note := ""
	if slices.ContainsFunc(s.To, func(a string) bool { return strings.HasSuffix(strings.ToLower(a), simulator) }) {
		note = "A simulator address of Amazon SES: what it stands for shows on the message. "
	}
	switch s.Relay {
	case "", "pending":
	case "sent":
		note += "Passed on to the relay."
	default:
		note += "The relay said: " + s.Relay
	}
	return pages.Sent{ID: s.ID, At: s.At, From: s.From, To: s.To, Note: note, Raw: s.Raw}, err
}

// simulator is SES's domain of addresses that try out events: infra/local/ses plays them.
const simulator = "@simulator.amazonses.com"

// stays tells which recipients a relay must not get: our own, and the simulator's.
func (p *Parley) stays(address string) bool {
	address = strings.ToLower(address)
	return p.door.Ours(address) || strings.HasSuffix(address, simulator) || strings.HasSuffix(address, ses.Script)
}

// loopBack gives mail to our own domain to our own door, as the internet would.
func (p *Parley) loopBack(s mailersmtp.Sent) {
	ours := slices.DeleteFunc(slices.Clone(s.To), func(a string) bool { return !p.door.Ours(a) })
	if len(ours) == 0 {
		return
	}
	err := p.door.Accept(context.Background(), ses.Mail{From: s.From, To: ours, Hello: "a1." + mailersmtp.Domain, Peer: "127.0.0.1", Data: s.Raw})
	if err != nil {
		p.log.Error("outbox: could not hand mail to our own door", "mail", s.ID, "error", err)
	}
}
