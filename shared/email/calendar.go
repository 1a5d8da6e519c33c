package email

import (
	"path"
	"reflect"
	"strconv"
	"strings"
	"time"

	"parley/shared/limit"
)

const (
	maxCalendar  = 1 << 20 // bytes of one calendar that are read
	maxCalendars = 20      // calendars of a mail that are read
	maxEvents    = 20      // events of a mail: a series with its exceptions has more than one
	maxZones     = 50      // time zones that a calendar defines
)

// isCalendar reports whether a part is a calendar, by its type or by its name.
func isCalendar(kind, name string) bool {
	switch kind {
	case "text/calendar", "application/ics", "text/x-vcalendar", "application/hbs-vcs":
		return true
	case "application/octet-stream", "text/plain", "text/x-calendar":
		ext := strings.ToLower(path.Ext(name))
		return ext == ".ics" || ext == ".vcs"
	}
	return false
}

// addCalendar reads the events of a part into Calendar. An invitation often comes twice, as an alternative and as a file.
func (m *Message) addCalendar(p *part, content []byte) {
	read := 0
	for _, a := range m.Attachments {
		if isCalendar(a.Type, a.Name) {
			read++
		}
	}
	if read > maxCalendars || len(m.Calendar) >= maxEvents {
		return
	}
	content = content[:min(len(content), maxCalendar)]
	text, _ := decodeCharset(p.kind.params["charset"], content)
	events, sure := readCalendar(text)
	if !sure {
		m.problem(ProblemCalendar, "a calendar, or a time zone in it, could not be understood")
	}
	for _, e := range events {
		if e.Method == "" {
			e.Method = strings.ToUpper(cut(p.kind.params["method"], 40))
		}
		known := false
		for _, have := range m.Calendar {
			known = known || reflect.DeepEqual(have, e)
		}
		if !known && len(m.Calendar) < maxEvents {
			m.Calendar = append(m.Calendar, e)
		}
	}
}

// property is one line of a calendar, unfolded. Names are upper case.
type property struct {
	name   string
	params map[string]string
	value  string
}

// cutProperty reads "NAME;PARAM=value;PARAM="quoted":value" (RFC 5545 §3.1).
func cutProperty(line string) (p property, ok bool) {
	i := strings.IndexAny(line, ":;")
	if i <= 0 {
		return p, false
	}
	p.name = strings.ToUpper(strings.TrimSpace(line[:i]))
	for n := 0; i < len(line) && line[i] == ';' && n < maxParams; n++ {
		line = line[i+1:]
		eq := strings.IndexAny(line, "=:;")
		if eq < 0 || line[eq] != '=' { // vCalendar 1.0: ";QUOTED-PRINTABLE"
			if eq < 0 {
				return p, false
			}
			i = eq
			continue
		}
		key := strings.ToUpper(line[:eq])
		line = line[eq+1:]
		quoted := false
		for i = 0; i < len(line) && (quoted || line[i] != ';' && line[i] != ':'); i++ {
			quoted = quoted != (line[i] == '"')
		}
		if quoted { // not closed: the value begins at the first colon
			i = max(strings.IndexByte(line, ':'), 0)
		}
		if p.params == nil {
			p.params = map[string]string{}
		}
		p.params[key] = strings.NewReplacer(`"`, "", "^n", " ", "^'", `"`, "^^", "^").Replace(line[:i])
	}
	if i >= len(line) || line[i] != ':' {
		return p, false
	}
	p.value = line[i+1:]
	if strings.EqualFold(p.params["ENCODING"], "quoted-printable") {
		b, _ := decodeQuotedPrintable([]byte(p.value))
		p.value, _ = decodeCharset(p.params["CHARSET"], b)
	}
	return p, true
}

// event is a VEVENT before its times are known: they may name a time zone that stands below.
type event struct {
	Calendar
	start, end property
	duration   time.Duration
}

// calendarReader reads a calendar line by line; it never looks back.
type calendarReader struct {
	method, zoneName string
	events           []event
	zones            map[string]*zone
	zone             *zone  // the open one
	event            *event // the open one
	inner            int    // components open within it that are not read: alarms
}

// readCalendar reads the events of a calendar (RFC 5545) as far as they can be understood; sure is false if something could not.
func readCalendar(text string) (out []Calendar, sure bool) {
	r := calendarReader{zones: map[string]*zone{}}
	text = strings.ReplaceAll(text, "\r", "")
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text)
	for line := range strings.SplitSeq(text, "\n") {
		if p, ok := cutProperty(line); ok {
			r.read(p)
		}
	}
	r.close()
	sure = len(r.events) > 0 || strings.Contains(text, "BEGIN:VTODO") || strings.Contains(text, "BEGIN:VFREEBUSY") || strings.Contains(text, "BEGIN:VJOURNAL")
	for _, e := range r.events {
		e.Method = r.method
		ok := r.times(&e)
		sure = sure && ok
		if r.method != "REPLY" {
			e.Status = ""
		}
		out = append(out, e.Calendar)
	}
	return out, sure
}

func (r *calendarReader) read(p property) {
	switch {
	case p.name == "BEGIN":
		r.begin(strings.ToUpper(strings.TrimSpace(p.value)))
	case p.name == "END":
		r.end(strings.ToUpper(strings.TrimSpace(p.value)))
	case r.zone != nil:
		r.zone.read(p)
	case r.event != nil && r.inner == 0:
		r.event.read(p)
	case r.event == nil && p.name == "METHOD":
		r.method = strings.ToUpper(cut(cleanHeader(p.value), 40))
	case r.event == nil && p.name == "X-WR-TIMEZONE":
		r.zoneName = p.value
	}
}

func (r *calendarReader) begin(name string) {
	switch {
	case r.event != nil:
		r.inner++
	case name == "VEVENT" && len(r.events) < maxEvents:
		r.event = &event{}
	case name == "VTIMEZONE" && len(r.zones) < maxZones:
		r.zone = &zone{}
	case r.zone != nil && (name == "STANDARD" || name == "DAYLIGHT"):
		r.zone.begin()
	}
}

func (r *calendarReader) end(name string) {
	switch {
	case r.event != nil && (name == "VEVENT" || name == "VCALENDAR"):
		r.close()
	case r.event != nil:
		r.inner = max(0, r.inner-1)
	case r.zone != nil && name == "VTIMEZONE":
		r.zones[r.zone.name] = r.zone
		r.zone = nil
	}
}

// close ends the open event, also one that the calendar left open.
func (r *calendarReader) close() {
	if r.event != nil {
		r.events = append(r.events, *r.event)
	}
	r.event, r.inner = nil, 0
}

func (e *event) read(p property) {
	switch p.name {
	case "SUMMARY":
		e.Summary = calendarText(p.value, limit.SubjectRunes)
	case "LOCATION":
		e.Location = calendarText(p.value, limit.SubjectRunes)
	case "ORGANIZER":
		e.Organizer = calendarAddress(p)
	case "ATTENDEE":
		a := calendarAddress(p)
		if a.Email == "" && a.Name == "" || len(e.Attendees) >= limit.MailAddresses {
			return
		}
		e.Attendees = append(e.Attendees, a)
		if e.Status == "" {
			e.Status = strings.ToUpper(cut(cleanHeader(p.params["PARTSTAT"]), 40))
		}
	case "DTSTART":
		e.start = p
	case "DTEND":
		e.end = p
	case "DURATION":
		e.duration = calendarDuration(p.value)
	}
}

// calendarText undoes the escapes of a TEXT value (RFC 5545 §3.3.11). It is one line.
func calendarText(s string, runes int) string {
	s = strings.NewReplacer(`\\`, `\`, `\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";").Replace(s)
	s = strings.Join(strings.Fields(cleanHeader(s)), " ")
	if r := []rune(s); len(r) > runes {
		s = string(r[:runes])
	}
	return s
}

// calendarAddress reads "CN=Ann;EMAIL=a@x:mailto:a@x".
func calendarAddress(p property) Address {
	a := Address{Name: cleanName(calendarText(p.params["CN"], limit.MailNameRunes)), Email: cleanEmail(cleanHeader(p.value))}
	if a.Email == "" {
		a.Email = cleanEmail(cleanHeader(p.params["EMAIL"]))
	}
	if strings.EqualFold(a.Name, a.Email) {
		a.Name = ""
	}
	return a
}

// calendarDuration reads "P1DT2H30M" (RFC 5545 §3.3.6), or 0. It is at most a year.
func calendarDuration(s string) time.Duration {
	var d time.Duration
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	n := 0
	for _, c := range []byte(strings.TrimSpace(s)) {
		switch {
		case c == '-':
			return 0
		case c >= '0' && c <= '9':
			n = min(n*10+int(c-'0'), 1_000_000)
		default:
			d += time.Duration(n) * units[c]
			n = 0
		}
	}
	return min(d, 366*24*time.Hour)
}

// times fills Start, End and AllDay. ok is false if a time or its zone could not be understood.
func (r *calendarReader) times(e *event) (ok bool) {
	start, day, ok := r.when(e.start)
	if start.IsZero() {
		return false
	}
	end, _, known := r.when(e.end)
	switch {
	case e.end.value != "" && !end.IsZero():
		ok = ok && known
	case e.duration > 0:
		end = start.Add(e.duration)
	case day:
		end = start.AddDate(0, 0, 1)
	}
	if end.Before(start) {
		end = time.Time{}
	}
	if day && !end.IsZero() && !end.After(start) { // Outlook's old ones end on the day itself
		end = start.AddDate(0, 0, 1)
	}
	e.Start, e.End, e.AllDay = start, end, day
	return ok
}

// when reads a DATE or DATE-TIME. Without a zone it is in that of the calendar, or in UTC.
func (r *calendarReader) when(p property) (t time.Time, day, ok bool) {
	v := strings.ToUpper(strings.TrimSpace(p.value))
	if len(v) >= 8 && (len(v) == 8 || strings.EqualFold(p.params["VALUE"], "DATE")) {
		t, err := time.Parse("20060102", v[:8])
		if err != nil || !thisAge(t) {
			return time.Time{}, false, false
		}
		return t, true, true
	}
	v, utc := strings.CutSuffix(v, "Z")
	t, err := time.Parse("20060102T150405", v)
	if err != nil {
		if t, err = time.Parse("20060102T1504", v); err != nil {
			return time.Time{}, false, false
		}
	}
	if !thisAge(t) {
		return time.Time{}, false, false
	}
	name := p.params["TZID"]
	if name == "" {
		name = r.zoneName
	}
	if utc || name == "" {
		return t, false, true
	}
	if z := r.zones[name]; z != nil {
		if offset, known := z.offset(t); known {
			return t.Add(-offset), false, true
		}
	}
	if loc := location(name); loc != nil {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, loc).UTC(), false, true
	}
	return t, false, false
}

// thisAge keeps out years that no zone and no JSON can hold.
func thisAge(t time.Time) bool { return t.Year() > 1600 && t.Year() < 9000 }

// number reads an integer, or gives 0.
func number(s string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(s), "+"))
	return n
}
