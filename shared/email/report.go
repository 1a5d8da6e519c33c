package email

import (
	"bytes"
	"strings"
)

// readReport fills Report and Bounce: what a mail system, or a reader's mail program, says of another mail.
func (m *Message) readReport(root *part) {
	found := reportParts{}
	found.collect(root, 0)
	kind := ""
	if found.report != nil {
		kind = strings.ToLower(found.report.kind.params["report-type"])
	}
	switch {
	case found.feedback != nil, found.original != nil && strings.HasPrefix(strings.ToLower(m.Subject), "complaint about message from"): // Hotmail's
		m.Report = m.complaint(root, &found)
	case found.disposition != nil || strings.Contains(kind, "disposition-notification"):
		m.Report = m.receipt(root, &found)
	case len(found.status) > 0 && (found.report != nil || isMachine(m.From) || emptyPath(root.header) || namesNobody(root.header.get("from"))):
		m.Report = m.statusReport(root, &found)
	case strings.Contains(kind, "delivery-status"):
		m.Report = m.oldBounce(root, &found, true)
	default:
		if m.Report = m.cloudReport(root); m.Report == nil {
			m.Report = m.oldBounce(root, &found, false)
		}
	}
	m.Bounce = m.Report != nil && m.Report.Kind == ReportBounce && m.Report.undelivered()
}

// undelivered reports whether somebody did not get the mail, or not yet. A bounce that names nobody is one, too.
func (r *Report) undelivered() bool {
	for _, p := range r.Recipients {
		if p.Action == "failed" || p.Action == "delayed" {
			return true
		}
	}
	return len(r.Recipients) == 0
}

// reportParts are the parts of a mail that a report is made of, the first of each kind.
type reportParts struct {
	report, feedback, disposition, original *part
	status                                  []*part // all of them: some write their excuse into one of its own
}

// collect looks for them wherever gateways put them: a list that adds a footer wraps the report once more.
func (f *reportParts) collect(p *part, depth int) {
	const maxDepth = 4
	first := func(at **part) {
		if *at == nil {
			*at = p
		}
	}
	switch p.kind.name {
	case "multipart/report":
		first(&f.report)
	case "message/delivery-status", "message/global-delivery-status":
		if len(f.status) < maxDepth {
			f.status = append(f.status, p)
		}
	case "message/feedback-report":
		first(&f.feedback)
	case "message/disposition-notification", "message/global-disposition-notification":
		first(&f.disposition)
	case "message/rfc822", "message/global", "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global-headers", "text/rfc822":
		first(&f.original)
	}
	if depth < maxDepth {
		for _, c := range p.children {
			f.collect(c, depth+1)
		}
	}
}

func emptyPath(h header) bool {
	path := h.get("return-path")
	return path != nil && strings.Trim(string(path), "<> \t") == ""
}

// groups reads the blocks of fields of a report part (RFC 3464 §2.1), undoing its transfer encoding.
func (m *Message) groups(p *part) []header {
	var out []header
	var r headerReader
	b := m.decoded(p)
	b = b[:min(len(b), maxReport)]
	seen := map[string]bool{}
	flush := func() {
		if len(r.fields) > 0 {
			out = append(out, r.fields)
		}
		r = headerReader{}
		clear(seen)
	}
	for len(b) > 0 && len(out) < maxReported {
		line, next := lineAt(b, 0)
		b = b[next:]
		if len(bytes.TrimSpace(line)) == 0 {
			flush()
			continue
		}
		if name, _, ok := cutField(line); ok && recipientFields[name] {
			if seen[name] {
				flush() // the empty line between two recipients is missing
			}
			seen[name] = true
		}
		r.line(line)
	}
	flush()
	return out
}

var recipientFields = set("final-recipient", "original-recipient", "action", "status")

const (
	maxReport     = 1 << 20 // bytes of a report that are read
	maxReported   = 500     // recipients of a report
	maxDiagnostic = 1000    // bytes of a diagnostic
)

// statusReport reads a delivery status notification (RFC 3464).
func (m *Message) statusReport(root *part, found *reportParts) *Report {
	r := &Report{Kind: ReportBounce, Original: m.original(root, found)}
	named := failedRecipients(root.header)
	for _, status := range found.status {
		for _, g := range m.groups(status) {
			p := reportedIn(g)
			if p.Address != "" && !strings.Contains(p.Address, "@") && len(named) == 1 {
				p.Address = named[0] // it went to a file or a program
			}
			r.add(p)
		}
	}
	if len(r.Recipients) == 0 {
		if old := m.oldBounce(root, found, true); old != nil {
			r.Recipients = old.Recipients
		}
	}
	return r
}

// reportedIn reads the fields of one recipient. The address is empty if they are of no recipient.
func reportedIn(g header) Reported {
	text := func(name string) string { return strings.Join(strings.Fields(decodeHeader(g.get(name), "")), " ") }
	p := Reported{Action: firstWord(strings.ToLower(text("action")))}
	for _, name := range []string{"final-recipient", "original-recipient", "x-actual-recipient", "x-actual-final-recipient"} {
		address := typedAddress(text(name))
		if p.Address == "" || !strings.Contains(p.Address, "@") && strings.Contains(address, "@") {
			p.Address = address
		}
	}
	p.Status = statusIn(text("status"))
	p.Diagnostic = cut(typedValue(text("diagnostic-code")), maxDiagnostic)
	if p.Status == "" {
		p.Status = statusOf(p.Diagnostic)
	}
	switch p.Action {
	case "failed", "delayed", "delivered", "relayed", "expanded":
	case "failure", "fail", "error", "undeliverable", "bounced":
		p.Action = "failed"
	case "delay", "deferred":
		p.Action = "delayed"
	default:
		p.Action = actionOf(p.Status)
	}
	return p
}

// actionOf is the action that a status means if nothing else says it.
func actionOf(status string) string {
	switch {
	case strings.HasPrefix(status, "2"):
		return "delivered"
	case strings.HasPrefix(status, "4"):
		return "delayed"
	}
	return "failed"
}

// typedValue cuts the type off a value: "smtp; 550 no".
func typedValue(s string) string {
	if i := strings.IndexByte(s, ';'); i >= 0 && i < 30 && !strings.ContainsAny(s[:i], "@<> ") {
		s = s[i+1:]
	}
	return strings.TrimSpace(s)
}

// typedAddress is typedValue of "rfc822; a@b". An address may stand among the words of a command; what holds none stays as
// it is.
func typedAddress(s string) string {
	s = strings.Trim(typedValue(s), "<> ")
	if strings.HasPrefix(s, `"`) && strings.Contains(s, `"@`) {
		return s // a local part that needs its quotes
	}
	for _, w := range strings.Fields(s) {
		if a := cleanEmail(w); a != "" {
			return a
		}
	}
	return s
}

// add appends a recipient, once: what a report says twice of one address is joined.
func (r *Report) add(p Reported) {
	if p.Address == "" || len(r.Recipients) >= maxReported {
		return
	}
	for i := range r.Recipients {
		if have := &r.Recipients[i]; strings.EqualFold(have.Address, p.Address) {
			if have.Status == "" {
				have.Status = p.Status
			}
			if have.Diagnostic == "" {
				have.Diagnostic = p.Diagnostic
			}
			return
		}
	}
	r.Recipients = append(r.Recipients, p)
}

// complaint reads a feedback report (RFC 5965). Whom it is about is in Original-Rcpt-To, or else in the mail's own To.
func (m *Message) complaint(root *part, found *reportParts) *Report {
	r := &Report{Kind: ReportComplaint, Original: m.original(root, found)}
	var groups []header
	if found.feedback != nil {
		groups = m.groups(found.feedback)
	}
	for _, g := range groups {
		if r.Feedback == "" {
			r.Feedback = firstWord(strings.ToLower(decodeHeader(g.get("feedback-type"), "")))
		}
		for _, name := range []string{"original-rcpt-to", "removal-recipient", "redacted-address"} {
			for _, v := range g.all(name) {
				if a := typedAddress(decodeHeader(v, "")); name != "redacted-address" || strings.Contains(strings.Trim(a, "@"), "@") {
					r.add(Reported{Address: a, Action: "complained"})
				}
			}
		}
	}
	r.complainers()
	return r
}

// complainers takes those the mail went to, if the complaint itself names nobody.
func (r *Report) complainers() {
	if len(r.Recipients) == 0 {
		for _, a := range r.Original.To {
			r.add(Reported{Address: a, Action: "complained"})
		}
	}
	if r.Feedback == "" {
		r.Feedback = "abuse"
	}
}

// receipt reads a message disposition notification (RFC 8098).
func (m *Message) receipt(root *part, found *reportParts) *Report {
	r := &Report{Kind: ReportReceipt, Original: m.original(root, found)}
	if found.disposition == nil {
		return r
	}
	for _, g := range m.groups(found.disposition) {
		p := reportedIn(g)
		disposition := strings.ToLower(decodeHeader(g.get("disposition"), ""))
		if _, after, ok := strings.Cut(disposition, ";"); ok {
			disposition = after
		}
		disposition = strings.TrimSpace(disposition)
		if i := strings.IndexAny(disposition, "/ ,"); i > 0 {
			disposition = disposition[:i] // "displayed/error"
		}
		p.Action, p.Status = disposition, ""
		if p.Diagnostic = typedValue(decodeHeader(g.get("error"), "")); p.Diagnostic == "" {
			p.Diagnostic = typedValue(decodeHeader(g.get("failure"), ""))
		}
		if p.Address == "" && disposition != "" {
			p.Address = m.From.Email
		}
		r.add(p)
		if ids := parseIDs(g.get("original-message-id")); len(ids) > 0 {
			r.Original.MessageID = ids[0]
		}
	}
	return r
}
