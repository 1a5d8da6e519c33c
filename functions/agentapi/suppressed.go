package agentapi

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/email"
)

type suppressedIn struct {
	Address string `path:"address" maxLength:"254" doc:"Percent-encoded."`
}

type suppressedOut struct {
	Body struct {
		Address string    `json:"address"`
		Reason  string    `json:"reason" enum:"BOUNCE,COMPLAINT" doc:"Why the mail system sends nothing to it any more."`
		At      time.Time `json:"at"`
	}
}

func (d *door) registerSuppressed() {
	huma.Register(d.api, op("GET", "/api/suppressed/{address}", "getSuppressed", "Why nothing is sent to an address; 404 if mail goes there"), d.suppressed)
	huma.Register(d.api, op("DELETE", "/api/suppressed/{address}", "liftSuppression", "Let mail go to an address again; recorded with who did it"), d.lift)
}

func (d *door) suppressed(ctx context.Context, in *suppressedIn) (*suppressedOut, error) {
	address, err := email.NormaliseAddress(in.Address)
	if err != nil {
		return nil, err
	}
	s, err := d.senders.Suppressed(ctx, address)
	if err != nil {
		return nil, err
	}
	out := &suppressedOut{}
	out.Body.Address, out.Body.Reason, out.Body.At = address, s.Reason, s.At
	return out, nil
}

// lift asks first and records then: a record of what did not happen would be a lie, and asking again is harmless.
func (d *door) lift(ctx context.Context, in *suppressedIn) (*struct{}, error) {
	address, err := email.NormaliseAddress(in.Address)
	if err != nil {
		return nil, err
	}
	if err := d.senders.Lift(ctx, address); err != nil {
		return nil, err
	}
	return nil, d.store.Settings.Note(ctx, agent(caller(ctx)), "suppression", address, "lifted")
}
