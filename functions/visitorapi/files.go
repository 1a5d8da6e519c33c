package visitorapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/limit"
	"parley/shared/store"
)

type fileIn struct {
	Account string `path:"account" maxLength:"64"`
	File    string `path:"file" maxLength:"64"`
}

type fileOut struct {
	Status       int
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Location     string `header:"Location"`
	Body         []byte
}

func (d *door) registerFiles() {
	huma.Register(d.api, op("GET", "/file/{file}", "getFile", "A file of a bot's: a picture, or the way to a download"), d.file)
}

// file gives out what a bot gives away. It asks for no token: a link and a picture cannot carry one, the answer has to open from a log that is weeks
// old, and what a bot says is public anyway: whoever opens the chat is told the opening. What guards a file that no bot names yet is its id of
// 128 random bits.
//
// A picture comes from our own origin, so that pages which allow pictures of their chat show it (an answer that leads on to the bucket is held
// against img-src too); its type is one of four that cannot run, found in its bytes. All else is downloaded from the bucket's origin, whatever
// it says it is.
func (d *door) file(ctx context.Context, in *fileIn) (*fileOut, error) {
	f, err := d.store.Bots.File(ctx, in.Account, in.File)
	if err != nil {
		return nil, err
	}
	key := store.BotFileKey(f.ID)
	if f.Picture {
		raw, _, err := d.files.Get(ctx, key)
		return &fileOut{Status: http.StatusOK, ContentType: f.Type, CacheControl: "public, max-age=31536000, immutable", Body: raw}, err
	}
	to, err := d.files.Link(ctx, key, f.Name, limit.LinkLife)
	return &fileOut{Status: http.StatusFound, Location: to, CacheControl: "no-store"}, err
}
