package email

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"parley/shared/limit"
)

// What a fold is in HTML. It opens without scripts. Nobody else's mail can hold it: Sanitise lets no <details> and no class through.
const (
	foldClass = "parley-quoted"
	foldTag   = `<details class="` + foldClass + `">`
	foldOpen  = foldTag + `<summary>•••</summary>`
	foldClose = `</details>`
)

// FoldHTML sanitises HTML and puts what its writer did not write for this mail into <details>, in its place and in order. Quotes are
// found by the names that mail programs give them, and by the line classes of SplitText; text and folds are the same as text, which
// TextOf makes. Where a fold can have no place, or nothing would be left, the HTML is as Sanitise makes it.
// FoldHTML of what has its folds is the same again; what has none has lost the names by which that was told.
func FoldHTML(s string) (safe, text string, folds []Lines) {
	if len(s) > limit.MailHTMLBytes {
		s = strings.ToValidUTF8(s[:limit.MailHTMLBytes], "")
	}
	s = flatten(strings.ReplaceAll(s, foldOpen, foldTag))
	p := readPage(s)
	folds = foldsOf(newReading(p.lines, p.hints).decide(), len(p.lines))
	if safe, ok := p.render(folds); ok {
		return safe, p.text, folds
	}
	return Sanitise(s), p.text, folds
}

// render writes the page with its folds, sanitised. The folds travel through Sanitise as words that nobody can write into a mail,
// because they hold the hash of all of it.
func (p *page) render(folds []Lines) (string, bool) {
	if len(folds) == 0 {
		return "", false
	}
	sum := sha256.Sum256([]byte(p.src))
	word := "parleyfold" + hex.EncodeToString(sum[:])
	begin, finish := word+"b", word+"e"
	var out strings.Builder
	out.Grow(len(p.src) + 4096)
	at := int32(0)
	copyTo := func(token int32) {
		to := p.tokens[len(p.tokens)-1].to
		if int(token) < len(p.tokens) {
			to = p.tokens[token].from
		}
		out.WriteString(p.src[at:to])
		at = to
	}
	n := 0
	for _, span := range p.spans(folds) {
		copyTo(span.from)
		p.shift(&out, span.from, span.in, begin)
		copyTo(span.to)
		p.shift(&out, span.to, span.in, finish)
		n++
	}
	if last := len(p.tokens) - 1; last >= 0 { // what stands behind it is a tag without end, and nothing
		out.WriteString(p.src[at:max(at, p.tokens[last].to)])
	}
	safe := Sanitise(out.String())
	if n == 0 || !alternate(safe, begin, finish, n) {
		return "", false
	}
	safe = strings.ReplaceAll(strings.ReplaceAll(safe, begin, foldOpen), finish, foldClose)
	return safe, foldsNest(safe)
}

// shift writes the end tags from before token up to the element in, a word, and the start tags back down.
func (p *page) shift(out *strings.Builder, token, in int32, word string) {
	before, behind := none, none
	if token > 0 {
		before = p.tokens[token-1].after
	}
	if int(token) < len(p.tokens) {
		behind = p.tokens[token].in
	}
	for e := before; e != in && e != none; e = p.elems[e].parent {
		out.WriteString("</" + p.elems[e].name + ">")
	}
	out.WriteString(word)
	var down []int32
	e := behind
	for ; e != in && e != none; e = p.elems[e].parent {
		down = append(down, e)
	}
	if e != in { // the token ends in
		return
	}
	const most = 16 << 10 // bytes of start tags that are written once more with their attributes
	size := 0
	for i := len(down) - 1; i >= 0; i-- {
		tag := p.tokens[p.elems[down[i]].open]
		if size += int(tag.to - tag.from); size > most {
			out.WriteString("<" + p.elems[down[i]].name + ">")
			continue
		}
		out.WriteString(p.src[tag.from:tag.to])
	}
}

// alternate reports whether a and b stand in s in turns, n times each.
func alternate(s, a, b string, n int) bool {
	if strings.Count(s, a) != n || strings.Count(s, b) != n {
		return false
	}
	for range n {
		i, j := strings.Index(s, a), strings.Index(s, b)
		if j < i {
			return false
		}
		s = s[j+len(b):]
	}
	return true
}

// foldsNest reports whether every fold ends in the element that it begins in, and stands behind no link or other formatting that nobody
// ended: a browser would open that again around the head of the fold (HTML Standard, "reconstruct the active formatting elements").
func foldsNest(safe string) bool {
	p := readPage(safe)
	loose := false
	for _, e := range p.elems {
		if e.name == "details" && (!e.ended || loose) {
			return false
		}
		loose = loose || (e.name == "a" || formats[e.name]) && !e.ended
	}
	return true
}

// unfolded is HTML without the heads of its folds, which are no words of the mail.
func unfolded(s string) string { return strings.ReplaceAll(s, foldOpen, "") }

func isSpaceRune(r rune) bool { return unicode.IsSpace(r) }
