package calendar

import (
	"fmt"
	"slices"
	"time"
)

// Timetable is when something is open. A span that begins before a change of the clock and ends after
// it follows the clock on the wall, as people do. Holidays and exceptions last from midnight to
// midnight.
type Timetable struct {
	days     [7][]span // by time.Weekday
	holiday  []span    // on public holidays
	location *time.Location
	calendar *Calendar
}

// span is minutes after midnight, from included, to excluded, at most 24:00.
type span struct{ from, to int }

// holds reports whether the minute is in the span, also in one that passes midnight.
func (s span) holds(minute int) bool {
	if s.from < s.to {
		return s.from <= minute && minute < s.to
	}
	return minute >= s.from || minute < s.to
}

func (s span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.from/60, s.from%60, s.to/60, s.to%60)
}

// Kind says what decided of a day.
type Kind string

// The kinds of days.
const (
	Week      Kind = "week"      // as its weekday
	Holiday   Kind = "holiday"   // a public holiday
	Exceptive Kind = "exception" // a day of its own
)

// Status is what a timetable says of an instant.
type Status struct {
	Open bool
	Kind Kind
	// Label names the holiday or the exception; nil otherwise, or when the exception has none.
	Label Names
}

// Status tells whether it is open at the instant, and which kind of day that is.
func (t *Timetable) Status(at time.Time) Status {
	local := at.In(t.location)
	spans, kind, label := t.on(local)
	minute := local.Hour()*60 + local.Minute()
	return Status{slices.ContainsFunc(spans, func(s span) bool { return s.holds(minute) }), kind, label}
}

// Open reports whether the instant falls into the opening hours.
func (t *Timetable) Open(at time.Time) bool { return t.Status(at).Open }

func (t *Timetable) on(local time.Time) ([]span, Kind, Names) {
	d := dateOf(local)
	if x := t.calendar.exceptionOn(d); x != nil {
		return x.spans, Exceptive, x.label
	}
	if names := t.calendar.holidayOn(d); names != nil {
		return t.holiday, Holiday, names
	}
	return t.days[local.Weekday()], Week, nil
}

// horizon bounds the search for an opening: longer than any summer, short enough that a timetable that
// never opens is told at once.
const horizon = 400 // days

// NextOpening is the first instant from at on at which it is open; false when there is none in the
// next 400 days.
func (t *Timetable) NextOpening(at time.Time) (time.Time, bool) {
	if t.Open(at) {
		return at, true
	}
	local := at.In(t.location)
	y, m, d := local.Date()
	for n := range horizon {
		noon := time.Date(y, m, d+n, 12, 0, 0, 0, t.location)
		spans, _, _ := t.on(noon)
		if len(spans) == 0 {
			continue
		}
		var found time.Time
		for _, c := range t.candidates(noon, spans) {
			if !c.Before(at) && t.Open(c) && (found.IsZero() || c.Before(found)) {
				found = c
			}
		}
		if !found.IsZero() {
			return found, true
		}
	}
	return time.Time{}, false
}

// candidates are the instants of a day at which an opening can begin: that of each span, both of them
// in the hour that comes twice, and the change of the clock, which may step over the beginning.
func (t *Timetable) candidates(noon time.Time, spans []span) []time.Time {
	y, m, d := noon.Date()
	var out []time.Time
	for _, s := range spans {
		begin := time.Date(y, m, d, s.from/60, s.from%60, 0, 0, t.location)
		out = append(out, begin, begin.Add(-time.Hour), begin.Add(time.Hour))
	}
	from, to := time.Date(y, m, d, 0, 0, 0, 0, t.location), time.Date(y, m, d+1, 0, 0, 0, 0, t.location)
	_, before := from.Zone()
	if _, after := to.Zone(); before != after {
		for to.Sub(from) > time.Minute { // halve until the minute of the change
			middle := from.Add(to.Sub(from) / 2).Truncate(time.Minute)
			if _, offset := middle.Zone(); offset == before {
				from = middle
			} else {
				to = middle
			}
		}
		out = append(out, to)
	}
	return out
}
