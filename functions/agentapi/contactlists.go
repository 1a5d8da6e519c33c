package agentapi

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/store"
)

type contactsIn struct {
	List   string      `query:"list" maxLength:"64" doc:"Id of a saved list; all contacts without one."`
	Sort   people.Sort `query:"sort" enum:",name,activity" doc:"activity, the last active first to the day, if neither this nor the list says."`
	Cursor string      `query:"cursor" maxLength:"2048" doc:"next of the page before."`
	Limit  int         `query:"limit" minimum:"0" doc:"50 if not given, at most 100."`
}

type searchContactsIn struct {
	Body struct {
		Conditions []people.Condition `json:"conditions" maxItems:"10" doc:"All must hold."`
		Sort       people.Sort        `json:"sort,omitempty" enum:",name,activity" doc:"The order in which the conditions narrow best, if it is not given."`
		Cursor     string             `json:"cursor,omitempty" maxLength:"2048"`
		Limit      int                `json:"limit,omitempty" minimum:"0" doc:"50 if not given, at most 100."`
	}
}

type contactsOut struct {
	Body struct {
		Contacts []people.Contact `json:"contacts"`
		Next     string           `json:"next" doc:"Empty at the end. A page looks at no more than 200 contacts, so one of a list that few fit may hold less than was asked for, or none, and lead on."`
		Examined int              `json:"examined" doc:"How many contacts were looked at."`
		Sort     people.Sort      `json:"sort"`
	}
}

type suggestIn struct {
	Q string `query:"q" maxLength:"200" doc:"At least two characters: the beginnings of words of names, of addresses, numbers, outside ids, domains."`
}

type suggestOut struct {
	Body struct {
		Contacts  []people.Contact `json:"contacts"`
		Companies []people.Company `json:"companies"`
	}
}

type pairsIn struct {
	Cursor string `query:"cursor" maxLength:"2048" doc:"next of the page before."`
}

type pairsOut struct {
	Body struct {
		Groups [][]people.Contact `json:"groups" doc:"Contacts that may be the same person: each of a group is like its first."`
		Next   string             `json:"next" doc:"Empty at the end. A page looks at 200 contacts and may hold nothing."`
	}
}

type listsOut struct {
	Body struct {
		Lists []people.List `json:"lists"`
	}
}

type peopleListOut struct {
	ETag string `header:"ETag"`
	Body people.List
}

// listFields are what somebody says of a list.
type listFields struct {
	Name       string             `json:"name" minLength:"1" maxLength:"80"`
	Kind       people.ListKind    `json:"kind,omitempty" enum:",static" doc:"static: whoever is put on it. A list stays of the kind it was made."`
	Conditions []people.Condition `json:"conditions" maxItems:"10" doc:"All must hold. A static list has none."`
	Sort       people.Sort        `json:"sort,omitempty" enum:",name,activity"`
}

type memberIn struct {
	Contact string `path:"contact" maxLength:"64" doc:"Id; of a merged contact, the one it was merged into is meant."`
	List    string `path:"list" maxLength:"64" doc:"Id of a static list."`
}

type newListIn struct{ Body listFields }

type listRef struct {
	List string `path:"list" maxLength:"64"`
}

type putListIn struct {
	List    string `path:"list" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the list: refused with 412 once somebody else has changed it."`
	Body    listFields
}

func (d *door) registerContactLists() {
	huma.Register(d.api, op("GET", "/api/contacts", "listContacts", "A page of all contacts, or of a saved list"), d.contacts)
	huma.Register(d.api, op("POST", "/api/contacts/search", "searchContacts", "A page of the contacts for whom conditions hold"), d.searchContacts)
	huma.Register(d.api, op("GET", "/api/contacts/suggest", "suggestContacts", "Type-ahead: contacts and companies"), d.suggest)
	huma.Register(d.api, op("GET", "/api/contacts/duplicates", "listPairs", "A page of contacts of the same name"), d.pairs)
	huma.Register(d.api, op("GET", "/api/lists", "listLists", "Saved lists of contacts"), d.lists)
	huma.Register(d.api, created(op("POST", "/api/lists", "createList", "Save a list")), d.newList)
	huma.Register(d.api, op("PUT", "/api/lists/{list}", "putList", "Change a saved list"), d.putList)
	huma.Register(d.api, op("DELETE", "/api/lists/{list}", "deleteList", "Remove a saved list; its contacts stay"), d.deleteList)
	const member = "/api/contacts/{contact}/lists/{list}"
	huma.Register(d.api, op("PUT", member, "putOnList", "Put a contact on a static list; a visitor becomes a contact by it"), d.putOnList)
	huma.Register(d.api, op("DELETE", member, "takeOffList", "Take a contact off a static list"), d.takeOffList)
}

func (d *door) contacts(ctx context.Context, in *contactsIn) (*contactsOut, error) {
	q := store.ContactQuery{Sort: in.Sort, Cursor: in.Cursor, Limit: in.Limit}
	if in.List != "" {
		l, err := d.store.Contacts.List(ctx, in.List)
		if err != nil {
			return nil, err
		}
		q.Conditions = l.Asks()
		if q.Sort == "" {
			q.Sort = l.Sort
		}
	}
	return d.findContacts(ctx, q)
}

func (d *door) searchContacts(ctx context.Context, in *searchContactsIn) (*contactsOut, error) {
	return d.findContacts(ctx, store.ContactQuery{Conditions: in.Body.Conditions, Sort: in.Body.Sort, Cursor: in.Body.Cursor, Limit: in.Body.Limit})
}

func (d *door) findContacts(ctx context.Context, q store.ContactQuery) (*contactsOut, error) {
	asked, err := d.asked(ctx)
	if err != nil {
		return nil, err
	}
	if err := people.CheckAll(q.Conditions, asked.Defs); err != nil {
		return nil, err
	}
	q.Conditions = asked.Bind(q.Conditions)
	found, err := d.store.Contacts.Find(ctx, asked, q)
	out := &contactsOut{}
	out.Body.Contacts, out.Body.Next, out.Body.Examined, out.Body.Sort = orEmpty(found.Contacts), found.Next, found.Examined, found.Sort
	return out, err
}

// asked is the caller looking at a list now.
func (d *door) asked(ctx context.Context) (people.Asked, error) {
	defs, err := d.store.Contacts.Properties(ctx)
	if err != nil {
		return people.Asked{}, err
	}
	lists, err := d.store.Contacts.Lists(ctx)
	return people.Asked{Now: d.now(), User: caller(ctx).ID, Defs: defs, Lists: lists}, err
}

func (d *door) suggest(ctx context.Context, in *suggestIn) (*suggestOut, error) {
	contacts, companies, err := d.store.Contacts.Suggest(ctx, in.Q, limit.SuggestPage)
	out := &suggestOut{}
	out.Body.Contacts, out.Body.Companies = orEmpty(contacts), orEmpty(companies)
	return out, err
}

func (d *door) pairs(ctx context.Context, in *pairsIn) (*pairsOut, error) {
	groups, next, err := d.store.Contacts.Pairs(ctx, in.Cursor)
	out := &pairsOut{}
	out.Body.Groups, out.Body.Next = orEmpty(groups), next
	return out, err
}

func (d *door) lists(ctx context.Context, _ *struct{}) (*listsOut, error) {
	lists, err := d.store.Contacts.Lists(ctx)
	out := &listsOut{}
	out.Body.Lists = orEmpty(lists)
	return out, err
}

func (d *door) newList(ctx context.Context, in *newListIn) (*peopleListOut, error) {
	return d.saveList(ctx, "", "", in.Body)
}

func (d *door) putList(ctx context.Context, in *putListIn) (*peopleListOut, error) {
	return d.saveList(ctx, in.List, in.IfMatch, in.Body)
}

func (d *door) saveList(ctx context.Context, id, ifMatch string, f listFields) (*peopleListOut, error) {
	l := people.List{ID: id, Name: strings.TrimSpace(f.Name), Kind: f.Kind, Conditions: f.Conditions, Sort: f.Sort}
	l, err := d.store.Contacts.PutList(ctx, agent(caller(ctx)), l, func(rev int64) error {
		if !matches(ifMatch, rev) {
			return settingChanged()
		}
		return nil
	})
	return &peopleListOut{ETag: etag(l.Revision), Body: l}, err
}

func (d *door) deleteList(ctx context.Context, in *listRef) (*struct{}, error) {
	return nil, d.store.Contacts.DeleteList(ctx, agent(caller(ctx)), in.List)
}

func (d *door) putOnList(ctx context.Context, in *memberIn) (*contactOut, error) {
	c, err := d.store.Contacts.Enlist(ctx, agent(caller(ctx)), in.Contact, in.List)
	if err != nil {
		return nil, err
	}
	return d.contactOf(ctx, c)
}

func (d *door) takeOffList(ctx context.Context, in *memberIn) (*contactOut, error) {
	c, err := d.store.Contacts.Delist(ctx, agent(caller(ctx)), in.Contact, in.List)
	if err != nil {
		return nil, err
	}
	return d.contactOf(ctx, c)
}
