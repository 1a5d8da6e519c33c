package agentapi

import (
	"context"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/net/html"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/limit"
)

type entryIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Seq    int64  `path:"seq" minimum:"1"`
}

type attachmentIn struct {
	Thread string `path:"thread" maxLength:"64"`
	Seq    int64  `path:"seq" minimum:"1"`
	N      int    `path:"n" minimum:"0" doc:"Index in the message's attachments."`
}

type bodyOut struct {
	Body struct {
		Text string `json:"text"`
		HTML string `json:"html" doc:"Sanitised; empty if the message had none. Images of the message itself are short-lived links, remote ones stay remote."`
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
	}
	return content{}, fault.New(fault.NotFound, "This entry is not a message or comment.")
}

func (d *door) body(ctx context.Context, in *entryIn) (*bodyOut, error) {
	c, err := d.content(ctx, in.Thread, in.Seq)
	if err != nil {
		return nil, err
	}
	out := &bodyOut{}
	out.Body.Text = c.body.Text
	if c.body.TextRef != "" {
		raw, _, err := d.files.Get(ctx, c.body.TextRef)
		if err != nil {
			return nil, err
		}
		out.Body.Text = string(raw)
	}
	if c.body.HTMLRef != "" {
		raw, _, err := d.files.Get(ctx, c.body.HTMLRef)
		if err != nil {
			return nil, err
		}
		out.Body.HTML, err = d.linkImages(ctx, string(raw), c.attachments)
		return out, err
	}
	return out, nil
}

// linkImages makes the images that a message brought along (cid: URLs, RFC 2392) loadable. One that it did not bring keeps its URL.
func (d *door) linkImages(ctx context.Context, page string, attachments []events.Attachment) (string, error) {
	if !strings.Contains(strings.ToLower(page), "cid:") {
		return page, nil
	}
	links := map[string]string{} // by content id
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.String(), nil // the end: reading a string does not fail otherwise
		}
		raw := string(z.Raw())
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			out.WriteString(raw)
			continue
		}
		tag, changed := z.Token(), false
		for i, a := range tag.Attr {
			id, ok := contentID(a.Val)
			if tag.Data != "img" || a.Key != "src" || !ok {
				continue
			}
			link, err := d.imageLink(ctx, links, id, attachments)
			if err != nil {
				return "", err
			}
			if link != "" {
				tag.Attr[i].Val, changed = link, true
			}
		}
		if changed {
			raw = tag.String()
		}
		out.WriteString(raw)
	}
}

func contentID(src string) (string, bool) {
	if len(src) < 4 || !strings.EqualFold(src[:4], "cid:") {
		return "", false
	}
	id := src[4:]
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	return strings.Trim(id, "<>"), true
}

func (d *door) imageLink(ctx context.Context, links map[string]string, id string, attachments []events.Attachment) (string, error) {
	if link, ok := links[id]; ok {
		return link, nil
	}
	for _, a := range attachments {
		if a.ContentID == id && a.Ref != "" {
			link, err := d.files.Link(ctx, a.Ref, a.Name, limit.LinkLife)
			if err != nil {
				return "", err
			}
			links[id] = link
			return link, nil
		}
	}
	links[id] = ""
	return "", nil
}

func (d *door) raw(ctx context.Context, in *entryIn) (*linkOut, error) {
	c, err := d.content(ctx, in.Thread, in.Seq)
	if err != nil {
		return nil, err
	}
	if c.raw == "" {
		return nil, fault.New(fault.NotFound, "This entry did not come by mail.")
	}
	out := &linkOut{}
	out.Body.URL, err = d.mail.Link(ctx, c.raw, "", limit.LinkLife)
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
