package agentapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/limit"
	"parley/shared/people"
)

type (
	erasureOut  struct{ Body people.Erasure }
	erasuresOut struct {
		Body struct {
			Erasures []people.Erasure `json:"erasures" doc:"The newest first."`
			Next     string           `json:"next" doc:"Empty at the end."`
		}
	}
	erasureRef struct {
		Erasure string `path:"erasure" maxLength:"64"`
	}
)

func (d *door) registerErasures() {
	erase := op("POST", "/api/contacts/{contact}/erase", "eraseContact", "Erase a person: hidden at once, gone everywhere within minutes; it cannot be taken back. Counts of conversations stay")
	erase.DefaultStatus = 202
	huma.Register(d.api, erase, d.erase)
	huma.Register(d.api, op("GET", "/api/erasures", "listErasures", "Who was erased, by whom and when: by ids, which lead nowhere"), d.erasures)
	huma.Register(d.api, op("GET", "/api/erasures/{erasure}", "getErasure", "How far an erasure is, and its receipt"), d.erasure)
}

func (d *door) erase(ctx context.Context, in *contactRef) (*erasureOut, error) {
	e, err := d.store.Contacts.StartErasure(ctx, agent(caller(ctx)), in.Contact)
	return &erasureOut{e}, err
}

func (d *door) erasures(ctx context.Context, in *importsIn) (*erasuresOut, error) {
	list, next, err := d.store.Contacts.Erasures(ctx, in.Cursor, limit.ContactPage)
	out := &erasuresOut{}
	out.Body.Erasures, out.Body.Next = orEmpty(list), next
	return out, err
}

func (d *door) erasure(ctx context.Context, in *erasureRef) (*erasureOut, error) {
	e, err := d.store.Contacts.Erasure(ctx, in.Erasure)
	return &erasureOut{e}, err
}
