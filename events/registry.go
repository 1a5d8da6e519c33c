package events

import (
	"encoding/json"
	"fmt"
	"sort"
)

type key struct {
	name    string
	version int
}

var registry = map[key]func(json.RawMessage) (Fact, error){}

func init() {
	register[ThreadOpened]()
	register[ThreadAssigned]()
	register[ThreadClosed]()
	register[ThreadReopened]()
	register[ThreadFiled]()
	register[ThreadContactChanged]()
	register[ThreadUndeliveredSeen]()
	register[ThreadTagged]()
	register[ThreadPrioritised]()
	register[ThreadSnoozed]()
	register[ThreadWoken]()
	register[ThreadMoved]()
	register[MentionSeen]()
	register[CommentAdded]()
	register[BotStarted]()
	register[BotEnded]()
	register[TicketMade]()
	register[MessageReceived]()
	register[MessageSent]()
	register[MessageWithdrawn]()
	register[MessageRetried]()
	register[MessageBounced]()
	register[MessageComplained]()
}

func register[F Fact]() {
	var zero F
	name, version := zero.FactType()
	registry[key{name, version}] = func(data json.RawMessage) (Fact, error) {
		var f F
		if err := json.Unmarshal(data, &f); err != nil {
			return nil, fmt.Errorf("events: %s: %w", name, err)
		}
		return f, nil
	}
}

// Types lists every known fact as "name v1", sorted.
func Types() []string {
	out := make([]string, 0, len(registry))
	for k := range registry {
		out = append(out, fmt.Sprintf("%s v%d", k.name, k.version))
	}
	sort.Strings(out)
	return out
}
