package agentapi

import (
	"context"
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

type filtersIn struct {
	Inbox string `path:"inbox" maxLength:"64"`
}

type setFiltersIn struct {
	Inbox string `path:"inbox" maxLength:"64"`
	Body  struct {
		Rules struct {
			Auto        *bool `json:"auto,omitempty"`
			Marketing   *bool `json:"marketing,omitempty"`
			Roles       *bool `json:"roles,omitempty"`
			Unsubscribe *bool `json:"unsubscribe,omitempty"`
		} `json:"rules,omitzero" doc:"Those that are to change; the others stay."`
		Rate *int `json:"rate,omitempty" minimum:"0" maximum:"10000" doc:"Absent: it stays."`
	}
}

type filtersOut struct{ Body filters }

// filters are what an inbox does not want to see, but for its lists.
type filters struct {
	Rules filterRules `json:"rules"`
	Rate  int         `json:"rate" minimum:"0" maximum:"10000" doc:"Mails of one sender in one hour that come in; what is above is put aside. 0 for no bound."`
}

type filterRules struct {
	Auto        bool `json:"auto" doc:"Put aside what no person wrote: out-of-office notes, notifications of programs."`
	Marketing   bool `json:"marketing" doc:"Put aside what goes to many at once: newsletters, mailing lists."`
	Roles       bool `json:"roles" doc:"Put aside what comes from a role and not a person: noreply@, info@, sales@ …"`
	Unsubscribe bool `json:"unsubscribe" doc:"Put aside what says how to get no more of it."`
}

type listedIn struct {
	Inbox  string           `path:"inbox" maxLength:"64"`
	List   inbox.FilterList `path:"list" enum:"allow,deny"`
	Cursor string           `query:"cursor" maxLength:"2048" doc:"next of the page before."`
}

type listedOut struct {
	Body struct {
		Entries []store.Listed `json:"entries" doc:"In the order of the alphabet, 100 on a page."`
		Next    string         `json:"next" doc:"Empty at the end."`
	}
}

type entryListIn struct {
	Inbox string           `path:"inbox" maxLength:"64"`
	List  inbox.FilterList `path:"list" enum:"allow,deny"`
	Entry string           `path:"entry" maxLength:"512" doc:"An address, or a domain for itself and every domain under it."`
}

type listEntryOut struct{ Body store.Listed }

func (d *door) registerFilters() {
	const one = "/api/inboxes/{inbox}/filters"
	huma.Register(d.api, op("GET", one, "getFilters", "What kinds of mail the inbox puts aside"), d.filters)
	huma.Register(d.api, op("PATCH", one, "setFilters", "Say what kinds of mail the inbox puts aside (admins)"), d.setFilters)
	huma.Register(d.api, op("GET", one+"/{list}", "listFilterEntries", "Who is on the allow or the deny list"), d.listed)
	huma.Register(d.api, op("GET", one+"/{list}/{entry}", "findFilterEntry", "Whether an address or a domain is on a list, and since when"), d.findListed)
	huma.Register(d.api, op("PUT", one+"/{list}/{entry}", "addFilterEntry", "Put an address or a domain on a list (admins; an address on deny: everybody)"), d.addListed)
	huma.Register(d.api, op("DELETE", one+"/{list}/{entry}", "removeFilterEntry", "Take an address or a domain off a list (admins; an address off deny: everybody)"), d.removeListed)
}

func (d *door) filters(ctx context.Context, in *filtersIn) (*filtersOut, error) {
	if err := d.mustInbox(ctx, in.Inbox); err != nil {
		return nil, err
	}
	f, err := d.store.Filters.Get(ctx, in.Inbox)
	return &filtersOut{filters{filterRules(f.Rules), f.Rate}}, err
}

func (d *door) setFilters(ctx context.Context, in *setFiltersIn) (*filtersOut, error) {
	if err := d.mustInbox(ctx, in.Inbox); err != nil {
		return nil, err
	}
	f, err := d.store.Filters.Change(ctx, agent(caller(ctx)), in.Inbox, func(f inbox.Filters) inbox.Filters {
		for to, v := range map[*bool]*bool{
			&f.Rules.Auto: in.Body.Rules.Auto, &f.Rules.Marketing: in.Body.Rules.Marketing, &f.Rules.Roles: in.Body.Rules.Roles,
			&f.Rules.Unsubscribe: in.Body.Rules.Unsubscribe,
		} {
			if v != nil {
				*to = *v
			}
		}
		if in.Body.Rate != nil {
			f.Rate = *in.Body.Rate
		}
		return f
	})
	return &filtersOut{filters{filterRules(f.Rules), f.Rate}}, err
}

func (d *door) listed(ctx context.Context, in *listedIn) (*listedOut, error) {
	if err := d.mustInbox(ctx, in.Inbox); err != nil {
		return nil, err
	}
	page, next, err := d.store.Filters.List(ctx, in.Inbox, in.List, in.Cursor)
	out := &listedOut{}
	out.Body.Entries, out.Body.Next = orEmpty(page), next
	return out, err
}

// findListed looks for the entry itself: that of an address says nothing of its domain's.
func (d *door) findListed(ctx context.Context, in *entryListIn) (*listEntryOut, error) {
	entry, err := filterEntry(in.Entry)
	if err != nil {
		return nil, err
	}
	if err := d.mustInbox(ctx, in.Inbox); err != nil {
		return nil, err
	}
	l, err := d.store.Filters.Find(ctx, in.Inbox, in.List, entry)
	return &listEntryOut{l}, err
}

func (d *door) addListed(ctx context.Context, in *entryListIn) (*listEntryOut, error) {
	entry, err := d.listEntry(ctx, in)
	if err != nil {
		return nil, err
	}
	l, err := d.store.Filters.Put(ctx, in.Inbox, in.List, store.Listed{Entry: entry, By: agent(caller(ctx))})
	return &listEntryOut{l}, err
}

func (d *door) removeListed(ctx context.Context, in *entryListIn) (*struct{}, error) {
	entry, err := d.listEntry(ctx, in)
	if err != nil {
		return nil, err
	}
	return nil, d.store.Filters.Remove(ctx, agent(caller(ctx)), in.Inbox, in.List, entry)
}

// listEntry is the entry in comparable form, if the caller may change it: blocking a sender and taking that back is everybody's, the rest an
// admin's.
func (d *door) listEntry(ctx context.Context, in *entryListIn) (string, error) {
	entry, err := filterEntry(in.Entry)
	if err != nil {
		return "", err
	}
	if in.List != inbox.Deny || !strings.Contains(entry, "@") {
		if err := mayRole(caller(ctx).Role, inbox.Admin); err != nil {
			return "", err
		}
	}
	if in.List == inbox.Deny && (entry == d.mailDomain || strings.HasSuffix(entry, "@"+d.mailDomain)) {
		return "", fault.New(fault.Invalid, "%s is your own.", entry)
	}
	return entry, d.mustInbox(ctx, in.Inbox)
}

// filterEntry is an address or a domain in the form in which they are compared. "@shop.example" is the domain.
func filterEntry(s string) (string, error) {
	s = strings.TrimSpace(s)
	if local, _, ok := strings.Cut(s, "@"); ok && local != "" {
		return email.NormaliseAddress(s)
	}
	domain := strings.TrimPrefix(strings.TrimPrefix(s, "@"), "*.")
	address, err := email.NormaliseAddress("x@" + domain)
	if err != nil || len(address) > limit.MailAddressBytes {
		return "", fault.New(fault.Invalid, "%s is neither an address nor a domain.", fmt.Sprintf("%.100q", s))
	}
	return strings.TrimPrefix(address, "x@"), nil
}
