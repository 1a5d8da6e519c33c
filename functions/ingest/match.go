package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"parley/events"
	"parley/shared/email"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/store"
)

// match is where a mail belongs.
type match struct {
	thread  string       // "": it begins one
	origin  string       // the thread whose matter it leaves
	why     events.Why   // the rule and what it looked at
	claims  []string     // names to claim with the commit, all free when looked up
	copy    *store.Claim // the mail is a message already, here
	own     bool         // it is a mail of ours
	settled bool         // whether it is of another matter is decided
}

// names are the claims one mail has to do with.
type names struct {
	carrier string // this mail under SES's id, if its arrival has another name
	copy    string // Message-ID and body: the sender's server tried twice; "" without a Message-ID
	message string // Message-ID; "" without
	self    string // Message-ID as one that SES gave a mail of ours; "" if it is none
}

func namesOf(in *incoming, u unit) names {
	account := u.box.account.ID
	var n names
	if carrier := store.MailArrival(account, in.Mail.ID); carrier != u.arrival.Name { // it was nobody's when it came
		n.carrier = carrier
	}
	if id := in.msg.MessageID; id != "" {
		sum := sha256.Sum256([]byte(id + "\x00" + in.msg.BodyHash))
		n.copy = "copy:" + account + ":" + hex.EncodeToString(sum[:16])
		n.message = store.MessageIDClaim(account, id)
		n.self = carrierClaim(id)
	}
	return n
}

// carrierClaim names the claim deliver made when SES gave a mail of ours this id, whatever the domain.
func carrierClaim(id string) string {
	if local, ok := email.SESLocalPart(id); ok {
		return store.CarrierClaim(local)
	}
	return ""
}

// reference is an id the mail answers to, with the header it stands in.
type reference struct{ rule, id string }

// maxReferences is how many ids are looked up: each has two names, the mail itself four, and all are read at once.
const maxReferences = min(limit.MailReferences, (limit.BatchGetKeys-4)/2)

// referencesOf lists what the mail answers to, the likeliest first (rule 10).
func referencesOf(m email.Message) []reference {
	var out []reference
	seen := map[string]bool{m.MessageID: true, "": true}
	add := func(rule, id string) {
		if !seen[id] && len(out) < maxReferences {
			seen[id] = true
			out = append(out, reference{rule, id})
		}
	}
	for _, id := range m.InReplyTo {
		add("in-reply-to", id)
	}
	for _, id := range slices.Backward(m.References) {
		add("references", id)
	}
	return out
}

// match finds the thread of a mail: rules 0, 2, 9 and 10. It reads all claims at once and decides on them.
func (h *handler) match(ctx context.Context, in *incoming, u unit) (match, error) {
	mine := namesOf(in, u)
	refs := referencesOf(in.msg)
	look := []string{mine.carrier, mine.copy, mine.message, mine.self}
	for _, r := range refs {
		look = append(look, store.MessageIDClaim(u.box.account.ID, r.id), carrierClaim(r.id))
	}
	look = slices.DeleteFunc(look, func(name string) bool { return name == "" })
	found, err := h.store.Threads.ByClaims(ctx, look...)
	if err != nil {
		return match{}, err
	}
	for _, name := range []string{mine.carrier, mine.copy} {
		if c, ok := found[name]; has(found, name) && ok {
			return match{copy: &c}, nil
		}
	}
	if has(found, mine.self) {
		return match{own: true}, nil
	}
	m, err := h.find(ctx, in, u.box, refs, found)
	if err != nil {
		return m, err
	}
	m.claims = claims(mine, found)
	if m.thread == "" {
		m.claims = append(m.claims, unseen(in, u.box.account.ID, refs, found)...)
	}
	return m, nil
}

// has reports whether a name leads to a thread. A mail's own arrival may be there and lead nowhere yet.
func has(found map[string]store.Claim, name string) bool {
	return name != "" && found[name].Thread != ""
}

// find applies the rules in order.
func (h *handler) find(ctx context.Context, in *incoming, box mailbox, refs []reference, found map[string]store.Claim) (match, error) {
	if box.thread != "" {
		return match{thread: box.thread, why: events.Why{Rule: "token", Inputs: map[string]string{"recipient": box.address}}}, nil
	}
	for _, r := range refs {
		thread, err := h.threadOf(ctx, box.account.ID, r.id, found)
		if err != nil {
			return match{}, err
		}
		if thread == "" {
			if thread, err = h.mentioned(ctx, in, box.account.ID, r.id, found); err != nil {
				return match{}, err
			}
		}
		if thread != "" {
			return match{thread: thread, why: events.Why{Rule: r.rule, Inputs: map[string]string{"messageId": r.id}}}, nil
		}
	}
	if id := in.msg.MessageID; id != "" {
		if c, ok := found[store.MessageIDClaim(box.account.ID, id)]; ok {
			before, err := h.answeredBefore(ctx, c, id)
			if err != nil || before {
				return match{thread: c.Thread, why: events.Why{Rule: "referenced", Inputs: map[string]string{"messageId": id}}}, err
			}
		}
	}
	return match{why: events.Why{Rule: "new", Inputs: map[string]string{"recipient": box.address}}}, nil
}

// threadOf returns the thread of this mailbox that an id of ours belongs to: one we signed, or one SES gave a mail of ours.
func (h *handler) threadOf(ctx context.Context, account, id string, found map[string]store.Claim) (string, error) {
	thread, ok := h.signer.ThreadOfMessageID(id)
	if !ok {
		thread = found[carrierClaim(id)].Thread
	}
	if thread != "" {
		head, err := h.store.Threads.Head(ctx, thread)
		if err == nil && head.Account == account {
			return thread, nil
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", err
		}
	}
	return "", nil
}

// mentioned returns the thread whose stored mail had this id, or mentioned it. A mail that nobody here ever saw holds those together who speak
// to each other, and nobody else: the readers of a newsletter who answer it are strangers, and each begins a conversation.
func (h *handler) mentioned(ctx context.Context, in *incoming, account, id string, found map[string]store.Claim) (string, error) {
	c, ok := found[store.MessageIDClaim(account, id)]
	if !ok || c.Thread == "" {
		return "", nil
	}
	f, err := h.received(ctx, c)
	if err != nil || f == nil || f.Email == nil || f.Email.MessageID == id {
		return c.Thread, err
	}
	if ok, err := h.akinTo(ctx, in, c.Thread); err != nil || ok {
		return c.Thread, err
	}
	return h.kindred(ctx, in, account, id, found)
}

// kindred returns the thread of those who answered to the same unseen mail as strangers did before them, and who speak to who wrote this one.
// What it looks up it adds to found.
func (h *handler) kindred(ctx context.Context, in *incoming, account, id string, found map[string]store.Claim) (string, error) {
	names := circle(in, account, id)
	more, err := h.store.Threads.ByClaims(ctx, names...)
	if err != nil {
		return "", err
	}
	maps.Copy(found, more)
	for _, name := range names {
		if !has(more, name) {
			continue
		}
		if ok, err := h.akinTo(ctx, in, more[name].Thread); err != nil || ok {
			return more[name].Thread, err
		}
	}
	return "", nil
}

// maxCircle is how many people of a mail, its writer first, are remembered as speaking to each other about a mail that never came.
const maxCircle = 4

// circle names the claims by which those who speak to each other about an unseen mail find one another when strangers were there first.
func circle(in *incoming, account, id string) []string {
	var out []string
	for _, a := range slices.Concat([]email.Address{{Email: senderOf(in).from.Email}}, in.msg.To, in.msg.Cc) {
		if who, ok := address(a); ok && len(out) < maxCircle {
			if name := store.MentionClaim(account, id, who.Email); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// akinTo reports whether who wrote a mail belongs to those of a thread.
func (h *handler) akinTo(ctx context.Context, in *incoming, thread string) (bool, error) {
	head, err := h.store.Threads.Head(ctx, thread)
	return err == nil && akin(in, head), err
}

// akin reports whether who wrote a mail is on a thread, or writes to who began it, or is of the team.
func akin(in *incoming, t inbox.Thread) bool {
	who := senderOf(in)
	return who.agent || t.Takes(who.from.Email) || slices.ContainsFunc(slices.Concat(in.msg.To, in.msg.Cc), func(a email.Address) bool {
		to, ok := address(a)
		return ok && to.Email == t.Contact.Address
	})
}

// answeredBefore tells why a mail's own Message-ID is taken: an answer to it that came first (true), or another mail with the same
// id and another body, which is kept beside it (false).
func (h *handler) answeredBefore(ctx context.Context, c store.Claim, id string) (bool, error) {
	f, err := h.received(ctx, c)
	return err == nil && f != nil && f.Email != nil && f.Email.MessageID != id, err
}

// received is the message that a claim leads to; nil if it is none that came in.
func (h *handler) received(ctx context.Context, c store.Claim) (*events.MessageReceived, error) {
	log, err := h.store.Threads.Entries(ctx, c.Thread, c.Seq, c.Seq)
	if err != nil || len(log) == 0 {
		return nil, err
	}
	e, err := inbox.EntryOf(log[0])
	return e.Received, err
}

// claims are the names by which this mail will be known again.
func claims(mine names, found map[string]store.Claim) []string {
	var out []string
	for _, name := range []string{mine.carrier, mine.copy, mine.message} {
		if _, taken := found[name]; name != "" && !taken {
			out = append(out, name)
		}
	}
	return out
}

// unseen are the ids a new thread answers to and nobody knows: another answer to the same mail, or that mail itself, will find it. Where
// strangers were first, those who speak to who wrote this one will.
func unseen(in *incoming, account string, refs []reference, found map[string]store.Claim) []string {
	var out []string
	circles := 0
	for _, r := range refs {
		if name := store.MessageIDClaim(account, r.id); !has(found, name) {
			out = append(out, name)
			continue
		}
		if circles++; circles > maxCircles {
			continue
		}
		for _, name := range circle(in, account, r.id) {
			if _, taken := found[name]; !taken {
				out = append(out, name)
			}
		}
	}
	return out
}

// maxCircles bounds for how many ids a mail claims its circle: with maxCircle people each, a commit stays within limit.TransactActions.
const maxCircles = 4
