package agentapi

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/hours"
)

type hoursBody struct {
	Name     string          `json:"name" minLength:"1" maxLength:"100"`
	Zone     string          `json:"zone" maxLength:"60" doc:"IANA time zone: Europe/London."`
	Week     []hours.Span    `json:"week" maxItems:"50" doc:"None: never open."`
	Holidays []hours.Holiday `json:"holidays,omitempty" maxItems:"400"`
}

type (
	hoursView struct {
		hours.Hours
		Open bool       `json:"open" doc:"Now."`
		Next *time.Time `json:"next,omitempty" doc:"When they open next; absent if they are open, or never."`
	}
	hoursListOut struct {
		Body struct {
			Hours []hoursView `json:"hours"`
		}
	}
	newHoursIn struct{ Body hoursBody }
	putHoursIn struct {
		Hours   string `path:"hours" maxLength:"64"`
		IfMatch string `header:"If-Match" required:"true" doc:"The ETag of the hours, or their revision, quoted: 412 once somebody else has changed them."`
		Body    hoursBody
	}
	hoursRef struct {
		Hours string `path:"hours" maxLength:"64"`
	}
	hoursOut struct {
		ETag string `header:"ETag"`
		Body hoursView
	}
)

func (d *door) registerHours() {
	const one = "/api/hours/{hours}"
	huma.Register(d.api, op("GET", "/api/hours", "listHours", "Sets of business hours, and whether they are open"), d.hoursList)
	huma.Register(d.api, created(op("POST", "/api/hours", "createHours", "Make a set of business hours")), d.newHours)
	huma.Register(d.api, op("PUT", one, "putHours", "Change a set of business hours"), d.putHours)
	huma.Register(d.api, op("DELETE", one, "deleteHours", "Remove a set of business hours that nobody works by"), d.deleteHours)
}

func (d *door) hoursView(h hours.Hours) hoursView {
	v := hoursView{Hours: h, Open: h.Open(d.now())}
	if next, ok := h.Next(d.now()); ok && !v.Open {
		v.Next = &next
	}
	v.Week, v.Holidays = orEmpty(v.Week), orEmpty(v.Holidays)
	return v
}

func (d *door) hoursList(ctx context.Context, _ *struct{}) (*hoursListOut, error) {
	all, err := d.store.Settings.Hours(ctx)
	out := &hoursListOut{}
	out.Body.Hours = []hoursView{}
	for _, h := range all {
		out.Body.Hours = append(out.Body.Hours, d.hoursView(h))
	}
	return out, err
}

func (d *door) newHours(ctx context.Context, in *newHoursIn) (*hoursOut, error) {
	return d.saveHours(ctx, "", "", in.Body)
}

func (d *door) putHours(ctx context.Context, in *putHoursIn) (*hoursOut, error) {
	return d.saveHours(ctx, in.Hours, in.IfMatch, in.Body)
}

func (d *door) saveHours(ctx context.Context, id, ifMatch string, b hoursBody) (*hoursOut, error) {
	h, err := d.store.Settings.PutHours(ctx, agent(caller(ctx)), id, func(revision int64) error {
		if id != "" && !matches(ifMatch, revision) {
			return settingChanged()
		}
		return nil
	}, hours.Hours{Name: b.Name, Zone: b.Zone, Week: orEmpty(b.Week), Holidays: orEmpty(b.Holidays)})
	if err != nil {
		return nil, err
	}
	return &hoursOut{etag(h.Revision), d.hoursView(h)}, nil
}

func (d *door) deleteHours(ctx context.Context, in *hoursRef) (*struct{}, error) {
	return nil, d.store.Settings.DeleteHours(ctx, agent(caller(ctx)), in.Hours)
}
