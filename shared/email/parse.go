package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/textproto"
	"strings"
	"unicode/utf8"

	"parley/shared/limit"
)

// Parse reads a raw mail. It never fails and never panics, and its cost is linear in len(raw), whatever raw is: every loop
// is bounded by package limit or consumes what it reads. What could not be read is in Problems. The Message shares memory
// with raw, which must not be changed afterwards.
func Parse(raw []byte) (m Message) {
	defer func() {
		if r := recover(); r != nil { // the last wall: a mail must not be lost to a defect of ours
			m.problem(ProblemPanic, cut(fmt.Sprint(r), 200))
		}
	}()
	m.To, m.Cc, m.Attachments, m.Problems = []Address{}, []Address{}, []Attachment{}, []Problem{}
	if len(raw) > limit.MailInBytes {
		raw = raw[:limit.MailInBytes]
		m.problem(ProblemGuard, "the mail is larger than can be received; its end was not read")
	}
	raw = trimStart(raw)
	root, bodyStart := parseTree(raw, m.problem)
	sum := sha256.Sum256(raw[bodyStart:])
	m.BodyHash = hex.EncodeToString(sum[:])
	m.readHeader(root)
	root = openSigned(root, m.problem, 0)
	htm := m.readBodies(root)
	m.Auto = autoRule(&m, root.header)
	m.Crypto = cryptoOf(root, m.Text)
	m.readReport(root)
	m.split(htm)
	return m
}

// readHeader fills what comes from the mail's own header block.
func (m *Message) readHeader(root *part) {
	h := root.header
	charset := headerCharset(root)
	m.Subject = decodeHeader(h.get("subject"), charset)
	m.ReplyTo = parseAddresses(h.get("reply-to"), charset)
	m.To = withEmail(bytes.Join(h.all("to"), []byte(", ")), charset)
	m.Cc = withEmail(bytes.Join(h.all("cc"), []byte(", ")), charset)
	m.ReplyTo = keepEmail(m.ReplyTo)
	m.readFrom(h, charset)
	m.readDate(h.all("date"))
	if ids := parseIDs(h.get("message-id")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	m.InReplyTo = newest(parseIDs(bytes.Join(h.all("in-reply-to"), []byte(" "))))
	m.References = newest(parseIDs(bytes.Join(h.all("references"), []byte(" "))))
	m.List = listID(decodeHeader(h.get("list-id"), charset))
	if a := withEmail(h.get("x-original-from"), charset); len(a) > 0 {
		m.OriginalFrom = &a[0]
	}
	if a := withEmail(h.get(rulesLoop), charset); len(a) > 0 {
		m.Redirected = strings.ToLower(a[0].Email)
	}
	m.Hops = len(h.all("received"))
	m.Loop = cut(decodeHeader(h.get(strings.ToLower(LoopHeader)), ""), maxID)
	m.Probe = cut(decodeHeader(h.get(strings.ToLower(ProbeHeader)), ""), maxID)
	m.readVerdicts(h)
}

// readFrom takes the sender from From, or else from Reply-To, or else from Sender.
func (m *Message) readFrom(h header, charset string) {
	from := parseAddresses(h.get("from"), charset)
	if a := keepEmail(from); len(a) > 0 {
		m.From = a[0]
		return
	}
	if len(from) > 0 {
		m.From = from[0] // a name without an address
	}
	m.problem(ProblemNoFrom, "the mail has no usable From")
	if len(m.ReplyTo) > 0 {
		m.From = m.ReplyTo[0]
		return
	}
	if a := withEmail(h.get("sender"), charset); len(a) > 0 {
		m.From = a[0]
	}
}

// listID is what stands in the brackets of a List-Id (RFC 2919), or all of it if it has none.
func listID(s string) string {
	if start := strings.LastIndexByte(s, '<'); start >= 0 {
		s, _, _ = strings.Cut(s[start+1:], ">")
	}
	return cut(strings.TrimSpace(s), maxID)
}

func withEmail(value []byte, charset string) []Address {
	return keepEmail(parseAddresses(value, charset))
}

// keepEmail drops entries without an address.
func keepEmail(in []Address) []Address {
	out := make([]Address, 0, len(in))
	for _, a := range in {
		if a.Email != "" {
			out = append(out, a)
		}
	}
	return out
}

// maxID bounds a message id, so that it fits a key of a table.
const maxID = 900

// parseIDs reads message ids (RFC 5322 §3.6.4), bare: what stands in <...>, or the words if there are no brackets. Blanks
// inside an id are folding and are dropped.
//
// Python's email package folds a long id into encoded words (RFC 2047 forbids it there), so they are decoded.
func parseIDs(value []byte) []string {
	if bytes.Contains(value, []byte("=?")) {
		value = []byte(decodeHeader(value, ""))
	}
	var ids []string
	add := func(b []byte) {
		id := strings.Join(strings.Fields(cleanHeader(string(b))), "")
		id = strings.Trim(id, "<>,;\"")
		if id != "" && len(id) <= maxID && utf8.ValidString(id) {
			ids = append(ids, id)
		}
	}
	if bytes.IndexByte(value, '<') < 0 {
		for _, w := range bytes.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == ';' }) {
			add(w)
		}
		return ids
	}
	for {
		i := bytes.IndexByte(value, '<')
		if i < 0 {
			return ids
		}
		value = value[i+1:]
		end := bytes.IndexAny(value, "<>") // "<a <b>": the first one is not closed
		if end < 0 {
			add(value)
			return ids
		}
		add(value[:end])
		if value[end] == '>' {
			end++
		}
		value = value[end:]
	}
}

// newest keeps the last limit.MailReferences ids, each once.
func newest(ids []string) []string {
	seen := map[string]bool{}
	var out []string
	for i := len(ids) - 1; i >= 0 && len(out) < limit.MailReferences; i-- {
		if !seen[ids[i]] {
			seen[ids[i]] = true
			out = append(out, ids[i])
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// readVerdicts takes SES's own fields. SES puts them on top of what it received, so the search ends at the first field that
// SES does not write or that it writes once: what comes after may be forged.
func (m *Message) readVerdicts(h header) {
	received := 0
	for _, f := range h {
		switch f.name {
		case "x-ses-spam-verdict", "x-ses-virus-verdict":
			if m.Verdicts == nil {
				m.Verdicts = map[string]string{}
			}
			name := strings.ReplaceAll(textproto.CanonicalMIMEHeaderKey(f.name), "Ses", "SES")
			if _, dup := m.Verdicts[name]; !dup {
				m.Verdicts[name] = strings.ToUpper(cut(decodeHeader(f.value, ""), 40))
			}
		case "received":
			if received++; received > 1 {
				return
			}
		case "return-path", "received-spf", "authentication-results":
		default:
			if !strings.HasPrefix(f.name, "x-ses-") {
				return
			}
		}
	}
}
