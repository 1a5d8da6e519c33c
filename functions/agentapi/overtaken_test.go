package agentapi_test

import (
	"testing"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/people"
)

// Whoever looked before somebody else changed a property or a tag is told, and overwrites nothing.
func TestSettingsOfAnOlderRevision(t *testing.T) {
	w := newWorld(t)
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
