package agentapi_test

import (
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

// who may do what, by the least role, in words of its own: the table of the product is held to this one, so that no row changes by itself.
// A * is the inbox the caller must see, a + one they must belong to, a ! that they must see all.
const matrix = `
viewer  listDevices addDevice deleteDevice getNotices seeNotices getNotificationPrefs putNotificationPrefs
viewer  getMe setSignature putProfile createTicket listUsers listTeams getLoad listRoles getWorkspace getSetup listInboxes listHours listTags
viewer  listSnippets listChannels getChannel listChats getChat tryPage getLedger getBot getBotVersion getBotNumbers listBotTemplates
viewer* getBotWalk countInbox listThreads getThread listEntries getBody getRaw getAttachment markRead getFilters listFilterEntries findFilterEntry
agent   setAvailability createTag createSnippet putSnippet deleteSnippet beginThread bulkThreads listDrafts getDraft putDraft deleteDraft
agent   createUpload getUpload deleteUpload getSuppressed liftSuppression
agent*  getRouting seeMention
agent+  setBot fillSnippet assignThread addComment setContact fileThread setStatus seeUndelivered sendMessage releaseMessage retryMessage withdrawMessage
agent+  tagThread setPriority snoozeThread wakeThread moveThread getThreadDrafts putThreadDraft deleteThreadDraft addFilterEntry removeFilterEntry
agent!  listQuarantine getQuarantined getQuarantinedRaw reprocessQuarantined reprocessQuarantine
manager setCapacity setAvailabilityOf createTeam putTeam deleteTeam createHours putHours deleteHours putTag deleteTag createFlow putFlow
manager deleteFlow orderFlows putBotDraft keepBotFile checkBot driveBot publishBot rollBackBot
viewer  listArticles tryArticles
viewer* listTickets
agent+  makeTicket
agent   putTicket
manager createArticle putArticle deleteArticle
manager* setInboxHours putRouting tryRouting
admin   putWorkspace inviteUser setAccess setRole handOver listChanges createInbox renameInbox setMembers connectChannel editChannel
admin   getIdentitySecret rollIdentitySecret getWebhookKey disconnectChannel checkChannel testChannel dismissConfirmation createChat putWidget
admin*  setFilters
viewer  listContacts searchContacts suggestContacts getContact listPastThreads listPages listTimeline listDuplicates listPairs listLists
viewer  listCompanies getCompany listCompanyThreads listProperties
agent   createContact editContact keepContact addAlias removeAlias keepApart mergeContacts unmergeContacts addNote
agent   editNote deleteNote addConsent createList putList deleteList putOnList takeOffList createCompany editCompany
manager previewImport startImport listImports getImport listBadRows undoImport exportContacts
admin   eraseContact listErasures getErasure createProperty putProperty setHomeCountry
`

var inPath = regexp.MustCompile(`\{[a-z]+\}`)

// TestWhoMayDoWhat calls every operation of the description in every role, inside the inbox that it is about and outside of it. A new operation
// that stands in neither table fails it, as does one whose row says something else.
func TestWhoMayDoWhat(t *testing.T) {
	w := newWorld(t)
	w.mara("GET", "/api/me", "").into(200, nil)
	people := map[string]inbox.Role{"anna": inbox.Admin, "mia": inbox.Manager, "ada": inbox.Agent, "vera": inbox.Viewer}
	by := events.Actor{ID: "mara"}
	for _, in := range []string{"", "-outside"} {
		for id, role := range people {
			if _, err := w.store.Settings.Invited(ctx, by, store.User{ID: id + in, Name: id, Email: id + in + "@parley.example", Role: role}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.store.Settings.ChangeInbox(ctx, by, w.inbox, "members", func(in inbox.Inbox) (inbox.Inbox, error) {
		return in.With(inbox.Members{Users: []string{"mara", "anna", "mia", "ada", "vera"}})
	}); err != nil {
		t.Fatal(err)
	}
	w.later = 20e9 // the function's copy of the settings is old now
	w.receive("t1")

	rows := map[string]struct {
		least inbox.Role
		scope string
	}{}
	for line := range strings.SplitSeq(strings.TrimSpace(matrix), "\n") {
		f := strings.Fields(line)
		role := strings.TrimRight(f[0], "*+!")
		for _, operation := range f[1:] {
			if _, twice := rows[operation]; twice {
				t.Errorf("%s stands twice", operation)
			}
			rows[operation] = struct {
				least inbox.Role
				scope string
			}{inbox.Role(role), strings.TrimPrefix(f[0], role)}
		}
	}
	raw, err := os.ReadFile("testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Paths map[string]map[string]struct {
			OperationID string
			Security    []any
		}
	}
	if err := json.Unmarshal(raw, &api); err != nil {
		t.Fatal(err)
	}
	rank := map[inbox.Role]int{inbox.Viewer: 1, inbox.Agent: 2, inbox.Manager: 3, inbox.Admin: 4}
	checked := 0
	for path, methods := range api.Paths {
		for method, o := range methods {
			if len(o.Security) == 0 { // anybody's: infra/doors.go lists them
				continue
			}
			row, ok := rows[o.OperationID]
			if !ok {
				t.Errorf("%s %s (%s) stands in no table: say who may call it", method, path, o.OperationID)
				continue
			}
			delete(rows, o.OperationID)
			at := strings.NewReplacer("{thread}", "t1", "{inbox}", w.inbox, "{seq}", "2", "{n}", "0", "{list}", "deny", "{mode}", "note", "{entry}", url.PathEscape("x@y.example")).Replace(path)
			at = inPath.ReplaceAllString(at, "nothing-there")
			for id, role := range people {
				for _, outside := range []bool{false, true} {
					user := id
					if outside {
						user += "-outside"
					}
					// The body is none that any operation takes: who passes the gate hears so, and nothing changes.
					a := w.call(call{method: strings.ToUpper(method), path: at, user: user, body: `{"no such member":1}`, headers: map[string]string{"Idempotency-Key": "k", "If-Match": `"77"`}})
					may := rank[role] >= rank[row.least]
					hidden := outside && !role.SeesAll() && (row.scope == "*" || row.scope == "+")
					foreign := outside && (row.scope == "+" || row.scope == "!" && !role.SeesAll())
					checked++
					switch {
					case !may, foreign && !hidden:
						if a.status != 403 {
							t.Errorf("%s %s as %s (outside %v): %d %s", method, path, role, outside, a.status, a.body)
						}
					case hidden:
						if a.status != 404 {
							t.Errorf("%s %s as %s shows what is hidden: %d %s", method, path, role, a.status, a.body)
						}
					case a.status == 403 || a.status == 401 || a.status >= 500:
						t.Errorf("%s %s as %s (outside %v) should pass: %d %s", method, path, role, outside, a.status, a.body)
					}
				}
			}
		}
	}
	for left := range rows {
		t.Errorf("%s is no operation", left)
	}
	if checked < 600 {
		t.Errorf("only %d calls", checked)
	}
}

// Bodies name inboxes too: threads of a bulk request, the account of a new message, the inbox to move to, the owner to be.
func TestBodiesCannotReachOtherInboxes(t *testing.T) {
	w := newWorld(t)
	w.mara("GET", "/api/me", "").into(200, nil)
	var hidden struct {
		ID       string
		Accounts []inbox.Account
	}
	w.mara("POST", "/api/inboxes", `{"name":"Staff matters"}`).into(201, &hidden)
	w.mara("PUT", "/api/inboxes/"+hidden.ID+"/members", `{"everyone":false,"users":["mara"]}`).into(200, nil)
	w.receive("t1")
	here, account := w.inbox, w.account
	w.inbox, w.account = hidden.ID, hidden.Accounts[0]
	w.receive("t2")
	w.inbox, w.account = here, account
	ada := func(method, path, body string) answer {
		return w.call(call{method: method, path: path, user: "ada", body: body, headers: map[string]string{"Idempotency-Key": path + body}})
	}
	ada("GET", "/api/threads/t2", "").refused(404, fault.NotFound)
	var boxes struct {
		Inboxes []struct{ ID string }
		Every   bool
	}
	if ada("GET", "/api/inboxes", "").into(200, &boxes); len(boxes.Inboxes) != 1 || boxes.Inboxes[0].ID != here || boxes.Every {
		t.Errorf("%+v", boxes)
	}
	if w.mara("GET", "/api/inboxes", "").into(200, &boxes); len(boxes.Inboxes) != 2 || !boxes.Every {
		t.Errorf("%+v", boxes)
	}
	var got struct {
		Results []struct {
			Thread string
			Code   string
			Head   *inbox.Summary
		}
	}
	ada("POST", "/api/threads/bulk", `{"threads":["t1","t2","t3","t1"],"change":{"status":"closed","priority":"high"}}`).into(200, &got)
	if r := got.Results; len(r) != 4 || r[0].Head == nil || r[0].Head.Status != inbox.Closed || r[0].Head.Priority != inbox.High || r[1].Code != "notfound" || r[2].Code != "notfound" || r[3].Head == nil {
		t.Errorf("%+v", got)
	}
	if head, _ := w.store.Threads.Head(ctx, "t2"); head.Status != inbox.Open {
		t.Error("a thread of another inbox was closed")
	}
	ada("PUT", "/api/threads/t1/inbox", `{"inbox":"`+hidden.ID+`"}`).refused(404, fault.NotFound)
	ada("POST", "/api/threads", `{"account":"`+hidden.Accounts[0].ID+`","to":[{"email":"a@x.example"}],"subject":"x","text":"x"}`).refused(404, fault.NotFound)
	// Nobody is given what they could not see, and nobody is called to it.
	w.mara("PUT", "/api/threads/t2/assignee", `{"agent":"ada"}`).refused(422, fault.Invalid)
	w.mara("PUT", "/api/threads/t1/assignee", `{"agent":"ada"}`).into(200, nil)
	var c changeBody
	w.mara("POST", "/api/threads/t2/comments", `{"text":"@Ada look","mentions":[{"user":"ada"}]}`, "Idempotency-Key", "k").into(201, &c)
	if len(c.Entries[0].Comment.Mentions) != 0 {
		t.Errorf("%+v", c.Entries[0].Comment)
	}
	// An admin who does not belong reads, and does not act.
	if _, err := w.store.Settings.Invited(ctx, events.Actor{ID: "mara"}, store.User{ID: "anna", Email: "anna@parley.example", Role: inbox.Admin}); err != nil {
		t.Fatal(err)
	}
	w.later = 20e9
	anna := func(method, path, body string) answer {
		return w.call(call{method: method, path: path, user: "anna", body: body})
	}
	anna("GET", "/api/threads/t2", "").into(200, nil)
	anna("PUT", "/api/threads/t2/status", `{"status":"closed"}`).refused(403, fault.Denied)
}
