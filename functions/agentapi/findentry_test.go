package agentapi_test

import (
	"testing"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

// A list may be longer than a page, so an entry is looked for by its name. One says nothing of another.
func TestFindFilterEntry(t *testing.T) {
	w := newWorld(t)
	if _, err := w.store.Filters.Put(ctx, w.inbox, inbox.Deny, store.Listed{Entry: "shop.example"}); err != nil {
		t.Fatal(err)
	}
	path := "/api/inboxes/" + w.inbox + "/filters/"
	var found store.Listed
	for _, entry := range []string{"shop.example", "Shop.Example", "@shop.example"} {
		w.mara("GET", path+"deny/"+entry, "").into(200, &found)
		if found.Entry != "shop.example" || found.At.IsZero() {
			t.Errorf("%s: %+v", entry, found)
		}
	}
	w.mara("GET", path+"deny/lena@shop.example", "").refused(404, fault.NotFound)
	w.mara("GET", path+"allow/shop.example", "").refused(404, fault.NotFound)
	w.mara("GET", path+"deny/a%20b", "").refused(422, fault.Invalid)
	w.mara("GET", "/api/inboxes/nowhere/filters/deny/shop.example", "").refused(404, fault.NotFound)
}
