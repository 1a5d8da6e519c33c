package visitor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"parley/shared/fault"
	"parley/shared/limit"
)

// Identity is what a page of the team's says of who is signed in there. Signature is the HMAC-SHA256, in hex, of the id, the address, the name and
// the time (as they stand here, "" for what is not said), joined by line breaks, under the secret of the chat account.
type Identity struct {
	ExternalID string `json:"externalId" minLength:"1" maxLength:"200" doc:"What the team's own systems know them by."`
	Email      string `json:"email,omitempty" maxLength:"254"`
	Name       string `json:"name,omitempty" maxLength:"256"`
	At         int64  `json:"at" doc:"When the page was made, in seconds since 1970; good for 24 hours."`
	Signature  string `json:"signature" maxLength:"64" doc:"HMAC-SHA256, in hex, of externalId, email, name and at, joined by line breaks."`
}

// IdentitySecret is the secret that a chat account's pages sign identities with. Another generation is another secret.
func IdentitySecret(master []byte, account string, generation int64) string {
	h := hmac.New(sha256.New, master)
	h.Write([]byte("identity\x00" + account + "\x00" + strconv.FormatInt(generation, 10)))
	return hex.EncodeToString(h.Sum(nil))
}

// Sign is the signature that an identity must have.
func (i Identity) Sign(secret string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(strings.Join([]string{i.ExternalID, i.Email, i.Name, strconv.FormatInt(i.At, 10)}, "\n")))
	return hex.EncodeToString(h.Sum(nil))
}

// Check refuses an identity that the team's secret did not sign, or not lately; known says that this browser was told so before, and an old
// page may go on.
func (i Identity) Check(secret string, now time.Time, known bool) error {
	if i.ExternalID == "" || len(i.ExternalID) > limit.ExternalBytes || strings.ContainsAny(i.ExternalID+i.Email+i.Name, "\r\n") {
		return fault.New(fault.Denied, "The identity needs an externalId of at most %d bytes, and no line breaks.", limit.ExternalBytes)
	}
	if !hmac.Equal([]byte(i.Sign(secret)), []byte(strings.ToLower(i.Signature))) {
		return fault.New(fault.Denied, "The signature of the identity is wrong: it is the HMAC-SHA256, in hex, of externalId, email, name and at, joined by line breaks, under this chat's secret.")
	}
	switch age := now.Sub(time.Unix(i.At, 0)); {
	case age < -limit.IdentitySkew:
		return fault.New(fault.Denied, "The identity is signed for a time to come.")
	case age > limit.IdentityLife && !known:
		return fault.New(fault.Denied, "The identity was signed more than 24 hours ago: sign it when the page is made.")
	}
	return nil
}

// Of is the visitor that an identity is, in all browsers of theirs. Nobody who has not been vouched for gets a token of it.
func (s *Signer) Of(account string, i Identity) Visitor {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte("identity\x00" + account + "\x00" + i.ExternalID))
	return Visitor{Account: account, ID: "i" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:20]))}
}
