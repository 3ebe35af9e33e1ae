package calendar

import (
	"maps"
	"slices"
	"time"
)

// Special is days in a row, all of one kind and name, whose hours are not those of the week or the season.
type Special struct {
	From, To Day     // both included, with their years
	Hours    []Hours // of each of the days; none: closed
	Kind     Kind    // Holiday, Exceptive or Planned
	Label    Names   // nil when it has none
}

// Specials lists the special days that begin within a number of days from the instant's on, or have begun: what a
// week of hours must be completed with so that it is true. Days on which nothing differs, as a public holiday on
// a Sunday that is closed anyway, are not among them. Each is told to its end, also behind those days.
func (t *Timetable) Specials(at time.Time, days int) (out []Special) {
	y, m, d := at.In(t.location).Date()
	noon := func(n int) time.Time { return time.Date(y, m, d+n, 12, 0, 0, 0, t.location) }
	for n := 0; n < days; n++ {
		first := n
		spans, kind, label := t.on(noon(n))
		if kind == Week || kind == Season {
			continue
		}
		differs := !slices.Equal(spans, t.usual(noon(n)))
		for n-first < horizon {
			s, k, l := t.on(noon(n + 1))
			if k != kind || !slices.Equal(s, spans) || !maps.Equal(l, label) {
				break
			}
			n++
			differs = differs || !slices.Equal(spans, t.usual(noon(n)))
		}
		if !differs {
			continue
		}
		s := Special{From: dateOf(noon(first)).told(), To: dateOf(noon(n)).told(), Kind: kind, Label: label}
		for _, x := range spans {
			s.Hours = append(s.Hours, Hours{x.from, x.to})
		}
		sortHours(s.Hours)
		out = append(out, s)
	}
	return out
}

// usual are the hours of a day as its weekday has them, in its season or without.
func (t *Timetable) usual(noon time.Time) []span {
	if s := t.seasonOn(dateOf(noon)); s != nil {
		return s.days[noon.Weekday()]
	}
	return t.days[noon.Weekday()]
}

// Varies reports whether there can be special days at all.
func (t *Timetable) Varies() bool { return t.calendar != nil || len(t.closures) > 0 }

// SpecialNames lists the names that special days may have, each once.
func (t *Timetable) SpecialNames() (out []Names) {
	add := func(n Names) {
		if len(n) > 0 && !slices.ContainsFunc(out, func(o Names) bool { return maps.Equal(o, n) }) {
			out = append(out, n)
		}
	}
	if t.calendar != nil {
		if t.calendar.holidays != nil {
			for _, f := range t.calendar.holidays.feasts {
				add(f.names)
			}
		}
		for _, x := range t.calendar.exceptions {
			add(x.label)
		}
	}
	for _, c := range t.closures {
		add(c.label)
	}
	return out
}

// SpecialHours lists the hours that special days may have (SpecialNames), each once.
func (t *Timetable) SpecialHours() (out []Hours) {
	add := func(spans []span) {
		for _, s := range spans {
			if h := (Hours{s.from, s.to}); !slices.Contains(out, h) {
				out = append(out, h)
			}
		}
	}
	add(t.holiday)
	if t.calendar != nil {
		for _, x := range t.calendar.exceptions {
			add(x.spans)
		}
	}
	return out
}

// Reason names what makes the instant's day special where it is closed then: nil when it is open, when only the
// hour or the weekday closes it, or when nobody has named it.
func (s Status) Reason() Names {
	if s.Open || s.Kind == Week || s.Kind == Season {
		return nil
	}
	return s.Label
}
