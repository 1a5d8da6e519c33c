package agentapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/channel"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/host"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/problem"
)

type channelsOut struct {
	Body struct {
		Channels   []channelView `json:"channels" doc:"Oldest first, disconnected ones too."`
		MailDomain string        `json:"mailDomain" doc:"Hosted addresses are of this domain."`
	}
}

type channelOut struct {
	ETag string `header:"ETag" doc:"The account's revision, quoted: for If-Match."`
	Body channelView
}

// channelView is an account with all that is known of its mail.
type channelView struct {
	Account      inbox.Account         `json:"account"`
	Health       channel.Is            `json:"health" doc:"In one sentence; code and args are for other languages."`
	Hosted       string                `json:"hosted" doc:"The address where its mail comes in."`
	SendsFrom    string                `json:"sendsFrom" doc:"The address that replies leave from."`
	ConnectedBy  string                `json:"connectedBy" doc:"The name of who connected it; empty if it was there from birth."`
	ReceivedAt   *time.Time            `json:"receivedAt,omitempty" doc:"When a mail came, to the hour."`
	SentAt       *time.Time            `json:"sentAt,omitempty" doc:"When the mail system took a reply, to the hour."`
	Test         *channel.Test         `json:"test,omitempty" doc:"The last test mail."`
	Confirmation *channel.Confirmation `json:"confirmation,omitempty" doc:"What a mail provider wants confirmed before it forwards."`
	Checks       []channel.Check       `json:"checks" doc:"As they were at checkedAt, in the order in which things are set up."`
	CheckedAt    *time.Time            `json:"checkedAt,omitempty"`
}

type channelIn struct {
	Channel string `path:"channel" maxLength:"64" doc:"An account's id."`
	IfMatch string `header:"If-Match" doc:"An ETag of the channel: refused with 412 once somebody else has changed it."`
}

type connectIn struct {
	Body struct {
		Inbox   string    `json:"inbox" maxLength:"64" doc:"Where its conversations go."`
		Way     inbox.Way `json:"way" enum:"hosted,forward,mx" doc:"hosted: the address is of the mail domain. forward: its mailbox forwards to a hosted address. mx: its domain's MX record is ours."`
		Address string    `json:"address" maxLength:"254" doc:"What customers write to."`
		Name    string    `json:"name" maxLength:"100" doc:"Of the team, as customers see it."`
	}
}

type editIn struct {
	Channel string `path:"channel" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the channel: refused with 412 once somebody else has changed it."`
	Body    struct {
		Name      *string             `json:"name,omitempty" maxLength:"100"`
		FromName  *inbox.FromName     `json:"fromName,omitempty" enum:"agent,first,team" doc:"agent: Mara Lind (Support). first: Mara at Support. team: Support."`
		Signature *string             `json:"signature,omitempty" doc:"HTML, at most 8 KiB; it is sanitised. Empty for none."`
		State     *inbox.AccountState `json:"state,omitempty" enum:"active,paused" doc:"paused: running conversations go on, new ones wait in Filtered."`
	}
}

func (d *door) registerChannels() {
	connect := op("POST", "/api/channels", "connectChannel", "Connect an address; one that was disconnected comes back with its conversations")
	connect.DefaultStatus = 201
	huma.Register(d.api, op("GET", "/api/channels", "listChannels", "Every account, whether its mail still arrives, and what is wrong"), d.channels)
	huma.Register(d.api, op("GET", "/api/channels/{channel}", "getChannel", "One account"), d.channel)
	huma.Register(d.api, connect, d.connect)
	huma.Register(d.api, op("PUT", "/api/channels/{channel}", "editChannel", "Change what is given; pause or resume"), d.edit)
	huma.Register(d.api, op("DELETE", "/api/channels/{channel}", "disconnectChannel", "End an account; its conversations stay"), d.disconnect)
	huma.Register(d.api, op("POST", "/api/channels/{channel}/check", "checkChannel", "Look at DNS and the mail system again"), d.check)
	huma.Register(d.api, op("POST", "/api/channels/{channel}/test", "testChannel", "Send a test mail to the address; it should come in like any other"), d.test)
	huma.Register(d.api, op("DELETE", "/api/channels/{channel}/confirmation", "dismissConfirmation", "The provider's confirmation has been dealt with"), d.dismiss)
}

func (d *door) channels(ctx context.Context, _ *struct{}) (*channelsOut, error) {
	if err := d.store.Settings.Birth(ctx, d.mailDomain); err != nil {
		return nil, err
	}
	accounts, err := d.store.Settings.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	health, err := d.store.Settings.Health(ctx)
	if err != nil {
		return nil, err
	}
	out := &channelsOut{}
	out.Body.Channels, out.Body.MailDomain = []channelView{}, d.mailDomain
	for _, a := range accounts {
		if a.Channel != inbox.ChannelEmail { // the others have pages of their own
			continue
		}
		v, err := d.channelOf(ctx, a, health[a.ID])
		if err != nil {
			return nil, err
		}
		out.Body.Channels = append(out.Body.Channels, v)
	}
	return out, nil
}

func (d *door) channelOf(ctx context.Context, a inbox.Account, h channel.Health) (channelView, error) {
	fallback, err := d.store.Settings.Fallback(ctx, a.Inbox)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return channelView{}, err
	}
	v := channelView{
		Account: a, Health: channel.Of(a, h), Hosted: a.Address, SendsFrom: a.SendsFrom(fallback), Test: h.Test, Confirmation: h.Confirmation,
		Checks: orEmpty(h.Checks), ReceivedAt: given(h.ReceivedAt), SentAt: given(h.SentAt), CheckedAt: given(h.CheckedAt),
	}
	if a.ForwardTo != "" {
		v.Hosted = a.ForwardTo
	}
	if a.ConnectedBy != "" {
		u, err := d.store.Settings.User(ctx, a.ConnectedBy)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return v, err
		}
		v.ConnectedBy = u.Name
	}
	return v, nil
}

// given is nil for a time that was not.
func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// one answers with an account as it is now.
func (d *door) one(ctx context.Context, a inbox.Account) (*channelOut, error) {
	health, err := d.store.Settings.Health(ctx)
	if err != nil {
		return nil, err
	}
	v, err := d.channelOf(ctx, a, health[a.ID])
	return &channelOut{ETag: etag(a.Revision), Body: v}, err
}

func (d *door) channel(ctx context.Context, in *channelIn) (*channelOut, error) {
	a, err := d.store.Settings.Account(ctx, in.Channel)
	if err != nil {
		return nil, err
	}
	return d.one(ctx, a)
}

// connect makes the account first: what the mail system and DNS say of it afterwards can be asked again.
func (d *door) connect(ctx context.Context, in *connectIn) (*channelOut, error) {
	address, err := email.NormaliseAddress(in.Body.Address)
	if err != nil {
		return nil, err
	}
	local, domain, _ := strings.Cut(address, "@")
	if err := d.mayConnect(in.Body.Way, local, domain); err != nil {
		return nil, err
	}
	c := inbox.Connection{Inbox: in.Body.Inbox, Way: in.Body.Way, Address: address, Name: strings.Join(strings.Fields(in.Body.Name), " ")}
	if c.Way == inbox.Forwarded {
		first, _, _ := strings.Cut(domain, ".")
		c.ForwardTo = inbox.Slug(local, first) + "@" + d.mailDomain
	}
	a, err := d.store.Settings.Connect(ctx, agent(caller(ctx)), c)
	if err != nil {
		return nil, err
	}
	if err := d.look(ctx, a); err != nil {
		host.From(ctx).Warn("first look at an account", "account", a.ID, "error", err)
	}
	return d.current(ctx, a.ID)
}

// current answers with an account whose sender may have changed meanwhile.
func (d *door) current(ctx context.Context, id string) (*channelOut, error) {
	a, err := d.store.Settings.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	return d.one(ctx, a)
}

// mayConnect refuses addresses that cannot be received the way that was chosen.
func (d *door) mayConnect(way inbox.Way, local, domain string) error {
	switch ours := domain == d.mailDomain; {
	case way == inbox.Hosted && !ours:
		return fault.New(fault.Invalid, "A hosted address is of %s. For an address of %s forward its mail here, or point its MX record here.", d.mailDomain, domain)
	case way != inbox.Hosted && ours:
		return fault.New(fault.Invalid, "%s is our own mail domain: its addresses are hosted.", domain)
	case ours && (strings.ContainsAny(local, "+") || slices.Contains([]string{"c", "channel-test", "postmaster", "abuse", "mailer-daemon"}, local)):
		return fault.New(fault.Invalid, "%s@%s is needed for something else. Choose another name.", local, domain)
	case way == inbox.Direct && channel.Public(domain):
		return fault.New(fault.Invalid, "Nobody but its provider can change the MX record of %s: forward its mail here instead.", domain)
	}
	return nil
}

func (d *door) edit(ctx context.Context, in *editIn) (*channelOut, error) {
	e := inbox.Edit{Name: in.Body.Name, FromName: in.Body.FromName, State: in.Body.State}
	if in.Body.Name != nil {
		name := strings.Join(strings.Fields(*in.Body.Name), " ")
		e.Name = &name
	}
	if in.Body.Signature != nil {
		clean := email.Sanitise(*in.Body.Signature)
		if len(*in.Body.Signature) > limit.SignatureBytes || len(clean) > limit.SignatureBytes {
			return nil, fault.New(fault.Invalid, "A signature has at most %d bytes. Large images belong at an address of their own.", limit.SignatureBytes)
		}
		e.Signature = &clean
	}
	did := "edited"
	if e.State != nil {
		did = map[inbox.AccountState]string{inbox.AccountPaused: "paused", inbox.AccountActive: "resumed"}[*e.State]
	}
	return d.change(ctx, in.Channel, in.IfMatch, did, func(a inbox.Account) (inbox.Account, error) { return a.Edit(e) })
}

func (d *door) change(ctx context.Context, id, ifMatch, did string, decide func(inbox.Account) (inbox.Account, error)) (*channelOut, error) {
	a, err := d.store.Settings.ChangeAccount(ctx, agent(caller(ctx)), id, did, func(a inbox.Account) (inbox.Account, error) {
		if !matches(ifMatch, a.Revision) {
			return a, settingChanged()
		}
		return decide(a)
	})
	if err != nil {
		return nil, err
	}
	return d.one(ctx, a)
}

// unchanged refuses a revision that an If-Match does not name.
func unchanged(ifMatch string) func(revision int64) error {
	return func(revision int64) error {
		if !matches(ifMatch, revision) {
			return settingChanged()
		}
		return nil
	}
}

// settingChanged is the answer to an If-Match that somebody was faster than.
func settingChanged() error {
	return &problem.WithStatus{
		Status: http.StatusPreconditionFailed, Err: fault.New(fault.Conflict, "Somebody changed these settings meanwhile. Please look again."),
	}
}

// disconnect ends an account. A domain that was to be proved for it and never was goes with its last account; a proved one stays, so that
// connecting again works at once.
func (d *door) disconnect(ctx context.Context, in *channelIn) (*channelOut, error) {
	out, err := d.change(ctx, in.Channel, in.IfMatch, "disconnected", inbox.Account.Disconnect)
	if err != nil {
		return nil, err
	}
	return out, d.forget(ctx, out.Body.Account)
}

func (d *door) dismiss(ctx context.Context, in *channelIn) (*channelOut, error) {
	a, err := d.store.Settings.Account(ctx, in.Channel)
	if err != nil {
		return nil, err
	}
	if _, err := d.store.Settings.ChangeHealth(ctx, a.ID, func(h channel.Health) (channel.Health, bool) {
		had := h.Confirmation != nil
		h.Confirmation = nil
		h.Checks = slices.DeleteFunc(h.Checks, func(c channel.Check) bool { return c.Name == "confirmation" })
		return h, had
	}); err != nil {
		return nil, err
	}
	return d.one(ctx, a)
}
