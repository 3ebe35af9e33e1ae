package calendar

import (
	"slices"
	"time"

	"accueil/wording"
)

// Closure is days on which it is closed, as was planned. It wins over everything else.
type Closure struct {
	From, To string // "2026-12-24", both included; To empty: one day
	Label    Names
	// AnnounceDays is how many days before callers are told; 0 for not at all.
	AnnounceDays int
}

// closing is a Closure, read.
type closing struct {
	from, to date
	label    Names
	ahead    int
}

// AddClosure plans to be closed. Two closures of a timetable may not overlap.
func (t *Timetable) AddClosure(c Closure) error {
	out := closing{label: c.Label, ahead: c.AnnounceDays}
	var err error
	if out.from, err = parseDate(c.From); err != nil {
		return err
	}
	out.to = out.from
	if c.To != "" {
		if out.to, err = parseDate(c.To); err != nil {
			return err
		}
	}
	if out.to.compare(out.from) < 0 {
		return wording.Say("the closure ends before it begins")
	}
	if slices.ContainsFunc(t.closures, func(o closing) bool { return out.from.compare(o.to) <= 0 && o.from.compare(out.to) <= 0 }) {
		return wording.Say("these days are in another closure too")
	}
	t.closures = append(t.closures, out)
	slices.SortFunc(t.closures, func(a, b closing) int { return a.from.compare(b.from) })
	return nil
}

func (t *Timetable) closureOn(d date) *closing {
	for i := range t.closures {
		if c := &t.closures[i]; c.from.compare(d) <= 0 && d.compare(c.to) <= 0 {
			return c
		}
	}
	return nil
}

// Announced is a planned closure of which callers are told before it begins. Its days are midnights in
// UTC: dates, not instants.
type Announced struct {
	From, To time.Time // first and last day
	Label    Names
}

// Announcements lists the closures that are announced at some time, by their first day.
func (t *Timetable) Announcements() (out []Announced) {
	for _, c := range t.closures {
		if c.ahead > 0 {
			out = append(out, c.announced())
		}
	}
	return out
}

// Ahead is the closure to announce at the instant: the next one, when it begins within its days of
// announcement and has not begun.
func (t *Timetable) Ahead(at time.Time) (Announced, bool) {
	today := dateOf(at.In(t.location))
	for _, c := range t.closures {
		if c.ahead == 0 || c.from.compare(today) <= 0 {
			continue
		}
		first := dateOf(c.from.midnight().AddDate(0, 0, -c.ahead))
		if first.compare(today) <= 0 {
			return c.announced(), true
		}
	}
	return Announced{}, false
}

func (c closing) announced() Announced {
	return Announced{c.from.midnight(), c.to.midnight(), c.label}
}
