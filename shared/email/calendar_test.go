package email_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/shared/email"
)

const berlin = `BEGIN:VTIMEZONE
TZID:Our Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
`

// calendars returns what Parse makes of an event with these lines.
func calendars(method, before, lines string) email.Message {
	body := "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:" + method + "\n" + before + "BEGIN:VEVENT\nSUMMARY:x\n" + lines + "END:VEVENT\nEND:VCALENDAR\n"
	return email.Parse(crlf("From: a@x.example\nContent-Type: text/calendar; charset=utf-8\n\n" + body))
}

func TestCalendarTimes(t *testing.T) {
	for lines, want := range map[string]string{
		"DTSTART:20240115T090000Z\nDTEND:20240115T100000Z\n":                            "2024-01-15T09:00:00Z 2024-01-15T10:00:00Z",
		"DTSTART;TZID=Our Zone:20240115T090000\nDTEND;TZID=Our Zone:20240115T100000\n":  "2024-01-15T08:00:00Z 2024-01-15T09:00:00Z",
		"DTSTART;TZID=\"Our Zone\":20240715T090000\nDURATION:PT1H30M\n":                 "2024-07-15T07:00:00Z 2024-07-15T08:30:00Z",
		"DTSTART;TZID=Our Zone:20240331T013000\n":                                       "2024-03-31T00:30:00Z", // half an hour before summer
		"DTSTART;TZID=Our Zone:20240331T033000\n":                                       "2024-03-31T01:30:00Z",
		"DTSTART;TZID=Our Zone:20241027T033000\n":                                       "2024-10-27T02:30:00Z",
		"DTSTART;TZID=Europe/Berlin:20240715T090000\n":                                  "2024-07-15T07:00:00Z",
		"DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20240115T090000\n": "2024-01-15T08:00:00Z",
		"DTSTART;TZID=/x.org/1/America/Argentina/Buenos_Aires:20240115T090000\n":        "2024-01-15T12:00:00Z",
		"DTSTART;TZID=W. Europe Standard Time:20240715T090000\n":                        "2024-07-15T07:00:00Z",
		"DTSTART;TZID=Tokyo Standard Time:20240715T090000\n":                            "2024-07-15T00:00:00Z",
		"DTSTART:20240715T090000\n":                                                     "2024-07-15T09:00:00Z", // of no zone
		"DTSTART;VALUE=DATE:20240115\n":                                                 "2024-01-15T00:00:00Z 2024-01-16T00:00:00Z all day",
		"DTSTART;VALUE=DATE:20240115\nDTEND;VALUE=DATE:20240118\n":                      "2024-01-15T00:00:00Z 2024-01-18T00:00:00Z all day",
		"DTSTART;VALUE=DATE:20240115\nDTEND;VALUE=DATE:20240115\n":                      "2024-01-15T00:00:00Z 2024-01-16T00:00:00Z all day",
		"DTSTART;VALUE=DATE:20240115\nDURATION:P2D\n":                                   "2024-01-15T00:00:00Z 2024-01-17T00:00:00Z all day",
		"DTSTART:20240115\n": "2024-01-15T00:00:00Z 2024-01-16T00:00:00Z all day",
		"DTSTART:20240115T090000Z\nDTEND:20240114T090000Z\n":                                                                 "2024-01-15T09:00:00Z", // ends before it begins
		"DTSTART:20240115T090000Z\nBEGIN:VALARM\nDTSTART:20200101T000000Z\nSUMMARY:no\nEND:VALARM\nDTEND:20240115T100000Z\n": "2024-01-15T09:00:00Z 2024-01-15T10:00:00Z",
		"DTSTART;TZID=Our Zone:20240\n 115T0900\n\t00\n":                                                                     "2024-01-15T08:00:00Z", // folded
		"DTSTART;X=\"a;b:c\";TZID=Our Zone:20240115T090000\n":                                                                "2024-01-15T08:00:00Z",
	} {
		m := calendars("REQUEST", berlin, lines)
		if len(m.Calendar) != 1 || len(m.Problems) != 0 {
			t.Errorf("%q: %+v %v", lines, m.Calendar, m.Problems)
			continue
		}
		c := m.Calendar[0]
		got := c.Start.Format(time.RFC3339)
		if !c.End.IsZero() {
			got += " " + c.End.Format(time.RFC3339)
		}
		if c.AllDay {
			got += " all day"
		}
		if got != want || c.Summary != "x" {
			t.Errorf("%q: %s, want %s", lines, got, want)
		}
	}
	for _, lines := range []string{"", "DTSTART:tomorrow\n", "DTSTART;TZID=Nowhere:20240115T090000\n", "DTSTART:00000101T000000Z\n", "DTSTART:99991231T235959Z\n"} {
		if m := calendars("REQUEST", "", lines); len(m.Calendar) != 1 || len(m.Problems) != 1 || m.Problems[0].Name != email.ProblemCalendar {
			t.Errorf("%q: %+v %v", lines, m.Calendar, m.Problems)
		}
	}
}

// The rules of zones as they are really written.
func TestZones(t *testing.T) {
	zone := func(rules ...string) string {
		return "BEGIN:VTIMEZONE\nTZID:Our Zone\nBEGIN:" + strings.Join(rules, "\nBEGIN:") + "\nEND:VTIMEZONE\n"
	}
	const us = "STANDARD\nDTSTART:20071104T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD"
	const usSummer = "DAYLIGHT\nDTSTART:20070311T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT"
	for name, c := range map[string]struct{ zone, at, want string }{
		"winter":                   {zone(us, usSummer), "20240115T090000", "2024-01-15T14:00:00Z"},
		"summer":                   {zone(us, usSummer), "20240715T090000", "2024-07-15T13:00:00Z"},
		"before the second Sunday": {zone(us, usSummer), "20240309T090000", "2024-03-09T14:00:00Z"},
		"on the second Sunday":     {zone(us, usSummer), "20240310T090000", "2024-03-10T13:00:00Z"},
		"Sunday by day of month":   {zone(us, strings.Replace(usSummer, "BYDAY=2SU", "BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14", 1)), "20240310T090000", "2024-03-10T13:00:00Z"},
		"half an hour":             {zone("STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD"), "20240115T090000", "2024-01-15T03:30:00Z"},
		"rules that ended":         {zone(us, strings.Replace(usSummer, "BYDAY=2SU", "BYDAY=2SU;UNTIL=20100314T070000Z", 1)), "20240715T090000", "2024-07-15T14:00:00Z"},
		"all of them ended":        {zone(strings.Replace(us, "BYDAY=1SU", "BYDAY=1SU;UNTIL=20121104T060000Z", 1), strings.Replace(usSummer, "BYDAY=2SU", "BYDAY=2SU;UNTIL=20120311T070000Z", 1)), "20240715T090000", "2024-07-15T14:00:00Z"},
		"before the first rule":    {zone("STANDARD\nDTSTART:20100101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0400\nEND:STANDARD"), "20000115T090000", "2000-01-15T06:00:00Z"},
		"a zone without rules":     {"BEGIN:VTIMEZONE\nTZID:Our Zone\nEND:VTIMEZONE\nX-WR-TIMEZONE:Asia/Tokyo\n", "20240115T090000", ""},
	} {
		m := calendars("REQUEST", c.zone, "DTSTART;TZID=Our Zone:"+c.at+"\n")
		if c.want == "" {
			if len(m.Problems) != 1 {
				t.Errorf("%s: %v", name, m.Problems)
			}
			continue
		}
		if len(m.Calendar) != 1 || m.Calendar[0].Start.Format(time.RFC3339) != c.want {
			t.Errorf("%s: %+v, want %s", name, m.Calendar, c.want)
		}
	}
	if m := calendars("PUBLISH", "X-WR-TIMEZONE:Asia/Tokyo\n", "DTSTART:20240115T090000\n"); m.Calendar[0].Start.Hour() != 0 {
		t.Errorf("the calendar's own zone: %+v", m.Calendar)
	}
}

func TestInvitations(t *testing.T) {
	m := calendars("REQUEST", "", `DTSTART:20240115T090000Z
LOCATION:Room 1\, first floor\nleft; x
ORGANIZER;CN="Müller, Ann":mailto:Ann@x.example
ATTENDEE;CN=b@x.example;PARTSTAT=NEEDS-ACTION:MAILTO:b@x.example
ATTENDEE;CN=C^'D;EMAIL=c@x.example:/o=org/cn=c
`)
	want := []email.Calendar{{
		Method: "REQUEST", Summary: "x", Location: "Room 1, first floor left; x", Organizer: email.Address{Name: "Müller, Ann", Email: "Ann@x.example"},
		Attendees: []email.Address{{Email: "b@x.example"}, {Name: `C"D`, Email: "c@x.example"}}, Start: time.Date(2024, 1, 15, 9, 0, 0, 0, time.UTC),
	}}
	if d := cmp.Diff(want, m.Calendar); d != "" {
		t.Error(d)
	}
	m = calendars("REPLY", "", "DTSTART:20240115T090000Z\nATTENDEE;PARTSTAT=declined;CN=Bob:mailto:b@x.example\n")
	if len(m.Calendar) != 1 || m.Calendar[0].Status != "DECLINED" || m.Calendar[0].Method != "REPLY" || m.Calendar[0].Attendees[0].Email != "b@x.example" {
		t.Errorf("%+v", m.Calendar)
	}
	if m = calendars("CANCEL", "", "DTSTART:20240115T090000Z\n"); m.Calendar[0].Method != "CANCEL" || m.Calendar[0].Status != "" {
		t.Errorf("%+v", m.Calendar)
	}
}

// A calendar may be an alternative, a file, or both; broken ones give what can be read.
func TestCalendarParts(t *testing.T) {
	const ics = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Grüße\nDTSTART:20240115T090000Z\nEND:VEVENT\nEND:VCALENDAR\n"
	for name, c := range map[string]struct {
		parts  []string
		events int
	}{
		"an alternative":   {[]string{"Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\n" + ics}, 1},
		"twice":            {[]string{"Content-Type: text/calendar; charset=utf-8\n\n" + ics, "Content-Type: application/ics; name=invite.ics\nContent-Disposition: attachment\n\n" + ics}, 1},
		"an octet stream":  {[]string{"Content-Type: application/octet-stream; name=Invite.ICS\n\n" + ics}, 1},
		"two of them":      {[]string{"Content-Type: text/calendar; charset=utf-8\n\n" + ics, "Content-Type: text/calendar; charset=utf-8\n\n" + strings.ReplaceAll(ics, "0115", "0116")}, 2},
		"no end":           {[]string{"Content-Type: text/calendar; charset=utf-8\n\n" + ics[:strings.Index(ics, "END:")]}, 1},
		"garbage between":  {[]string{"Content-Type: text/calendar; charset=utf-8\n\n" + strings.ReplaceAll(ics, "DTSTART", "what is this\n;;;:::\n:\nBEGIN\nDTSTART")}, 1},
		"lower case":       {[]string{"Content-Type: text/calendar; charset=utf-8\n\n" + strings.NewReplacer("BEGIN", "begin", "VEVENT", "vevent", "DTSTART", "dtstart").Replace(ics)}, 1},
		"of vCalendar 1.0": {[]string{"Content-Type: text/x-vcalendar\n\n" + strings.Replace(ics, "SUMMARY:Grüße", "SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=utf-8:Gr=C3=BC=C3=9Fe", 1)}, 1},
	} {
		m := email.Parse(mixed(append([]string{"\nsee you"}, c.parts...)...))
		if len(m.Calendar) != c.events || m.Calendar[0].Summary != "Grüße" || m.Calendar[0].Method != "REQUEST" || len(m.Attachments) != len(c.parts) || m.Text != "see you" {
			t.Errorf("%s: %+v %+v %q", name, m.Calendar, m.Attachments, m.Text)
		}
	}
	if m := email.Parse(mixed("\nx", "Content-Type: text/calendar\n\nnothing")); len(m.Calendar) != 0 || len(m.Problems) != 1 || m.Problems[0].Name != email.ProblemCalendar {
		t.Errorf("%+v %v", m.Calendar, m.Problems)
	}
}

// FuzzCalendar: whatever a calendar holds, reading it ends, and what is read can be written as JSON.
func FuzzCalendar(f *testing.F) {
	f.Add("REQUEST", berlin, "DTSTART;TZID=Our Zone:20240115T090000\nDURATION:P1W\n")
	f.Add("REPLY", "X-WR-TIMEZONE:Europe/Berlin\n", "DTSTART;VALUE=DATE:20240115\nATTENDEE;PARTSTAT=ACCEPTED;CN=\"a;b\":mailto:a@x.example\n")
	f.Add("", "BEGIN:VTIMEZONE\nBEGIN:DAYLIGHT\nRRULE:FREQ=YEARLY;BYDAY=-5MO;BYMONTH=2;UNTIL=2\n", "SUMMARY;ENCODING=QUOTED-PRINTABLE:=\nBEGIN:VALARM\n")
	f.Fuzz(func(t *testing.T, method, before, lines string) {
		m := calendars(method, before, lines)
		checkMessage(t, m)
		if len(m.Calendar) > 20 {
			t.Fatalf("%d events", len(m.Calendar))
		}
	})
}
