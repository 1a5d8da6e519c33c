package agentapi

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/chatflow"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/secret"
	"parley/shared/store"
	"parley/shared/visitor"
)

type chatsOut struct {
	Body struct {
		Chats []chatView `json:"chats"`
	}
}

// chatView is a chat account with everything that is set up for it.
type chatView struct {
	Account   inbox.Account    `json:"account"`
	Widget    chatflow.Widget  `json:"widget"`
	Flows     []chatflow.Flow  `json:"flows" doc:"In order of priority."`
	Snippet   string           `json:"snippet" doc:"The tag for the team's pages."`
	Installed *store.Installed `json:"installed,omitempty" doc:"Where the widget was last seen; absent if it never was."`
}

type chatOut struct{ Body chatView }

type chatIn struct {
	Account string `path:"account" maxLength:"64"`
}

type newChatIn struct {
	Body struct {
		Inbox  string `json:"inbox" maxLength:"64"`
		Name   string `json:"name" minLength:"1" maxLength:"80" doc:"Whom visitors talk with: the company, the shop."`
		Origin string `json:"origin" maxLength:"200" doc:"The website whose pages may use it: https://shop.example."`
	}
}

type widgetIn struct {
	Account string `path:"account" maxLength:"64"`
	Body    chatflow.Widget
}

type flowIn struct {
	Account string `path:"account" maxLength:"64"`
	Flow    string `path:"flow" maxLength:"64"`
	Body    chatflow.Flow
}

type newFlowIn struct {
	Account string `path:"account" maxLength:"64"`
	Body    chatflow.Flow
}

type flowOut struct{ Body chatflow.Flow }

type flowRef struct {
	Account string `path:"account" maxLength:"64"`
	Flow    string `path:"flow" maxLength:"64"`
}

type orderIn struct {
	Account string `path:"account" maxLength:"64"`
	Body    struct {
		Flows []string `json:"flows" maxItems:"50" doc:"The ids of all its chatflows in their new order."`
	}
}

type signingOut struct {
	Body struct {
		Secret     string `json:"secret"`
		Generation int64  `json:"generation" doc:"How often it has been made anew."`
	}
}

type tryIn struct {
	Account string `path:"account" maxLength:"64"`
	Body    struct {
		Page string `json:"page" maxLength:"2048" doc:"Address of a page."`
	}
}

type tryOut struct {
	Body struct {
		Flow     string             `json:"flow,omitempty" doc:"The chatflow that shows; absent if none does."`
		Allowed  bool               `json:"allowed" doc:"The page's website may use the widget at all."`
		Off      bool               `json:"off" doc:"The chat is switched off."`
		Verdicts []chatflow.Verdict `json:"verdicts" doc:"How each fared, in order of priority."`
	}
}

func (d *door) registerChats() {
	const chat, flows = "/api/chats/{account}", "/api/chats/{account}/flows"
	huma.Register(d.api, op("GET", "/api/chats", "listChats", "Chat accounts, their widgets and chatflows"), d.chats)
	huma.Register(d.api, created(op("POST", "/api/chats", "createChat", "Make a chat account")), d.newChat)
	huma.Register(d.api, op("GET", chat, "getChat", "One chat account"), d.chat)
	huma.Register(d.api, op("PUT", chat+"/widget", "putWidget", "Change how the chat looks and where it may stand; version must be the newest"), d.putWidget)
	huma.Register(d.api, created(op("POST", flows, "createFlow", "Make a chatflow, behind the others")), d.newFlow)
	huma.Register(d.api, op("PUT", flows+"/{flow}", "putFlow", "Change a chatflow; version must be the newest"), d.putFlow)
	huma.Register(d.api, op("DELETE", flows+"/{flow}", "deleteFlow", "Remove a chatflow"), d.deleteFlow)
	huma.Register(d.api, op("PUT", chat+"/order", "orderFlows", "Change which chatflow comes first"), d.orderFlows)
	huma.Register(d.api, op("GET", chat+"/identity", "getIdentitySecret", "The secret that the team's pages sign identities with"), d.signing)
	huma.Register(d.api, op("POST", chat+"/identity", "rollIdentitySecret", "Make another secret to sign identities with; the old one is worth nothing from then on"), d.rollSigning)
	huma.Register(d.api, op("POST", chat+"/try", "tryPage", "Which chatflow shows on a page, and why"), d.tryPage)
}

// created makes an operation answer 201.
func created(o huma.Operation) huma.Operation {
	o.DefaultStatus = 201
	return o
}

func (d *door) chats(ctx context.Context, _ *struct{}) (*chatsOut, error) {
	accounts, err := d.store.Settings.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	out := &chatsOut{}
	out.Body.Chats = []chatView{}
	for _, a := range accounts {
		if a.Channel != inbox.ChannelChat {
			continue
		}
		v, err := d.chatOf(ctx, a)
		if err != nil {
			return nil, err
		}
		out.Body.Chats = append(out.Body.Chats, v)
	}
	return out, nil
}

func (d *door) chatOf(ctx context.Context, a inbox.Account) (chatView, error) {
	v := chatView{Account: a, Snippet: d.snippet(a.ID)}
	var err error
	if v.Widget, err = d.store.Chats.Widget(ctx, a.ID); err != nil {
		return v, err
	}
	flows, err := d.store.Chats.Flows(ctx, a.ID)
	if err != nil {
		return v, err
	}
	v.Flows = orEmpty(flows)
	seen, ok, err := d.store.Chats.Installed(ctx, a.ID)
	if ok {
		v.Installed = &seen
	}
	return v, err
}

func (d *door) snippet(account string) string {
	return `<script async src="` + d.origin + `/w.js" data-parley="` + account + `"></script>`
}

// chatAccount is fault.NotFound for what is no chat.
func (d *door) chatAccount(ctx context.Context, id string) (inbox.Account, error) {
	a, err := d.store.Settings.Account(ctx, id)
	if err == nil && a.Channel != inbox.ChannelChat {
		err = fault.New(fault.NotFound, "There is no such chat.")
	}
	return a, err
}

func (d *door) chat(ctx context.Context, in *chatIn) (*chatOut, error) {
	a, err := d.chatAccount(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	v, err := d.chatOf(ctx, a)
	return &chatOut{v}, err
}

func (d *door) newChat(ctx context.Context, in *newChatIn) (*chatOut, error) {
	if err := d.mustInbox(ctx, in.Body.Inbox); err != nil {
		return nil, err
	}
	origin := strings.TrimRight(strings.ToLower(strings.TrimSpace(in.Body.Origin)), "/")
	a, err := d.store.Chats.Create(ctx, agent(caller(ctx)), in.Body.Inbox, strings.TrimSpace(in.Body.Name), origin)
	if err != nil {
		return nil, err
	}
	v, err := d.chatOf(ctx, a)
	return &chatOut{v}, err
}

func (d *door) putWidget(ctx context.Context, in *widgetIn) (*chatOut, error) {
	in.Body.Account = in.Account
	if _, err := d.store.Chats.PutWidget(ctx, agent(caller(ctx)), in.Body); err != nil {
		return nil, err
	}
	return d.chat(ctx, &chatIn{in.Account})
}

func (d *door) newFlow(ctx context.Context, in *newFlowIn) (*flowOut, error) {
	in.Body.ID = ""
	return d.saveFlow(ctx, in.Account, in.Body)
}

func (d *door) putFlow(ctx context.Context, in *flowIn) (*flowOut, error) {
	in.Body.ID = in.Flow
	return d.saveFlow(ctx, in.Account, in.Body)
}

func (d *door) saveFlow(ctx context.Context, account string, f chatflow.Flow) (*flowOut, error) {
	if _, err := d.chatAccount(ctx, account); err != nil {
		return nil, err
	}
	f.Account = account
	f, err := d.store.Chats.PutFlow(ctx, agent(caller(ctx)), f)
	return &flowOut{f}, err
}

func (d *door) deleteFlow(ctx context.Context, in *flowRef) (*struct{}, error) {
	return nil, d.store.Chats.DeleteFlow(ctx, agent(caller(ctx)), in.Account, in.Flow)
}

func (d *door) orderFlows(ctx context.Context, in *orderIn) (*chatOut, error) {
	if err := d.store.Chats.Reorder(ctx, agent(caller(ctx)), in.Account, in.Body.Flows); err != nil {
		return nil, err
	}
	return d.chat(ctx, &chatIn{in.Account})
}

func (d *door) signing(ctx context.Context, in *chatIn) (*signingOut, error) {
	w, err := d.store.Chats.Widget(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	return d.signingOf(ctx, w)
}

func (d *door) rollSigning(ctx context.Context, in *chatIn) (*signingOut, error) {
	w, err := d.store.Chats.RollIdentity(ctx, agent(caller(ctx)), in.Account)
	if err != nil {
		return nil, err
	}
	return d.signingOf(ctx, w)
}

func (d *door) signingOf(ctx context.Context, w chatflow.Widget) (*signingOut, error) {
	master, err := d.secrets.Key(ctx, secret.IdentityKey)
	if err != nil {
		return nil, err
	}
	out := &signingOut{}
	out.Body.Secret, out.Body.Generation = visitor.IdentitySecret(master, w.Account, w.Identity), w.Identity
	return out, nil
}

func (d *door) tryPage(ctx context.Context, in *tryIn) (*tryOut, error) {
	a, err := d.chatAccount(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	page, err := chatflow.ParsePage(in.Body.Page)
	if err != nil {
		return nil, err
	}
	w, err := d.store.Chats.Widget(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	flows, err := d.store.Chats.Flows(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	out := &tryOut{}
	chosen, verdicts := chatflow.Choose(flows, page)
	out.Body.Verdicts, out.Body.Off = verdicts, w.Off
	out.Body.Allowed = page.Origin() == d.origin || w.Allows(page.Origin())
	if chosen != nil && out.Body.Allowed && !w.Off {
		out.Body.Flow = chosen.ID
	}
	return out, nil
}
