package email

import "strings"

// split fills HTML, Forwarded and what of the text is new. A mail that passes another one on is shown whole, and so is the report of a
// mail system: there the quote is what it is about.
func (m *Message) split(htm string) {
	if m.Report == nil { // a report carries its mail, it does not pass it on
		m.Forwarded = forwarded(m.Subject, m.Text, m.Attachments)
	}
	whole := m.Forwarded != nil && isForward(m.Subject) || m.Bounce
	switch {
	case whole:
		m.HTML = Sanitise(htm)
	case htm == "":
		m.Folds = SplitText(m.Text)
	default:
		safe, text, folds := FoldHTML(htm)
		m.HTML = safe
		if m.Text == text { // there is no other text: the names in the HTML say more than its words
			m.Folds = folds
		} else {
			m.Folds = SplitText(m.Text)
		}
	}
	m.HTML = strings.TrimSpace(m.HTML)
	m.markInline()
	m.Reply, m.Quoted = parted(m.Text, m.Folds)
}

// parted takes the folds out of a text.
func parted(text string, folds []Lines) (reply, quoted string) {
	if len(folds) == 0 {
		return text, ""
	}
	var kept, cut []string
	lines := strings.Split(text, "\n")
	at := 0
	for _, f := range folds {
		kept = append(kept, lines[at:f.From]...)
		cut = append(cut, lines[f.From:f.To]...)
		at = f.To
	}
	return strings.Join(append(kept, lines[at:]...), "\n"), strings.Join(cut, "\n")
}
