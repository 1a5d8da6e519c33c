package websocket

import (
	"context"
	"slices"
	"strings"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/live"
	"parley/shared/store"
)

// frameRoom is what lines may take of a frame beside its other members.
const frameRoom = limit.FrameBytes - 500

// tellPresence tells those who have the threads of these topics open who else has, when that changed: other agents, the visitor of a chat.
// Best effort: presence is true for a moment, and the next change says it again. from hears nothing.
func (d *door) tellPresence(ctx context.Context, from string, left bool, topics ...string) {
	for _, topic := range topics {
		kind, thread, _ := strings.Cut(topic, ":")
		switch kind {
		case "thread":
			d.tellViewers(ctx, from, left, thread)
		case "visitor":
			if f, ok := d.visitorFrame(ctx, thread); ok {
				d.live.Passing(ctx, from, f, live.ThreadTopic(thread))
			}
		}
	}
}

// tellViewers says who has a thread open. Who is alone with it need not hear so, but when somebody left.
func (d *door) tellViewers(ctx context.Context, from string, left bool, thread string) {
	watchers, err := d.sockets.WhoWatches(ctx, live.ThreadTopic(thread))
	if err != nil {
		return
	}
	f := live.Frame{T: "viewing", Thread: thread, Viewers: []live.Party{}}
	for _, w := range watchers {
		p := live.Party{Kind: "agent", ID: w.ID, Name: w.Name}
		if !slices.Contains(f.Viewers, p) { // two tabs are one person
			f.Viewers = append(f.Viewers, p)
		}
	}
	if len(f.Viewers) > 1 || left && len(f.Viewers) > 0 {
		d.live.Passing(ctx, from, f, live.ThreadTopic(thread))
	}
}

// visitorFrame says whether the visitor of a chat is there.
func (d *door) visitorFrame(ctx context.Context, thread string) (live.Frame, bool) {
	conns, err := d.sockets.Watchers(ctx, live.VisitorTopic(thread))
	online := len(conns) > 0
	return live.Frame{T: "visitor", Thread: thread, Online: &online}, err == nil
}

// mayWatch refuses topics of inboxes that an agent does not see, as if they were not there. What does not exist is not its business.
func (d *door) mayWatch(ctx context.Context, id store.Identity, names []string) error {
	a, err := d.live.Access(ctx, id)
	if err != nil {
		return err
	}
	if sees, _ := a.Everywhere(); sees {
		return nil
	}
	for _, name := range names {
		kind, of, _ := strings.Cut(name, ":")
		switch kind {
		case "thread":
			head, err := d.threads.Head(ctx, of)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if !a.Sees(head.Inbox) {
				return fault.New(fault.NotFound, "There is no such conversation.")
			}
		case "inbox":
			if !a.Sees(of) {
				return fault.New(fault.NotFound, "There is no such inbox.")
			}
		}
	}
	return nil
}

// agentPassing tells what is true for a moment: an agent types, or has seen. A visitor learns a name and nothing of notes.
func (d *door) agentPassing(ctx context.Context, conn string, id store.Identity, r request) error {
	topic := live.ThreadTopic(r.Thread)
	if !topicName.MatchString(topic) {
		return fault.New(fault.Invalid, "thread is the id of a conversation.")
	}
	have, err := d.sockets.Topics(ctx, conn)
	if err != nil {
		return err
	}
	if !slices.Contains(have, topic) {
		return fault.New(fault.Invalid, "Watch the conversation first.")
	}
	if a, err := d.live.Access(ctx, id); err != nil || !a.Role.Works() { // who only looks leaves no trace
		return err
	}
	f := live.Frame{T: r.Action, Thread: r.Thread, Seq: r.Seq, Who: &live.Party{Kind: "agent", ID: id.ID, Name: id.Name}}
	if r.Action == "typing" {
		f.Seq = 0
		d.live.Passing(ctx, conn, f, topic)
	}
	if !r.Note {
		d.live.Passing(ctx, conn, live.Frame{T: r.Action, Seq: f.Seq, Who: &live.Party{Kind: "agent", Name: id.Name}}, live.VisitorTopic(r.Thread))
	}
	return nil
}
