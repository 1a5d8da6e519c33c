package inbox

// Channel is a kind of source.
type Channel string

// ChannelEmail is the only channel yet.
const ChannelEmail Channel = "email"

// Inbox is where a team works. Everyone is a member until members exist.
type Inbox struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Account is one instance of a channel: for email, one team address.
type Account struct {
	ID      string  `json:"id"`
	Inbox   string  `json:"inbox"`
	Channel Channel `json:"channel"`
	Name    string  `json:"name"`    // from-name of outgoing mail
	Address string  `json:"address"` // email: the team's address, lower-case
}

// Status of a thread.
type Status string

// A thread is open while something is owed, closed when nothing is.
const (
	Open   Status = "open"
	Closed Status = "closed"
)
