package agentapi

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/limit"
	"parley/shared/notice"
	"parley/shared/store"
)

type noticesIn struct {
	Cursor string `query:"cursor" maxLength:"2048" doc:"next of the page before."`
}

type noticesOut struct {
	Body struct {
		Notices []store.Notice `json:"notices" doc:"The newest first, 25 on a page, of the last 30 days."`
		Next    string         `json:"next" doc:"Empty at the end."`
		Seen    *time.Time     `json:"seen,omitempty" doc:"Up to when the caller has seen them."`
		Unseen  count          `json:"unseen"`
	}
}

type seenIn struct {
	Body struct {
		At time.Time `json:"at" doc:"at of the newest notice that was seen."`
	}
}

type (
	prefsIn  struct{ Body notice.Prefs }
	prefsOut struct{ Body notice.Prefs }
)

func (d *door) registerNotices() {
	huma.Register(d.api, op("GET", "/api/notices", "getNotices", "What the caller was told"), d.notices)
	huma.Register(d.api, op("PUT", "/api/notices/seen", "seeNotices", "Note up to when the caller has seen their notices"), d.seeNotices)
	huma.Register(d.api, op("GET", "/api/me/notifications", "getNotificationPrefs", "What the caller wants to be told, where and when"), d.prefs)
	huma.Register(d.api, op("PUT", "/api/me/notifications", "putNotificationPrefs", "Say what the caller wants to be told"), d.putPrefs)
}

func (d *door) notices(ctx context.Context, in *noticesIn) (*noticesOut, error) {
	user := caller(ctx).ID
	list, next, seen, err := d.store.Notices.List(ctx, user, in.Cursor, limit.NoticePage)
	if err != nil {
		return nil, err
	}
	out := &noticesOut{}
	b := &out.Body
	b.Notices, b.Next, b.Seen = orEmpty(list), next, given(seen)
	b.Unseen.Count, b.Unseen.More, err = d.store.Notices.Unseen(ctx, user, seen)
	return out, err
}

func (d *door) seeNotices(ctx context.Context, in *seenIn) (*struct{}, error) {
	at := in.Body.At
	if now := d.now(); at.After(now) { // what is still to come was not seen
		at = now
	}
	return nil, d.store.Notices.See(ctx, caller(ctx).ID, at)
}

func (d *door) prefs(ctx context.Context, _ *struct{}) (*prefsOut, error) {
	p, err := d.store.Notices.Prefs(ctx, caller(ctx).ID)
	return &prefsOut{p}, err
}

func (d *door) putPrefs(ctx context.Context, in *prefsIn) (*prefsOut, error) {
	p, err := d.store.Notices.SetPrefs(ctx, caller(ctx).ID, in.Body)
	return &prefsOut{p}, err
}
