package agentapi

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/mailer"
	"parley/shared/store"
)

type keepBotFileIn struct {
	Account string `path:"account" maxLength:"64"`
	Flow    string `path:"flow" maxLength:"64"`
	Body    struct {
		Upload string `json:"upload" maxLength:"64" doc:"Id of createUpload."`
		Name   string `json:"name" doc:"As visitors are to see it, at most 255 bytes."`
	}
}

type botFileOut struct{ Body events.BotFile }

func (d *door) registerBotFiles() {
	keep := op("POST", "/api/chats/{account}/flows/{flow}/bot/files", "keepBotFile", "Keep an upload as a file that bots of the chat give to visitors")
	keep.DefaultStatus = 201
	huma.Register(d.api, keep, d.keepBotFile)
}

// shownTypes are what a browser may show of a bot's files; all else is downloaded.
var shownTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// keepBotFile copies an upload to where it stays, so that whoever still holds the signed address of the upload cannot change what was checked. Its id
// is the key to it (functions/visitorapi/files.go says why that is enough), so it is drawn and not counted as other ids are.
func (d *door) keepBotFile(ctx context.Context, in *keepBotFileIn) (*botFileOut, error) {
	if _, err := d.botFlow(ctx, in.Account, in.Flow); err != nil {
		return nil, err
	}
	name, err := fileName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	if mailer.Refuses(name) {
		return nil, refusedFile(name)
	}
	from, err := uploadKey(ctx, in.Body.Upload)
	if err != nil {
		return nil, err
	}
	info, err := d.files.Stat(ctx, from)
	if fault.Is(err, fault.NotFound) {
		return nil, missingUpload()
	}
	if err != nil {
		return nil, err
	}
	if info.Size > limit.BotFileBytes {
		return nil, fault.New(fault.Invalid, "%q has %d MB, and a file of a bot at most %d MB. Send a link instead.", name, info.Size>>20, limit.BotFileBytes>>20)
	}
	if err := d.store.Bots.RoomForFile(ctx, in.Account); err != nil {
		return nil, err
	}
	f := events.BotFile{ID: strings.ToLower(rand.Text()), Name: name, Type: mediaType(info.Type), Size: info.Size}
	if err := d.files.Copy(ctx, from, store.BotFileKey(f.ID)); err != nil {
		return nil, err
	}
	if slices.Contains(shownTypes, f.Type) && f.Size <= limit.PictureBytes {
		raw, _, err := d.files.Get(ctx, store.BotFileKey(f.ID))
		if err != nil {
			return nil, err
		}
		if kind := http.DetectContentType(raw); slices.Contains(shownTypes, kind) {
			f.Type, f.Picture = kind, true
		}
	}
	return &botFileOut{f}, d.store.Bots.KeepFile(ctx, in.Account, f)
}
