package email

import (
	"bytes"
	"strings"
)

// cryptoOf says how a mail is signed or encrypted (RFC 8551, RFC 3156, and PGP in the text). Encryption counts more than a
// signature, and what is outside more than what is inside.
func cryptoOf(root *part, text string) string {
	found := ""
	var walk func(p *part, depth int)
	walk = func(p *part, depth int) {
		const maxDepth = 6
		if kind := cryptoKind(p); kind != "" && (found == "" || strings.HasSuffix(kind, "-encrypted") && !strings.HasSuffix(found, "-encrypted")) {
			found = kind
		}
		for _, c := range p.children {
			if depth < maxDepth {
				walk(c, depth+1)
			}
		}
	}
	walk(root, 0)
	if found == "" {
		switch {
		case armoured(text, "-----BEGIN PGP MESSAGE-----"):
			found = "pgp-encrypted"
		case armoured(text, "-----BEGIN PGP SIGNED MESSAGE-----"):
			found = "pgp-signed"
		}
	}
	return found
}

// armoured reports whether a line of the text is the beginning of a PGP block: not of one that is quoted.
func armoured(text, line string) bool {
	return strings.HasPrefix(text, line) || strings.Contains(text, "\n"+line)
}

func cryptoKind(p *part) string {
	protocol := strings.ToLower(p.kind.params["protocol"])
	switch p.kind.name {
	case "multipart/signed":
		if strings.Contains(protocol, "pgp") {
			return "pgp-signed"
		}
		if strings.Contains(protocol, "pkcs7") {
			return "smime-signed"
		}
	case "multipart/encrypted":
		return "pgp-encrypted"
	case "application/pgp-encrypted":
		return "pgp-encrypted"
	case "application/pgp-signature":
		return "pgp-signed"
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return "smime-signed"
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		switch kind := strings.ToLower(p.kind.params["smime-type"]); {
		case strings.Contains(kind, "signed"):
			return "smime-signed"
		case strings.Contains(kind, "enveloped"):
			return "smime-encrypted"
		case strings.Contains(kind, "certs"):
			return ""
		}
		b, _ := decodeTransfer(transferOf(p), p.content[:min(len(p.content), 200)])
		if bytes.Contains(b, oidSigned) {
			return "smime-signed"
		}
		return "smime-encrypted"
	}
	return ""
}

// openSigned returns p with the mail that a CMS signature is wrapped around beside that signature, so that its text is shown.
// What is in it is not opened again.
func openSigned(p *part, note func(name, detail string), depth int) *part {
	const maxDepth = 6
	if p.multipart() {
		for i, c := range p.children {
			if depth < maxDepth {
				p.children[i] = openSigned(c, note, depth+1)
			}
		}
		return p
	}
	if cryptoKind(p) != "smime-signed" || !strings.HasSuffix(p.kind.name, "-mime") {
		return p
	}
	b, _ := decodeTransfer(transferOf(p), p.content)
	if b = signedContent(b); len(b) == 0 {
		return p
	}
	inner, _ := parseTree(b, note)
	return &part{header: p.header, kind: mediaType{name: "multipart/mixed"}, children: []*part{inner, p}}
}

// The object identifiers of CMS (RFC 5652) in DER.
var (
	oidData   = []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}
	oidSigned = []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
)

// signedContent takes the mail out of a CMS SignedData whose signature stands around it (RFC 8551 §3.5.2). Nothing is
// verified. nil if it is none.
func signedContent(b []byte) []byte {
	info, _, ok := readBER(b)
	if !ok || info.tag != 0x30 || !bytes.HasPrefix(info.value, oidSigned) {
		return nil
	}
	explicit, _, ok := readBER(info.value[len(oidSigned):]) // [0]
	if !ok {
		return nil
	}
	signed, _, ok := readBER(explicit.value) // SignedData
	if !ok {
		return nil
	}
	rest := signed.value
	for range 3 { // version, digestAlgorithms, encapContentInfo
		var e element
		if e, rest, ok = readBER(rest); !ok {
			return nil
		}
		if e.tag == 0x30 && bytes.HasPrefix(e.value, oidData) {
			if wrapped, _, ok := readBER(e.value[len(oidData):]); ok { // [0]
				if octets, _, ok := readBER(wrapped.value); ok && octets.tag&0x1f == 0x04 {
					return octets.octets()
				}
			}
			return nil
		}
	}
	return nil
}

// element is one BER element. Of one with indefinite length, value ends before its end mark.
type element struct {
	tag   byte
	value []byte
}

// readBER reads the first element of b (X.690 §8.1). An indefinite length is the rest of b, if b does not tell more.
func readBER(b []byte) (e element, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return e, nil, false
	}
	e.tag = b[0]
	n, head := int(b[1]), 2
	switch {
	case n == 0x80: // indefinite
		end, ok := endOfContents(b[2:], 0)
		if !ok {
			e.value = b[2:] // cut off: what there is
			return e, nil, true
		}
		e.value = b[2 : 2+end]
		return e, b[2+end+2:], true
	case n > 0x80:
		count := n & 0x7f
		if count > 4 || len(b) < 2+count {
			return e, nil, false
		}
		n = 0
		for _, c := range b[2 : 2+count] {
			n = n<<8 | int(c)
		}
		head += count
	}
	if n > len(b)-head {
		n = len(b) - head // cut off
	}
	e.value = b[head : head+n]
	return e, b[head+n:], true
}

// endOfContents finds the end mark that belongs to an element of indefinite length whose contents b begins with.
func endOfContents(b []byte, depth int) (int, bool) {
	const maxDepth = 16
	for i := 0; i+1 < len(b); {
		if b[i] == 0 && b[i+1] == 0 {
			return i, true
		}
		if b[i]&0x1f == 0x1f || depth > maxDepth {
			return 0, false
		}
		if b[i+1] == 0x80 {
			end, ok := endOfContents(b[i+2:], depth+1)
			if !ok {
				return 0, false
			}
			i += 2 + end + 2
			continue
		}
		e, rest, ok := readBER(b[i:])
		if !ok || len(e.value) == 0 && len(rest) == 0 {
			return 0, false
		}
		i = len(b) - len(rest)
	}
	return 0, false
}

// octets joins the pieces of an octet string.
func (e element) octets() []byte {
	if e.tag&0x20 == 0 {
		return e.value
	}
	var out []byte
	for rest := e.value; len(rest) > 0; {
		var piece element
		var ok bool
		if piece, rest, ok = readBER(rest); !ok || piece.tag != 0x04 {
			break
		}
		out = append(out, piece.value...)
	}
	return out
}
