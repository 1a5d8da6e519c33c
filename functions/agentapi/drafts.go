package agentapi

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/problem"
	"parley/shared/store"
)

// draftBody is what is being written. It is kept as the composer wrote it: nobody else reads it, and sending cleans it.
type draftBody struct {
	Account     string            `json:"account,omitempty" maxLength:"64"`
	Text        string            `json:"text,omitempty"`
	HTML        string            `json:"html,omitempty" doc:"With images as cid:<upload>."`
	To          []events.Address  `json:"to,omitempty" maxItems:"200" doc:"Unchecked, as the other recipients: half an address is no mistake yet."`
	Cc          []events.Address  `json:"cc,omitempty" maxItems:"200"`
	Bcc         []events.Address  `json:"bcc,omitempty" maxItems:"200"`
	Subject     string            `json:"subject,omitempty"`
	Attachments []store.DraftFile `json:"attachments,omitempty" maxItems:"100"`
	Forwards    int64             `json:"forwards,omitempty" minimum:"0"`
	LeaveOut    []int             `json:"leaveOut,omitempty" maxItems:"500"`
}

type DraftTag struct {
	IfMatch string `header:"If-Match" doc:"The ETag of the draft that is replaced or removed; * for whichever there is. To write the first one, leave it away. 412 if the draft is another one by now."`
}

type ThreadDraft struct {
	Thread string `path:"thread" maxLength:"64"`
	Mode   string `path:"mode" enum:"reply,note,forward"`
}

type NewDraft struct {
	Draft string `path:"draft" maxLength:"40" doc:"Of the client's making: 10 to 40 lower-case letters and digits."`
}

type (
	putThreadDraftIn struct {
		ThreadDraft
		DraftTag
		Body draftBody
	}
	putNewDraftIn struct {
		NewDraft
		DraftTag
		Body draftBody
	}
	removeThreadDraftIn struct {
		ThreadDraft
		DraftTag
	}
	removeNewDraftIn struct {
		NewDraft
		DraftTag
	}
)

type draftOut struct {
	ETag string `header:"ETag" doc:"The draft's tag, quoted: for If-Match, and (bare) for draft of the message that it becomes."`
	Body store.Draft
}

type draftsIn struct {
	Cursor string `query:"cursor" maxLength:"2048" doc:"next of the page before."`
}

type draftsOut struct {
	Body struct {
		Drafts []store.Draft `json:"drafts"`
	}
}

type draftPageOut struct {
	Body struct {
		Drafts []listedDraft `json:"drafts" doc:"The newest 25, to the minute."`
		Next   string        `json:"next" doc:"Empty at the end."`
	}
}

// listedDraft is what a list shows of a draft, with the thread it belongs to.
type listedDraft struct {
	store.DraftPlace
	Account string           `json:"account,omitempty"`
	Subject string           `json:"subject,omitempty"`
	To      []events.Address `json:"to,omitempty"`
	Preview string           `json:"preview"`
	At      time.Time        `json:"at"`
	Tag     string           `json:"tag"`
	Head    *inbox.Summary   `json:"head,omitempty" doc:"The thread; nothing for a message that shall begin one."`
}

func (d *door) registerDrafts() {
	put := func(path, id, summary string) huma.Operation {
		o := op("PUT", path, id, summary)
		o.MaxBodyBytes = limit.APIBodyBytes
		return o
	}
	const ofThread, fresh = "/api/threads/{thread}/drafts", "/api/drafts/{draft}"
	huma.Register(d.api, op("GET", "/api/drafts", "listDrafts", "The caller's drafts"), d.listDrafts)
	huma.Register(d.api, op("GET", ofThread, "getThreadDrafts", "The caller's drafts in a thread"), d.threadDrafts)
	huma.Register(d.api, put(ofThread+"/{mode}", "putThreadDraft", "Keep what the caller is writing in a thread"), func(ctx context.Context, in *putThreadDraftIn) (*draftOut, error) {
		if _, err := d.store.Threads.Head(ctx, in.Thread); err != nil {
			return nil, err
		}
		return d.putDraft(ctx, in.place(), in.IfMatch, in.Body)
	})
	huma.Register(d.api, op("DELETE", ofThread+"/{mode}", "deleteThreadDraft", "Throw such a draft away"), func(ctx context.Context, in *removeThreadDraftIn) (*struct{}, error) {
		return nil, d.removeDraft(ctx, in.place(), in.IfMatch)
	})
	huma.Register(d.api, op("GET", fresh, "getDraft", "A draft of a message that shall begin a thread"), d.freshDraft)
	huma.Register(d.api, put(fresh, "putDraft", "Keep what the caller is writing to begin a thread"), func(ctx context.Context, in *putNewDraftIn) (*draftOut, error) {
		p, err := in.place()
		if err != nil {
			return nil, err
		}
		return d.putDraft(ctx, p, in.IfMatch, in.Body)
	})
	huma.Register(d.api, op("DELETE", fresh, "deleteDraft", "Throw such a draft away"), func(ctx context.Context, in *removeNewDraftIn) (*struct{}, error) {
		p, err := in.place()
		if err != nil {
			return nil, err
		}
		return nil, d.removeDraft(ctx, p, in.IfMatch)
	})
}

func (t ThreadDraft) place() store.DraftPlace {
	return store.DraftPlace{Thread: t.Thread, Mode: t.Mode}
}

var draftID = regexp.MustCompile(`^[0-9a-z]{10,40}$`)

func (n NewDraft) place() (store.DraftPlace, error) {
	if !draftID.MatchString(n.Draft) {
		return store.DraftPlace{}, fault.New(fault.Invalid, "A draft's id has 10 to 40 lower-case letters and digits.")
	}
	return store.DraftPlace{ID: n.Draft, Mode: store.DraftNew}, nil
}

// tagOf reads If-Match: "" for none, "*" for any.
func tagOf(header string) string {
	return strings.Trim(strings.TrimSpace(header), `"`)
}

func draftChanged(err error) error {
	if fault.Is(err, fault.Conflict) {
		return &problem.WithStatus{Status: http.StatusPreconditionFailed, Err: err}
	}
	return err
}

func (d *door) putDraft(ctx context.Context, p store.DraftPlace, ifMatch string, b draftBody) (*draftOut, error) {
	draft := store.Draft{
		DraftPlace: p, Account: b.Account, Text: b.Text, HTML: b.HTML, To: b.To, Cc: b.Cc, Bcc: b.Bcc, Subject: b.Subject, Attachments: b.Attachments,
		Forwards: b.Forwards, LeaveOut: b.LeaveOut,
	}
	raw, err := json.Marshal(draft)
	if err != nil {
		return nil, err
	}
	if len(raw) > limit.DraftBytes {
		return nil, fault.New(fault.Invalid, "A draft has at most %d bytes, not %d. It can still be sent, but is not kept here.", limit.DraftBytes, len(raw))
	}
	draft, err = d.store.Drafts.Put(ctx, caller(ctx).ID, tagOf(ifMatch), draft)
	return &draftOut{`"` + draft.Tag + `"`, draft}, draftChanged(err)
}

func (d *door) removeDraft(ctx context.Context, p store.DraftPlace, ifMatch string) error {
	tag := tagOf(ifMatch)
	if tag == "" {
		tag = "*"
	}
	return draftChanged(d.store.Drafts.Remove(ctx, caller(ctx).ID, tag, p))
}

func (d *door) freshDraft(ctx context.Context, in *NewDraft) (*draftOut, error) {
	p, err := in.place()
	if err != nil {
		return nil, err
	}
	found, err := d.store.Drafts.Get(ctx, caller(ctx).ID, p)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "There is no such draft.")
	}
	if err != nil {
		return nil, err
	}
	return &draftOut{`"` + found[0].Tag + `"`, found[0]}, nil
}

func (d *door) threadDrafts(ctx context.Context, in *threadIn) (*draftsOut, error) {
	var places []store.DraftPlace
	for _, mode := range []string{store.DraftReply, store.DraftNote, store.DraftForward} {
		places = append(places, store.DraftPlace{Thread: in.Thread, Mode: mode})
	}
	found, err := d.store.Drafts.Get(ctx, caller(ctx).ID, places...)
	out := &draftsOut{}
	out.Body.Drafts = orEmpty(found)
	return out, err
}

func (d *door) listDrafts(ctx context.Context, in *draftsIn) (*draftPageOut, error) {
	list, next, err := d.store.Drafts.Page(ctx, caller(ctx).ID, in.Cursor, limit.DraftPage)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, draft := range list {
		if draft.Thread != "" {
			ids = append(ids, draft.Thread)
		}
	}
	heads, err := d.store.Threads.Heads(ctx, ids...)
	if err != nil {
		return nil, err
	}
	access, err := d.store.Settings.Access(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	out := &draftPageOut{}
	out.Body.Drafts, out.Body.Next = []listedDraft{}, next
	for _, draft := range list {
		text := draft.Text
		if draft.HTML != "" {
			text = email.TextOf(draft.HTML)
		}
		l := listedDraft{
			DraftPlace: draft.DraftPlace, Account: draft.Account, Subject: draft.Subject, To: draft.To, Preview: inbox.Preview(text), At: draft.At, Tag: draft.Tag,
		}
		if h, ok := heads[draft.Thread]; ok && access.Sees(h.Inbox) { // who lost the inbox keeps the draft alone
			s := h.Summary()
			l.Head = &s
		}
		out.Body.Drafts = append(out.Body.Drafts, l)
	}
	return out, nil
}
