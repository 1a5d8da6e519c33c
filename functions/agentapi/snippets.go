package agentapi

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
)

type snippetBody struct {
	Shortcut string   `json:"shortcut" minLength:"1" maxLength:"40" doc:"What is typed behind the #: letters, digits, - and _."`
	Title    string   `json:"title" maxLength:"100"`
	Text     string   `json:"text" doc:"Plain text, with tokens: {{contact.firstName|there}}."`
	HTML     string   `json:"html,omitempty" doc:"The same as rich text; it is sanitised."`
	Inboxes  []string `json:"inboxes,omitempty" maxItems:"100" doc:"Where it is offered; none for everywhere."`
}

type (
	snippetsOut struct {
		Body struct {
			Snippets []inbox.Snippet `json:"snippets" doc:"By shortcut."`
			Tokens   []string        `json:"tokens" doc:"Names that tokens may have."`
		}
	}
	newSnippetIn struct{ Body snippetBody }
	putSnippetIn struct {
		Snippet string `path:"snippet" maxLength:"64"`
		IfMatch string `header:"If-Match" required:"true" doc:"The ETag of the snippet, or its revision, quoted: 412 once somebody else has changed it."`
		Body    snippetBody
	}
	snippetRef struct {
		Snippet string `path:"snippet" maxLength:"64"`
	}
	snippetOut struct {
		ETag string `header:"ETag"`
		Body inbox.Snippet
	}
	fillIn struct {
		Thread  string `path:"thread" maxLength:"64"`
		Snippet string `path:"snippet" maxLength:"64"`
	}
	fillOut struct {
		Body struct {
			Text    string   `json:"text"`
			HTML    string   `json:"html"`
			Missing []string `json:"missing" doc:"Tokens that have no value here and no words of their own: they were left out."`
		}
	}
)

type tagBody struct {
	Name   string `json:"name" minLength:"1" maxLength:"60"`
	Colour string `json:"colour,omitempty" enum:",red,amber,green,blue,violet,grey"`
}

type (
	tagsOut struct {
		Body struct {
			Tags []inbox.Tag `json:"tags" doc:"By name."`
		}
	}
	newTagIn struct{ Body tagBody }
	putTagIn struct {
		Tag     string `path:"tag" maxLength:"64"`
		IfMatch string `header:"If-Match" doc:"An ETag of the tag, or its revision, quoted: refused with 412 once somebody else has changed it."`
		Body    tagBody
	}
	tagRef struct {
		Tag string `path:"tag" maxLength:"64"`
	}
	tagOut struct {
		ETag string `header:"ETag" doc:"The tag's revision, quoted: for If-Match."`
		Body inbox.Tag
	}
)

func (d *door) registerSnippets() {
	const snippet, tag = "/api/snippets/{snippet}", "/api/tags/{tag}"
	huma.Register(d.api, op("GET", "/api/snippets", "listSnippets", "Texts that are kept for messages"), d.snippets)
	huma.Register(d.api, created(op("POST", "/api/snippets", "createSnippet", "Keep a text")), d.newSnippet)
	huma.Register(d.api, op("PUT", snippet, "putSnippet", "Change a kept text"), d.putSnippet)
	huma.Register(d.api, op("DELETE", snippet, "deleteSnippet", "Remove a kept text"), d.deleteSnippet)
	huma.Register(d.api, op("GET", "/api/threads/{thread}/snippets/{snippet}", "fillSnippet", "A kept text with its tokens filled for a thread"), d.fillSnippet)
	huma.Register(d.api, op("GET", "/api/tags", "listTags", "The workspace's tags"), d.tags)
	huma.Register(d.api, created(op("POST", "/api/tags", "createTag", "Make a tag; one of that name is answered as it is")), d.newTag)
	huma.Register(d.api, op("PUT", tag, "putTag", "Change a tag's name or colour"), d.putTag)
	huma.Register(d.api, op("DELETE", tag, "deleteTag", "Remove a tag; threads that have it keep its name"), d.deleteTag)
}

func (d *door) snippets(ctx context.Context, _ *struct{}) (*snippetsOut, error) {
	list, err := d.store.Settings.Snippets(ctx)
	out := &snippetsOut{}
	out.Body.Snippets, out.Body.Tokens = orEmpty(list), inbox.Tokens()
	return out, err
}

func (b snippetBody) snippet(id string, revision int64) inbox.Snippet {
	return inbox.Snippet{
		ID: id, Shortcut: strings.TrimPrefix(strings.TrimSpace(b.Shortcut), "#"), Title: strings.Join(strings.Fields(b.Title), " "),
		Text: b.Text, HTML: strings.TrimSpace(email.Sanitise(b.HTML)), Inboxes: b.Inboxes, Revision: revision,
	}
}

func (d *door) newSnippet(ctx context.Context, in *newSnippetIn) (*snippetOut, error) {
	v, err := d.store.Settings.PutSnippet(ctx, agent(caller(ctx)), in.Body.snippet("", 0))
	return &snippetOut{etag(v.Revision), v}, err
}

func (d *door) putSnippet(ctx context.Context, in *putSnippetIn) (*snippetOut, error) {
	old, err := d.store.Settings.Snippet(ctx, in.Snippet)
	if err != nil {
		return nil, err
	}
	if !matches(in.IfMatch, old.Revision) {
		return nil, settingChanged()
	}
	v, err := d.store.Settings.PutSnippet(ctx, agent(caller(ctx)), in.Body.snippet(in.Snippet, old.Revision))
	return &snippetOut{etag(v.Revision), v}, err
}

func (d *door) deleteSnippet(ctx context.Context, in *snippetRef) (*struct{}, error) {
	return nil, d.store.Settings.DeleteSnippet(ctx, agent(caller(ctx)), in.Snippet)
}

// fillSnippet puts what is known of the thread and the caller in the place of tokens.
func (d *door) fillSnippet(ctx context.Context, in *fillIn) (*fillOut, error) {
	s, err := d.store.Settings.Snippet(ctx, in.Snippet)
	if err != nil {
		return nil, err
	}
	head, err := d.store.Threads.Head(ctx, in.Thread)
	if err != nil {
		return nil, err
	}
	place, err := d.store.Settings.Inbox(ctx, head.Inbox)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	u := caller(ctx)
	values := map[string]string{
		"contact.name": head.Contact.Name, "contact.firstName": inbox.FirstName(head.Contact.Name), "contact.email": head.Contact.Address,
		"agent.name": u.Name, "agent.firstName": inbox.FirstName(u.Name), "agent.meeting": u.Meeting, "thread.subject": head.Subject, "inbox.name": place.Name,
	}
	out := &fillOut{}
	b := &out.Body
	b.Text, b.Missing = inbox.Fill(s.Text, values)
	b.HTML, _ = inbox.FillHTML(s.HTML, values)
	b.Missing = orEmpty(b.Missing)
	return out, nil
}

func (d *door) tags(ctx context.Context, _ *struct{}) (*tagsOut, error) {
	list, err := d.store.Settings.Tags(ctx)
	out := &tagsOut{}
	out.Body.Tags = orEmpty(list)
	return out, err
}

func (d *door) newTag(ctx context.Context, in *newTagIn) (*tagOut, error) {
	return d.saveTag(ctx, "", "", in.Body)
}

func (d *door) putTag(ctx context.Context, in *putTagIn) (*tagOut, error) {
	return d.saveTag(ctx, in.Tag, in.IfMatch, in.Body)
}

func (d *door) saveTag(ctx context.Context, id, ifMatch string, b tagBody) (*tagOut, error) {
	name, err := inbox.CleanTag(b.Name)
	if err != nil {
		return nil, err
	}
	t, err := d.store.Settings.ChangeTag(ctx, agent(caller(ctx)), id, name, b.Colour, unchanged(ifMatch))
	return &tagOut{etag(t.Revision), t}, err
}

func (d *door) deleteTag(ctx context.Context, in *tagRef) (*struct{}, error) {
	return nil, d.store.Settings.DeleteTag(ctx, agent(caller(ctx)), in.Tag)
}
