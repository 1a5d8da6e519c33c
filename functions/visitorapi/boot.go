package visitorapi

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/bot"
	"parley/shared/chatflow"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/people"
	"parley/shared/secret"
	"parley/shared/store"
	"parley/shared/visitor"
)

type configIn struct {
	Account string `path:"account" maxLength:"64"`
	Page    string `query:"page" maxLength:"2048" doc:"Address of the page, for the install page's \"last seen\"."`
	Lang    string `query:"lang" maxLength:"16" doc:"Language of the chat: de."`
}

type configOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         config
}

// config is everything the widget shows before anybody says anything.
type config struct {
	Account string                       `json:"account"`
	Off     bool                         `json:"off" doc:"Nothing is to be shown."`
	Title   string                       `json:"title"`
	Accent  string                       `json:"accent" doc:"#rrggbb"`
	Side    chatflow.Side                `json:"side" enum:"right,left"`
	OffsetX int                          `json:"offsetX"`
	OffsetY int                          `json:"offsetY"`
	Label   string                       `json:"label,omitempty"`
	Privacy string                       `json:"privacy,omitempty"`
	Texts   map[string]map[string]string `json:"texts,omitempty" doc:"Words of the widget that the team replaced, by language and key."`
	Flows   []flow                       `json:"flows" doc:"In order of priority: the first whose targeting shows is used."`
	There   bool                         `json:"there" doc:"Somebody is there to answer."`
}

type flow struct {
	ID        string             `json:"id"`
	Targeting chatflow.Targeting `json:"targeting"`
	Welcome   string             `json:"welcome"`
	Bot       bool               `json:"bot,omitempty" doc:"A bot talks here, and begins with what opening says."`
	Opening   []botLine          `json:"opening,omitempty"`
	Shown     *bot.Shown         `json:"shown,omitempty" doc:"What opening was made of; goes with the first message."`
	AskEmail  chatflow.AskEmail  `json:"askEmail" enum:"before,after,never"`
	Away      chatflow.Away      `json:"away"`
	There     bool               `json:"there" doc:"Somebody is there to answer in this chatflow."`
	Next      *time.Time         `json:"next,omitempty" doc:"When somebody is there again, if hours say so."`
	People    []person           `json:"people"`
}

// botLine is what a bot says before the visitor has written.
type botLine struct {
	Text string `json:"text,omitempty"`
	inbox.VisitorBot
}

// person is an agent as visitors see them.
type person struct {
	Face    string `json:"face"`
	Name    string `json:"name"`
	Picture bool   `json:"picture" doc:"GET face/{face} has one."`
	Meeting string `json:"meeting,omitempty" doc:"https address where a meeting can be booked."`
}

type sessionIn struct {
	Account string `path:"account" maxLength:"64"`
	Body    struct {
		Token        string `json:"token,omitempty" maxLength:"300" doc:"Of an earlier session; one that is not good any more is as none."`
		Conversation int    `json:"conversation,omitempty" minimum:"0" maximum:"1000" doc:"Which of the visitor's conversations is meant, counted from 1."`
		Zone         string `json:"zone,omitempty" maxLength:"64" doc:"IANA time zone of the browser; one that is none is as none."`
		Flow         string `json:"flow,omitempty" maxLength:"64" doc:"The chatflow that shows on the page."`
		Page         string `json:"page,omitempty" maxLength:"2048"`
		Lang         string `json:"lang,omitempty" maxLength:"16" doc:"Language of the chat: de."`
		// What the page says of who is signed in there.
		Identity *visitor.Identity `json:"identity,omitempty"`
	}
}

type sessionOut struct {
	Body struct {
		Token string `json:"token" doc:"To be kept in place of the one before."`
		Known bool   `json:"known" doc:"The token was good: this browser has been here before."`
		Name  string `json:"name,omitempty"`
		Email string `json:"email,omitempty" doc:"What the visitor typed."`

		Conversation conversation `json:"conversation"`
		Opening      []botLine    `json:"opening,omitempty" doc:"What the chatflow's bot says to who is known, before they have written; in place of config's."`
		Shown        *bot.Shown   `json:"shown,omitempty"`
	}
}

// conversation is what a visitor may see of one.
type conversation struct {
	Begun  bool                `json:"begun"`
	Closed bool                `json:"closed"`
	From   int64               `json:"from"`
	Seq    int64               `json:"seq"`
	Lines  []inbox.VisitorLine `json:"lines" doc:"All there is to see among the entries from to seq."`
}

type faceIn struct {
	Account string `path:"account" maxLength:"64"`
	Face    string `path:"face" maxLength:"24"`
}

type faceOut struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

func (d *door) registerBoot() {
	huma.Register(d.api, op("GET", "/config", "getConfig", "What the widget shows on a page"), d.config)
	huma.Register(d.api, op("POST", "/session", "createSession", "Who this browser is, and its conversation"), d.session)
	huma.Register(d.api, op("GET", "/face/{face}", "getFace", "An agent's picture"), d.face)
}

func (d *door) config(ctx context.Context, in *configIn) (*configOut, error) {
	w := widgetOf(ctx)
	out := &configOut{CacheControl: "private, max-age=30"}
	out.Body = config{
		Account: w.Account, Off: w.Off, Title: w.Title, Accent: w.Accent, Side: w.Side, OffsetX: w.OffsetX, OffsetY: w.OffsetY, Label: w.Label,
		Privacy: w.Privacy, Texts: w.Texts, Flows: []flow{},
	}
	account, err := d.desk.Account(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	if page, ok := pageOf(in.Page); ok {
		if err := d.store.Chats.Seen(ctx, w.Account, page); err != nil {
			return nil, err
		}
	}
	if w.Off {
		return out, nil
	}
	there, err := d.live.Here(ctx, account.Inbox, d.now())
	if err != nil {
		return nil, err
	}
	users, err := d.store.Settings.Users(ctx)
	if err != nil {
		return nil, err
	}
	flows, err := d.store.Chats.Flows(ctx, w.Account)
	if err != nil {
		return nil, err
	}
	open, next, err := d.store.Settings.OpenAt(ctx, account.Inbox, d.now())
	if err != nil {
		return nil, err
	}
	out.Body.There = len(there) > 0
	for _, f := range flows {
		if f.Shown() {
			v := flow{
				ID: f.ID, Targeting: f.Targeting, Welcome: f.Welcome, AskEmail: f.AskEmail, Away: f.Away, People: faces(f.People, there, users),
				There: f.There(len(there) > 0, open),
			}
			if f.Available == chatflow.ByHours && !v.There {
				v.Next = next
			}
			if v.Bot = f.Bot; v.Bot {
				lines, shown, err := d.desk.Opening(ctx, account, f, people.Contact{}, bot.Where{Page: in.Page, Lang: in.Lang})
				if err != nil {
					return nil, err
				}
				v.Opening, v.Shown = asShown(lines), shown
			}
			out.Body.Flows = append(out.Body.Flows, v)
		}
	}
	return out, nil
}

// asShown are a bot's lines as a visitor sees them.
func asShown(lines []chatflow.Line) (out []botLine) {
	for _, l := range lines {
		out = append(out, botLine{l.Text, inbox.VisitorBot{
			Image: l.Image, Alt: l.Alt, Link: l.Link, Label: l.Label, File: l.File, Ask: string(l.Ask), Choices: l.Choices, Delay: l.Delay,
		}})
	}
	return out
}

// pageOf is a page's address without query and fragment: they may hold what is nobody's business.
func pageOf(raw string) (string, bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath(), true
}

// maxFaces is how many people a header shows.
const maxFaces = 3

// faces are the people a flow shows: those it names, or else those who are there.
func faces(named, there []string, users []store.User) []person {
	shown := named
	if len(shown) == 0 {
		shown = there
	}
	out := []person{}
	for _, u := range users {
		if len(out) < maxFaces && !u.Disabled && slices.Contains(shown, u.ID) {
			out = append(out, person{Face: inbox.Face(u.ID), Name: u.Name, Picture: u.Avatar != "", Meeting: u.Meeting})
		}
	}
	return out
}

func (d *door) session(ctx context.Context, in *sessionIn) (*sessionOut, error) {
	account, err := d.desk.Account(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	out := &sessionOut{}
	v, ok := d.signer.Verify(in.Body.Token, d.now())
	ok = ok && v.Account == account.ID
	switch {
	case in.Body.Identity != nil: // whoever the browser was before
		if v, err = d.vouched(ctx, account.ID, *in.Body.Identity, v.ID); err != nil {
			return nil, err
		}
		out.Body.Known = true
	case ok:
		out.Body.Known = true
	default:
		v = visitor.Visitor{ID: d.newID(), Account: account.ID}
	}
	out.Body.Token = d.signer.Token(v, d.now())
	out.Body.Conversation.Lines = []inbox.VisitorLine{}
	if !out.Body.Known {
		return out, nil
	}
	if err := d.store.Contacts.Located(ctx, v.ID, visitor.Zone(in.Body.Zone)); err != nil {
		return nil, err
	}
	contact, err := d.store.Contacts.KnownVisitor(ctx, v.ID)
	if err == nil {
		out.Body.Name, out.Body.Email = contact.Name, contact.Address
	} else if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if out.Body.Conversation, err = d.conversation(ctx, v, max(in.Body.Conversation, 1), 0); err != nil || out.Body.Conversation.Begun || in.Body.Flow == "" || contact.ID == "" {
		return out, err
	}
	lines, shown, err := d.desk.Greeting(ctx, account, in.Body.Flow, contact, bot.Where{Page: in.Body.Page, Lang: in.Body.Lang})
	out.Body.Opening, out.Body.Shown = asShown(lines), shown
	return out, err
}

// vouched is the visitor that a signed identity is, whose contact leads to them from now on. was is who the browser was before, "" for nobody.
func (d *door) vouched(ctx context.Context, account string, i visitor.Identity, was string) (visitor.Visitor, error) {
	v := d.signer.Of(account, i)
	master, err := d.secrets.Key(ctx, secret.IdentityKey)
	if err != nil {
		return v, err
	}
	if err := i.Check(visitor.IdentitySecret(master, account, widgetOf(ctx).Identity), d.now(), was == v.ID); err != nil {
		return v, err
	}
	address := ""
	if i.Email != "" {
		if address, err = email.NormaliseAddress(i.Email); err != nil {
			return v, fault.New(fault.Denied, "The identity's email is no address.")
		}
	}
	_, err = d.store.Contacts.Vouched(ctx, v.ID, i.ExternalID, address, i.Name)
	return v, err
}

// conversation reads a visitor's nth conversation behind after.
func (d *door) conversation(ctx context.Context, v visitor.Visitor, n int, after int64) (conversation, error) {
	out := conversation{Lines: []inbox.VisitorLine{}}
	thread, err := d.desk.Thread(ctx, v, n)
	if err != nil || thread == "" {
		return out, err
	}
	lines, err := d.desk.Lines(ctx, thread, after)
	return conversation{Begun: true, Closed: lines.Closed, From: lines.From, Seq: lines.Seq, Lines: lines.Lines}, err
}

// face serves an agent's picture by the id that visitors know.
func (d *door) face(ctx context.Context, in *faceIn) (*faceOut, error) {
	users, err := d.store.Settings.Users(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(users, func(u store.User) bool { return u.Avatar != "" && inbox.Face(u.ID) == in.Face })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "There is no such picture.")
	}
	raw, info, err := d.files.Get(ctx, users[i].Avatar)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(info.Type, "image/") {
		return nil, fault.New(fault.NotFound, "There is no such picture.")
	}
	return &faceOut{ContentType: info.Type, CacheControl: "public, max-age=3600", Body: raw}, nil
}
