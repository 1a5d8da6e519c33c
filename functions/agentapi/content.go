package agentapi

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/limit"
)

type entryIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Seq    int64  `path:"seq" minimum:"1"`
}

type rawEntryIn struct {
	Thread   string `path:"thread" maxLength:"64"`
	Seq      int64  `path:"seq" minimum:"1"`
	Download bool   `query:"download" doc:"For a link that saves the mail as a file, instead of showing it."`
}

type attachmentIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Seq    int64  `path:"seq" minimum:"1"`
	N      int    `path:"n" minimum:"0" doc:"Index in the message's attachments."`
}

type bodyOut struct {
	Body struct {
		Text string `json:"text"`
		HTML string `json:"html" doc:"Sanitised; empty if the message had none. The addresses of its images are short-lived links: to files for those it brought along, to /api/image of this origin for remote ones."`

		Images remoteImages `json:"images"`
	}
}

type linkOut struct {
	Body struct {
		URL string `json:"url" doc:"Good for 15 minutes, without a token."`
	}
}

func (d *door) registerContent() {
	const entry = "/api/threads/{thread}/entries/{seq}"
	huma.Register(d.api, op("GET", entry+"/body", "getBody", "The whole text of a message or comment"), d.body)
	huma.Register(d.api, op("GET", entry+"/raw", "getRaw", "A link to the mail as it came"), d.raw)
	huma.Register(d.api, op("GET", entry+"/attachments/{n}", "getAttachment", "A link to an attachment"), d.attachment)
}

// content is what a message or comment carries.
type content struct {
	body        events.Body
	attachments []events.Attachment
	raw         string
}

func (d *door) content(ctx context.Context, thread string, seq int64) (content, error) {
	e, err := d.entry(ctx, thread, seq)
	switch {
	case err != nil:
		return content{}, err
	case e.Received != nil:
		c := content{body: e.Received.Body, attachments: e.Received.Attachments}
		if e.Received.Email != nil {
			c.raw = e.Received.Email.Raw
		}
		return c, nil
	case e.Sent != nil:
		return content{body: e.Sent.Body, attachments: e.Sent.Attachments}, nil
	case e.Comment != nil:
		return content{body: e.Comment.Body}, nil
	case e.Bounced != nil:
		return content{raw: e.Bounced.Raw}, nil
	case e.Complained != nil:
		return content{raw: e.Complained.Raw}, nil
	}
	return content{}, fault.New(fault.NotFound, "This entry is not a message or comment.")
}

func (d *door) body(ctx context.Context, in *entryIn) (*bodyOut, error) {
	c, err := d.content(ctx, in.Thread, in.Seq)
	if err != nil {
		return nil, err
	}
	out := &bodyOut{}
	text, page, err := d.bodyOf(ctx, c.body)
	if err != nil {
		return nil, err
	}
	if out.Body.HTML, out.Body.Images, err = d.linkImages(ctx, page, c.attachments); err != nil {
		return nil, err
	}
	out.Body.Text = fitting(text, bodyMost-jsonSize(out.Body.HTML))
	return out, nil
}

// bodyOf reads a body, wherever its parts stand.
func (d *door) bodyOf(ctx context.Context, b events.Body) (text, page string, err error) {
	text = b.Text
	if b.TextRef != "" {
		raw, _, err := d.files.Get(ctx, b.TextRef)
		if err != nil {
			return "", "", err
		}
		text = string(raw)
	}
	if b.HTMLRef == "" {
		return text, "", nil
	}
	raw, _, err := d.files.Get(ctx, b.HTMLRef)
	return text, string(raw), err
}

// bodyMost is how many bytes of JSON text and HTML of a message may be together: in base64 they must fit Lambda's answer of 6 MB.
const bodyMost = limit.APIBodyBytes*3/4 - 64<<10

// fitting cuts a text that would not fit. It takes a text that nobody would read: two megabytes of quotes, beside HTML of as many. The whole
// of it is in the original.
func fitting(text string, room int) string {
	if jsonSize(text) <= room {
		return text
	}
	for i, r := range text {
		if room -= jsonSize(string(r)); room < 0 {
			return text[:i]
		}
	}
	return text
}

// jsonSize is how long a text is in JSON.
func jsonSize(s string) int {
	n := 0
	for i, r := range s {
		switch {
		case r < ' ', r == '\u2028', r == '\u2029', r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			n += len(`\u0000`)
		case r == '"', r == '\\':
			n += 2
		default:
			n += utf8.RuneLen(r)
		}
	}
	return n
}

func (d *door) raw(ctx context.Context, in *rawEntryIn) (*linkOut, error) {
	c, err := d.content(ctx, in.Thread, in.Seq)
	if err != nil {
		return nil, err
	}
	if c.raw == "" {
		return nil, fault.New(fault.NotFound, "This entry did not come by mail.")
	}
	return d.rawLink(ctx, c.raw, in.Download)
}

// rawLink is a link to a mail as it came.
func (d *door) rawLink(ctx context.Context, key string, download bool) (*linkOut, error) {
	name := ""
	if download {
		name = "message.eml"
	}
	out := &linkOut{}
	var err error
	out.Body.URL, err = d.mail.Link(ctx, key, name, limit.LinkLife)
	return out, err
}

func (d *door) attachment(ctx context.Context, in *attachmentIn) (*linkOut, error) {
	c, err := d.content(ctx, in.Thread, in.Seq)
	if err != nil {
		return nil, err
	}
	if in.N >= len(c.attachments) {
		return nil, fault.New(fault.NotFound, "There is no such attachment.")
	}
	a := c.attachments[in.N]
	name := a.Name
	if name == "" {
		name = "attachment"
	}
	out := &linkOut{}
	out.Body.URL, err = d.files.Link(ctx, a.Ref, name, limit.LinkLife)
	return out, err
}
