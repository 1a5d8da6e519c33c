package hours_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/shared/fault"
	"parley/shared/hours"
)

func week(from, to string, days ...int) []hours.Span {
	var out []hours.Span
	for _, d := range days {
		out = append(out, hours.Span{Day: d, From: from, To: to})
	}
	return out
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

var shop = hours.Hours{
	Name: "Support hours", Zone: "Europe/London", Week: week("09:00", "17:30", 1, 2, 3, 4, 5),
	Holidays: []hours.Holiday{{Date: "2026-12-25", Yearly: true}, {Date: "2026-12-24", From: "09:00", To: "12:00"}},
}

func TestOpen(t *testing.T) {
	if err := shop.Check(); err != nil {
		t.Fatal(err)
	}
	for moment, want := range map[string]bool{
		"2026-11-26T09:00:00Z":      true,  // a Thursday in winter: London is at UTC
		"2026-11-26T08:59:59Z":      false, //
		"2026-11-26T17:29:59Z":      true,  //
		"2026-11-26T17:30:00Z":      false, //
		"2026-07-02T08:00:00Z":      true,  // in summer it is an hour ahead
		"2026-07-02T16:30:00Z":      false, //
		"2026-11-28T12:00:00Z":      false, // Saturday
		"2026-12-25T12:00:00Z":      false, // Friday, and Christmas
		"2029-12-25T12:00:00Z":      false, // every year
		"2026-12-24T11:59:00Z":      true,  // half a day
		"2026-12-24T12:00:00Z":      false, //
		"2026-11-26T20:00:00+11:00": true,  // whatever zone a moment is written in
	} {
		if got := shop.Open(at(moment)); got != want {
			t.Errorf("%s: open is %v", moment, got)
		}
	}
}

// The clock is put forward over 02:00 to 03:00 in Berlin on 2026-03-29 and back over the same hour on 2026-10-25.
func TestTheClockChanges(t *testing.T) {
	night := hours.Hours{Name: "Nights", Zone: "Europe/Berlin", Week: week("01:00", "04:00", 7)}
	if got := night.Between(at("2026-03-28T12:00:00Z"), at("2026-03-29T12:00:00Z")); got != 2*time.Hour {
		t.Errorf("the short night is %v", got)
	}
	if got := night.Between(at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z")); got != 4*time.Hour {
		t.Errorf("the long night is %v", got)
	}
	if got := night.Between(at("2026-11-07T12:00:00Z"), at("2026-11-08T12:00:00Z")); got != 3*time.Hour {
		t.Errorf("any other night is %v", got)
	}
	lost := hours.Hours{Name: "Lost", Zone: "Europe/Berlin", Week: week("02:00", "03:00", 7)}
	next, ok := lost.Next(at("2026-03-28T12:00:00Z"))
	if want := at("2026-04-05T00:00:00Z"); !ok || !next.Equal(want) {
		t.Errorf("an hour that does not come opens at %v", next)
	}
	// A workday of eight hours on either side of the change is eight hours.
	day := hours.Hours{Name: "Days", Zone: "Europe/Berlin", Week: week("09:00", "17:00", 1, 2, 3, 4, 5)}
	if got, _ := day.After(at("2026-03-27T15:00:00Z"), 2*time.Hour); !got.Equal(at("2026-03-30T08:00:00Z")) {
		t.Errorf("an hour on Friday and one on Monday end at %v", got)
	}
	// The clock of São Paulo went forward at midnight: the day began at one.
	early := hours.Hours{Name: "Early", Zone: "America/Sao_Paulo", Week: week("00:00", "02:00", 7)}
	if got := early.Between(at("2018-11-03T12:00:00Z"), at("2018-11-04T12:00:00Z")); got != time.Hour {
		t.Errorf("a day that begins at one: %v", got)
	}
	// Samoa left out a whole Friday.
	samoa := hours.Hours{Name: "Samoa", Zone: "Pacific/Apia", Week: week("09:00", "17:00", 5)}
	if got := samoa.Between(at("2011-12-27T00:00:00Z"), at("2012-01-02T00:00:00Z")); got != 0 {
		t.Errorf("a day that never was: %v", got)
	}
}

func TestRefused(t *testing.T) {
	for name, h := range map[string]hours.Hours{
		"no zone":       {Name: "x"},
		"odd zone":      {Name: "x", Zone: "Europe/Atlantis"},
		"the machine's": {Name: "x", Zone: "Local"},
		"backwards":     {Name: "x", Zone: "UTC", Week: week("17:00", "09:00", 1)},
		"no time":       {Name: "x", Zone: "UTC", Week: week("9", "25:00", 1)},
		"day 8":         {Name: "x", Zone: "UTC", Week: week("09:00", "17:00", 8)},
		"twice":         {Name: "x", Zone: "UTC", Week: append(week("09:00", "17:00", 1), week("16:00", "18:00", 1)...)},
		"no date":       {Name: "x", Zone: "UTC", Holidays: []hours.Holiday{{Date: "2026-02-30"}}},
		"no name":       {Zone: "UTC"},
	} {
		if err := h.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, ok := (hours.Hours{Name: "never", Zone: "UTC"}).Next(at("2026-01-01T00:00:00Z")); ok {
		t.Error("never opens")
	}
}

// Whatever the hours and wherever: Next is open and nothing before it is; After and Between undo each other; Between adds up.
func TestHoursHoldTogether(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"}
	rapid.Check(t, func(t *rapid.T) {
		h := hours.Hours{Name: "x", Zone: rapid.SampledFrom(zones).Draw(t, "zone")}
		for d := 1; d <= 7; d++ {
			if from := rapid.IntRange(0, 2000).Draw(t, "from"); from < 1400 {
				to := rapid.IntRange(from+1, 1440).Draw(t, "to")
				h.Week = append(h.Week, hours.Span{Day: d, From: clock(from), To: clock(to)})
			}
		}
		base := time.Unix(rapid.Int64Range(1_500_000_000, 1_900_000_000).Draw(t, "at"), 0)
		if rapid.Bool().Draw(t, "holiday") {
			h.Holidays = []hours.Holiday{{Date: base.AddDate(0, 0, rapid.IntRange(0, 5).Draw(t, "in")).Format(time.DateOnly)}}
		}
		if err := h.Check(); err != nil {
			t.Fatal(err)
		}
		next, ok := h.Next(base)
		if ok != (len(h.Week) > 0) {
			t.Fatalf("next is %v with %d spans", ok, len(h.Week))
		}
		if !ok {
			return
		}
		if next.Before(base) || !h.Open(next) || h.Between(base, next) != 0 {
			t.Fatalf("next of %v is %v, open %v", base, next, h.Open(next))
		}
		for m := base.Add(time.Minute); m.Before(next) && m.Before(base.Add(5*24*time.Hour)); m = m.Add(7 * time.Minute) {
			if h.Open(m) {
				t.Fatalf("open at %v before next %v", m, next)
			}
		}
		work := time.Duration(rapid.Int64Range(1, int64(100*time.Hour)).Draw(t, "work"))
		end, ok := h.After(base, work)
		if !ok {
			return
		}
		if got := h.Between(base, end); got != work {
			t.Fatalf("%v of work from %v end at %v, which are %v", work, base, end, got)
		}
		middle := base.Add(time.Duration(rapid.Int64Range(0, int64(end.Sub(base))).Draw(t, "middle")))
		if a, b := h.Between(base, middle), h.Between(middle, end); a+b != work {
			t.Fatalf("%v and %v are not %v", a, b, work)
		}
		// Counted minute by minute it is the same.
		to := base.Truncate(time.Minute).Add(3 * 24 * time.Hour)
		count := time.Duration(0)
		for m := base.Truncate(time.Minute); m.Before(to); m = m.Add(time.Minute) {
			if h.Open(m) {
				count += time.Minute
			}
		}
		if got := h.Between(base.Truncate(time.Minute), to); got != count {
			t.Fatalf("between says %v, counting %v", got, count)
		}
	})
}

func clock(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }
