package email

import (
	"strings"
	"time"
	_ "time/tzdata" // a calendar names zones; the machine may know none
)

// zone is a VTIMEZONE (RFC 5545 §3.6.5): what a calendar itself says of a time zone that it names.
type zone struct {
	name  string
	rules []zoneRule
}

// zoneRule is one STANDARD or DAYLIGHT: from when on, and in which years again, the offset holds.
type zoneRule struct {
	start    time.Time // local
	from, to time.Duration
	yearly   bool
	month    int
	week     int // 1 first … -1 last; 0: the first weekday on or after day
	weekday  time.Weekday
	day      int // of the month
	until    time.Time
}

func (z *zone) begin() {
	const maxRules = 100
	if len(z.rules) < maxRules {
		z.rules = append(z.rules, zoneRule{})
	}
}

func (z *zone) read(p property) {
	if p.name == "TZID" {
		z.name = p.value
	}
	if len(z.rules) == 0 {
		return
	}
	r := &z.rules[len(z.rules)-1]
	switch p.name {
	case "DTSTART":
		r.start, _ = time.Parse("20060102T150405", strings.TrimSuffix(strings.TrimSpace(p.value), "Z"))
	case "TZOFFSETFROM":
		r.from = zoneOffset(p.value)
	case "TZOFFSETTO":
		r.to = zoneOffset(p.value)
	case "RRULE":
		r.repeat(p.value)
	}
}

// zoneOffset reads "+0130" or "-033000".
func zoneOffset(s string) time.Duration {
	s = strings.TrimSpace(s)
	digits := strings.TrimLeft(s, "+-")
	if len(digits) < 4 {
		return 0
	}
	d := time.Duration(number(digits[:2]))*time.Hour + time.Duration(number(digits[2:4]))*time.Minute
	if d > 24*time.Hour {
		return 0
	}
	if strings.HasPrefix(s, "-") {
		return -d
	}
	return d
}

var weekdays = map[string]time.Weekday{"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}

// repeat reads the yearly rules that time zones have: FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU.
func (r *zoneRule) repeat(rule string) {
	for pair := range strings.SplitSeq(strings.ToUpper(rule), ";") {
		key, value, _ := strings.Cut(pair, "=")
		switch key {
		case "FREQ":
			r.yearly = value == "YEARLY"
		case "BYMONTH":
			r.month = number(value)
		case "BYMONTHDAY":
			first, _, _ := strings.Cut(value, ",")
			r.day = number(first)
		case "BYDAY":
			if len(value) >= 2 {
				r.weekday = weekdays[value[len(value)-2:]]
				r.week = number(value[:len(value)-2])
			}
		case "UNTIL":
			r.until, _ = time.Parse("20060102", value[:min(len(value), 8)])
		}
	}
	if r.week == 0 && r.day == 0 {
		r.day = 1
	}
}

// onset is the last time at or before t, both local, at which the rule set in.
func (r *zoneRule) onset(t time.Time) (time.Time, bool) {
	if !r.yearly || r.month < 1 || r.month > 12 {
		return r.start, !r.start.After(t)
	}
	for year := t.Year(); year >= t.Year()-1; year-- {
		at := r.in(year)
		if at.After(t) || at.Before(r.start) || !r.until.IsZero() && at.After(r.until.AddDate(0, 0, 1)) {
			continue
		}
		return at, true
	}
	if !r.until.IsZero() && !r.start.After(t) { // it ended long ago, and may be the last that was said
		return r.in(min(t.Year(), r.until.Year())), true
	}
	return time.Time{}, false
}

// in is when the rule sets in in a year.
func (r *zoneRule) in(year int) time.Time {
	first := time.Date(year, time.Month(r.month), 1, r.start.Hour(), r.start.Minute(), r.start.Second(), 0, time.UTC)
	switch {
	case r.week < 0:
		last := first.AddDate(0, 1, -1)
		back := (int(last.Weekday()) - int(r.weekday) + 7) % 7
		return last.AddDate(0, 0, -back+7*(r.week+1))
	case r.week == 0 && r.day < 1:
		return first
	case r.week == 0:
		first = first.AddDate(0, 0, r.day-1)
	}
	ahead := (int(r.weekday) - int(first.Weekday()) + 7) % 7
	return first.AddDate(0, 0, ahead+7*max(r.week-1, 0))
}

// offset is how far the zone is ahead of UTC at a local time.
func (z *zone) offset(t time.Time) (time.Duration, bool) {
	var best, earliest *zoneRule
	var since time.Time
	for i := range z.rules {
		r := &z.rules[i]
		if earliest == nil || r.start.Before(earliest.start) {
			earliest = r
		}
		if at, ok := r.onset(t); ok && (best == nil || !at.Before(since)) {
			best, since = r, at
		}
	}
	switch {
	case best != nil:
		return best.to, true
	case earliest != nil:
		return earliest.from, true
	}
	return 0, false
}

// location finds a zone that the calendar names and does not define: by its name in the tz database, perhaps behind the path of
// a program ("/citadel.org/20210210_1/Europe/Berlin"), or by Windows's name. nil if nobody knows it.
func location(name string) *time.Location {
	const maxName = 100
	name = strings.Trim(cut(name, maxName), `" `)
	if to, ok := windowsZones[strings.ToLower(name)]; ok {
		name = to
	}
	parts := strings.Split(strings.Trim(name, "/"), "/")
	for n := min(len(parts), 3); n > 0; n-- {
		if try := strings.Join(parts[len(parts)-n:], "/"); try != "" && !strings.EqualFold(try, "local") {
			if loc, err := time.LoadLocation(try); err == nil {
				return loc
			}
		}
	}
	return nil
}

// windowsZones are Windows's names for zones (Unicode CLDR, windowsZones.xml, territory 001), lower case.
var windowsZones = map[string]string{
	"dateline standard time": "Etc/GMT+12", "hawaiian standard time": "Pacific/Honolulu", "alaskan standard time": "America/Anchorage", "pacific standard time": "America/Los_Angeles",
	"us mountain standard time": "America/Phoenix", "mountain standard time": "America/Denver", "central america standard time": "America/Guatemala", "central standard time": "America/Chicago",
	"central standard time (mexico)": "America/Mexico_City", "canada central standard time": "America/Regina", "sa pacific standard time": "America/Bogota", "eastern standard time": "America/New_York",
	"us eastern standard time": "America/Indiana/Indianapolis", "venezuela standard time": "America/Caracas", "atlantic standard time": "America/Halifax", "sa western standard time": "America/La_Paz",
	"pacific sa standard time": "America/Santiago", "newfoundland standard time": "America/St_Johns", "e. south america standard time": "America/Sao_Paulo", "argentina standard time": "America/Argentina/Buenos_Aires",
	"sa eastern standard time": "America/Cayenne", "greenland standard time": "America/Godthab", "azores standard time": "Atlantic/Azores", "cape verde standard time": "Atlantic/Cape_Verde",
	"gmt standard time": "Europe/London", "greenwich standard time": "Atlantic/Reykjavik", "morocco standard time": "Africa/Casablanca", "utc": "UTC", "coordinated universal time": "UTC",
	"w. europe standard time": "Europe/Berlin", "central europe standard time": "Europe/Budapest", "romance standard time": "Europe/Paris", "central european standard time": "Europe/Warsaw",
	"w. central africa standard time": "Africa/Lagos", "namibia standard time": "Africa/Windhoek", "jordan standard time": "Asia/Amman", "gtb standard time": "Europe/Bucharest", "middle east standard time": "Asia/Beirut",
	"egypt standard time": "Africa/Cairo", "e. europe standard time": "Europe/Chisinau", "south africa standard time": "Africa/Johannesburg", "fle standard time": "Europe/Kiev", "turkey standard time": "Europe/Istanbul",
	"israel standard time": "Asia/Jerusalem", "arabic standard time": "Asia/Baghdad", "arab standard time": "Asia/Riyadh", "russian standard time": "Europe/Moscow", "e. africa standard time": "Africa/Nairobi",
	"iran standard time": "Asia/Tehran", "arabian standard time": "Asia/Dubai", "azerbaijan standard time": "Asia/Baku", "georgian standard time": "Asia/Tbilisi", "caucasus standard time": "Asia/Yerevan",
	"afghanistan standard time": "Asia/Kabul", "ekaterinburg standard time": "Asia/Yekaterinburg", "pakistan standard time": "Asia/Karachi", "west asia standard time": "Asia/Tashkent", "india standard time": "Asia/Calcutta",
	"sri lanka standard time": "Asia/Colombo", "nepal standard time": "Asia/Katmandu", "central asia standard time": "Asia/Almaty", "bangladesh standard time": "Asia/Dhaka", "myanmar standard time": "Asia/Rangoon",
	"se asia standard time": "Asia/Bangkok", "china standard time": "Asia/Shanghai", "singapore standard time": "Asia/Singapore", "w. australia standard time": "Australia/Perth", "taipei standard time": "Asia/Taipei",
	"tokyo standard time": "Asia/Tokyo", "korea standard time": "Asia/Seoul", "cen. australia standard time": "Australia/Adelaide", "aus central standard time": "Australia/Darwin", "e. australia standard time": "Australia/Brisbane",
	"aus eastern standard time": "Australia/Sydney", "west pacific standard time": "Pacific/Port_Moresby", "tasmania standard time": "Australia/Hobart", "vladivostok standard time": "Asia/Vladivostok",
	"new zealand standard time": "Pacific/Auckland", "fiji standard time": "Pacific/Fiji", "tonga standard time": "Pacific/Tongatapu",
}
