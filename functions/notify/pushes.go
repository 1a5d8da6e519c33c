package notify

import (
	"cmp"
	"context"
	"strings"

	"parley/shared/notice"
	"parley/shared/store"
)

// headlines are what a device shows first, by language: the words of web/inbox (notice.*), for it may have no page open to say them.
var headlines = map[string]map[notice.Kind]string{
	"en": {
		notice.Mention: "{who} mentioned you", notice.Assigned: "{who} assigned a conversation to you", notice.Reply: "{who} replied",
		notice.ToTeam: "{who} assigned a conversation to your team", notice.New: "New conversation from {who}", "": "Somebody",
	},
	"de": {
		notice.Mention: "{who} hat dich erwähnt", notice.Assigned: "{who} hat dir eine Unterhaltung zugewiesen", notice.Reply: "{who} hat geantwortet",
		notice.ToTeam: "{who} hat deinem Team eine Unterhaltung zugewiesen", notice.New: "Neue Unterhaltung von {who}", "": "Jemand",
	},
}

// textRunes is what a device shows of a text, more or less.
const textRunes = 240

// pushes are what a notice owes to the devices of its user: none while they look at a page, which rings by itself.
func (h *handler) pushes(ctx context.Context, user string, n store.Notice) ([]store.Push, error) {
	devices, err := h.store.Devices.Of(ctx, user)
	if err != nil || len(devices) == 0 {
		return nil, err
	}
	looking, err := h.live.Looking(ctx, user)
	if err != nil || looking {
		return nil, err
	}
	w, err := h.store.Settings.Workspace(ctx)
	if err != nil {
		return nil, err
	}
	words, ok := headlines[w.Language]
	if !ok {
		words = headlines["en"]
	}
	told := store.Told{
		ID: n.ID, Title: strings.ReplaceAll(words[n.Kind], "{who}", short(cmp.Or(n.Who.Name, n.Who.ID, words[""]))),
		Text: strings.Trim(short(n.Subject)+"\n"+short(n.Preview), "\n"), Path: "/inbox/" + n.Inbox + "/open/" + n.Thread,
	}
	return store.Pushes(devices, n, told, n.Kind != notice.New && n.Kind != notice.ToTeam, h.now()), nil
}

func short(s string) string {
	if r := []rune(s); len(r) > textRunes {
		return string(r[:textRunes-1]) + "…"
	}
	return s
}
