package agentapi_test

import (
	"fmt"
	"testing"
	"time"

	"parley/events"
	"parley/shared/article"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

func TestArticlesAreWrittenPublishedAndTried(t *testing.T) {
	w := newWorld(t)
	w.mara("GET", "/api/me", "").into(200, nil)
	tried := func(q string) []article.Hit {
		t.Helper()
		var got struct{ Hits []article.Hit }
		w.mara("POST", "/api/articles/try", fmt.Sprintf(`{"query":%q}`, q)).into(200, &got)
		return got.Hits
	}
	var a article.Article
	one := w.mara("POST", "/api/articles", `{"title":" Returning  an item ","text":"Within 30 days.\r\n","language":"en","published":false}`).into(201, &a)
	if a.Title != "Returning an item" || a.Text != "Within 30 days." || a.By.ID != "mara" || a.At.IsZero() || a.Version != 1 {
		t.Errorf("%+v", a)
	}
	if hits := tried("how do I return this"); len(hits) != 0 {
		t.Errorf("a draft answers: %+v", hits)
	}
	for _, bad := range []string{
		`{"title":"","text":"x","published":true}`, `{"title":"x","text":"  ","published":true}`, `{"title":"x","text":"x","language":"xx","published":true}`,
	} {
		w.mara("POST", "/api/articles", bad).refused(422, fault.Invalid)
	}
	const open = `{"title":"Returning an item","text":"Within 30 days.","language":"en","published":true}`
	w.mara("PUT", "/api/articles/"+a.ID, open, "If-Match", one.headers["etag"]).into(200, &a)
	w.mara("PUT", "/api/articles/"+a.ID, open, "If-Match", one.headers["etag"]).refused(412, fault.Conflict)
	w.mara("PUT", "/api/articles/none", open, "If-Match", one.headers["etag"]).refused(404, fault.NotFound)
	if hits := tried("how do I return this"); len(hits) != 1 || hits[0].Article.ID != a.ID || hits[0].Score < article.Threshold {
		t.Errorf("%+v", hits)
	}
	if hits := tried("the weather"); len(hits) != 0 {
		t.Errorf("%+v", hits)
	}
	w.mara("DELETE", "/api/articles/"+a.ID, "").into(204, nil)
	w.mara("DELETE", "/api/articles/"+a.ID, "").into(204, nil)
	if hits := tried("how do I return this"); len(hits) != 0 {
		t.Errorf("%+v", hits)
	}
	var log struct{ Changes []store.Change }
	w.mara("GET", "/api/changes", "").into(200, &log)
	did := []string{}
	for _, c := range log.Changes {
		if c.What == "article" {
			did = append(did, c.Did)
		}
	}
	if fmt.Sprint(did) != "[deleted edited created]" {
		t.Errorf("%v", did)
	}
}

func TestArticlesAreOfManagersAndBounded(t *testing.T) {
	w := newWorld(t)
	w.mara("GET", "/api/me", "").into(200, nil)
	by := events.Actor{Kind: events.Agent, ID: "mara"}
	for id, role := range map[string]inbox.Role{"mia": inbox.Manager, "ada": inbox.Agent} {
		if _, err := w.store.Settings.Invited(ctx, by, store.User{ID: id, Name: id, Email: id + "@parley.example", Role: role}); err != nil {
			t.Fatal(err)
		}
	}
	w.later += 20 * time.Second
	const body = `{"title":"x","text":"x","published":true}`
	w.call(call{method: "POST", path: "/api/articles", user: "ada", body: body}).refused(403, fault.Denied)
	w.call(call{method: "GET", path: "/api/articles", user: "ada"}).into(200, nil)
	w.call(call{method: "POST", path: "/api/articles", user: "mia", body: body}).into(201, nil)
	for n := range limit.Articles - 1 {
		if _, err := w.store.Articles.Put(ctx, by, article.Article{Title: fmt.Sprint("article ", n), Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	w.call(call{method: "POST", path: "/api/articles", user: "mia", body: body}).refused(422, fault.Invalid)
}
