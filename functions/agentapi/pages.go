package agentapi

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/inbox"
	"parley/shared/limit"
)

type pagesOut struct {
	Body struct {
		Pages []seenPage `json:"pages" doc:"The newest first, each once, at most ten; only of conversations that the caller sees."`
	}
}

// seenPage is a page of the team's website on which somebody wrote.
type seenPage struct {
	URL   string    `json:"url"`
	Title string    `json:"title,omitempty"`
	At    time.Time `json:"at" doc:"When they last wrote there."`
}

func (d *door) registerPages() {
	huma.Register(d.api, op("GET", "/api/contacts/{contact}/pages", "listPages", "Pages of the website on which a contact wrote, in the newest conversations"), d.pages)
}

// pages looks at the newest lines of the newest chats: nobody is followed over the website, so where they wrote is all that is known.
func (d *door) pages(ctx context.Context, in *contactRef) (*pagesOut, error) {
	c, err := d.person(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	access, err := d.store.Settings.Access(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	threads, _, err := d.store.Threads.Of(ctx, c.IDs(), "", limit.PagesLooked)
	if err != nil {
		return nil, err
	}
	out := &pagesOut{}
	out.Body.Pages = []seenPage{}
	seen := map[string]bool{}
	for _, t := range threads {
		if t.Channel != inbox.ChannelChat || !access.Sees(t.Inbox) {
			continue
		}
		log, err := d.store.Threads.Entries(ctx, t.ID, t.Seq-limit.EntryPage+1, t.Seq)
		if err != nil {
			return nil, err
		}
		for i := len(log) - 1; i >= 0 && len(out.Body.Pages) < limit.SuggestPage; i-- {
			e, err := inbox.EntryOf(log[i])
			if err != nil {
				return nil, err
			}
			if m := e.Received; m != nil && m.Chat != nil && m.Chat.Page != "" && !seen[m.Chat.Page] {
				seen[m.Chat.Page] = true
				out.Body.Pages = append(out.Body.Pages, seenPage{m.Chat.Page, m.Chat.Title, e.At})
			}
		}
	}
	return out, nil
}
