// Package limit holds every limit of the product, named, with its unit and where it comes from.
//
// Owns: the numbers that doors, errors and docs read.
// Never: logic.
// Imported by: ports, adapters, email, store, functions, infra/local.
package limit

import "time"

// Mail in.
const (
	MailInBytes      = 40 << 20 // bytes of one raw inbound mail: SES's S3 action (SES quotas, "Email receiving")
	MailHeaderBytes  = 256 << 10
	MailHeaders      = 1000
	MailAddresses    = 500
	MailMultiparts   = 15  // multiparts nested in each other that are taken apart (reference: 1,956 real mails have fewer, but one)
	MailParts        = 500 // parts the fallback keeps
	MailHTMLBytes    = 2 << 20
	MailHTMLDepth    = 512
	MailReferences   = 50  // ids of References looked up
	MailFolds        = 100 // folds of one mail; what more there are is shown
	MailAddressBytes = 254 // of one email address: RFC 5321 §4.5.3.1.3 less the brackets
	MailNameRunes    = 200 // display name of an address, as facts keep it
	RuleDomains      = 100 // recipients of one receipt rule (SES quotas, "Email receiving")
	MailCalendars    = 20  // events of one mail that are shown
	MailAttendees    = 100 // of one such event
	MailReceivedHops = 50  // Received headers before a mail counts as looping (RFC 5321 §6.3)
)

// Mail as HTML.
const (
	MailHTMLTags       = 40_000  // tags of one mail that are shown as such; the largest newsletters have some 10,000
	MailURLBytes       = 8 << 10 // of one address in it
	MailDataImageBytes = 1 << 20 // of one picture written out in an address, in base64 (RFC 2397)
)

// Remote pictures of mails, through imageproxy.
const (
	ImagesPerMail  = 200             // pictures of one mail that get a link
	ImageLinks     = 1 << 20         // bytes of all links of one mail
	ImageLinkBytes = 8000            // of one link: CloudFront takes URLs of 8,192
	ImageLinkLife  = time.Hour       // a link is good for one to two of these
	ImageBytes     = 4 << 20         // of one picture: in base64 it must fit Lambda's answer of 6 MB
	ImagePixels    = 50_000_000      // of one picture; a browser needs four bytes for each
	ImageTimeout   = 5 * time.Second // from the first look at a name to the last byte, redirects and all
)

// Mail out.
const (
	MailOutRecipients = 50       // To+Cc+Bcc of one message (SES quotas)
	MailOutBytes      = 40 << 20 // after base64 (SES quotas, SendEmail v2)
	// MailOutFileBytes is what the files of one message may have together, before base64: 57 bytes become a line of 78. The text gets 1 MiB.
	MailOutFileBytes = (MailOutBytes - 1<<20) / 78 * 57
	MailOutFiles     = 100              // of one message
	UndoTime         = 10 * time.Second // how long a message can be taken back (web reference, "Sending")
)

// Composing.
const (
	UploadLife    = 15 * time.Minute   // how long the link for one upload can be used
	UploadKeep    = 7 * 24 * time.Hour // how long an upload waits for its message; infra's lifecycle rule ends it
	FileNameBytes = 255
	DraftBytes    = 256 << 10 // of one draft: an item has 400 KB
	DraftPage     = 25        // drafts on a page
	DraftMarks    = 200       // newest drafts of a user that lists mark
)

// Thread and API.
const (
	SubjectRunes    = 998     // RFC 5322 §2.1.1 line length
	TextBytes       = 1 << 20 // text of one reply or comment
	InlineBodyBytes = 2 << 10 // bodies above live in the bucket
	ThreadPage      = 25      // threads on a page of a view, if the caller does not say
	ThreadPageMax   = 100     // most a caller may ask for
	EntryPage       = 50      // entries on a page of a thread, if the caller does not say
	EntryPageMax    = 200     // most a caller may ask for; also what a resume may carry before it becomes a reset
	IdempotencyKey  = 200     // bytes of an Idempotency-Key
	APIBodyBytes    = 6 << 20 // Lambda's synchronous payload; API Gateway itself takes 10 MB
	TicketsOfThread = 50
	TicketPage      = 50      // newest tickets of a contact that are listed
	CountExact      = 99      // a view's count is exact up to here, then "99+"
	NameBytes       = 256     // display name of a recipient
	QuarantinePage  = 100     // newest mails of the quarantine that are listed; also how many one request runs again
	FilterPage      = 100     // entries on a page of an allow or deny list
	FilterRateMost  = 10_000  // highest rate an inbox may be given
	LedgerDays      = 30      // days of the ledger, if the caller does not say
	LedgerDaysMost  = 92      // most a caller may ask for: a quarter
	SignatureBytes  = 8 << 10 // of a signature, an account's or a user's: settings are read with every request
)

// People.
const (
	ContactPage      = 50       // contacts on a page of a list, if the caller does not say
	ContactPageMax   = 100      // most a caller may ask for
	ContactsExamined = 200      // contacts of one range that a page of a list with conditions looks at
	SuggestPage      = 10       // contacts, and companies, that type-ahead offers
	SuggestExamined  = 50       // rows it looks at
	PastPage         = 20       // past conversations on a page
	PagesLooked      = 5        // conversations in which pages are looked for
	TimelinePage     = 30       // lines of a timeline
	ImportBytes      = 16 << 20 // of a file of contacts
	ImportStep       = 400      // rows between two notes of how far an import is
	ImportParallel   = 16       // rows at once
	ErasePage        = 10       // conversations that are erased between two notes of how far it is
	ExportPage       = 1000     // contacts in one answer of an export
	ColleaguesLooked = 20       // members of a company, the last active ones, whose conversations are looked at
)

// Chat.
const (
	ChatPerMinute    = 30                   // messages of one visitor in a conversation: faster writes a machine
	ChatTextBytes    = 8 << 10              // of one message of a visitor: with its frame far below API Gateway's 32 KB
	ChatPageBytes    = 2 << 10              // of the address of the page it was written on
	ChatConversation = 1000                 // conversations one browser may begin with one chat account
	ChatLines        = 100                  // newest entries looked at when a visitor's conversation is opened
	ChatTokenLife    = 365 * 24 * time.Hour // a browser that stays away longer is a new visitor
	ChatClientBytes  = 64                   // the browser's own id of a message
	ZoneBytes        = 64                   // of the name of a time zone
	IdentityLife     = 24 * time.Hour       // how old a page's word of who is signed in there may be
	IdentitySkew     = 5 * time.Minute      // of the clocks of the team's servers
	ExternalBytes    = 200                  // of an id in the team's own systems
	Chatflows        = 50                   // of one chat account
	BotBytes         = 256 << 10            // of one graph of a bot: an item has 400 KB
	BotVersions      = 50                   // newest versions that are listed
	BotShards        = 4                    // items over which a day's numbers of a bot are spread
	BotDays          = 90                   // days of a bot's numbers that one may ask for
	BotShown         = time.Hour            // for which a page may open with a version of a bot that another one has replaced
	BotTurns         = 20                   // turns of one conversation that one wake-up takes
	BotFileBytes     = 25 << 20             // of a file that bots give to visitors
	BotFiles         = 1000                 // that bots of one chat account have ever given: none is thrown away
	PictureBytes     = 4 << 20              // of an agent's picture as uploaded, and of a bot's: its base64 fits Lambda's payload
)

// Team.
const (
	Capacity       = 12.0             // what may weigh on somebody of whom nobody said otherwise, in conversations (mock pages)
	CapacityMost   = 1000.0           // most that may be set
	RouteAgain     = time.Minute      // until a thread that nobody could take is tried again; doubles with each try
	RouteAgainMost = 10 * time.Minute // the longest such pause
	BulkThreads    = 100              // threads that one request changes
	Snippets       = 1000             // of a workspace
	SnippetBytes   = 16 << 10         // of one
	Articles       = 200              // of a workspace: a bot reads them all for a question
	ArticleHits    = 3                // that answer one
	Hours          = 50               // sets of business hours
	RouteRules     = 50               // of an inbox
	NoticePage     = 25               // notices on a page
	NoticeLife     = 30 * 24 * time.Hour
	ChangePage     = 50 // changes of settings on a page
	Devices        = 10 // of a user, that are pushed to; the oldest makes way
)

// Browser.
const (
	LinkLife    = 15 * time.Minute    // a link to a file, handed to a browser
	SessionLife = 30 * 24 * time.Hour // the refresh cookie (Amazon Cognito's default for a refresh token)
)

// Table (DynamoDB quotas).
const (
	ItemBytes       = 400 << 10
	TransactActions = 100
	BatchGetKeys    = 100
	CommitBudget    = 10 * time.Second // how long one Threads.Do may go on being beaten by others
)

// QueueBytes is the longest message of a queue, as every region's SQS takes it.
const QueueBytes = 256 << 10

// Sockets (API Gateway WebSocket quotas).
const (
	FrameBytes    = 24 << 10 // frames we send; API Gateway cuts at 32 KB
	MessageBytes  = 128 << 10
	SocketLife    = 2 * time.Hour
	SocketIdle    = 10 * time.Minute
	SocketRowLife = 2*time.Hour + 10*time.Minute
	TicketLife    = 60 * time.Second
	WatchedTopics = 50 // topics one connection may watch
)

// Keeping.
const (
	IdempotencyLife = 7 * 24 * time.Hour
	SendLease       = 90 * time.Second // a delivery in `sending` longer than this is unknown
	WakeAfter       = time.Minute      // a job the stream did not bring to an end by then is looked at by sweep
	SendAttempts    = 8
	SendBackoff     = 10 * time.Second // pause after the first refusal of the carrier; doubles with each
	SendBackoffMost = 20 * time.Minute
	SendTimeout     = 30 * time.Second // one call of the carrier; with what comes before and after, less than SendLease
	StuckAfter      = 10 * time.Minute // a job overdue for longer counts as stuck
	UnknownWait     = 10 * time.Minute // how long an unknown delivery waits for SES's own Send event
	PushLife        = time.Hour        // how long a push is worth telling; by then a mail has
	PushTimeout     = 5 * time.Second  // for a push service to answer
	PushAnswer      = 64 << 10         // most that a push service answers, in bytes
	PushAttempts    = 4                // of one push, at one device
	PushBackoff     = time.Minute      // pause after the first that nobody took; doubles with each
	HealthPause     = time.Hour        // between two notes that an account's mail comes or goes
	CheckTime       = 8 * time.Second  // for DNS and SES to answer when an account is checked; somebody waits
	ProofPause      = 10 * time.Minute // between two questions of a reply whether a domain is proved by now
	HealthLook      = 5 * time.Minute  // between two looks of one process whether to note it
)
