// Package fetch is the port to servers of strangers: whatever a mail or a form names, asked for once and without trust.
//
// Owns: one GET that follows redirects, one POST that does not. Never: what the answer means, credentials of any kind.
// Imported by: functions, adapters, host, infra/local.
package fetch

import "context"

// Request is what is asked for.
type Request struct {
	URL    string
	Accept string // media types
	Most   int64  // bytes of the answer's body; an answer with more is refused
	// Post is what is told instead of only asked, as JSON unless Header says another Content-Type; nil asks. Whoever is told must be meant: an
	// answer that leads elsewhere is the answer.
	Post   []byte
	Header map[string]string // beside the usual ones; of a Post only
}

// Answer is what the last server said.
type Answer struct {
	Status int
	Body   []byte
}

// Getter asks. It tells nobody who asks: no cookies, no Referer, no name of ours. ctx bounds the whole time it takes.
//
// Its errors are about the stranger, so all of them are coded: fault.Denied for an address that is not of the public web, a private network's
// above all; fault.NotFound if no answer came; fault.Invalid for an answer that nobody should read: too long, packed, going in circles.
type Getter interface {
	Get(ctx context.Context, r Request) (Answer, error)
}
