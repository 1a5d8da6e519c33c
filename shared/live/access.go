package live

import (
	"context"
	"strings"

	"parley/shared/fault"
	"parley/shared/store"
)

// sees reports whether who watches may still hear of an inbox, "" for what is of none: access is given once, when a topic is watched, and may
// end while the socket stays open. It ends here as late as this process's copy of the settings is old. A connection of whom it has ended for is
// told, and loses the topic; that of a disabled user loses all.
func (l *Live) sees(ctx context.Context, w store.Watcher, topic, inboxID string) (bool, error) {
	if w.Kind != "agent" {
		return true, nil
	}
	a, err := l.Access(ctx, w.Identity)
	switch {
	case fault.Is(err, fault.Denied):
		return false, l.end(ctx, w.Conn, err)
	case err != nil:
		return false, err
	case inboxID == "" || a.Sees(inboxID):
		return true, nil
	}
	if err := l.sockets.Unwatch(ctx, w.Conn, topic); err != nil && !fault.Is(err, fault.Gone) {
		return false, err
	}
	f := Frame{T: "error", Code: string(fault.NotFound), Detail: "There is no such inbox."}
	if thread, is := strings.CutPrefix(topic, ThreadTopic("")); is {
		f.Thread, f.Detail = thread, "There is no such conversation."
	} else {
		f.Inbox = inboxID
	}
	return false, l.To(ctx, w.Conn, f)
}

// Access is what an agent may do where, by the settings of this moment; fault.Denied once their access has ended.
func (l *Live) Access(ctx context.Context, id store.Identity) (store.Access, error) {
	u, err := l.settings.Who(ctx, id.ID)
	if fault.Is(err, fault.NotFound) || err == nil && u.Disabled {
		err = fault.New(fault.Denied, "Your access to this workspace has been disabled. Please ask an admin.")
	}
	if err != nil {
		return store.Access{}, err
	}
	return l.settings.Access(ctx, u)
}

// End ends what all of a user's connections hear: their access has ended.
func (l *Live) End(ctx context.Context, user string) error {
	conns, err := l.sockets.WhoWatches(ctx, UserTopic(user))
	if err != nil {
		return err
	}
	for _, c := range conns {
		if err := l.end(ctx, c.Conn, fault.New(fault.Denied, "Your access to this workspace has been disabled. Please ask an admin.")); err != nil {
			return err
		}
	}
	return nil
}

// end tells a connection why it hears no more, and forgets it. It is closed when it next speaks.
func (l *Live) end(ctx context.Context, conn string, why error) error {
	err := l.To(ctx, conn, Frame{T: "error", Code: string(fault.CodeOf(why)), Detail: fault.MessageOf(why)})
	if forgotten := l.sockets.Disconnect(ctx, conn); err == nil {
		err = forgotten
	}
	return err
}
