package pages

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// message is what the outbox page shows of a mail. It reads what Parley composes: the product's parser, for mail of strangers, is shared/email.
type message struct {
	header     mail.Header
	text, html string
	files      []string
}

func read(raw []byte) message {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return message{text: string(raw)}
	}
	out := message{header: m.Header}
	out.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Header.Get("Content-Disposition"), m.Body, 0)
	return out
}

// Nesting of what we compose is mixed > related > alternative.
const depthMost = 6

func (m *message) part(mediaType, encoding, disposition string, body io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(mediaType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" && depth < depthMost {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err != nil {
				return
			}
			m.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Disposition"), p, depth+1)
		}
	}
	if how, dp, err := mime.ParseMediaType(disposition); err == nil && how == "attachment" {
		m.files = append(m.files, decoded(dp["filename"]))
		return
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		text = append(text, "\n(the rest cannot be decoded)"...)
	}
	switch {
	case kind == "text/html" && m.html == "":
		m.html = string(text)
	case kind == "text/plain" && m.text == "":
		m.text = string(text)
	}
}

// decoded is a header value with its RFC 2047 words in plain text.
func decoded(value string) string {
	if s, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
		return s
	}
	return value
}
