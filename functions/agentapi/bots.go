package agentapi

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/bot"
	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/people"
	"parley/shared/secret"
	"parley/shared/store"
)

type botOut struct {
	Body struct {
		Draft     chatflow.Draft     `json:"draft"`
		Findings  []chatflow.Finding `json:"findings" doc:"What the check says of the draft."`
		Published int64              `json:"published" doc:"The version that visitors meet, 0 for none."`
		Versions  []store.Published  `json:"versions" doc:"The newest first, at most 50."`
	}
}

type botDraftIn struct {
	Account string `path:"account" maxLength:"64"`
	Flow    string `path:"flow" maxLength:"64"`
	Body    struct {
		Graph    chatflow.Graph `json:"graph"`
		Revision int64          `json:"revision" doc:"Of the draft that was changed; refused once somebody else has changed it."`
	}
}

type botDraftOut struct {
	Body struct {
		Draft    chatflow.Draft     `json:"draft"`
		Findings []chatflow.Finding `json:"findings"`
	}
}

type publishIn struct {
	Account string `path:"account" maxLength:"64"`
	Flow    string `path:"flow" maxLength:"64"`
	Body    struct {
		Revision int64 `json:"revision" doc:"Of the draft that was looked at."`
	}
}

type versionRef struct {
	Account string `path:"account" maxLength:"64"`
	Flow    string `path:"flow" maxLength:"64"`
	Number  int64  `path:"number" minimum:"1"`
}

type rollBackIn struct {
	Account string `path:"account" maxLength:"64"`
	Flow    string `path:"flow" maxLength:"64"`
	Body    struct {
		Number int64 `json:"number" minimum:"1" doc:"The version that visitors are to meet again."`
	}
}

type publishOut struct {
	Body struct {
		Version int64 `json:"version" doc:"Its number."`
	}
}

type versionOut struct{ Body chatflow.Version }

type checkBotIn struct {
	Account string `path:"account" maxLength:"64"`
	Flow    string `path:"flow" maxLength:"64"`
	Body    struct {
		Graph chatflow.Graph `json:"graph"`
	}
}

type findingsOut struct {
	Body struct {
		Findings []chatflow.Finding `json:"findings"`
	}
}

type numbersIn struct {
	Account string `path:"account" maxLength:"64"`
	Flow    string `path:"flow" maxLength:"64"`
	Days    int    `query:"days" minimum:"1" maximum:"90" default:"30"`
}

type numbersOut struct{ Body store.Numbers }

type templatesIn struct {
	Lang string `query:"lang" maxLength:"16" doc:"Language of their words: en or de."`
}

type templatesOut struct {
	Body struct {
		Templates []chatflow.Template `json:"templates"`
	}
}

type webhookKeyOut struct {
	Body struct {
		Key string `json:"key" doc:"Base64: by it servers know that a webhook is ours."`
	}
}

type walkOut struct {
	Body struct {
		Session chatflow.Session  `json:"session"`
		Turns   []chatflow.Record `json:"turns" doc:"As they were taken: from them and the version the conversation can be walked again."`
	}
}

type botWalkIn struct {
	Thread string `path:"thread" maxLength:"64"`
}

type setBotIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Body   struct {
		On bool `json:"on" doc:"true hands the conversation back to its bot, false takes it over."`
	}
}

func (d *door) registerBots() {
	const one = "/api/chats/{account}/flows/{flow}/bot"
	huma.Register(d.api, op("GET", one, "getBot", "A bot's draft, what the check says of it, and its versions"), d.getBot)
	huma.Register(d.api, op("PUT", one+"/draft", "putBotDraft", "Save the draft; visitors meet it once it is published"), d.putBotDraft)
	huma.Register(d.api, op("POST", one+"/check", "checkBot", "What the check says of a graph"), d.checkBot)
	huma.Register(d.api, op("POST", one+"/publish", "publishBot", "Make the draft what visitors meet; refused while a finding blocks"), d.publishBot)
	huma.Register(d.api, op("POST", one+"/rollback", "rollBackBot", "Publish an older version again"), d.rollBackBot)
	huma.Register(d.api, op("GET", one+"/versions/{number}", "getBotVersion", "One published version"), d.botVersion)
	huma.Register(d.api, op("POST", one+"/drive", "driveBot", "Take turns of a graph that is written nowhere"), d.driveBot)
	huma.Register(d.api, op("GET", one+"/numbers", "getBotNumbers", "What was counted of a bot"), d.botNumbers)
	huma.Register(d.api, op("GET", "/api/bots/templates", "listBotTemplates", "Bots to begin with"), d.botTemplates)
	huma.Register(d.api, op("GET", "/api/bots/key", "getWebhookKey", "The key that signs webhooks"), d.webhookKey)
	huma.Register(d.api, op("GET", "/api/threads/{thread}/bot", "getBotWalk", "What a bot did in a conversation, turn by turn"), d.botWalk)
	huma.Register(d.api, op("PUT", "/api/threads/{thread}/bot", "setBot", "Take the conversation from its bot, or hand it back"), d.setBot)
}

// botFlow is fault.NotFound for what is no bot.
func (d *door) botFlow(ctx context.Context, account, id string) (chatflow.Flow, error) {
	if _, err := d.chatAccount(ctx, account); err != nil {
		return chatflow.Flow{}, err
	}
	f, err := d.bots.Flow(ctx, account, id)
	if err == nil && !f.Bot {
		err = fault.New(fault.NotFound, "There is no such bot.")
	}
	return f, err
}

// known is what a bot of a chat may name.
func (d *door) known(ctx context.Context, account, flow string) (chatflow.Known, error) {
	k := chatflow.Known{
		Teams: map[string]bool{}, Users: map[string]bool{}, Meetings: map[string]bool{}, Tags: map[string]bool{}, Lists: map[string]bool{}, Contact: map[string]bool{}, Company: map[string]bool{}, Bots: map[string]bool{},
	}
	teams, err := d.store.Settings.Teams(ctx)
	if err != nil {
		return k, err
	}
	for _, t := range teams {
		k.Teams[t.ID] = true
	}
	users, err := d.store.Settings.Users(ctx)
	if err != nil {
		return k, err
	}
	for _, u := range users {
		if !u.Disabled {
			k.Users[u.ID], k.Meetings[u.ID] = u.Role.Works(), u.Meeting != ""
		}
	}
	tags, err := d.store.Settings.Tags(ctx)
	if err != nil {
		return k, err
	}
	for _, t := range tags {
		k.Tags[t.ID] = true
	}
	for _, p := range []string{"name", "email", "phone", "domain"} {
		k.Contact[p] = true
	}
	k.Company["name"], k.Company["domain"] = true, true
	defs, err := d.store.Contacts.Properties(ctx)
	if err != nil {
		return k, err
	}
	for _, p := range defs {
		if p.Of == people.OfContact {
			k.Contact[p.ID] = true
		} else {
			k.Company[p.ID] = true
		}
	}
	if k.Files, err = d.store.Bots.Files(ctx, account); err != nil {
		return k, err
	}
	lists, err := d.store.Contacts.Lists(ctx)
	if err != nil {
		return k, err
	}
	for _, l := range lists {
		k.Lists[l.ID] = l.Kind == people.Static
	}
	flows, err := d.store.Chats.Flows(ctx, account)
	for _, f := range flows {
		if f.Bot && f.Published > 0 && f.ID != flow {
			k.Bots[f.ID] = true
		}
	}
	return k, err
}

func (d *door) findings(ctx context.Context, account, flow string, g chatflow.Graph) ([]chatflow.Finding, error) {
	k, err := d.known(ctx, account, flow)
	if err != nil {
		return nil, err
	}
	return orEmpty(g.Checkup(k)), nil
}

func (d *door) getBot(ctx context.Context, in *flowRef) (*botOut, error) {
	f, err := d.botFlow(ctx, in.Account, in.Flow)
	if err != nil {
		return nil, err
	}
	out := &botOut{}
	out.Body.Published = f.Published
	if out.Body.Draft, err = d.store.Bots.Draft(ctx, in.Flow); err != nil {
		return nil, err
	}
	if out.Body.Versions, err = d.store.Bots.Versions(ctx, in.Flow); err != nil {
		return nil, err
	}
	out.Body.Findings, err = d.findings(ctx, in.Account, in.Flow, out.Body.Draft.Graph)
	return out, err
}

func (d *door) putBotDraft(ctx context.Context, in *botDraftIn) (*botDraftOut, error) {
	if _, err := d.botFlow(ctx, in.Account, in.Flow); err != nil {
		return nil, err
	}
	out := &botDraftOut{}
	var err error
	out.Body.Draft, err = d.store.Bots.PutDraft(ctx, agent(caller(ctx)), chatflow.Draft{Flow: in.Flow, Graph: in.Body.Graph, Revision: in.Body.Revision})
	if err != nil {
		return nil, err
	}
	out.Body.Findings, err = d.findings(ctx, in.Account, in.Flow, in.Body.Graph)
	return out, err
}

func (d *door) checkBot(ctx context.Context, in *checkBotIn) (*findingsOut, error) {
	if _, err := d.botFlow(ctx, in.Account, in.Flow); err != nil {
		return nil, err
	}
	out := &findingsOut{}
	var err error
	out.Body.Findings, err = d.findings(ctx, in.Account, in.Flow, in.Body.Graph)
	return out, err
}

func (d *door) publishBot(ctx context.Context, in *publishIn) (*publishOut, error) {
	if _, err := d.botFlow(ctx, in.Account, in.Flow); err != nil {
		return nil, err
	}
	draft, err := d.store.Bots.Draft(ctx, in.Flow)
	if err != nil {
		return nil, err
	}
	return d.publish(ctx, in.Account, in.Flow, in.Body.Revision, draft.Graph)
}

// publish refuses a graph with a finding that blocks, and says which.
func (d *door) publish(ctx context.Context, account, flow string, revision int64, g chatflow.Graph) (*publishOut, error) {
	found, err := d.findings(ctx, account, flow, g)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if f.Block {
			return nil, fault.New(fault.Invalid, "This bot cannot be published. %s (step %q)", f.Text, f.Step)
		}
	}
	out := &publishOut{}
	out.Body.Version, err = d.store.Bots.Publish(ctx, agent(caller(ctx)), account, flow, revision, g)
	return out, err
}

func (d *door) rollBackBot(ctx context.Context, in *rollBackIn) (*publishOut, error) {
	if _, err := d.botFlow(ctx, in.Account, in.Flow); err != nil {
		return nil, err
	}
	v, err := d.store.Bots.Version(ctx, in.Flow, in.Body.Number)
	if err != nil {
		return nil, err
	}
	draft, err := d.store.Bots.Draft(ctx, in.Flow)
	if err != nil {
		return nil, err
	}
	return d.publish(ctx, in.Account, in.Flow, draft.Revision, v.Graph)
}

func (d *door) botVersion(ctx context.Context, in *versionRef) (*versionOut, error) {
	if _, err := d.botFlow(ctx, in.Account, in.Flow); err != nil {
		return nil, err
	}
	v, err := d.store.Bots.Version(ctx, in.Flow, in.Number)
	return &versionOut{v}, err
}

func (d *door) botNumbers(ctx context.Context, in *numbersIn) (*numbersOut, error) {
	if _, err := d.botFlow(ctx, in.Account, in.Flow); err != nil {
		return nil, err
	}
	days := min(in.Days, limit.BotDays)
	n, err := d.store.Bots.Numbers(ctx, in.Flow, d.now().Add(-time.Duration(days-1)*24*time.Hour))
	return &numbersOut{n}, err
}

// botTemplates offers the meetings of the first who has any.
func (d *door) botTemplates(ctx context.Context, in *templatesIn) (*templatesOut, error) {
	users, err := d.store.Settings.Users(ctx)
	if err != nil {
		return nil, err
	}
	meetings := ""
	for _, u := range users {
		if u.Meeting != "" && !u.Disabled && meetings == "" {
			meetings = u.ID
		}
	}
	out := &templatesOut{}
	out.Body.Templates = chatflow.Templates(meetings, in.Lang)
	return out, nil
}

func (d *door) webhookKey(ctx context.Context, _ *struct{}) (*webhookKeyOut, error) {
	key, err := d.secrets.Key(ctx, secret.WebhookKey)
	if err != nil {
		return nil, err
	}
	out := &webhookKeyOut{}
	out.Body.Key = base64.StdEncoding.EncodeToString(key)
	return out, nil
}

func (d *door) botWalk(ctx context.Context, in *botWalkIn) (*walkOut, error) {
	w, err := d.store.Bots.Walk(ctx, in.Thread)
	if err != nil {
		return nil, err
	}
	if w.Number == 0 {
		return nil, noBot()
	}
	out := &walkOut{}
	out.Body.Session = w.Session
	out.Body.Turns, err = d.store.Bots.Records(ctx, in.Thread)
	return out, err
}

func noBot() error { return fault.New(fault.NotFound, "No bot has talked in this conversation.") }

func (d *door) setBot(ctx context.Context, in *setBotIn) (*changeOut, error) {
	by := agent(caller(ctx))
	if !in.Body.On {
		return d.put(ctx, in.Thread, "", func(t inbox.Thread) (inbox.Decision, error) { return t.StopBot(by) })
	}
	w, err := d.store.Bots.Walk(ctx, in.Thread)
	if err != nil {
		return nil, err
	}
	if w.Number == 0 {
		return nil, noBot()
	}
	return d.put(ctx, in.Thread, "", func(t inbox.Thread) (inbox.Decision, error) {
		f, err := d.bots.Flow(ctx, t.Account, w.Flow)
		if err != nil {
			return inbox.Decision{}, err
		}
		if f.ID == "" {
			return inbox.Decision{}, fault.New(fault.Conflict, "This bot has been removed.")
		}
		return t.ResumeBot(by, bot.Started(f, w.Version))
	})
}
