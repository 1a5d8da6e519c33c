package agentapi_test

import (
	"testing"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/people"
)

// Whoever looked before somebody else changed filters, a property or a tag is told, and overwrites nothing.
func TestSettingsOfAnOlderRevision(t *testing.T) {
	w := newWorld(t)
	path := "/api/inboxes/" + w.inbox + "/filters"
	var f struct {
		Rules    map[string]bool
		Rate     int
		Revision int64
	}
	if a := w.mara("GET", path, "").into(200, &f); a.headers["etag"] != `"0"` || f.Revision != 0 {
		t.Errorf("nobody set any up: %+v %v", f, a.headers)
	}
	const strict = `{"rules":{"auto":true,"marketing":true,"roles":false,"unsubscribe":false},"rate":5}`
	if a := w.mara("PUT", path, strict, "If-Match", `"0"`).into(200, &f); a.headers["etag"] != `"1"` || f.Revision != 1 || f.Rate != 5 {
		t.Errorf("%+v %v", f, a.headers)
	}
	w.mara("PUT", path, `{"rules":{"auto":false,"marketing":false,"roles":false,"unsubscribe":false},"rate":0}`, "If-Match", `"0"`).refused(412, fault.Conflict)
	if w.mara("GET", path, "").into(200, &f); !f.Rules["auto"] || f.Rate != 5 {
		t.Errorf("%+v", f)
	}
	var p people.Property
	title := "/api/properties/contact/title" // one that stands nowhere yet
	if a := w.mara("PUT", title, `{"name":"Post"}`, "If-Match", `"0"`).into(200, &p); a.headers["etag"] != `"1"` || p.Revision != 1 {
		t.Errorf("%+v %v", p, a.headers)
	}
	w.mara("PUT", title, `{"name":"Title"}`, "If-Match", `"0"`).refused(412, fault.Conflict)
	if w.mara("PUT", title, `{"name":"Rank"}`, "If-Match", `"1"`).into(200, &p); p.Revision != 2 || p.Name != "Rank" {
		t.Errorf("%+v", p)
	}
	var all struct{ Properties []people.Property }
	w.mara("GET", "/api/properties", "").into(200, &all)
	if got, _ := people.Find(all.Properties, "contact", "title"); got.Revision != 2 || got.Name != "Rank" {
		t.Errorf("%+v", got)
	}
	var tag inbox.Tag
	w.mara("POST", "/api/tags", `{"name":"urgent"}`).into(201, &tag)
	tags := "/api/tags/" + tag.ID
	if a := w.mara("PUT", tags, `{"name":"rush"}`, "If-Match", `"1"`).into(200, &tag); a.headers["etag"] != `"2"` || tag.Revision != 2 {
		t.Errorf("%+v %v", tag, a.headers)
	}
	w.mara("PUT", tags, `{"name":"slow"}`, "If-Match", `"1"`).refused(412, fault.Conflict)
}
