package agentapi

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"parley/events"
	"parley/shared/limit"
	"parley/shared/remote"
	"parley/shared/secret"
)

// remoteImages says which pictures of a message lie on servers of strangers. Whoever loads one tells its sender that the message was opened.
type remoteImages struct {
	Count int      `json:"count" doc:"Remote images in html. Their addresses lead to imageproxy, which fetches them when they are asked for, and not before."`
	Hosts []string `json:"hosts" doc:"The servers they lie on, each once, at most 20."`
}

const hostsNamed = 20

// pictures gives the images of a message addresses that a page can load.
type pictures struct {
	door        *door
	attachments []events.Attachment
	links       map[string]string // by content id
	sign        func(address string) string
	room        int // bytes of links left
	found       remoteImages
}

// linkImages makes images loadable: those that a message brought along (cid: URLs, RFC 2392) by links to their files, remote ones by signed
// links to imageproxy, relative to our origin. An image that it did not bring keeps its URL. A remote one that is too many, or whose
// address is too long, loses its own; so does one that says itself that nobody can see it.
func (d *door) linkImages(ctx context.Context, page string, attachments []events.Attachment) (string, remoteImages, error) {
	p := pictures{door: d, attachments: attachments, links: map[string]string{}, room: limit.ImageLinks, found: remoteImages{Hosts: []string{}}}
	if !strings.Contains(page, "<img ") { // as Sanitise writes it
		return page, p.found, nil
	}
	page, err := eachTag(page, func(tag *html.Token) (bool, error) { return p.link(ctx, tag) })
	return page, p.found, err
}

// eachTag shows every tag that opens something to change, which reports whether it changed it. What it does not change stays as it was written.
func eachTag(page string, change func(*html.Token) (bool, error)) (string, error) {
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
		tag := z.Token()
		changed, err := change(&tag)
		if err != nil {
			return "", err
		}
		if changed {
			raw = tag.String()
		}
		out.WriteString(raw)
	}
}

// link changes the address of an img, and reports whether it did.
func (p *pictures) link(ctx context.Context, tag *html.Token) (bool, error) {
	i := slices.IndexFunc(tag.Attr, func(a html.Attribute) bool { return a.Key == "src" })
	if tag.Data != "img" || i < 0 {
		return false, nil
	}
	src, to := tag.Attr[i].Val, ""
	if id, ok := contentID(src); ok {
		var err error
		if to, err = p.own(ctx, id); err != nil || to == "" {
			return false, err
		}
	} else if u, err := url.Parse(src); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		if !unseen(tag.Attr) {
			if to, err = p.remote(ctx, src, u.Hostname()); err != nil {
				return false, err
			}
		}
	} else {
		return false, nil // a data: URL
	}
	if to == "" {
		tag.Attr = slices.Delete(tag.Attr, i, i+1)
		return true, nil
	}
	tag.Attr[i].Val = to
	return true, nil
}

// remote is the signed link of a remote image, "" if there is to be none.
func (p *pictures) remote(ctx context.Context, address, host string) (string, error) {
	if p.sign == nil {
		key, err := p.door.secrets.Key(ctx, secret.ImageSigningKey)
		if err != nil {
			return "", err
		}
		signer, now := remote.NewSigner(key), p.door.now()
		p.sign = func(address string) string { return signer.Link(address, now) }
	}
	link := p.sign(address)
	if p.room -= len(link); link == "" || p.room < 0 || p.found.Count == limit.ImagesPerMail {
		return "", nil
	}
	p.found.Count++
	if len(p.found.Hosts) < hostsNamed && !slices.Contains(p.found.Hosts, host) {
		p.found.Hosts = append(p.found.Hosts, host)
	}
	return link, nil
}

// own is the link to the file of an image that the message brought along, "" if it did not.
func (p *pictures) own(ctx context.Context, id string) (string, error) {
	if link, ok := p.links[id]; ok {
		return link, nil
	}
	for _, a := range p.attachments {
		if a.ContentID == id && a.Ref != "" {
			link, err := p.door.files.Link(ctx, a.Ref, a.Name, limit.LinkLife)
			if err != nil {
				return "", err
			}
			p.links[id] = link
			return link, nil
		}
	}
	p.links[id] = ""
	return "", nil
}

// unseen reports whether an image is one pixel or none by its own words: it is there to be fetched, not to be seen.
func unseen(attrs []html.Attribute) bool {
	dot := 0
	for _, a := range attrs {
		if v := strings.TrimSuffix(strings.TrimSpace(a.Val), "px"); (a.Key == "width" || a.Key == "height") && (v == "0" || v == "1") {
			dot++
		}
	}
	return dot == 2
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
