package email

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// months are the names of months by their first letters, in the languages that write a month's name into a date.
var months = func() map[string]time.Month {
	m := map[string]time.Month{}
	for i, l := range []string{
		"jan|janv|ene|gen|sty|led|янв|січ|ιαν|tam|oca", "feb|fév|fev|févr|lut|úno|фев|лют|φεβ|hel|şub", "mar|mär|mrz|maa|bře|мар|бер|μαρ|már",
		"apr|avr|abr|kwi|dub|апр|кві|απρ|ápr|huh|nis", "may|mai|maj|mag|mei|kvě|май|мая|тра|μαΐ|máj|tou", "jun|juin|giu|cze|čer|июн|чер|ιουν|jún|kes|haz",
		"jul|juil|lug|lip|červenec|июл|лип|ιουλ|júl|hei|tem", "aug|aoû|ago|sie|srp|авг|сер|αυγ|elo|ağu", "sep|set|wrz|zář|сен|вер|σεπ|sze|syy|eyl",
		"oct|okt|out|ott|paź|říj|окт|жов|οκτ|lok|eki", "nov|lis|noi|ноя|лис|νοε|marras|kas", "dec|déc|dez|dic|gru|pro|дек|гру|δεκ|jou|ara",
	} {
		for _, w := range strings.Split(l, "|") {
			m[w] = time.Month(i + 1)
		}
	}
	return m
}()

var (
	yearFirst = regexp.MustCompile(`(\d{4}) ?[-/.年년] ?(\d{1,2}) ?[-/.月월] ?(\d{1,2})`)
	dayFirst  = regexp.MustCompile(`(?:^|[^\d.])(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})`)
	dayName   = regexp.MustCompile(`(?:^|[^\d:.])(\d{1,2})(?:st|nd|rd|th|er|º)?[.,]? (?:de |d')?(\pL{3,})[.,]?(?: de| г)?,? ?(\d{4})`)
	nameDay   = regexp.MustCompile(`(\pL{3,})[.,]? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})`)
	clockTime = regexp.MustCompile(`(?:^|[^\d:+-])(\d{1,2}):(\d{2})(?::(\d{2}))?`)
	dateZone  = regexp.MustCompile(`(?:^| |GMT|UTC)([+-]\d{2}:?\d{2})(?:\)|$)`)
	afternoon = regexp.MustCompile(`(?i)\d ?(?:pm|p\.m\.)|下午|晚上|午後|오후`)
	morning   = regexp.MustCompile(`(?i)\d ?(?:am|a\.m\.)|上午|凌晨|早上|午前|오전`)
)

// readableDate reads the date of a quoted header: as RFC 5322 has it, or a date that names its month or has it between year and day,
// and a time of day. It is zero if that leaves a doubt, as 3/4/2021 does. Without an offset in numbers it is taken for UTC.
func readableDate(s string) time.Time {
	s = strings.TrimSpace(cut(s, 120))
	if d, ok := parseDate(s); ok && d.Year() >= 1970 && d.Year() < 2100 {
		return d.UTC()
	}
	year, month, day := dayOf(s)
	at := clockTime.FindStringSubmatch(s)
	if month < 1 || month > 12 || day < 1 || day > 31 || year < 1970 || year >= 2100 || at == nil {
		return time.Time{}
	}
	hour, minute, second := digits(at[1]), digits(at[2]), digits(at[3])
	if hour > 23 || minute > 59 || second > 59 {
		return time.Time{}
	}
	switch {
	case hour < 12 && afternoon.MatchString(s):
		hour += 12
	case hour == 12 && morning.MatchString(s):
		hour = 0
	}
	offset := time.Duration(0)
	if z := dateZone.FindStringSubmatch(s); z != nil {
		if t, err := time.Parse("-0700", strings.Replace(z[1], ":", "", 1)); err == nil {
			_, seconds := t.Zone()
			offset = time.Duration(seconds) * time.Second
		}
	}
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC).Add(-offset)
}

// dayOf reads the day of a date.
func dayOf(s string) (year int, month time.Month, day int) {
	if m := yearFirst.FindStringSubmatch(s); m != nil {
		return digits(m[1]), time.Month(digits(m[2])), digits(m[3])
	}
	if m := dayFirst.FindStringSubmatch(s); m != nil {
		return digits(m[3]), time.Month(digits(m[2])), digits(m[1])
	}
	low := strings.ToLower(s)
	for _, m := range dayName.FindAllStringSubmatch(low, 3) {
		if month := monthOf(m[2]); month != 0 {
			return digits(m[3]), month, digits(m[1])
		}
	}
	for _, m := range nameDay.FindAllStringSubmatch(low, 3) {
		if month := monthOf(m[1]); month != 0 {
			return digits(m[3]), month, digits(m[2])
		}
	}
	return 0, 0, 0
}

// monthOf knows a month by its name or an abbreviation of three letters or more.
func monthOf(w string) time.Month {
	r := []rune(strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) }))
	for n := min(len(r), 8); n >= 3; n-- {
		if m := months[string(r[:n])]; m != 0 {
			return m
		}
	}
	return 0
}

// number is the value of a few digits, 0 of none.
func digits(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
