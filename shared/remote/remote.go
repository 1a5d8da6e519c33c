// Package remote holds the addresses under which our own origin shows pictures that lie elsewhere.
//
// Owns: the signed link, its life. Never: fetching (fetch), which pictures a mail has (agentapi), showing them (imageproxy).
// Imported by: functions/agentapi, functions/imageproxy.
//
// A browser's img element sends no token, so the link is the right to see one picture for a while. The signature keeps the proxy from
// fetching what anybody asks for.
package remote

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"time"

	"parley/shared/fault"
	"parley/shared/limit"
)

// Path is where imageproxy answers.
const Path = "/api/image"

// Signer makes links and opens them.
type Signer struct{ key []byte }

// NewSigner panics on an empty key: signatures would mean nothing.
func NewSigner(key []byte) Signer {
	if len(key) == 0 {
		panic("remote: NewSigner without a key")
	}
	return Signer{append([]byte(nil), key...)}
}

const macBytes = 16

func (s Signer) mac(address, expiry string) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte("image\x00" + expiry + "\x00" + address))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:macBytes])
}

// Link is the path and query that show the picture at an address. It is the same for limit.ImageLinkLife, so that browsers keep what
// they have, and good for as long again at least. It is "" for an address too long to travel in a link.
func (s Signer) Link(address string, now time.Time) string {
	expiry := strconv.FormatInt(now.Truncate(limit.ImageLinkLife).Add(2*limit.ImageLinkLife).Unix(), 10)
	link := Path + "?" + url.Values{"u": {address}, "e": {expiry}, "s": {s.mac(address, expiry)}}.Encode()
	if len(link) > limit.ImageLinkBytes {
		return ""
	}
	return link
}

// Open returns the address behind a link's query and how long it is good. An error is fault.Denied for a link that is not ours and
// fault.Gone for one that was.
func (s Signer) Open(query url.Values, now time.Time) (address string, left time.Duration, err error) {
	address, expiry := query.Get("u"), query.Get("e")
	if !hmac.Equal([]byte(query.Get("s")), []byte(s.mac(address, expiry))) {
		return "", 0, Forged()
	}
	unix, err := strconv.ParseInt(expiry, 10, 64)
	if err != nil {
		return "", 0, Forged()
	}
	if left = time.Unix(unix, 0).Sub(now); left <= 0 {
		return "", 0, fault.New(fault.Gone, "This link has expired. Open the message again.")
	}
	return address, left, nil
}

// Forged is what opening a link says that nobody here has signed.
func Forged() error { return fault.New(fault.Denied, "This link is not one of ours.") }
