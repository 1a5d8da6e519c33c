package email

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// Bounces from before RFC 3464, and of those who never read it: a text for people, then the mail or its header. What most
// of them have in common is read here, without a list of programs: a mail system writes; it says that something was not
// delivered; the addresses stand at the beginning of lines, with the reasons behind or below.

// notice is the text of such a bounce, without the mail that it returns.
type notice struct {
	lines    []string
	original OriginalMail
	failures []failure
	listed   map[int]string // line -> the address it lists
	lower    []string       // lines, made when they are needed
	status   *string        // of the notice as a whole, found when it is needed
}

// failure is an address of which the notice speaks. It was listed if it stands where lists of failed addresses have it, and not
// just in some sentence.
type failure struct {
	Reported
	line   int
	listed bool
}

// oldBounce reads a bounce without a delivery status part, or gives nil if the mail is none. known says that it is one.
func (m *Message) oldBounce(root *part, found *reportParts, known bool) *Report {
	named := failedRecipients(root.header)
	daemon := isDaemon(m.From) || namesNobody(root.header.get("from")) || isDaemon(Address{Email: strings.Trim(decodeHeader(root.header.get("return-path"), ""), "<> ")})
	if !known && !daemon && len(named) == 0 && !isPostmaster(m.From) && !isMachine(m.From) {
		return nil
	}
	n := readNotice(m.Text)
	own := m.ownAddresses()
	n.find(own)
	subject := saysUndelivered(m.Subject)
	text := subject || saysUndelivered(strings.Join(n.lines[:min(len(n.lines), 60)], " "))
	listed := false
	for _, f := range n.failures {
		listed = listed || f.listed
	}
	switch {
	case known, len(named) > 0 && (daemon || emptyPath(root.header) || text):
	case daemon && (emptyPath(root.header) || text || len(n.failures) > 0):
	case isPostmaster(m.From) && (subject && len(n.failures) > 0 || text && listed):
	case isMachine(m.From) && subject && len(n.failures) > 0 && found.original != nil:
	default:
		return nil // in doubt it is a letter: a person sees it
	}
	r := &Report{Kind: ReportBounce, Original: m.original(root, found)}
	r.Recipients = n.recipients(named, r.Original.To, m.isDelay(n))
	return r
}

// namesNobody is about "From: <>".
func namesNobody(from []byte) bool { return from != nil && len(bytes.Trim(from, "<> ")) == 0 }

// failedRecipients reads X-Failed-Recipients, which Exim and Gmail set.
func failedRecipients(h header) []string {
	var out []string
	for _, a := range withEmail(bytes.Join(h.all("x-failed-recipients"), []byte(", ")), "") {
		out = append(out, a.Email)
	}
	return out
}

// ownAddresses are whom the notice was sent to: it may name them, and they are not those who did not get the mail.
func (m *Message) ownAddresses() map[string]bool {
	own := map[string]bool{strings.ToLower(m.From.Email): true}
	for _, a := range m.To {
		own[strings.ToLower(a.Email)] = true
	}
	return own
}

// isPostmaster is about senders who are a mail system, or the person behind one.
func isPostmaster(a Address) bool {
	local, _, _ := strings.Cut(strings.ToLower(a.Email), "@")
	switch strings.NewReplacer("-", "", "_", "", ".", "").Replace(local) {
	case "postmaster", "poostmaster", "sysadmin", "mailadmin", "mailerror":
		return true
	}
	return isDaemon(a)
}

// undelivered are the words of mail systems for what has happened.
var undelivered = []string{
	"undeliver", "not deliver", "not be deliver", "non-delivery", "delivery fail", "delivery has failed", "delivery problem", "delivery error", "delivery status notification",
	"failure notice", "failed delivery", "mail failed", "mail delivery", "returned mail", "returned to sender", "returning to sender", "returning message", "return to sender",
	"unable to deliver", "able to deliver", "trouble delivering", "error delivering", "error sending your mail", "attempting to deliver", "trying to deliver", "did not reach",
	"could not be reached", "could not be sent", "could not send", "cannot send", "not listed in", "user unknown", "unknown user", "mailbox is full", "has been delayed", "delayed mail", "delivery delayed",
	"unzustellbar", "nicht zugestellt", "nicht zustellbar", "zustellung fehlgeschlagen", "non remis", "pu être remis", "échec de la remise", "no se puede entregar", "no se ha podido entregar", "no se pudo entregar",
	"no entregado", "non recapitabile", "mancato recapito", "impossibile recapitare", "não é possível entregar", "não foi possível entregar", "não entregue", "onbestelbaar", "niet bezorgd", "kunne ikke leveres",
	"gick inte att leverera", "nie można dostarczyć", "nedoručiteln", "teslim edilemedi", "не удалось доставить", "не может быть доставлено", "недоставленн", "не доставлено", "配信不能", "配信できません", "配送できません", "送信できません", "エラー通知", "无法投递", "无法送达", "退信", "無法傳遞", "無法投遞", "전송 실패", "전송할 수 없",
}

func saysUndelivered(s string) bool {
	s = strings.ToLower(s)
	for _, w := range undelivered {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// isDelay reports whether the notice only warns: the mail system goes on trying.
func (m *Message) isDelay(n *notice) bool {
	subject := strings.ToLower(m.Subject)
	if strings.Contains(subject, "delay") || strings.HasPrefix(subject, "warning: ") {
		return true
	}
	head := strings.ToLower(strings.Join(n.lines[:min(len(n.lines), 60)], " "))
	for _, w := range []string{"this is a warning only", "warning message only", "has been delayed", "still being retried", "has not yet been delivered", "do not need to resend"} {
		if strings.Contains(head, w) {
			return true
		}
	}
	return false
}

const (
	maxNotice      = 256 << 10 // bytes of a text that are searched for the mail it returns
	maxNoticeLine  = 2000
	maxFailures    = 500 // addresses that are looked at
	maxOldReported = 100 // recipients of a bounce that only has a text
)

// readNotice cuts a text where the returned mail begins. Some begin with its header, and say then what happened.
func readNotice(text string) *notice {
	text = strings.ToValidUTF8(text[:min(len(text), maxNotice)], "")
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = lines[i][:min(len(lines[i]), maxNoticeLine)]
	}
	at, h := headerIn(lines)
	n := &notice{lines: lines[:at[0]], listed: map[int]string{}}
	if h == nil {
		return n
	}
	n.original = originalIn(h)
	if !strings.Contains(strings.Join(n.lines, "\n"), "@") {
		rest := lines[at[1]:]
		at, h = headerIn(rest)
		n.lines = append(n.lines[:len(n.lines):len(n.lines)], rest[:at[0]]...)
		if h != nil && n.original.MessageID == "" {
			n.original = originalIn(h)
		}
	}
	return n
}

var (
	// An address at the beginning of a line, and what may stand behind one that is listed.
	listedAddress = regexp.MustCompile(`^[\s>*"'<(•-]{0,12}(?:mailto:)?([^\s<>()\[\]"',;:]{1,64}@[A-Za-z0-9][A-Za-z0-9._-]{0,252})["'>)]{0,3}(:|;|,|\.\.\.|<mailto:|\s*$|\s*\.\s*$|\s+\.\.\.|\s+on\s|\s*\(|\s*\[|\s+<|:?\s+(?:[A-Z]|\d{3}\s))`)
	nameAddress   = regexp.MustCompile(`^[^<>@]{1,60}<mailto:([^<>\s]+@[^<>\s]+)>\s*$`)
	saidOfAddress = regexp.MustCompile(`^\d{3}\s(?:\d\.\d{1,3}\.\d{1,3}\s)?<([^<>\s]+@[^<>\s]+)>\.\.\.`)
	anyAddress    = regexp.MustCompile(`[^\s<>()\[\]"',;:=]{1,64}@[A-Za-z0-9][A-Za-z0-9._-]{0,252}`)
	// A line that says of whom it speaks. What stands before the address is one of these.
	speaksOf = regexp.MustCompile(`(?i)(?:rcpt to|recipient|recipients|reached|deliver(?:ed|ing)?|deliver your (?:mail|message)|your (?:mail|message)|errors?|message to|delivered to|sent to|user|mailbox|address|account|full|unknown)[^@]{0,40}[\s<:("']$`)
	// A field of RFC 3464 that stands in the text.
	statusField = regexp.MustCompile(`(?i)^\s*(final-recipient|original-recipient|action|status|diagnostic-code)\s*:\s*(.+)$`)
)

// find collects the addresses that the notice says the mail did not reach.
func (n *notice) find(own map[string]bool) {
	if n.findFields() {
		return
	}
	for i, line := range n.lines {
		if len(n.failures) >= maxFailures || !strings.Contains(line, "@") {
			continue
		}
		lower := strings.ToLower(line)
		if strings.Contains(lower, "message-id") || strings.Contains(lower, "mail from") || strings.Contains(lower, "envelope-from") || strings.HasPrefix(strings.TrimSpace(lower), "from:") {
			continue
		}
		if found := firstMatch(line, nameAddress, saidOfAddress, listedAddress); found != "" {
			n.note(found, i, true, own)
			continue
		}
		for _, at := range anyAddress.FindAllStringIndex(line, 4) {
			if speaksOf.MatchString(line[max(0, at[0]-80):at[0]]) {
				n.note(line[at[0]:at[1]], i, false, own)
			}
		}
	}
}

func firstMatch(line string, res ...*regexp.Regexp) string {
	for _, re := range res {
		if found := re.FindStringSubmatch(line); found != nil {
			return found[1]
		}
	}
	return ""
}

// note keeps an address, unless it is one to turn to for help.
func (n *notice) note(address string, line int, listed bool, own map[string]bool) {
	address = cleanEmail(address)
	if address == "" || isMachine(Address{Email: address}) && !listed {
		return
	}
	listed = listed && !own[strings.ToLower(address)]
	n.failures = append(n.failures, failure{Reported: Reported{Address: address}, line: line, listed: listed})
	if listed {
		n.listed[line] = address
	}
}

// findFields reads fields of RFC 3464 that stand in the text (Amazon WorkMail).
func (n *notice) findFields() bool {
	var block header
	var all []Reported
	flush := func() {
		if p := reportedIn(block); p.Address != "" {
			all = append(all, p)
		}
		block = nil
	}
	for _, line := range n.lines {
		if strings.TrimSpace(line) == "" {
			flush()
			continue
		}
		if f := statusField.FindStringSubmatch(line); f != nil && len(block) < 20 {
			block = append(block, field{strings.ToLower(f[1]), []byte(strings.TrimSpace(f[2]))})
		}
	}
	flush()
	for i, p := range all {
		if i < maxReported && strings.Contains(p.Address, "@") {
			n.failures = append(n.failures, failure{Reported: p, listed: true})
		}
	}
	return len(n.failures) > 0
}

// recipients are the failures as a report has them: those that the header names, or else those that are listed, or else
// the first that is mentioned, or else whom the mail went to.
func (n *notice) recipients(named, to []string, delay bool) []Reported {
	var out Report
	add := func(address string) {
		if len(out.Recipients) >= maxOldReported {
			return
		}
		p := Reported{Address: address, Action: "failed"}
		for _, f := range n.failures {
			if strings.EqualFold(f.Address, address) {
				p = f.Reported
				break
			}
		}
		if p.Diagnostic == "" {
			p.Diagnostic = n.diagnostic(address)
		}
		if p.Status == "" {
			p.Status = statusOf(p.Diagnostic)
		}
		if p.Status == "" {
			p.Status = n.statusAbout(address)
		}
		if delay {
			p.Action = "delayed"
		} else if p.Action == "" {
			p.Action = "failed"
		}
		out.add(p)
	}
	for _, a := range named {
		add(a)
	}
	for _, want := range []bool{true, false} {
		for _, f := range n.failures {
			if len(named) > 0 || f.listed != want || !want && len(out.Recipients) > 0 {
				continue
			}
			add(f.Address)
		}
	}
	if len(out.Recipients) == 0 {
		for _, a := range to {
			add(a)
		}
	}
	return out.Recipients
}

// cloudReport reads SES's own notifications, when SNS sends them as mail.
func (m *Message) cloudReport(root *part) *Report {
	start := strings.IndexByte(m.Text, '{')
	if start < 0 || start > 2000 || !root.header.has("x-amz-sns-message-id") && !strings.HasSuffix(strings.ToLower(m.From.Email), "@sns.amazonaws.com") {
		return nil
	}
	var n struct {
		Message                     string // the notification, if SNS wraps it
		NotificationType, EventType string
		Bounce                      struct {
			BouncedRecipients []struct{ EmailAddress, Action, Status, DiagnosticCode string }
		}
		Complaint struct {
			ComplainedRecipients  []struct{ EmailAddress string }
			ComplaintFeedbackType string
		}
		Delivery struct {
			Recipients   []string
			SmtpResponse string
		}
		DeliveryDelay struct {
			DelayedRecipients []struct{ EmailAddress, Status, DiagnosticCode string }
		}
		Mail struct {
			MessageID string
			Headers   []struct{ Name, Value string }
		}
	}
	text := strings.ReplaceAll(m.Text[start:min(len(m.Text), start+maxNotice)], "\n", "") // SNS folds the line
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&n); err != nil {
		return nil
	}
	if n.NotificationType+n.EventType == "" && strings.HasPrefix(n.Message, "{") {
		if json.Unmarshal([]byte(n.Message), &n) != nil {
			return nil
		}
	}
	r := &Report{Kind: ReportBounce}
	var h header
	for _, f := range n.Mail.Headers {
		h = append(h, field{strings.ToLower(f.Name), []byte(f.Value)})
	}
	r.Original = originalIn(h)
	if n.Mail.MessageID != "" {
		r.Original.MessageID = n.Mail.MessageID
	}
	switch strings.ToLower(n.NotificationType + n.EventType) {
	case "bounce":
		for _, b := range n.Bounce.BouncedRecipients {
			p := Reported{Address: b.EmailAddress, Action: strings.ToLower(b.Action), Status: statusIn(b.Status), Diagnostic: cut(typedValue(b.DiagnosticCode), maxDiagnostic)}
			if p.Action == "" {
				p.Action = "failed"
			}
			r.add(p)
		}
	case "complaint":
		r.Kind, r.Feedback = ReportComplaint, n.Complaint.ComplaintFeedbackType
		for _, c := range n.Complaint.ComplainedRecipients {
			r.add(Reported{Address: c.EmailAddress, Action: "complained"})
		}
		r.complainers()
	case "delivery":
		for _, a := range n.Delivery.Recipients {
			r.add(Reported{Address: a, Action: "delivered", Status: statusOf(n.Delivery.SmtpResponse), Diagnostic: cut(n.Delivery.SmtpResponse, maxDiagnostic)})
		}
	case "deliverydelay":
		for _, d := range n.DeliveryDelay.DelayedRecipients {
			r.add(Reported{Address: d.EmailAddress, Action: "delayed", Status: statusIn(d.Status), Diagnostic: cut(typedValue(d.DiagnosticCode), maxDiagnostic)})
		}
	default:
		return nil
	}
	return r
}
