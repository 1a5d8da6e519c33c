package agentapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/dispatch"
	"parley/shared/inbox"
	"parley/shared/routing"
)

type planBody struct {
	Rules       []routing.PlanRule        `json:"rules" maxItems:"50" doc:"In their order: the first that fits decides. A rule without an id is new."`
	Sources     map[string]routing.Target `json:"sources,omitempty" doc:"For one account, chatflow or form, by id, where no rule fits."`
	Rest        routing.Target            `json:"rest" doc:"Everything else."`
	AwayMinutes int                       `json:"awayMinutes" minimum:"0" maximum:"10080" doc:"Who is away for longer loses what waits for an answer; 0 for never."`
}

type (
	planIn struct {
		Inbox string `path:"inbox" maxLength:"64"`
	}
	putPlanIn struct {
		Inbox   string `path:"inbox" maxLength:"64"`
		IfMatch string `header:"If-Match" required:"true" doc:"The ETag of the rules: 412 once somebody else has changed them."`
		Body    planBody
	}
	planOut struct {
		ETag string `header:"ETag" doc:"The revision of the rules, quoted; \"0\" if nobody set any up."`
		Body routing.Plan
	}
	tryPlanIn struct {
		Inbox string `path:"inbox" maxLength:"64"`
		Body  struct {
			Plan     *planBody         `json:"plan,omitempty" doc:"Rules to try before they are kept; absent: those that are."`
			Channel  inbox.Channel     `json:"channel" enum:"email,chat"`
			Account  string            `json:"account,omitempty" maxLength:"64"`
			Chatflow string            `json:"chatflow,omitempty" maxLength:"64"`
			Subject  string            `json:"subject,omitempty" maxLength:"1000"`
			Text     string            `json:"text,omitempty" maxLength:"20000"`
			Contact  map[string]string `json:"contact,omitempty" doc:"Properties of the person: email, domain, name …"`
			Owner    string            `json:"owner,omitempty" maxLength:"128" doc:"Who owns the contact."`
		}
	}
	tryPlanOut struct{ Body events.Routing }
)

func (d *door) registerRouting() {
	const one = "/api/inboxes/{inbox}/routing"
	huma.Register(d.api, op("GET", one, "getRouting", "Who gets the inbox's new threads"), d.plan)
	huma.Register(d.api, op("PUT", one, "putRouting", "Say who gets the inbox's new threads"), d.putPlan)
	huma.Register(d.api, op("POST", one+"/try", "tryRouting", "Who would get such a message now, and why; nothing is changed"), d.tryPlan)
}

func (d *door) plan(ctx context.Context, in *planIn) (*planOut, error) {
	if err := d.mustInbox(ctx, in.Inbox); err != nil {
		return nil, err
	}
	p, err := d.store.Settings.Plan(ctx, in.Inbox)
	return &planOut{etag(p.Revision), p}, err
}

func (b planBody) plan(inboxID string) routing.Plan {
	return routing.Plan{Inbox: inboxID, Rules: b.Rules, Sources: b.Sources, Rest: b.Rest, AwayMinutes: b.AwayMinutes}
}

func (d *door) putPlan(ctx context.Context, in *putPlanIn) (*planOut, error) {
	if err := d.mustInbox(ctx, in.Inbox); err != nil {
		return nil, err
	}
	p, err := d.store.Settings.PutPlan(ctx, agent(caller(ctx)), unchanged(in.IfMatch), in.Body.plan(in.Inbox))
	return &planOut{etag(p.Revision), p}, err
}

// tryPlan asks the same desk that route does, with lots of nothing: of equals by lot the first is shown.
func (d *door) tryPlan(ctx context.Context, in *tryPlanIn) (*tryPlanOut, error) {
	if err := d.mustInbox(ctx, in.Inbox); err != nil {
		return nil, err
	}
	p, err := d.store.Settings.Plan(ctx, in.Inbox)
	if err != nil {
		return nil, err
	}
	if in.Body.Plan != nil {
		p = in.Body.Plan.plan(in.Inbox)
		for i := range p.Rules {
			if p.Rules[i].ID == "" {
				p.Rules[i].ID = "new-" + p.Rules[i].Name
			}
		}
		if err := p.Check(); err != nil {
			return nil, err
		}
	}
	b := in.Body
	found, err := dispatch.New(d.store, d.now).Decide(ctx, p, dispatch.Ask{
		Question: routing.Question{
			Channel: string(b.Channel), Account: b.Account, Chatflow: b.Chatflow, Subject: b.Subject, Text: b.Text,
			Language: routing.Language(b.Subject + "\n" + b.Text), Contact: b.Contact,
		},
		Owner: b.Owner, Cause: "new",
	})
	return &tryPlanOut{found.Routing}, err
}
