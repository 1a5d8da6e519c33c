// Package hours is the domain of when a team works: business hours with holidays in a time zone.
//
// Owns: Hours, and every question about them: open now, when next, how much working time between two moments, what moment so much working time
// later. Chat availability, routing, bots and deadlines ask here and nowhere else.
// Never: clock, I/O, store. Imported by: store, functions.
//
// What counts is the wall clock in the zone: a quarter past two that comes twice in autumn is open twice, one that does not come in spring is not.
package hours

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the runtime on Lambda carries no zones
	"unicode/utf8"

	"parley/shared/fault"
)

// Hours say when a team works.
type Hours struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Zone     string    `json:"zone"` // IANA: "Europe/London"
	Week     []Span    `json:"week"` // none: never
	Holidays []Holiday `json:"holidays"`
	Revision int64     `json:"revision,omitempty"`
}

// Span is a part of one day of the week, From inclusive, To exclusive; both HH:MM, To up to 24:00.
type Span struct {
	Day  int    `json:"day" minimum:"1" maximum:"7"` // 1 is Monday (ISO 8601)
	From string `json:"from" pattern:"^[0-2][0-9]:[0-5][0-9]$"`
	To   string `json:"to" pattern:"^[0-2][0-9]:[0-5][0-9]$"`
}

// Holiday is a day, in the zone, that is not as its day of the week says.
type Holiday struct {
	Date   string `json:"date" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`
	Name   string `json:"name,omitempty" maxLength:"100"`
	Yearly bool   `json:"yearly,omitempty"` // every year on this day and month
	// From and To are what is open of it; both "" closes it.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Bounds of one set of hours.
const (
	MaxSpans    = 50
	MaxHolidays = 400
)

// minutes reads HH:MM as minutes of the day; -1 if it is none.
func minutes(s string) int {
	var h, m int
	if n, err := fmt.Sscanf(s, "%2d:%2d", &h, &m); err != nil || n != 2 || len(s) != 5 || m > 59 || h*60+m > 24*60 || h < 0 || m < 0 {
		return -1
	}
	return h*60 + m
}

// Check refuses hours that mean nothing.
func (h Hours) Check() error {
	if n := utf8.RuneCountInString(strings.TrimSpace(h.Name)); n == 0 || n > 100 {
		return fault.New(fault.Invalid, "Hours need a name of at most 100 characters.")
	}
	if _, err := zone(h.Zone); err != nil {
		return err
	}
	if len(h.Week) > MaxSpans || len(h.Holidays) > MaxHolidays {
		return fault.New(fault.Invalid, "Hours have at most %d spans a week and %d holidays.", MaxSpans, MaxHolidays)
	}
	for i, s := range h.Week {
		if s.Day < 1 || s.Day > 7 {
			return fault.New(fault.Invalid, "Days are 1 (Monday) to 7 (Sunday), not %d.", s.Day)
		}
		if err := span(s.From, s.To); err != nil {
			return err
		}
		for _, o := range h.Week[:i] {
			if o.Day == s.Day && minutes(o.From) < minutes(s.To) && minutes(s.From) < minutes(o.To) {
				return fault.New(fault.Invalid, "%s to %s and %s to %s are at the same time.", o.From, o.To, s.From, s.To)
			}
		}
	}
	for i, d := range h.Holidays {
		if _, err := time.Parse(time.DateOnly, d.Date); err != nil {
			return fault.New(fault.Invalid, "%.20q is no date: write 2026-12-25.", d.Date)
		}
		if d.From != "" || d.To != "" {
			if err := span(d.From, d.To); err != nil {
				return err
			}
		}
		if slices.ContainsFunc(h.Holidays[:i], func(o Holiday) bool { return o.Date == d.Date }) {
			return fault.New(fault.Invalid, "%s is named twice.", d.Date)
		}
	}
	return nil
}

func span(from, to string) error {
	if a, b := minutes(from), minutes(to); a < 0 || b < 0 || a >= b {
		return fault.New(fault.Invalid, "%.10q to %.10q is no part of a day: write 09:00 to 17:30. What goes past midnight is two spans.", from, to)
	}
	return nil
}

// zones holds the zones that were asked for: reading one takes longer than a question about it.
var zones sync.Map

// zone returns a time zone by its IANA name. "Local" would be the machine's, which means nothing.
func zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fault.New(fault.Invalid, "Hours need a time zone.")
	}
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location), nil
	}
	loc, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, loc)
	} else {
		return nil, fault.New(fault.Invalid, "There is no time zone %.60q: use a name such as Europe/London.", name)
	}
	return loc, nil
}

// CheckZone is fault.Invalid for what is no IANA time zone.
func CheckZone(name string) error {
	_, err := zone(name)
	return err
}

// place is the zone of hours that were checked.
func (h Hours) place() *time.Location {
	if loc, err := zone(h.Zone); err == nil {
		return loc
	}
	return time.UTC
}

// part is a piece of a day in minutes.
type part struct{ from, to int }

// on is what is open of a day in the zone, in order.
func (h Hours) on(year int, month time.Month, day int) []part {
	date := fmt.Sprintf("%04d-%02d-%02d", year, month, day)
	var out []part
	for _, d := range h.Holidays {
		if d.Date == date || d.Yearly && d.Date[4:] == date[4:] {
			if d.From == "" {
				return nil
			}
			return []part{{minutes(d.From), minutes(d.To)}}
		}
	}
	week := int(time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Weekday()+6)%7 + 1
	for _, s := range h.Week {
		if s.Day == week {
			out = append(out, part{minutes(s.From), minutes(s.To)})
		}
	}
	slices.SortFunc(out, func(a, b part) int { return a.from - b.from })
	return out
}

// Open reports whether a moment is in the hours.
func (h Hours) Open(at time.Time) bool {
	t := at.In(h.place())
	m := t.Hour()*60 + t.Minute()
	return slices.ContainsFunc(h.on(t.Date()), func(p part) bool { return p.from <= m && m < p.to })
}

// interval is a stretch of real time.
type interval struct{ from, to time.Time }

// open are the stretches of real time that are open on a day in the zone, in order and apart. A day on which the clock changes is cut where it
// changes: within each piece wall clock and time run alike.
func (h Hours) open(year int, month time.Month, day int) []interval {
	parts := h.on(year, month, day)
	if len(parts) == 0 {
		return nil
	}
	loc := h.place()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	end := midnight.Add(40 * time.Hour)
	var out []interval
	for t := midnight.Add(-16 * time.Hour).In(loc); t.Before(end); {
		_, offset := t.Zone()
		from, to := t.ZoneBounds()
		for _, p := range parts {
			a := midnight.Add(time.Duration(p.from)*time.Minute - time.Duration(offset)*time.Second)
			b := midnight.Add(time.Duration(p.to)*time.Minute - time.Duration(offset)*time.Second)
			if !from.IsZero() && a.Before(from) {
				a = from
			}
			if !to.IsZero() && b.After(to) {
				b = to
			}
			if a.Before(b) {
				out = append(out, interval{a.UTC(), b.UTC()})
			}
		}
		if to.IsZero() {
			break
		}
		t = to.In(loc)
	}
	slices.SortFunc(out, func(a, b interval) int { return a.from.Compare(b.from) })
	return out
}

// maxDays bounds how far ahead is looked: hours that are not open within two years never are.
const maxDays = 2 * 366

// walk visits the open stretches that end after a moment, in order, until visit says stop.
func (h Hours) walk(at time.Time, visit func(interval) (more bool)) {
	year, month, day := at.In(h.place()).Date()
	// A clock that is put back over midnight brings back a day that was over: begin the day before.
	d := time.Date(year, month, day-1, 12, 0, 0, 0, time.UTC)
	var last time.Time
	for range maxDays {
		for _, i := range h.open(d.Date()) {
			if i.from.Before(last) {
				i.from = last
			}
			if !i.from.Before(i.to) || !i.to.After(at) {
				continue
			}
			last = i.to
			if !visit(i) {
				return
			}
		}
		d = d.AddDate(0, 0, 1)
	}
}

// Next is the first open moment at or after a moment; ok is false if there is none within two years.
func (h Hours) Next(at time.Time) (next time.Time, ok bool) {
	h.walk(at, func(i interval) bool {
		if next, ok = at.UTC(), true; i.from.After(at) {
			next = i.from
		}
		return false
	})
	return next, ok
}

// After is the moment by which so much working time has passed since a moment; ok is false if that never comes within two years.
func (h Hours) After(at time.Time, work time.Duration) (end time.Time, ok bool) {
	if work <= 0 {
		return at.UTC(), true
	}
	h.walk(at, func(i interval) bool {
		if i.from.Before(at) {
			i.from = at
		}
		if d := i.to.Sub(i.from); d < work {
			work -= d
			return true
		}
		end, ok = i.from.Add(work).UTC(), true
		return false
	})
	return end, ok
}

// Between is how much working time lies between two moments, at most two years apart; none if they are the other way round.
func (h Hours) Between(from, to time.Time) (work time.Duration) {
	h.walk(from, func(i interval) bool {
		if i.from.Before(from) {
			i.from = from
		}
		if !i.from.Before(to) {
			return false
		}
		if i.to.After(to) {
			i.to = to
		}
		work += i.to.Sub(i.from)
		return true
	})
	return work
}
