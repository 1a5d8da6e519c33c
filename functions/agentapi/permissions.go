package agentapi

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

// scope says where somebody must belong besides having a role.
type scope int

// The scopes. The inbox that is meant is that of the thread or the inbox in the path; what a body names is checked where it is read.
const (
	anywhere scope = iota
	sees           // they must be able to read that inbox
	works          // they must belong to it
	seesAll        // what it shows may be of any inbox: they must be able to read all
)

// permission is one row: the least role that may call an operation (viewer, agent, manager, admin: each may what those before it may), and where.
type permission struct {
	least inbox.Role
	scope scope
}

// permissions is who may do what: the one table, for every operation that asks for a token. An operation without a row is refused to everybody.
var permissions = map[string]permission{
	"getMe":                {inbox.Viewer, anywhere},
	"setSignature":         {inbox.Viewer, anywhere},
	"setAvailability":      {inbox.Agent, anywhere},
	"putProfile":           {inbox.Viewer, anywhere},
	"createTicket":         {inbox.Viewer, anywhere},
	"getNotices":           {inbox.Viewer, anywhere},
	"seeNotices":           {inbox.Viewer, anywhere},
	"getNotificationPrefs": {inbox.Viewer, anywhere},
	"putNotificationPrefs": {inbox.Viewer, anywhere},
	"getIdentitySecret":    {inbox.Admin, anywhere},
	"rollIdentitySecret":   {inbox.Admin, anywhere},
	"listDevices":          {inbox.Viewer, anywhere},
	"addDevice":            {inbox.Viewer, anywhere},
	"deleteDevice":         {inbox.Viewer, anywhere},
	"listUsers":            {inbox.Viewer, anywhere},
	"listTeams":            {inbox.Viewer, anywhere},
	"getLoad":              {inbox.Viewer, anywhere},
	"listRoles":            {inbox.Viewer, anywhere},
	"getWorkspace":         {inbox.Viewer, anywhere},
	"putWorkspace":         {inbox.Admin, anywhere},
	"getSetup":             {inbox.Viewer, anywhere},
	"inviteUser":           {inbox.Admin, anywhere},
	"setAccess":            {inbox.Admin, anywhere},
	"handOver":             {inbox.Admin, anywhere},
	"setRole":              {inbox.Admin, anywhere},
	"setCapacity":          {inbox.Manager, anywhere},
	"setAvailabilityOf":    {inbox.Manager, anywhere},
	"createTeam":           {inbox.Manager, anywhere},
	"putTeam":              {inbox.Manager, anywhere},
	"deleteTeam":           {inbox.Manager, anywhere},
	"listChanges":          {inbox.Admin, anywhere},
	"listInboxes":          {inbox.Viewer, anywhere}, // those that the caller sees
	"createInbox":          {inbox.Admin, anywhere},
	"renameInbox":          {inbox.Admin, anywhere},
	"setMembers":           {inbox.Admin, anywhere},
	"setInboxHours":        {inbox.Manager, sees},
	"getRouting":           {inbox.Agent, sees},
	"putRouting":           {inbox.Manager, sees},
	"tryRouting":           {inbox.Manager, sees},
	"listHours":            {inbox.Viewer, anywhere},
	"createHours":          {inbox.Manager, anywhere},
	"putHours":             {inbox.Manager, anywhere},
	"deleteHours":          {inbox.Manager, anywhere},
	"listTags":             {inbox.Viewer, anywhere},
	"createTag":            {inbox.Agent, anywhere},
	"putTag":               {inbox.Manager, anywhere},
	"deleteTag":            {inbox.Manager, anywhere},
	"listTickets":          {inbox.Viewer, sees},
	"makeTicket":           {inbox.Agent, works},
	"putTicket":            {inbox.Agent, anywhere}, // that of its thread
	"listArticles":         {inbox.Viewer, anywhere},
	"tryArticles":          {inbox.Viewer, anywhere},
	"createArticle":        {inbox.Manager, anywhere},
	"putArticle":           {inbox.Manager, anywhere},
	"deleteArticle":        {inbox.Manager, anywhere},
	"listSnippets":         {inbox.Viewer, anywhere},
	"createSnippet":        {inbox.Agent, anywhere},
	"putSnippet":           {inbox.Agent, anywhere},
	"deleteSnippet":        {inbox.Agent, anywhere},
	"fillSnippet":          {inbox.Agent, works},
	"countInbox":           {inbox.Viewer, sees},
	"listThreads":          {inbox.Viewer, sees},
	"getThread":            {inbox.Viewer, sees},
	"listEntries":          {inbox.Viewer, sees},
	"getBody":              {inbox.Viewer, sees},
	"getRaw":               {inbox.Viewer, sees},
	"getAttachment":        {inbox.Viewer, sees},
	"markRead":             {inbox.Viewer, sees},
	"beginThread":          {inbox.Agent, anywhere}, // in the inbox of the account that it names
	"bulkThreads":          {inbox.Agent, anywhere}, // each of them for itself
	"assignThread":         {inbox.Agent, works},
	"addComment":           {inbox.Agent, works},
	"setContact":           {inbox.Agent, works},
	"fileThread":           {inbox.Agent, works},
	"setStatus":            {inbox.Agent, works},
	"seeUndelivered":       {inbox.Agent, works},
	"sendMessage":          {inbox.Agent, works},
	"releaseMessage":       {inbox.Agent, works},
	"retryMessage":         {inbox.Agent, works},
	"withdrawMessage":      {inbox.Agent, works},
	"tagThread":            {inbox.Agent, works},
	"setPriority":          {inbox.Agent, works},
	"snoozeThread":         {inbox.Agent, works},
	"wakeThread":           {inbox.Agent, works},
	"moveThread":           {inbox.Agent, works}, // and into an inbox that they belong to
	"seeMention":           {inbox.Agent, sees},
	"getThreadDrafts":      {inbox.Agent, works},
	"putThreadDraft":       {inbox.Agent, works},
	"deleteThreadDraft":    {inbox.Agent, works},
	"listDrafts":           {inbox.Agent, anywhere},
	"getDraft":             {inbox.Agent, anywhere},
	"putDraft":             {inbox.Agent, anywhere},
	"deleteDraft":          {inbox.Agent, anywhere},
	"createUpload":         {inbox.Agent, anywhere},
	"getUpload":            {inbox.Agent, anywhere},
	"deleteUpload":         {inbox.Agent, anywhere},
	"listChannels":         {inbox.Viewer, anywhere},
	"getChannel":           {inbox.Viewer, anywhere},
	"connectChannel":       {inbox.Admin, anywhere},
	"editChannel":          {inbox.Admin, anywhere},
	"disconnectChannel":    {inbox.Admin, anywhere},
	"checkChannel":         {inbox.Admin, anywhere},
	"testChannel":          {inbox.Admin, anywhere},
	"dismissConfirmation":  {inbox.Admin, anywhere},
	"listChats":            {inbox.Viewer, anywhere},
	"getChat":              {inbox.Viewer, anywhere},
	"tryPage":              {inbox.Viewer, anywhere},
	"getBot":               {inbox.Viewer, anywhere},
	"getBotVersion":        {inbox.Viewer, anywhere},
	"getBotNumbers":        {inbox.Viewer, anywhere},
	"listBotTemplates":     {inbox.Viewer, anywhere},
	"putBotDraft":          {inbox.Manager, anywhere},
	"keepBotFile":          {inbox.Manager, anywhere},
	"checkBot":             {inbox.Manager, anywhere},
	"driveBot":             {inbox.Manager, anywhere},
	"publishBot":           {inbox.Manager, anywhere},
	"rollBackBot":          {inbox.Manager, anywhere},
	"getWebhookKey":        {inbox.Admin, anywhere},
	"getBotWalk":           {inbox.Viewer, sees},
	"setBot":               {inbox.Agent, works},
	"createChat":           {inbox.Admin, anywhere},
	"putWidget":            {inbox.Admin, anywhere},
	"createFlow":           {inbox.Manager, anywhere},
	"putFlow":              {inbox.Manager, anywhere},
	"deleteFlow":           {inbox.Manager, anywhere},
	"orderFlows":           {inbox.Manager, anywhere},
	"getFilters":           {inbox.Viewer, sees},
	"setFilters":           {inbox.Admin, sees},
	"listFilterEntries":    {inbox.Viewer, sees},
	"findFilterEntry":      {inbox.Viewer, sees},
	"addFilterEntry":       {inbox.Agent, works}, // an admin's, but for an address on deny
	"removeFilterEntry":    {inbox.Agent, works},
	"getSuppressed":        {inbox.Agent, anywhere},
	"liftSuppression":      {inbox.Agent, anywhere},
	"getLedger":            {inbox.Viewer, anywhere},
	"listQuarantine":       {inbox.Agent, seesAll},
	"getQuarantined":       {inbox.Agent, seesAll},
	"getQuarantinedRaw":    {inbox.Agent, seesAll},
	"reprocessQuarantined": {inbox.Agent, seesAll},
	"reprocessQuarantine":  {inbox.Agent, seesAll},
	"listContacts":         {inbox.Viewer, anywhere},
	"searchContacts":       {inbox.Viewer, anywhere},
	"suggestContacts":      {inbox.Viewer, anywhere},
	"getContact":           {inbox.Viewer, anywhere},
	"listPastThreads":      {inbox.Viewer, anywhere}, // those of inboxes that the caller sees
	"listPages":            {inbox.Viewer, anywhere}, // of conversations that the caller sees
	"listTimeline":         {inbox.Viewer, anywhere}, // with conversations that the caller sees
	"listDuplicates":       {inbox.Viewer, anywhere},
	"listPairs":            {inbox.Viewer, anywhere},
	"listLists":            {inbox.Viewer, anywhere},
	"listCompanies":        {inbox.Viewer, anywhere},
	"getCompany":           {inbox.Viewer, anywhere},
	"listCompanyThreads":   {inbox.Viewer, anywhere}, // those that the caller sees
	"listProperties":       {inbox.Viewer, anywhere},
	"createContact":        {inbox.Agent, anywhere},
	"editContact":          {inbox.Agent, anywhere},
	"keepContact":          {inbox.Agent, anywhere},
	"addAlias":             {inbox.Agent, anywhere},
	"removeAlias":          {inbox.Agent, anywhere},
	"keepApart":            {inbox.Agent, anywhere},
	"mergeContacts":        {inbox.Agent, anywhere},
	"unmergeContacts":      {inbox.Agent, anywhere},
	"addNote":              {inbox.Agent, anywhere},
	"editNote":             {inbox.Agent, anywhere},
	"deleteNote":           {inbox.Agent, anywhere},
	"addConsent":           {inbox.Agent, anywhere},
	"createList":           {inbox.Agent, anywhere},
	"putList":              {inbox.Agent, anywhere},
	"deleteList":           {inbox.Agent, anywhere},
	"putOnList":            {inbox.Agent, anywhere},
	"takeOffList":          {inbox.Agent, anywhere},
	"createCompany":        {inbox.Agent, anywhere},
	"editCompany":          {inbox.Agent, anywhere},
	"previewImport":        {inbox.Manager, anywhere},
	"startImport":          {inbox.Manager, anywhere},
	"listImports":          {inbox.Manager, anywhere},
	"getImport":            {inbox.Manager, anywhere},
	"listBadRows":          {inbox.Manager, anywhere},
	"undoImport":           {inbox.Manager, anywhere},
	"exportContacts":       {inbox.Manager, anywhere},
	"eraseContact":         {inbox.Admin, anywhere},
	"listErasures":         {inbox.Admin, anywhere},
	"getErasure":           {inbox.Admin, anywhere},
	"createProperty":       {inbox.Admin, anywhere},
	"putProperty":          {inbox.Admin, anywhere},
	"setHomeCountry":       {inbox.Admin, anywhere},
}

// rank orders roles by what they may.
func rank(r inbox.Role) int {
	for i, known := range inbox.Roles() {
		if r == known {
			return len(inbox.Roles()) - i
		}
	}
	return 0
}

// mayRole is fault.Denied for a role that is too little.
func mayRole(r, least inbox.Role) error {
	if rank(r) >= rank(least) && rank(r) > 0 {
		return nil
	}
	switch least {
	case inbox.Admin:
		return fault.New(fault.Denied, "Only an admin can do this.")
	case inbox.Manager:
		return fault.New(fault.Denied, "Only a manager or an admin can do this.")
	case inbox.Agent:
		return fault.New(fault.Denied, "Your role is to look: you can change nothing here.")
	}
	return fault.New(fault.Denied, "You may do nothing here. Please ask an admin.")
}

// allowed decides whether a user may call an operation, with the thread or the inbox that its path names.
func (d *door) allowed(ctx context.Context, u store.User, operation, thread, inboxID string) error {
	p, ok := permissions[operation]
	if !ok {
		return fault.New(fault.Denied, "Nobody may do this: it stands in no table.")
	}
	if err := mayRole(u.Role, p.least); err != nil || p.scope == anywhere {
		return err
	}
	a, err := d.store.Settings.Access(ctx, u)
	if err != nil {
		return err
	}
	seesEach, worksEach := a.Everywhere()
	switch {
	case p.scope == seesAll && !seesEach:
		return fault.New(fault.Denied, "This shows mail of every inbox, and you do not see them all.")
	case p.scope == seesAll, p.scope == sees && seesEach, p.scope == works && worksEach:
		return nil // whichever it is, and whether it exists the operation says
	}
	missing := "There is no such inbox."
	if thread != "" {
		head, err := d.store.Threads.Head(ctx, thread)
		if err != nil {
			return err
		}
		inboxID, missing = head.Inbox, "There is no such conversation."
	}
	return within(a, inboxID, p.scope == works, missing)
}

// within is fault.NotFound for an inbox that the user cannot see, and fault.Denied for one that they see and do not belong to.
func within(a store.Access, inboxID string, work bool, missing string) error {
	switch {
	case !a.Sees(inboxID):
		return fault.New(fault.NotFound, "%s", missing)
	case work && !a.Works(inboxID):
		return fault.New(fault.Denied, "You do not belong to this inbox: you can read it, but not work in it.")
	}
	return nil
}

// mayWork refuses who does not belong to an inbox that a body names.
func (d *door) mayWork(ctx context.Context, inboxID string) error {
	a, err := d.store.Settings.Access(ctx, caller(ctx))
	if err != nil {
		return err
	}
	return within(a, inboxID, true, "There is no such inbox.")
}

// pathOf is the thread and the inbox that a request's path names.
func pathOf(ctx huma.Context) (thread, inboxID string) {
	return ctx.Param("thread"), ctx.Param("inbox")
}

type rolesOut struct {
	Body struct {
		Roles []roleView `json:"roles" doc:"The mightiest first."`
	}
}

type roleView struct {
	Role inbox.Role `json:"role"`
	May  []string   `json:"may" doc:"Operations that it may call, by their ids in this description."`
	Sees bool       `json:"sees" doc:"It reads inboxes that its user does not belong to."`
}

func (d *door) registerRoles() {
	huma.Register(d.api, op("GET", "/api/roles", "listRoles", "What each role may do"), d.roles)
}

func (d *door) roles(context.Context, *struct{}) (*rolesOut, error) {
	out := &rolesOut{}
	for _, r := range inbox.Roles() {
		v := roleView{Role: r, Sees: r.SeesAll(), May: []string{}}
		for operation, p := range permissions {
			if rank(r) >= rank(p.least) {
				v.May = append(v.May, operation)
			}
		}
		slices.Sort(v.May)
		out.Body.Roles = append(out.Body.Roles, v)
	}
	return out, nil
}
