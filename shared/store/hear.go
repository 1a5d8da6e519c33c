package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"parley/shared/fault"
	"parley/shared/inbox"
)

// Heard is what news of a delivery changed: the commits of its thread, and the delivery, if it is another one now.
type Heard struct {
	Commits  []Commit
	Delivery inbox.Delivery
	Changed  bool
}

// Hear is the only way in which news of a message that went out comes into the store, whoever brings it: facts of the thread for each recipient
// whom it has newly lost or angered, and the recipients' states. It does no harm to say it again, to say it in another order, or to hear the same
// from somebody else: a fact happens once for each state of each address of a delivery, and is written before the state.
// fault.NotFound if there is no such delivery.
func (s *Store) Hear(ctx context.Context, thread string, seq int64, w inbox.Word) (Heard, error) {
	var h Heard
	j, err := s.Outbox.Get(ctx, thread, seq)
	if err != nil {
		return h, err
	}
	if w.Delivery != "" && j.ID != w.Delivery {
		return h, fault.New(fault.NotFound, "There is no such delivery.")
	}
	if c := w.News.Carrier; c != "" && c != j.Carrier { // deliver did not get as far, or the message went out twice: answers to either must find the thread
		if err := s.Threads.Claim(ctx, CarrierClaim(c), thread, seq); err != nil {
			return h, err
		}
	}
	if h.Commits, err = s.suffer(ctx, j, w); err != nil {
		return h, err
	}
	h.Delivery, err = s.Outbox.Hear(ctx, thread, seq, j.ID, w.News)
	h.Changed = err == nil && !h.Delivery.At.Equal(j.At)
	return h, err
}

// suffer writes the facts.
func (s *Store) suffer(ctx context.Context, j Job, w inbox.Word) ([]Commit, error) {
	var out []Commit
	message := ""
	for _, r := range inbox.Fallout(j.Delivery, j.Hear(w.News)) {
		if message == "" {
			sent, err := s.Threads.sent(ctx, j.Thread, j.Seq)
			if err != nil {
				return out, err
			}
			message = sent
		}
		c, err := s.Threads.Do(ctx, j.Thread, fallKey(j.ID, r), func(t inbox.Thread) (inbox.Decision, error) { return t.Suffer(w, message, j.Delivery, r) })
		if err != nil {
			return out, err
		}
		out = append(out, c)
	}
	return out, nil
}

// fallKey makes a fact happen once for each state of each address of each try of a delivery.
func fallKey(delivery string, r inbox.Recipient) string {
	state := r.State
	if r.Doubtful {
		state = "doubtful"
	}
	if r.Try > 0 {
		state += strconv.Itoa(r.Try)
	}
	sum := sha256.Sum256([]byte(strings.ToLower(r.Address)))
	return "mailstatus:" + delivery + ":" + state + ":" + hex.EncodeToString(sum[:8])
}

// sent is the id of the message of ours that an entry is.
func (s *Threads) sent(ctx context.Context, thread string, seq int64) (string, error) {
	log, err := s.Entries(ctx, thread, seq, seq)
	if err != nil {
		return "", err
	}
	if len(log) == 0 {
		return "", fault.New(fault.NotFound, "The message is not there any more.")
	}
	e, err := inbox.EntryOf(log[0])
	if err != nil {
		return "", err
	}
	if e.Sent == nil {
		return "", fault.New(fault.NotFound, "This entry is no message of ours.")
	}
	return e.Sent.Message, nil
}

// How many entries are looked through for a message of ours, newest first: what bounces was sent a moment ago.
const (
	sentPage = 100
	sentMost = 1000
)

// SeqOf finds the entry of a message of ours by its id, among the newest ones; 0 if it is not there.
func (s *Threads) SeqOf(ctx context.Context, head inbox.Thread, message string) (int64, error) {
	for to := head.Seq; to > max(0, head.Seq-sentMost); to -= sentPage {
		log, err := s.Entries(ctx, head.ID, max(1, to-sentPage+1), to)
		if err != nil {
			return 0, err
		}
		for _, e := range log {
			entry, err := inbox.EntryOf(e)
			if err != nil {
				return 0, err
			}
			if entry.Sent != nil && strings.EqualFold(entry.Sent.Message, message) {
				return e.Seq, nil
			}
		}
	}
	return 0, nil
}
