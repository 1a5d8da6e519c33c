package agentapi

import (
	"cmp"
	"context"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/limit"
	"parley/shared/store"
)

type ledgerIn struct {
	Days    int    `query:"days" minimum:"0" maximum:"92" doc:"How many, today included; 30 if not given."`
	Account string `query:"account" maxLength:"64" doc:"Of one mailbox only; - for the addresses that are nobody's."`
}

type ledgerOut struct {
	Body struct {
		Days  []store.LedgerDay `json:"days" doc:"Newest first, in UTC: accepted = threaded + filtered + quarantined + dropped + underway."`
		Total store.LedgerDay   `json:"total" doc:"Their sum; its day is empty."`
	}
}

func (d *door) registerLedger() {
	huma.Register(d.api, op("GET", "/api/ledger", "getLedger", "What became of the mail that came in, day by day"), d.ledger)
}

func (d *door) ledger(ctx context.Context, in *ledgerIn) (*ledgerOut, error) {
	out := &ledgerOut{}
	var err error
	out.Body.Days, err = d.store.Ledger.Days(ctx, cmp.Or(in.Days, limit.LedgerDays), in.Account)
	for _, day := range out.Body.Days {
		out.Body.Total = out.Body.Total.Plus(day)
	}
	return out, err
}
