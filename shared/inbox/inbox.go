package inbox

// Channel is a kind of source.
type Channel string

// The channels.
const (
	ChannelEmail Channel = "email"
	ChannelChat  Channel = "chat" // the widget on the team's pages
)

// Inbox is where a team works.
type Inbox struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Members  Members `json:"members"`            // everyone, in inboxes of builds that knew no others
	Hours    string  `json:"hours,omitempty"`    // id of the hours in which it is worked; "" for always
	Revision int64   `json:"revision,omitempty"` // of these settings; the store fills it in
}

// Settled is an inbox as an older build stored it, with what it left out.
func (in Inbox) Settled() Inbox {
	if len(in.Members.Users)+len(in.Members.Teams) == 0 {
		in.Members.Everyone = true
	}
	return in
}

// Status of a thread.
type Status string

// A thread is open while something is owed, closed when nothing is.
const (
	Open   Status = "open"
	Closed Status = "closed"
)

// Folder is where a thread stands besides its status: in the inbox, or put aside. A thread that is put aside stands in no other view.
type Folder string

// The folders. A thread that filters put aside, or that somebody threw away, comes back with the next message that passes the filters; spam
// stays until somebody says it is none.
const (
	Inboxed  Folder = ""
	Filtered Folder = "filtered"
	Spam     Folder = "spam"
	Trash    Folder = "trash"
)
