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
	seasons  []season
	closures []closing
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
	Season    Kind = "season"    // as its weekday in a season
	Holiday   Kind = "holiday"   // a public holiday
	Exceptive Kind = "exception" // a day of its own
	Planned   Kind = "closure"   // closed, as was planned
)

// Status is what a timetable says of an instant.
type Status struct {
	Open bool
	Kind Kind
	// Label names the season, the holiday, the exception or the closure; nil otherwise, or when it has
	// no name.
	Label Names
	// DayOff: it is closed because of the day, not because of the hour or the weekday: a public holiday,
	// a planned closure, or an exceptional day without any hours.
	DayOff bool
}

// Status tells whether it is open at the instant, and which kind of day that is.
func (t *Timetable) Status(at time.Time) Status {
	local := at.In(t.location)
	spans, kind, label := t.on(local)
	minute := local.Hour()*60 + local.Minute()
	s := Status{Open: slices.ContainsFunc(spans, func(s span) bool { return s.holds(minute) }), Kind: kind, Label: label}
	s.DayOff = !s.Open && (kind == Holiday || kind == Planned || kind == Exceptive && len(spans) == 0)
	return s
}

// Open reports whether the instant falls into the opening hours.
func (t *Timetable) Open(at time.Time) bool { return t.Status(at).Open }

func (t *Timetable) on(local time.Time) ([]span, Kind, Names) {
	d := dateOf(local)
	if c := t.closureOn(d); c != nil {
		return nil, Planned, c.label
	}
	if x := t.calendar.exceptionOn(d); x != nil {
		return x.spans, Exceptive, x.label
	}
	if names := t.calendar.holidayOn(d); names != nil {
		return t.holiday, Holiday, names
	}
	if s := t.seasonOn(d); s != nil {
		return s.days[local.Weekday()], Season, s.label
	}
	return t.days[local.Weekday()], Week, nil
}

// horizon bounds the search for an opening: longer than any summer, short enough that a timetable that
// never opens is told at once.
const horizon = 400 // days

// NextOpening is the first instant from at on at which it is open; false when there is none in the
// next 400 days.
func (t *Timetable) NextOpening(at time.Time) (time.Time, bool) { return t.next(at, true, horizon) }

// EverOpen reports whether there is any day at all with opening hours, past or to come.
func (t *Timetable) EverOpen() bool {
	hours := func(days [7][]span) bool {
		return slices.ContainsFunc(days[:], func(s []span) bool { return len(s) > 0 })
	}
	return hours(t.days) || t.calendar != nil && t.calendar.holidays != nil && len(t.holiday) > 0 ||
		slices.ContainsFunc(t.seasons, func(s season) bool { return hours(s.days) }) ||
		t.calendar != nil && slices.ContainsFunc(t.calendar.exceptions, func(x exception) bool { return len(x.spans) > 0 })
}

// soon bounds the search for a closing: nobody waits longer than that.
const soon = 2 // days

// NextClosing is the first instant from at on at which it is closed; false when there is none before
// the day after tomorrow.
func (t *Timetable) NextClosing(at time.Time) (time.Time, bool) { return t.next(at, false, soon) }

// next is the first instant from at on at which it is open, or closed; days are looked at.
func (t *Timetable) next(at time.Time, open bool, days int) (time.Time, bool) {
	if t.Open(at) == open {
		return at, true
	}
	local := at.In(t.location)
	y, m, d := local.Date()
	for n := range days {
		noon := time.Date(y, m, d+n, 12, 0, 0, 0, t.location)
		spans, _, _ := t.on(noon)
		if open && len(spans) == 0 {
			continue
		}
		var found time.Time
		for _, c := range t.candidates(noon, spans, open) {
			if !c.Before(at) && t.Open(c) == open && (found.IsZero() || c.Before(found)) {
				found = c
			}
		}
		if !found.IsZero() {
			return found, true
		}
	}
	return time.Time{}, false
}

// candidates are the instants of a day at which an opening, or a closing, can begin: that of each span,
// both of them in the hour that comes twice, and the change of the clock, which may step over it. A
// closing may also begin with the day.
func (t *Timetable) candidates(noon time.Time, spans []span, open bool) []time.Time {
	y, m, d := noon.Date()
	from, to := time.Date(y, m, d, 0, 0, 0, 0, t.location), time.Date(y, m, d+1, 0, 0, 0, 0, t.location)
	var out []time.Time
	if !open {
		out = append(out, from)
	}
	for _, s := range spans {
		minute := s.from
		if !open {
			minute = s.to
		}
		begin := time.Date(y, m, d, minute/60, minute%60, 0, 0, t.location)
		out = append(out, begin, begin.Add(-time.Hour), begin.Add(time.Hour))
	}
	_, before := from.Zone()
	if _, after := to.Zone(); before != after {
		from, to := from, to
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
	return slices.DeleteFunc(out, func(c time.Time) bool { return c.Before(from) || !c.Before(to) }) // those of other days come with them
}

// Begins lists the times of day at which it may open, in minutes after midnight, sorted, each once.
func (t *Timetable) Begins() []int {
	var out []int
	add := func(spans []span) {
		for _, s := range spans {
			out = append(out, s.from)
		}
	}
	for _, spans := range t.days {
		add(spans)
	}
	add(t.holiday)
	for _, s := range t.seasons {
		for _, spans := range s.days {
			add(spans)
		}
	}
	if t.calendar != nil {
		for _, x := range t.calendar.exceptions {
			add(x.spans)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Location is the zone on whose clock the hours are.
func (t *Timetable) Location() *time.Location { return t.location }

// Together is the first instant from at on at which all of the timetables are open; nil ones always are.
// False when there is none in the next 400 days.
func Together(at time.Time, all ...*Timetable) (time.Time, bool) {
	for first := at; at.Sub(first) < horizon*24*time.Hour; {
		moved := false
		for _, t := range all {
			if t == nil {
				continue
			}
			next, ok := t.NextOpening(at)
			if !ok {
				return time.Time{}, false
			}
			moved = moved || next.After(at)
			at = next
		}
		if !moved {
			return at, true
		}
	}
	return time.Time{}, false
}

// Closing is the first instant from at on at which one of the timetables is closed; nil ones never are.
// False when there is none before the day after tomorrow.
func Closing(at time.Time, all ...*Timetable) (first time.Time, found bool) {
	for _, t := range all {
		if t == nil {
			continue
		}
		if c, ok := t.NextClosing(at); ok && (!found || c.Before(first)) {
			first, found = c, true
		}
	}
	return first, found
}
