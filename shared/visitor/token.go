package visitor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"parley/shared/limit"
)

// Visitor is a browser that chats with one account.
type Visitor struct {
	ID      string
	Account string
}

// Signer makes and reads the tokens by which a browser is known again. A token is a visitor's whole proof: who has it reads the conversations.
type Signer struct{ key []byte }

// NewSigner returns a Signer over a key of at least 32 bytes.
func NewSigner(key []byte) *Signer { return &Signer{key} }

// Token signs who the visitor is and when that was said: "account.visitor.seconds.mac".
func (s *Signer) Token(v Visitor, at time.Time) string {
	head := v.Account + "." + v.ID + "." + strconv.FormatInt(at.Unix(), 36)
	return head + "." + s.mac(head)
}

// Verify reads a token; ok is false for one we did not sign or that is older than limit.ChatTokenLife.
func (s *Signer) Verify(token string, now time.Time) (v Visitor, ok bool) {
	i := strings.LastIndexByte(token, '.')
	if i < 0 || len(token) > 300 || !hmac.Equal([]byte(s.mac(token[:i])), []byte(token[i+1:])) {
		return v, false
	}
	part := strings.Split(token[:i], ".")
	if len(part) != 3 {
		return v, false
	}
	at, err := strconv.ParseInt(part[2], 36, 64)
	if err != nil || now.Sub(time.Unix(at, 0)) > limit.ChatTokenLife {
		return v, false
	}
	return Visitor{Account: part[0], ID: part[1]}, true
}

func (s *Signer) mac(head string) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte("visitor\x00" + head))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:20])
}
