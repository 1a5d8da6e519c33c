package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"parley/shared/inbox"
	"parley/shared/table"
)

// Names of indexes, as the template creates them.
const (
	indexViews    = "views"    // threads: inbox and status, by activity; marks of mentions and of what was not delivered; drafts of a user; quarantine; notices of a user
	indexOwners   = "owners"   // threads: inbox, status and owner, by activity
	indexAccounts = "accounts" // threads: open ones, by inbox and account, by activity
	indexTeams    = "teams"    // threads: open ones of a team, by inbox, by activity
	indexContact  = "contact"  // threads: a contact's, by thread id; never changes
	indexDue      = "due"      // outbox, assignments: what is not finished, by when it is to be looked at; threads: what is snoozed until a time
	indexList     = "list"     // contacts: all, by day
)

var threadKeys = struct {
	Head  func(thread string) table.Key
	Entry func(thread string, seq int64) table.Key
	Once  func(key string) table.Key  // idempotency keys
	Claim func(name string) table.Key // names that lead to one thread
	Read  func(user, thread string) table.Key
	Load  func(user string) table.Key                  // what weighs on a user
	Mark  func(t inbox.Thread) table.Item              // stands in the undelivered view for its thread
	Call  func(t inbox.Thread, user string) table.Item // stands in a user's view of mentions for its thread
	Index func(t inbox.Thread) map[string]table.IndexKey
}{
	Head:  func(thread string) table.Key { return table.Key{PK: "T#" + thread, SK: "H"} },
	Entry: func(thread string, seq int64) table.Key { return table.Key{PK: "T#" + thread, SK: entrySK(seq)} },
	Once:  func(key string) table.Key { return table.Key{PK: "K#" + key, SK: "K"} },
	Claim: func(name string) table.Key { return table.Key{PK: "C#" + name, SK: "C"} },
	Read:  func(user, thread string) table.Key { return table.Key{PK: "R#" + user, SK: thread} },
	Mark: func(t inbox.Thread) table.Item {
		return table.Item{
			Key:   table.Key{PK: "T#" + t.ID, SK: "U"},
			Index: map[string]table.IndexKey{indexViews: {PK: viewPK(t.Inbox, undelivered), SK: minute(t.ActiveAt) + "#" + t.ID}},
		}
	},
	Load: func(user string) table.Key { return table.Key{PK: "LOAD#" + user, SK: "L"} },
	Call: func(t inbox.Thread, user string) table.Item {
		return table.Item{
			Key:   table.Key{PK: "T#" + t.ID, SK: "@" + user},
			Index: map[string]table.IndexKey{indexViews: {PK: viewPK(t.Inbox, called(user)), SK: minute(t.ActiveAt) + "#" + t.ID}},
		}
	},
	Index: func(t inbox.Thread) map[string]table.IndexKey {
		agent := ""
		switch {
		case t.Assignee != nil:
			agent = t.Assignee.ID
		case t.Bot != nil: // whom nobody has to look after
			agent = "~bot"
		}
		sk := minute(t.ActiveAt) + "#" + t.ID
		index := map[string]table.IndexKey{
			indexViews:   {PK: viewPK(t.Inbox, shelf(t)), SK: sk},
			indexOwners:  {PK: ownerPK(t.Inbox, shelf(t), agent), SK: sk},
			indexContact: {PK: "P#" + t.Contact.ID, SK: t.ID},
		}
		switch shelf(t) {
		case string(inbox.Open):
			index[indexAccounts] = table.IndexKey{PK: accountPK(t.Inbox, t.Account), SK: sk}
			if t.Team != nil {
				index[indexTeams] = table.IndexKey{PK: teamPK(t.Inbox, t.Team.ID), SK: sk}
			}
		case snoozed:
			if !t.Snoozed.Until.IsZero() {
				index[indexDue] = table.IndexKey{PK: snoozePK, SK: dueSK(t.Snoozed.Until) + "#" + t.ID}
			}
		}
		return index
	},
}

// minute floors activity so that a lively thread does not move its index rows with every message.
func minute(at time.Time) string { return at.UTC().Truncate(time.Minute).Format("2006-01-02T15:04") }

// undelivered is the shelf of threads with a message that did not reach somebody. Their marks stand on it, not their heads: most threads never
// have one, so another index would cost more of everything, and a mark costs only when it comes and goes.
const undelivered = "undelivered"

// snoozed is the shelf of open threads that are out of sight.
const snoozed = "snoozed"

// snoozePK is where in the due index threads stand that wake at a time.
const snoozePK = "Z"

// called is the shelf of threads where a user was mentioned: of their marks.
func called(user string) string { return "@" + user }

func accountPK(inboxID, account string) string { return "A#" + inboxID + "#" + account }

func teamPK(inboxID, team string) string { return "G#" + inboxID + "#" + team }

func entrySK(seq int64) string { return fmt.Sprintf("E#%010d", seq) }

// shelf is the part of an inbox that a thread is listed in: its folder, or its status while it stands in the inbox.
func shelf(t inbox.Thread) string {
	if t.Folder != inbox.Inboxed {
		return string(t.Folder)
	}
	if t.Snoozed != nil {
		return snoozed
	}
	return string(t.Status)
}

func viewPK(inboxID, shelf string) string { return "V#" + inboxID + "#" + shelf }

// ownerPK: "-" stands for nobody.
func ownerPK(inboxID, shelf, agent string) string {
	if agent == "" {
		agent = "-"
	}
	return "O#" + inboxID + "#" + shelf + "#" + agent
}

var draftKeys = struct {
	Draft func(user string, p DraftPlace) table.Key
	Index func(user string, p DraftPlace, at time.Time) map[string]table.IndexKey
	PK    func(user string) string
}{
	Draft: func(user string, p DraftPlace) table.Key { return table.Key{PK: "F#" + user, SK: p.sk()} },
	Index: func(user string, p DraftPlace, at time.Time) map[string]table.IndexKey {
		return map[string]table.IndexKey{indexViews: {PK: "F#" + user, SK: minute(at) + "#" + p.sk()}}
	},
	PK: func(user string) string { return "F#" + user },
}

var outboxKeys = struct {
	Delivery func(thread string, seq int64) table.Key
	Lease    func(thread string) table.Key
	Due      func(at time.Time, id string) map[string]table.IndexKey
	DuePK    string
}{
	Delivery: func(thread string, seq int64) table.Key {
		return table.Key{PK: "T#" + thread, SK: fmt.Sprintf("D#%010d", seq)}
	},
	Lease: func(thread string) table.Key { return table.Key{PK: "T#" + thread, SK: "L"} },
	Due: func(at time.Time, id string) map[string]table.IndexKey {
		return map[string]table.IndexKey{indexDue: {PK: "D", SK: dueSK(at) + "#" + id}}
	},
	DuePK: "D",
}

func dueSK(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

var contactKeys = struct {
	Contact func(id string) table.Key
	Lines   func(id string) string // partition of everything that is a contact's
	Line    func(id, line string) table.Key
	Alias   func(kind, value string) table.Key
	List    func(day time.Time, id string) map[string]table.IndexKey
	ListPK  string
	// Rows lead to a contact; their sort key ends in its id.
	Name    func(sort, id string) table.Key
	Facet   func(facet, sort, id string) table.Key
	Member  func(company string, day time.Time, id string) table.Key
	Token   func(token, id string) table.Key
	Members func(company string) string // partition of its rows
}{
	Members: func(company string) string { return "M#" + company },
	Contact: func(id string) table.Key { return table.Key{PK: "P#" + id, SK: "P"} },
	Lines:   func(id string) string { return "P#" + id },
	Line:    func(id, line string) table.Key { return table.Key{PK: "P#" + id, SK: linePrefix + line} },
	Alias:   func(kind, value string) table.Key { return table.Key{PK: "A#" + kind + "#" + value, SK: "A"} },
	List: func(day time.Time, id string) map[string]table.IndexKey {
		return map[string]table.IndexKey{indexList: {PK: "L", SK: day.UTC().Format("2006-01-02") + "#" + id}}
	},
	ListPK: "L",
	Name:   func(sort, id string) table.Key { return table.Key{PK: namesPK, SK: sort + "#" + id} },
	Facet:  func(facet, sort, id string) table.Key { return table.Key{PK: "F#" + facet, SK: sort + "#" + id} },
	Member: func(company string, day time.Time, id string) table.Key {
		return table.Key{PK: "M#" + company, SK: day.UTC().Format("2006-01-02") + "#" + id}
	},
	Token: func(token, id string) table.Key { return table.Key{PK: tokenPK("S#", token), SK: token + "#" + id} },
}

// namesPK holds a row for each contact of a list, by name.
const namesPK = "NAMES"

// linePrefix begins the sort keys of lines in a contact's partition.
const linePrefix = "L#"

// companyKeys are items of the contacts table, too.
var companyKeys = struct {
	Company func(id string) table.Key
	Domain  func(domain string) table.Key
	Name    func(sort, id string) table.Key
	Token   func(token, id string) table.Key
}{
	Company: func(id string) table.Key { return table.Key{PK: "O#" + id, SK: "O"} },
	Domain:  func(domain string) table.Key { return table.Key{PK: "A#domain#" + domain, SK: "A"} },
	Name:    func(sort, id string) table.Key { return table.Key{PK: "ONAMES", SK: sort + "#" + id} },
	Token:   func(token, id string) table.Key { return table.Key{PK: tokenPK("SO#", token), SK: token + "#" + id} },
}

// tokenPK spreads tokens by their first two letters, which a query has at least.
func tokenPK(kind, token string) string {
	r := []rune(token)
	return kind + string(r[:min(2, len(r))])
}

// last is greater than any continuation of a sort key.
const last = "\U0010FFFF"

// rowID is the id at the end of a row's sort key.
func rowID(sk string) string { return sk[strings.LastIndexByte(sk, '#')+1:] }

var settingsKeys = struct {
	Config, Users, Health, Changes string
	Tags, Snippets                 string
	Tag, Snippet, Article          func(id string) table.Key
	Handover                       func(user string) table.Key
	Prefs                          func(user string) table.Key
	Team, Hours                    func(id string) table.Key
	Plan                           func(inboxID string) table.Key // routing of an inbox
	Birth, Rule, Workspace         table.Key
	Inbox                          func(id string) table.Key
	Account                        func(id string) table.Key
	Sender                         func(domain string) table.Key
	Address                        func(address string) table.Key // leads to the one account that has it
	HealthOf                       func(account string) table.Key
	Change                         func(id string) table.Key
	User                           func(id string) table.Key
}{
	Config:    "CONFIG",
	Users:     "USERS",
	Health:    "HEALTH",
	Changes:   "CHANGES",
	Tags:      "TAGS",
	Snippets:  "SNIPPETS",
	Tag:       func(id string) table.Key { return table.Key{PK: "TAGS", SK: id} },
	Snippet:   func(id string) table.Key { return table.Key{PK: "SNIPPETS", SK: id} },
	Article:   func(id string) table.Key { return table.Key{PK: "ARTICLES", SK: id} },
	Prefs:     func(user string) table.Key { return table.Key{PK: "PREFS", SK: user} },
	Handover:  func(user string) table.Key { return table.Key{PK: "HANDOVER", SK: user} },
	Team:      func(id string) table.Key { return table.Key{PK: "CONFIG", SK: "TEAM#" + id} },
	Hours:     func(id string) table.Key { return table.Key{PK: "CONFIG", SK: "HOURS#" + id} },
	Plan:      func(inboxID string) table.Key { return table.Key{PK: "CONFIG", SK: "PLAN#" + inboxID} },
	Birth:     table.Key{PK: "BIRTH", SK: "BIRTH"},
	Rule:      table.Key{PK: "RULE", SK: "RULE"},
	Workspace: table.Key{PK: "CONFIG", SK: "WORKSPACE"},
	Inbox:     func(id string) table.Key { return table.Key{PK: "CONFIG", SK: "INBOX#" + id} },
	Account:   func(id string) table.Key { return table.Key{PK: "CONFIG", SK: "ACCOUNT#" + id} },
	Sender:    func(domain string) table.Key { return table.Key{PK: "CONFIG", SK: "SENDER#" + domain} },
	Address:   func(address string) table.Key { return table.Key{PK: "ADDRESS#" + address, SK: "A"} },
	HealthOf:  func(account string) table.Key { return table.Key{PK: "HEALTH", SK: account} },
	Change:    func(id string) table.Key { return table.Key{PK: "CHANGES", SK: id} },
	User:      func(id string) table.Key { return table.Key{PK: "USERS", SK: id} },
}

var filterKeys = struct {
	Rules  func(inboxID string) table.Key // among the settings that are cached
	Listed func(inboxID string, list inbox.FilterList, entry string) table.Key
	Rate   func(inboxID, sender, hour string) table.Key // in threads, because it expires
}{
	Rate: func(inboxID, sender, hour string) table.Key {
		return table.Key{PK: "RATE#" + inboxID + "#" + sender, SK: hour}
	},
	Rules: func(inboxID string) table.Key { return table.Key{PK: "CONFIG", SK: "FILTERS#" + inboxID} },
	Listed: func(inboxID string, list inbox.FilterList, entry string) table.Key {
		return table.Key{PK: "LISTED#" + inboxID + "#" + string(list), SK: entry}
	},
}

// chatKeys are items of the settings table.
var chatKeys = struct {
	PK        string
	Widget    func(account string) table.Key
	Flow      func(account, id string) table.Key
	Installed func(account string) table.Key
}{
	PK:        "CHAT",
	Widget:    func(account string) table.Key { return table.Key{PK: "CHAT", SK: "W#" + account} },
	Flow:      func(account, id string) table.Key { return table.Key{PK: "CHAT", SK: "F#" + account + "#" + id} },
	Installed: func(account string) table.Key { return table.Key{PK: "INSTALLED", SK: account} },
}

// botKeys are items of the settings table, what is designed, and of the assignments table, what happens.
var botKeys = struct {
	Draft   func(flow string) table.Key
	Version func(flow string, n int64) table.Key // the graph
	Mark    func(flow string, n int64) table.Key // who published it when
	PK      func(flow string) string
	File    func(account, id string) table.Key // that bots of a chat account give away

	Job     func(thread string) table.Key // wakes turn
	Session func(thread string) table.Key
	Record  func(thread string, n int64) table.Key
	Day     func(flow, day string, shard int) table.Key // numbers
	Days    func(flow string) string
	Due     func(at time.Time, thread string) map[string]table.IndexKey
	DuePK   string
}{
	Draft: func(flow string) table.Key { return table.Key{PK: "BOT#" + flow, SK: "D"} },
	Version: func(flow string, n int64) table.Key {
		return table.Key{PK: "BOT#" + flow, SK: fmt.Sprintf("V%010d", n)}
	},
	Mark: func(flow string, n int64) table.Key {
		return table.Key{PK: "BOT#" + flow, SK: fmt.Sprintf("M%010d", n)}
	},
	PK: func(flow string) string { return "BOT#" + flow },
	File: func(account, id string) table.Key {
		return table.Key{PK: "BOTFILES#" + account, SK: id}
	},

	Job:     func(thread string) table.Key { return table.Key{PK: "T#" + thread, SK: "J"} },
	Session: func(thread string) table.Key { return table.Key{PK: "T#" + thread, SK: "B"} },
	Record: func(thread string, n int64) table.Key {
		return table.Key{PK: "T#" + thread, SK: fmt.Sprintf("B#%010d", n)}
	},
	Day: func(flow, day string, shard int) table.Key {
		return table.Key{PK: "N#" + flow, SK: fmt.Sprintf("%s#%d", day, shard)}
	},
	Days: func(flow string) string { return "N#" + flow },
	Due: func(at time.Time, thread string) map[string]table.IndexKey {
		return map[string]table.IndexKey{indexDue: {PK: "B", SK: dueSK(at) + "#" + thread}}
	},
	DuePK: "B",
}

var socketKeys = struct {
	Connection func(conn string) table.Key
	Watch      func(topic, conn string) table.Key
	WatchPK    func(topic string) string
	Ticket     func(ticket string) table.Key
	Pushed     func(thread string) table.Key
}{
	Connection: func(conn string) table.Key { return table.Key{PK: "C#" + conn, SK: "I"} },
	Watch:      func(topic, conn string) table.Key { return table.Key{PK: "W#" + topic, SK: conn} },
	WatchPK:    func(topic string) string { return "W#" + topic },
	Ticket:     func(ticket string) table.Key { return table.Key{PK: "K#" + digest(ticket), SK: "K"} },
	Pushed:     func(thread string) table.Key { return table.Key{PK: "M#" + thread, SK: "M"} },
}

// assignmentKeys are items of the assignments table.
var assignmentKeys = struct {
	Job   func(thread string) table.Key
	Turn  func(inboxID, rule string) table.Key // whose turn it is
	Due   func(at time.Time, thread string) map[string]table.IndexKey
	DuePK string
}{
	Job:  func(thread string) table.Key { return table.Key{PK: "T#" + thread, SK: "A"} },
	Turn: func(inboxID, rule string) table.Key { return table.Key{PK: "R#" + inboxID, SK: rule} },
	Due: func(at time.Time, thread string) map[string]table.IndexKey {
		return map[string]table.IndexKey{indexDue: {PK: "D", SK: dueSK(at) + "#" + thread}}
	},
	DuePK: "D",
}

// noticeKeys are items of the threads table, but for the mails that are owed, which stand in the outbox.
var noticeKeys = struct {
	Notice func(user, thread string, seq int64) table.Key
	Seen   func(user string) table.Key
	PK     func(user string) string
	Mail   func(user, thread string) table.Key
	Due    func(at time.Time, user, thread string) map[string]table.IndexKey
	DuePK  string
}{
	Notice: func(user, thread string, seq int64) table.Key {
		return table.Key{PK: "N#" + user, SK: fmt.Sprintf("%s#%010d", thread, seq)}
	},
	Seen: func(user string) table.Key { return table.Key{PK: "N#" + user, SK: "SEEN"} },
	PK:   func(user string) string { return "N#" + user },
	Mail: func(user, thread string) table.Key { return table.Key{PK: "N#" + user, SK: thread} },
	Due: func(at time.Time, user, thread string) map[string]table.IndexKey {
		return map[string]table.IndexKey{indexDue: {PK: "N", SK: dueSK(at) + "#" + thread + "#" + user}}
	},
	DuePK: "N",
}

// pushKeys are items of the outbox, in partitions of their own: what calls the push services needs no others.
var pushKeys = struct {
	PK     func(user string) string
	Device func(user, endpoint string) table.Key
	Owner  func(endpoint string) table.Key // a browser is of one user
	Job    func(user, thread string, seq int64, endpoint string) table.Key
	Due    func(at time.Time, id string) map[string]table.IndexKey
	DuePK  string
}{
	PK: func(user string) string { return "PUSH#" + user },
	Device: func(user, endpoint string) table.Key {
		return table.Key{PK: "PUSH#" + user, SK: deviceSK + DeviceID(endpoint)}
	},
	Owner: func(endpoint string) table.Key { return table.Key{PK: "PUSH#@" + DeviceID(endpoint), SK: "O"} },
	Job: func(user, thread string, seq int64, endpoint string) table.Key {
		return table.Key{PK: "PUSH#" + user, SK: fmt.Sprintf("J#%s#%010d#%s", thread, seq, DeviceID(endpoint))}
	},
	Due: func(at time.Time, id string) map[string]table.IndexKey {
		return map[string]table.IndexKey{indexDue: {PK: "P", SK: dueSK(at) + "#" + id}}
	},
	DuePK: "P",
}

const deviceSK = "D#"

// DeviceID names a device by its endpoint, which is a secret between it and us.
func DeviceID(endpoint string) string { return digest(endpoint)[:24] }

const quarantinePK = "Q"

// quarantineView is where in the views index mails in quarantine stand: those that wait, or those that are resolved.
func quarantineView(resolved bool) string {
	if resolved {
		return quarantinePK + "#resolved"
	}
	return quarantinePK
}

func quarantineKey(id string) table.Key { return table.Key{PK: quarantinePK, SK: id} }

// MessageIDClaim names the claim of a received mail's Message-ID: one mailbox's threads only. Ids are of any length, so they are hashed.
func MessageIDClaim(account, messageID string) string {
	return "mid:" + account + ":" + digest(messageID)
}

// MentionClaim names the claim of those who answer to a mail that never came, and have an address among them: one mailbox's threads only.
func MentionClaim(account, messageID, address string) string {
	return "men:" + account + ":" + digest(messageID+"\x00"+address)
}

// CarrierClaim names the claim of the id SES gave a mail of ours; recipients see it as the local part of the Message-ID.
func CarrierClaim(id string) string { return "ses:" + strings.ToLower(id) }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// ChatClaim names the claim of a visitor's nth conversation in one chat account: two tabs that begin it at once begin one.
func ChatClaim(account, visitor string, n int) string {
	return fmt.Sprintf("chat:%s:%s:%d", account, visitor, n)
}

// RawKey is where SES puts a received mail in the mail bucket.
func RawKey(sesID string) string { return "in/" + sesID }

// FaceKey is where a picture of an agent stands in the files bucket.
func FaceKey(id string) string { return "faces/" + id + ".png" }

// BotFileKey is where a file that bots give to visitors stands in the files bucket. No lifecycle rule ends it.
func BotFileKey(id string) string { return "b/" + id }

// BodyKey is where a long text ("txt") or an HTML body ("html") stands in the files bucket.
func BodyKey(thread, message, ext string) string { return "t/" + thread + "/" + message + "." + ext }

// UploadKey is where an upload of a user's waits in the files bucket; a lifecycle rule ends it after limit.UploadKeep. Ids of users are an
// issuer's words, so they are hashed.
func UploadKey(user, upload string) string { return "u/" + digest(user) + "/" + upload }

// AttachmentKey is where the nth attachment of a message stands in the files bucket.
func AttachmentKey(thread, message string, n int) string {
	return fmt.Sprintf("t/%s/%s/%d", thread, message, n)
}
