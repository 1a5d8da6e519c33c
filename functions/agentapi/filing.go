package agentapi

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/store"
)

type folderIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
	Body    struct {
		Folder      inbox.Folder `json:"folder" enum:",filtered,spam,trash" doc:"Empty for the inbox: what was put aside is restored."`
		BlockSender bool         `json:"blockSender,omitempty" doc:"With spam: the contact's address goes onto the inbox's deny list, so that what they write next is spam, too."`
	}
}

type contactIn struct {
	Thread  string `path:"thread" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"An ETag of the thread: refused with 412 once the thread has moved on."`
	Body    struct {
		Address string `json:"address" maxLength:"254" doc:"Whose conversation this is: from or via of one of its messages, or anybody else."`
		Name    string `json:"name,omitempty" maxLength:"256" doc:"For a contact that has no name yet."`
	}
}

func (d *door) registerFiling() {
	huma.Register(d.api, op("PUT", "/api/threads/{thread}/folder", "fileThread", "Call the thread spam, put it aside, or restore it"), d.file)
	huma.Register(d.api, op("PUT", "/api/threads/{thread}/contact", "setContact", "Say who the person of the thread is"), d.setContact)
}

// file blocks the sender first: if the thread cannot be filed then, the same request again finishes it.
func (d *door) file(ctx context.Context, in *folderIn) (*changeOut, error) {
	u := caller(ctx)
	why := &events.Why{Rule: "hand", Inputs: map[string]string{"by": u.ID}}
	if in.Body.BlockSender {
		if in.Body.Folder != inbox.Spam {
			return nil, fault.New(fault.Invalid, "A sender is blocked with spam only.")
		}
		entry, err := d.block(ctx, in.Thread, in.IfMatch)
		if err != nil {
			return nil, err
		}
		why.Inputs["blocked"] = entry
	}
	return d.put(ctx, in.Thread, in.IfMatch, func(t inbox.Thread) (inbox.Decision, error) { return t.File(agent(u), in.Body.Folder, why) })
}

// block puts the address of a thread's contact on the deny list of its inbox.
func (d *door) block(ctx context.Context, thread, ifMatch string) (string, error) {
	head, err := d.store.Threads.Head(ctx, thread)
	if err != nil {
		return "", err
	}
	if !matches(ifMatch, head.Seq) {
		return "", preconditionFailed()
	}
	address, err := email.NormaliseAddress(head.Contact.Address)
	if err != nil {
		return "", fault.New(fault.Invalid, "The sender of this conversation has no address that could be blocked.")
	}
	if err := d.mustBeOutside(ctx, address); err != nil {
		return "", err
	}
	l, err := d.store.Filters.Put(ctx, head.Inbox, inbox.Deny, store.Listed{Entry: address, By: agent(caller(ctx)), Thread: thread})
	return l.Entry, err
}

// mustBeOutside is fault.Invalid for an address of our own.
func (d *door) mustBeOutside(ctx context.Context, address string) error {
	accounts, err := d.store.Settings.Accounts(ctx)
	if err != nil {
		return err
	}
	if d.ours(address, accounts) {
		return fault.New(fault.Invalid, "%s is an address of your own.", address)
	}
	return nil
}

// setContact undoes "on behalf of", or does it: the person behind a forwarded mail is who an agent says.
func (d *door) setContact(ctx context.Context, in *contactIn) (*changeOut, error) {
	u := caller(ctx)
	address, err := email.NormaliseAddress(in.Body.Address)
	if err != nil {
		return nil, err
	}
	if err := d.mustBeOutside(ctx, address); err != nil {
		return nil, err
	}
	if _, err := d.store.Threads.Head(ctx, in.Thread); err != nil { // nobody is remembered for a thread that is not there
		return nil, err
	}
	c, err := d.store.Contacts.ByEmail(ctx, address, strings.Join(strings.Fields(in.Body.Name), " "))
	if err != nil {
		return nil, err
	}
	why := &events.Why{Rule: "hand", Inputs: map[string]string{"by": u.ID}}
	return d.put(ctx, in.Thread, in.IfMatch, func(t inbox.Thread) (inbox.Decision, error) { return t.SetContact(agent(u), c.Fact(), why) })
}
