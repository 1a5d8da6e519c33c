package agentapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/inbox"
)

// serveOpenAPI serves the description of every operation, built at the first request for it.
func (d *door) serveOpenAPI() http.HandlerFunc {
	spec := sync.OnceValues(func() ([]byte, error) { return json.Marshal(d.api.OpenAPI()) })
	return func(w http.ResponseWriter, r *http.Request) {
		raw, err := spec()
		if err != nil {
			writeError(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(raw)
	}
}

// refine says of answers what Go types cannot: which values a string has, and what may be null. Requests are not touched: their
// checks stand in the tags of their types. A member that is gone panics at start, as any mistake in a registration does.
func refine(schemas map[string]*huma.Schema) {
	values := func(schema, member string, list ...any) { schemas[schema].Properties[member].Enum = list }
	values("Summary", "status", string(inbox.Open), string(inbox.Closed))
	values("Summary", "channel", string(inbox.ChannelEmail))
	values("Account", "channel", string(inbox.ChannelEmail))
	values("Actor", "kind", string(events.Agent), string(events.Visitor), string(events.Bot), string(events.System))
	values("Delivery", "state", string(inbox.DeliveryPending), string(inbox.DeliverySending), string(inbox.DeliverySent),
		string(inbox.DeliveryFailed), string(inbox.DeliveryUnknown))
	values("User", "role", "admin", "agent")
	var facts []any
	for _, name := range events.Types() {
		name, _, _ = strings.Cut(name, " ")
		facts = append(facts, name)
	}
	values("Entry", "type", facts...)
	assigned := schemas["ThreadAssigned"].Properties
	assigned["to"] = &huma.Schema{OneOf: []*huma.Schema{assigned["to"], {Type: "null"}}, Description: "null: nobody owns it any more."}
}
