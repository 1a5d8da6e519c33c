package websocket

import (
	"context"

	"parley/shared/fault"
	"parley/shared/live"
	"parley/shared/store"
	"parley/shared/visitor"
)

// visitor does what a visitor's frame asks for. Which conversation is meant stands in the connection's identity, so a frame can name no other.
func (d *door) visitor(ctx context.Context, conn string, id store.Identity, r request) error {
	v := visitor.Visitor{ID: id.ID, Account: id.Account}
	switch r.Action {
	case "resume":
		return d.resume(ctx, conn, v, id.Conversation, r.After)
	case "say":
		return d.say(ctx, conn, v, id.Conversation, r)
	case "typing", "seen":
		thread, err := d.desk.Thread(ctx, v, id.Conversation)
		if err != nil || thread == "" {
			return err
		}
		f := live.Frame{T: r.Action, Thread: thread, Who: &live.Party{Kind: "visitor"}}
		if r.Action == "seen" {
			f.Seq = r.Seq
		}
		d.live.Passing(ctx, conn, f, live.ThreadTopic(thread))
		return nil
	case "ping":
		return d.live.To(ctx, conn, live.Frame{T: "pong"})
	}
	return fault.New(fault.Invalid, "There is no action %.40q: use resume, say, typing, seen or ping.", r.Action)
}

// resume watches the conversation and only then sends what the visitor lacks: nothing falls between. One that has not begun has no lines.
func (d *door) resume(ctx context.Context, conn string, v visitor.Visitor, n int, after int64) error {
	if after < 0 {
		return fault.New(fault.Invalid, "after is a seq: zero or more.")
	}
	thread, err := d.desk.Thread(ctx, v, n)
	if err != nil {
		return err
	}
	if thread == "" {
		return d.live.To(ctx, conn, live.Frame{T: "lines"})
	}
	if err := d.watchVisitor(ctx, conn, thread); err != nil {
		return err
	}
	return d.lines(ctx, conn, thread, after)
}

func (d *door) watchVisitor(ctx context.Context, conn, thread string) error {
	topic := live.VisitorTopic(thread)
	if err := d.sockets.Watch(ctx, conn, topic); err != nil {
		return err
	}
	d.tellPresence(ctx, conn, false, topic)
	return nil
}

// lines sends what stands behind after, in as few frames as fit.
func (d *door) lines(ctx context.Context, conn, thread string, after int64) error {
	all, err := d.desk.Lines(ctx, thread, after)
	if err != nil {
		return err
	}
	frame := live.Frame{T: "lines", From: all.From}
	used := 0
	for i, line := range all.Lines {
		s, err := size(line)
		if err != nil {
			return err
		}
		if used += s + 1; used > frameRoom && len(frame.Lines) > 0 {
			frame.Seq = all.Lines[i-1].Seq
			if err := d.live.To(ctx, conn, frame); err != nil {
				return err
			}
			frame = live.Frame{T: "lines", From: frame.Seq + 1}
			used = s + 1
		}
		frame.Lines = append(frame.Lines, line)
	}
	frame.Seq = all.Seq
	return d.live.To(ctx, conn, frame)
}

// say takes a message and answers that it is kept. The visitor's first message begins the conversation, which is watched from then on.
func (d *door) say(ctx context.Context, conn string, v visitor.Visitor, n int, r request) error {
	c, err := d.desk.Say(ctx, v, n, visitor.Said{Client: r.Client, Text: r.Text, Page: r.Page, Title: r.Title, Flow: r.Flow, Zone: r.Zone, Lang: r.Lang, Shown: r.Shown, Seen: r.Seen})
	if err != nil {
		return err
	}
	seq := c.Seq
	for _, e := range c.Entries {
		if e.Received != nil {
			seq = e.Seq
		}
	}
	if err := d.live.To(ctx, conn, live.Frame{T: "said", Client: r.Client, Seq: seq}); err != nil {
		return err
	}
	topics, err := d.sockets.Topics(ctx, conn)
	if err != nil {
		return err
	}
	for _, t := range topics {
		if t == live.VisitorTopic(c.Thread.ID) {
			return nil
		}
	}
	if err := d.watchVisitor(ctx, conn, c.Thread.ID); err != nil {
		return err
	}
	return d.lines(ctx, conn, c.Thread.ID, 0)
}
