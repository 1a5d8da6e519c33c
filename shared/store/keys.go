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
	indexViews   = "views"   // threads: inbox and status, by activity; quarantine
	indexOwners  = "owners"  // threads: inbox, status and owner, by activity
	indexContact = "contact" // threads: a contact's, by thread id; never changes
	indexDue     = "due"     // outbox: what is not finished, by when it is to be looked at
	indexList    = "list"    // contacts: all, by day
)

var threadKeys = struct {
	Head  func(thread string) table.Key
	Entry func(thread string, seq int64) table.Key
	Once  func(key string) table.Key  // idempotency keys
	Claim func(name string) table.Key // names that lead to one thread
	Read  func(user, thread string) table.Key
	Index func(t inbox.Thread) map[string]table.IndexKey
	View  func(inboxID string, s inbox.Status) string
	Owner func(inboxID string, s inbox.Status, agent string) string
}{
	Head:  func(thread string) table.Key { return table.Key{PK: "T#" + thread, SK: "H"} },
	Entry: func(thread string, seq int64) table.Key { return table.Key{PK: "T#" + thread, SK: entrySK(seq)} },
	Once:  func(key string) table.Key { return table.Key{PK: "K#" + key, SK: "K"} },
	Claim: func(name string) table.Key { return table.Key{PK: "C#" + name, SK: "C"} },
	Read:  func(user, thread string) table.Key { return table.Key{PK: "R#" + user, SK: thread} },
	View:  viewPK,
	Owner: ownerPK,
	Index: func(t inbox.Thread) map[string]table.IndexKey {
		agent := ""
		if t.Assignee != nil {
			agent = t.Assignee.ID
		}
		// Activity is floored to the minute so that a lively thread does not move its index rows with every message.
		sk := t.ActiveAt.UTC().Truncate(time.Minute).Format("2006-01-02T15:04") + "#" + t.ID
		return map[string]table.IndexKey{
			indexViews:   {PK: viewPK(t.Inbox, t.Status), SK: sk},
			indexOwners:  {PK: ownerPK(t.Inbox, t.Status, agent), SK: sk},
			indexContact: {PK: "P#" + t.Contact.ID, SK: t.ID},
		}
	},
}

func entrySK(seq int64) string { return fmt.Sprintf("E#%010d", seq) }

func viewPK(inboxID string, s inbox.Status) string { return "V#" + inboxID + "#" + string(s) }

// ownerPK: "-" stands for nobody.
func ownerPK(inboxID string, s inbox.Status, agent string) string {
	if agent == "" {
		agent = "-"
	}
	return "O#" + inboxID + "#" + string(s) + "#" + agent
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
	Alias   func(kind, value string) table.Key
	List    func(day time.Time, id string) map[string]table.IndexKey
}{
	Contact: func(id string) table.Key { return table.Key{PK: "P#" + id, SK: "P"} },
	Alias:   func(kind, value string) table.Key { return table.Key{PK: "A#" + kind + "#" + value, SK: "A"} },
	List: func(day time.Time, id string) map[string]table.IndexKey {
		return map[string]table.IndexKey{indexList: {PK: "L", SK: day.UTC().Format("2006-01-02") + "#" + id}}
	},
}

var settingsKeys = struct {
	Config, Users string
	Birth         table.Key
	Inbox         func(id string) table.Key
	Account       func(id string) table.Key
	User          func(id string) table.Key
}{
	Config:  "CONFIG",
	Users:   "USERS",
	Birth:   table.Key{PK: "BIRTH", SK: "BIRTH"},
	Inbox:   func(id string) table.Key { return table.Key{PK: "CONFIG", SK: "INBOX#" + id} },
	Account: func(id string) table.Key { return table.Key{PK: "CONFIG", SK: "ACCOUNT#" + id} },
	User:    func(id string) table.Key { return table.Key{PK: "USERS", SK: id} },
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

const quarantinePK = "Q"

func quarantineKey(id string) table.Key { return table.Key{PK: quarantinePK, SK: id} }

// MessageIDClaim names the claim of a received mail's Message-ID: one mailbox's threads only. Ids are of any length, so they are hashed.
func MessageIDClaim(account, messageID string) string {
	return "mid:" + account + ":" + digest(messageID)
}

// CarrierClaim names the claim of the id SES gave a mail of ours; recipients see it as the local part of the Message-ID.
func CarrierClaim(id string) string { return "ses:" + strings.ToLower(id) }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// RawKey is where SES puts a received mail in the mail bucket.
func RawKey(sesID string) string { return "in/" + sesID }

// BodyKey is where a long text ("txt") or an HTML body ("html") stands in the files bucket.
func BodyKey(thread, message, ext string) string { return "t/" + thread + "/" + message + "." + ext }

// AttachmentKey is where the nth attachment of a message stands in the files bucket.
func AttachmentKey(thread, message string, n int) string {
	return fmt.Sprintf("t/%s/%s/%d", thread, message, n)
}
