package email

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"parley/shared/limit"
)

// Types of MAPI properties (MS-OXCDATA §2.11.1).
const (
	mapiObject  = 0x000d
	mapiString8 = 0x001e
	mapiUnicode = 0x001f
	mapiBinary  = 0x0102
	mapiMany    = 0x1000
)

// fixedSizes are the sizes of values, padded to four bytes.
var fixedSizes = map[uint16]int{0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000a: 4, 0x000b: 4, 0x0014: 8, 0x0040: 8, 0x0048: 16}

// mapi is one property; of several values the first.
type mapi struct {
	kind, id uint16
	data     []byte
}

func (p mapi) number() int {
	if len(p.data) < 4 {
		return 0
	}
	return int(binary.LittleEndian.Uint32(p.data))
}

func (p mapi) text(t *tnef) string {
	if p.kind != mapiUnicode {
		return t.string8(p.data)
	}
	data := p.data[:min(len(p.data), 2*limit.MailHTMLBytes)]
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(data[2*i:])
	}
	return strings.TrimRight(string(utf16.Decode(units)), "\x00")
}

func (t *tnef) string8(b []byte) string {
	s, _ := decodeCharset(charsetOfCodepage(t.codepage), bytes.TrimRight(b[:min(len(b), limit.MailHTMLBytes)], "\x00"))
	return s
}

// properties reads a list of properties (MS-OXTNEF §2.1.3.4) and hands each to use. It stops where the list makes no sense.
func properties(b []byte, use func(mapi)) {
	take := func(n int) (out []byte, ok bool) {
		if n < 0 || n > len(b) {
			return nil, false
		}
		out, b = b[:n], b[n:]
		return out, true
	}
	number := func() (int, bool) {
		n, ok := take(4)
		if !ok {
			return 0, false
		}
		v := binary.LittleEndian.Uint32(n)
		return int(min(v, 1<<30)), true
	}
	pad := func(n int) { _, _ = take(min((4-n%4)%4, len(b))) }
	count, _ := number()
	for range min(count, tnefProperties) {
		head, ok := take(4)
		if !ok {
			return
		}
		p := mapi{kind: binary.LittleEndian.Uint16(head), id: binary.LittleEndian.Uint16(head[2:])}
		if p.id >= 0x8000 { // named: a GUID, then a number or a name
			guid, ok := take(20)
			if !ok {
				return
			}
			n, ok := number()
			if ok && guid[16] == 1 {
				_, ok = take(n)
				pad(n)
			}
			if !ok {
				return
			}
		}
		kind := p.kind &^ mapiMany
		size, fixed := fixedSizes[kind]
		values := 1
		if !fixed || p.kind&mapiMany != 0 {
			if values, ok = number(); !ok {
				return
			}
		}
		p.kind = kind
		for i := 0; i < values; i++ {
			n := size
			if !fixed {
				if kind != mapiString8 && kind != mapiUnicode && kind != mapiBinary && kind != mapiObject {
					return // a type that nobody knows: its length cannot be told
				}
				if n, ok = number(); !ok {
					return
				}
			}
			value, ok := take(n)
			if !ok {
				return
			}
			if !fixed {
				pad(n)
			}
			if i == 0 {
				p.data = value
			}
		}
		use(p)
	}
}
