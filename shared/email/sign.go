package email

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// Signer makes the addresses and Message-IDs by which an answer finds its thread, and recognises its own. What it signs is
// public; the signature keeps a stranger from writing into a thread whose id he guessed. Everything is lower case and is
// verified whatever the case, because mail systems fold it.
type Signer struct {
	key    []byte
	domain string
}

// NewSigner returns a Signer for the stage's mail domain. It panics on an empty key: signatures would mean nothing.
func NewSigner(key []byte, mailDomain string) *Signer {
	if len(key) == 0 {
		panic("email: NewSigner without a key")
	}
	return &Signer{key: append([]byte(nil), key...), domain: strings.ToLower(strings.TrimSpace(mailDomain))}
}

// macBytes is the length of a signature: 80 bits, 16 characters.
const macBytes = 10

var macEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// mac signs its purpose and parts, which hold no zero byte.
func (s *Signer) mac(purpose string, parts ...string) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(purpose))
	for _, p := range parts {
		h.Write([]byte{0})
		h.Write([]byte(p))
	}
	return macEncoding.EncodeToString(h.Sum(nil)[:macBytes])
}

func (s *Signer) verify(mac, purpose string, parts ...string) bool {
	return hmac.Equal([]byte(mac), []byte(s.mac(purpose, parts...)))
}

// ReplyAddress is where answers to a thread go: c+<thread>.<signature>@<mail domain>. The local part keeps to the 64 octets
// of RFC 5321 §4.5.3.1.1. It is "" if thread is no thread id.
func (s *Signer) ReplyAddress(thread string) string {
	thread = strings.ToLower(thread)
	if !isThread(thread) {
		return ""
	}
	return "c+" + thread + "." + s.mac("reply", thread) + "@" + s.domain
}

// ThreadOfAddress returns the thread of one of our reply addresses, bare or in <>.
func (s *Signer) ThreadOfAddress(addr string) (string, bool) {
	local, ok := s.local(addr)
	if !ok {
		return "", false
	}
	token, ok := strings.CutPrefix(local, "c+")
	if !ok {
		return "", false
	}
	thread, mac, ok := strings.Cut(token, ".")
	if !ok || !isThread(thread) || !s.verify(mac, "reply", thread) {
		return "", false
	}
	return thread, true
}

// MessageID is the bare Message-ID of one entry of a thread: <thread>.<entry>.<signature>@<mail domain>. It is "" if thread
// is no thread id or entry holds anything but letters and digits.
func (s *Signer) MessageID(thread, entry string) string {
	thread, entry = strings.ToLower(thread), strings.ToLower(entry)
	if !isThread(thread) || !isEntry(entry) {
		return ""
	}
	return thread + "." + entry + "." + s.mac("message", thread, entry) + "@" + s.domain
}

// ThreadOfMessageID returns the thread of one of our Message-IDs, bare or in <>.
func (s *Signer) ThreadOfMessageID(id string) (string, bool) {
	thread, _, ok := s.EntryOfMessageID(id)
	return thread, ok
}

// EntryOfMessageID returns the thread and the entry of one of our Message-IDs, bare or in <>, as MessageID was given them, in lower case.
func (s *Signer) EntryOfMessageID(id string) (thread, entry string, ok bool) {
	local, ok := s.local(id)
	if !ok {
		return "", "", false
	}
	p := strings.Split(local, ".")
	if len(p) != 3 || !isThread(p[0]) || !isEntry(p[1]) || !s.verify(p[2], "message", p[0], p[1]) {
		return "", "", false
	}
	return p[0], p[1], true
}

// local returns the lower-case local part of an address of our domain.
func (s *Signer) local(addr string) (string, bool) {
	if len(addr) > maxEmail {
		return "", false
	}
	addr = strings.ToLower(strings.Trim(strings.TrimSpace(addr), "<>"))
	local, domain, ok := strings.Cut(addr, "@")
	return local, ok && domain == s.domain
}

// isThread reports whether s can be a thread id: 10 to 40 lower-case letters and digits (ours are ULIDs, 26).
func isThread(s string) bool { return len(s) >= 10 && isEntry(s) }

func isEntry(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
			return false
		}
	}
	return true
}

// SESLocalPart returns the part before the "@" of a Message-ID that SES gave a mail of somebody: SES's MessageId, as its API
// returned it. The domain is email.amazonses.com in us-east-1 and <region>.amazonses.com elsewhere; it says nothing
// about whose mail it was.
func SESLocalPart(id string) (string, bool) {
	id = strings.ToLower(strings.Trim(strings.TrimSpace(id), "<>"))
	local, domain, ok := strings.Cut(id, "@")
	region, isSES := strings.CutSuffix(domain, ".amazonses.com")
	if !ok || !isSES || region == "" || strings.ContainsAny(region, ".@ ") || len(local) < 20 || len(local) > 100 {
		return "", false
	}
	for _, c := range []byte(local) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return "", false
		}
	}
	return local, true
}
