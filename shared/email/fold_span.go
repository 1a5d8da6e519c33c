package email

// span is where a fold stands in a page: before token from, and before token to, both in the element in.
type span struct {
	from, to, in int32
}

// spans finds the places of the folds that have one.
func (p *page) spans(folds []Lines) []span {
	first, last := p.tokensOfLines()
	var out []span
	end := int32(0)
	for _, f := range folds {
		from, to := none, none
		for i := f.From; i < f.To; i++ {
			if first[i] != none && from == none {
				from = first[i]
			}
			if last[i] != none {
				to = last[i]
			}
		}
		if from == none {
			continue
		}
		s := p.place(from, to, f.To == len(p.lines))
		if s.from < end || s.from >= s.to {
			continue
		}
		out = append(out, s)
		end = s.to
	}
	return out
}

// tokensOfLines gives the first and the last token that writes on each line.
func (p *page) tokensOfLines() (first, last []int32) {
	first, last = make([]int32, len(p.lines)), make([]int32, len(p.lines))
	for i := range first {
		first[i], last[i] = none, none
	}
	for i, t := range p.tokens {
		if t.line == none {
			continue
		}
		if first[t.line] == none {
			first[t.line] = int32(i)
		}
		last[t.line] = int32(i)
	}
	return first, last
}

// seen reports whether something can be seen in tokens from to to.
func (p *page) seen(from, to int32) bool { return to > from && p.shown[to] > p.shown[from] }

// place puts a fold around the tokens from first to last, and around as much of their elements as shows nothing else. In the end of
// the page it takes all that follows in its element.
func (p *page) place(first, last int32, trailing bool) span {
	from, in := first, p.tokens[first].in
	for in != none {
		e := p.elems[in]
		if e.name == "body" || e.name == "html" || p.seen(e.open+1, from) || p.seen(last+1, e.end) {
			break
		}
		from, in = e.open, e.parent
	}
	to, out := last+1, p.tokens[last].after
	for out != none {
		e := p.elems[out]
		if e.open < from || p.seen(to, e.end) {
			break
		}
		to, out = e.end, e.parent
		if e.ended {
			to++
		}
	}
	in = p.common(in, out)
	for e := in; e != none; e = p.elems[e].parent { // the outermost that may not hold a fold
		if p.elems[e].noFold {
			in = p.elems[e].parent
		}
	}
	for in != none && p.elems[in].noChild {
		in = p.elems[in].parent
	}
	if trailing {
		to = int32(len(p.tokens))
		if in != none {
			to = p.elems[in].end
		}
	}
	return span{from: from, to: to, in: in}
}

// common is the innermost element that both a and b are in, or are.
func (p *page) common(a, b int32) int32 {
	depth := func(e int32) (n int) {
		for ; e != none; e = p.elems[e].parent {
			n++
		}
		return n
	}
	da, db := depth(a), depth(b)
	for ; da > db; da-- {
		a = p.elems[a].parent
	}
	for ; db > da; db-- {
		b = p.elems[b].parent
	}
	for a != b {
		a, b = p.elems[a].parent, p.elems[b].parent
	}
	return a
}
