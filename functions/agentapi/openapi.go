package agentapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/channel"
	"parley/shared/inbox"
	"parley/shared/people"
	"parley/shared/problem"
	"parley/shared/store"
	"parley/shared/tickets"
)

// serveOpenAPI serves the description of every operation, built at the first request for it.
func (d *door) serveOpenAPI() http.HandlerFunc {
	spec := sync.OnceValues(func() ([]byte, error) { return json.Marshal(d.api.OpenAPI()) })
	return func(w http.ResponseWriter, r *http.Request) {
		raw, err := spec()
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(raw)
	}
}

// schemaNames are the names that types of ours have outside: a word may mean two things in two packages.
var schemaNames = map[reflect.Type]string{
	reflect.TypeFor[people.Contact]():   "Person", // Contact is one as facts remember it
	reflect.TypeFor[people.Edit]():      "PersonEdit",
	reflect.TypeFor[people.Alias]():     "PersonAlias",
	reflect.TypeFor[people.Merge]():     "PersonMerge",
	reflect.TypeFor[people.Line]():      "PersonLine",
	reflect.TypeFor[people.Condition](): "ListCondition",
	reflect.TypeFor[people.List]():      "ContactList",
}

// ofBots are types of chatflow whose names mean something else, or nothing, outside of it.
var ofBots = map[string]string{
	"Draft": "BotDraft", "Version": "BotVersion", "Finding": "BotFinding", "Template": "BotTemplate", "Graph": "BotGraph", "Step": "BotStep", "Choice": "BotChoice", "Branch": "BotBranch",
	"Bubble": "BotBubble", "Session": "BotSession", "Input": "BotInput", "World": "BotWorld", "Entry": "BotEntry", "Effect": "BotEffect", "Result": "BotResult",
	"Line": "BotSays", "Mark": "BotMark", "Turn": "BotTurn", "Record": "BotRecord",
}

func schemaName(t reflect.Type, hint string) string {
	if name, ok := schemaNames[t]; ok {
		return name
	}
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if bots, ok := ofBots[name]; ok && t.PkgPath() == "parley/shared/chatflow" {
		return bots
	}
	return name
}

// refine says of answers what Go types cannot: which values a string has, and what may be null. Requests are not touched: their
// checks stand in the tags of their types. A member that is gone panics at start, as any mistake in a registration does.
func refine(schemas map[string]*huma.Schema) {
	values := func(schema, member string, list ...any) { schemas[schema].Properties[member].Enum = list }
	values("Summary", "status", string(inbox.Open), string(inbox.Closed))
	values("Summary", "channel", string(inbox.ChannelEmail), string(inbox.ChannelChat))
	values("Account", "channel", string(inbox.ChannelEmail), string(inbox.ChannelChat))
	values("Account", "state", string(inbox.AccountActive), string(inbox.AccountPaused), string(inbox.AccountDisconnected))
	values("Account", "way", string(inbox.Hosted), string(inbox.Forwarded), string(inbox.Direct))
	values("Account", "fromName", string(inbox.FromAgent), string(inbox.FromFirst), string(inbox.FromTeam))
	values("Account", "sending", string(inbox.SendingPending), string(inbox.SendingVerified), string(inbox.SendingFailed))
	states := []any{string(channel.OK), string(channel.Waiting), string(channel.Wrong), string(channel.Advice), string(channel.Unknown)}
	var codes []any
	for _, c := range channel.Codes() {
		codes = append(codes, c)
	}
	for _, schema := range []string{"Is", "Check", "Record"} {
		values(schema, "state", states...)
	}
	values("Is", "code", codes...)
	values("Check", "code", codes...)
	values("Actor", "kind", string(events.Agent), string(events.Visitor), string(events.Bot), string(events.System))
	values("Delivery", "state", string(inbox.DeliveryHeld), string(inbox.DeliveryPending), string(inbox.DeliverySending), string(inbox.DeliverySent),
		string(inbox.DeliveryFailed), string(inbox.DeliveryUnknown), string(inbox.DeliveryWithdrawn))
	values("Recipient", "state", "pending", "unknown", "sent", "delivered", "delayed", "bounced", "complained", "suppressed", "failed", "withdrawn")
	var reasons []any
	for _, r := range inbox.Reasons() {
		reasons = append(reasons, string(r))
	}
	values("Delivery", "code", reasons...)
	values("Recipient", "code", reasons...)
	values("Draft", "mode", store.DraftReply, store.DraftNote, store.DraftForward, store.DraftNew)
	values("ListedDraft", "mode", store.DraftReply, store.DraftNote, store.DraftForward, store.DraftNew)
	var roles []any
	for _, r := range inbox.Roles() {
		roles = append(roles, string(r))
	}
	values("User", "role", roles...)
	values("RoleView", "role", roles...)
	values("Summary", "priority", string(inbox.Low), string(inbox.Normal), string(inbox.High), string(inbox.Urgent))
	values("Candidate", "why", "away", "full", "hours", "outside", "disabled", "viewer", "turn", "busier", "lot")
	values("Routing", "way", "none", "least", "round", "random", "owner")
	values("Article", "language", "", "de", "en")
	values("Ticket", "stage", string(tickets.New), string(tickets.Waiting), string(tickets.Open), string(tickets.Closed))
	values("ThreadWoken", "cause", "time", "message", "bounce", "agent")
	values("ThreadPrioritised", "priority", string(inbox.Low), string(inbox.Normal), string(inbox.High), string(inbox.Urgent))
	values("Summary", "folder", string(inbox.Inboxed), string(inbox.Filtered), string(inbox.Spam), string(inbox.Trash))
	values("Quarantined", "state", string(store.QuarantineParked), string(store.QuarantineQueued), string(store.QuarantineResolved))
	values("Quarantined", "outcome", string(store.Threaded), string(store.SetAside), string(store.Dropped))
	values("PersonLine", "kind", people.LineNote, people.LineCreated, people.LineChanged, people.LineMerged, people.LineUnmerged, people.LineConsent)
	values("PersonAlias", "kind", people.KindEmail, people.KindPhone, people.KindVisitor, people.KindExternal)
	values("PersonAlias", "how", people.ByMail, people.ByAgent, people.ByImport, people.BySigned, people.ByToken)
	values("ContactList", "sort", "", string(people.ByName), string(people.ByActivity))
	var facts []any
	for _, name := range events.Types() {
		name, _, _ = strings.Cut(name, " ")
		facts = append(facts, name)
	}
	values("Entry", "type", facts...)
	assigned := schemas["ThreadAssigned"].Properties
	assigned["to"] = &huma.Schema{OneOf: []*huma.Schema{assigned["to"], {Type: "null"}}, Description: "null: nobody owns it any more."}
}
