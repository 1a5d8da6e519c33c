package run

import (
	"context"
	"slices"

	"parley/infra/local/pages"
	"parley/infra/local/ses"
	mailersmtp "parley/shared/mailer/smtp"
)

// listSent and getSent show the mailer's folder to the outbox page.
func (p *Parley) listSent(limit int) ([]pages.Sent, error) {
	list, err := p.outbox.List(limit)
	out := make([]pages.Sent, 0, len(list))
	for _, s := range list {
		raw, err := p.outbox.Raw(s.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, shown(s, raw))
	}
	return out, err
}

func (p *Parley) getSent(id string) (pages.Sent, error) {
	s, err := p.outbox.Get(id)
	if err != nil {
		return pages.Sent{}, err
	}
	raw, err := p.outbox.Raw(id)
	return shown(s, raw), err
}

func shown(s mailersmtp.Sent, raw []byte) pages.Sent {
	return pages.Sent{ID: s.ID, At: s.At, From: s.From, To: s.To, Raw: raw}
}

// loopBack gives mail to our own domain to our own door, as the internet would.
func (p *Parley) loopBack(s mailersmtp.Sent) {
	ours := slices.DeleteFunc(slices.Clone(s.To), func(a string) bool { return !p.door.Ours(a) })
	if len(ours) == 0 {
		return
	}
	raw, err := p.outbox.Raw(s.ID)
	if err == nil {
		err = p.door.Accept(context.Background(), ses.Mail{From: s.From, To: ours, Hello: "a1.eu-west-1.amazonses.com", Peer: "127.0.0.1", Data: raw})
	}
	if err != nil {
		p.log.Error("outbox: could not hand mail to our own door", "mail", s.ID, "error", err)
	}
}
