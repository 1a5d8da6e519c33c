package email

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// textCharset is the charset that the first text part declares, in its Content-Type or in its HTML, or "".
func textCharset(p *part) string {
	if name, known := nameCharset(p.kind.params["charset"]); known && name != "" {
		return name
	}
	if p.kind.name == "text/html" {
		b, _ := decodeTransfer(transferOf(p), p.content[:min(len(p.content), 4096)])
		if name, known := nameCharset(charsetOfHTML(b)); known && name != "" {
			return name
		}
	}
	for _, c := range p.children {
		if cs := textCharset(c); cs != "" {
			return cs
		}
	}
	return ""
}

// headerCharset is the best guess for a header that declares no charset: that of the text, or else what the bytes of header
// and text together look like. A subject alone is often too short to tell.
func headerCharset(root *part) string {
	if cs := textCharset(root); cs != "" {
		return cs
	}
	var sample []byte
	for _, f := range root.header {
		if (f.name == "subject" || f.name == "from" || f.name == "to" || f.name == "cc") && !utf8.Valid(f.value) {
			sample = append(append(sample, f.value...), '\n')
		}
	}
	if len(sample) == 0 {
		return ""
	}
	if p := firstText(root); p != nil {
		b, _ := decodeTransfer(transferOf(p), p.content[:min(len(p.content), 4*maxSample)])
		if !utf8.Valid(b) {
			sample = append(sample, b...)
		}
	}
	return detectCharset(sample)
}

func firstText(p *part) *part {
	if !p.multipart() {
		if strings.HasPrefix(p.kind.name, "text/") {
			return p
		}
		return nil
	}
	for _, c := range p.children {
		if t := firstText(c); t != nil {
			return t
		}
	}
	return nil
}

func transferOf(p *part) string { return decodeHeader(p.header.get("content-transfer-encoding"), "") }

// charsetOfHTML finds charset= in a meta element near the start (HTML Standard, §4.2.5.4).
func charsetOfHTML(b []byte) string {
	head := bytes.ToLower(b[:min(len(b), 2048)])
	meta := bytes.Index(head, []byte("<meta"))
	if meta < 0 {
		return ""
	}
	i := bytes.Index(head[meta:], []byte("charset"))
	if i < 0 {
		return ""
	}
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(head[meta+i+len("charset"):], " "), []byte("="))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, `"' `)
	if end := bytes.IndexAny(rest, `"'/> ;`); end >= 0 {
		return string(rest[:end])
	}
	return ""
}
