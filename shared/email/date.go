package email

import (
	"net/mail"
	"strings"
	"time"
)

// lateDates are layouts that mail programs write and RFC 5322 does not know, without the day of the week.
var lateDates = []string{
	"2 Jan 2006 15:04:05", "2 Jan 2006 15:04 -0700", "2 Jan 2006 15:04", "2 January 2006 15:04:05 -0700", "2 January 2006 15:04:05", "2-Jan-2006 15:04:05 -0700", "2-Jan-06 15:04:05 -0700",
	"2 Jan 06 15:04:05 -0700", "2 Jan 06 15:04:05", "2 Jan 2006 15.04.05 -0700", "2 Jan 2006 3:04:05 PM -0700", "2 Jan 2006 3:04:05 PM",
	"Jan 2 15:04:05 2006", "Jan 2 15:04:05 -0700 2006", "Jan 2 2006 15:04:05 -0700", "Jan 2, 2006 15:04:05 -0700", "January 2, 2006 3:04 PM", "January 2, 2006 3:04 PM -0700", "January 2, 2006 3:04:05 PM -0700",
	"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.RFC3339, "2006/01/02 15:04:05 -0700", "2 Jan 2006",
}

// zoneNames are the names of time zones that mail uses (RFC 5322 §4.3, and what else is no riddle).
var zoneNames = map[string]string{
	"EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700", "AKST": "-0900", "HST": "-1000",
	"CET": "+0100", "MET": "+0100", "MEZ": "+0100", "CEST": "+0200", "MEST": "+0200", "MESZ": "+0200", "BST": "+0100", "WET": "+0000", "WEST": "+0100", "EET": "+0200", "EEST": "+0300",
	"MSK": "+0300", "JST": "+0900", "KST": "+0900", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300", "UTC": "+0000", "GMT": "+0000", "UT": "+0000", "Z": "+0000",
}

// readDate takes the first value that is a date, and leaves Date zero if there is none.
func (m *Message) readDate(values [][]byte) {
	for _, v := range values[:min(len(values), 10)] {
		if d, ok := parseDate(decodeHeader(v, "")); ok {
			m.Date = d
			return
		}
	}
	if len(values) > 0 && len(values[0]) > 0 {
		m.problem(ProblemDate, "the Date is no date: "+cut(decodeHeader(values[0], ""), 60))
	}
}

// parseDate reads a date as mail programs write it, in UTC.
func parseDate(s string) (time.Time, bool) {
	s = s[:min(len(s), 100)]
	words := strings.Fields(strings.ReplaceAll(s, ",", ", "))
	for i, w := range words {
		if offset, known := zoneNames[strings.ToUpper(w)]; known {
			words[i] = offset // package time takes a name that it does not know for UTC
		}
	}
	d, err := mail.ParseDate(strings.Join(words, " "))
	if err != nil {
		for i, w := range words {
			if strings.HasPrefix(w, "(") && i > 0 {
				words = words[:i] // a comment, perhaps without its end
				break
			}
		}
		if len(words) > 0 && isWeekday(words[0]) {
			words = words[1:]
		}
		plain := strings.Join(words, " ")
		for _, layout := range lateDates {
			if d, err = time.Parse(layout, plain); err == nil {
				break
			}
		}
	}
	d = d.UTC()
	return d, err == nil && d.Year() >= 1970 && d.Year() <= 9999
}

// isWeekday reports whether a word may stand for a day of the week, in whatever language: letters and a comma, or an English name.
func isWeekday(w string) bool {
	name, comma := strings.CutSuffix(w, ",")
	if strings.ContainsAny(name, "0123456789") {
		return false
	}
	switch strings.ToLower(name[:min(len(name), 3)]) {
	case "mon", "tue", "wed", "thu", "fri", "sat", "sun":
		return true
	}
	return comma
}
