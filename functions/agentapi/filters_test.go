package agentapi_test

import "testing"

// TestFiltersOfTwoAdmins: who changes one rule leaves the others as somebody else has just set them.
func TestFiltersOfTwoAdmins(t *testing.T) {
	w := newWorld(t)
	at := "/api/inboxes/" + w.inbox + "/filters"
	var before, after struct {
		Rules map[string]bool `json:"rules"`
		Rate  int             `json:"rate"`
	}
	w.mara("GET", at, "").into(200, &before)
	w.mara("PATCH", at, `{"rules":{"roles":true}}`).into(200, &after)
	w.mara("PATCH", at, `{"rate":7}`).into(200, &after)
	w.mara("PATCH", at, `{"rules":{"marketing":true,"roles":false}}`).into(200, &after)
	w.mara("PATCH", at, `{}`).into(200, &after)
	if after.Rules["roles"] || !after.Rules["marketing"] || after.Rate != 7 || after.Rules["auto"] != before.Rules["auto"] {
		t.Errorf("from %+v to %+v", before, after)
	}
	w.mara("PATCH", at, `{"rate":-1}`).refused(422, "invalid")
}
