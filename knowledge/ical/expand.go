package ical

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// spellOut makes occurrences of the events, series by series.
func (c *calendar) spellOut() {
	series, order := map[string][]*event{}, []string{}
	for i, e := range c.events {
		id := e.uid
		if id == "" { // on its own
			id = "\x00" + strconv.Itoa(i)
		}
		if series[id] == nil {
			order = append(order, id)
		}
		series[id] = append(series[id], e)
	}
	for _, id := range order {
		c.one(newest(series[id]))
		if c.full {
			return
		}
	}
}

// newest leaves out what a later version of the same event in the file replaces.
func newest(events []*event) []*event {
	of := func(e *event) string {
		if e.of == nil {
			return ""
		}
		return e.of.params["TZID"] + e.of.value
	}
	latest := map[string]int{}
	for _, e := range events {
		n, _ := strconv.Atoi(e.sequence)
		latest[of(e)] = max(latest[of(e)], n)
	}
	return slices.DeleteFunc(slices.Clone(events), func(e *event) bool {
		n, _ := strconv.Atoi(e.sequence)
		return n < latest[of(e)]
	})
}

// one spells out a series: its events by rule and date, without those that are left out, and those that are
// written on their own in the place of one of them.
func (c *calendar) one(events []*event) {
	instead := map[int64]bool{} // beginnings that an own event replaces
	var days []string           // days that one replaces
	var whole *event            // says what an own one leaves out
	for _, e := range events {
		if e.of == nil {
			whole = e
			continue
		}
		if e.of.params["RANGE"] != "" {
			c.wrong(e, *e.of, "change the series, or each of its events", "one event of a series that changes all later ones is not read")
			continue
		}
		m, ok := c.moment(e, *e.of, e.of.value)
		switch {
		case !ok:
		case m.whole:
			days = append(days, m.wall.Format(dayForm))
		default:
			instead[m.at().Unix()] = true
		}
	}
	for _, e := range events {
		switch {
		case e.wrong || e.cancelled || whole != nil && whole.cancelled:
		case e.of != nil:
			if whole != nil {
				e.inherit(whole)
			}
			if from, length, ok := c.when(e); ok {
				c.add(e, from, length, true)
			}
		default:
			c.repeat(e, instead, days)
		}
	}
}

// inherit takes from the series what one of it does not say.
func (e *event) inherit(of *event) {
	if e.Categories == nil {
		e.Categories = of.Categories
	}
	for own, said := range map[*string]string{&e.Summary: of.Summary, &e.Contact: of.Contact, &e.Description: of.Description, &e.Location: of.Location} {
		if *own == "" {
			*own = said
		}
	}
}

// lasting is how long an event lasts: on the wall for one that repeats, exactly for one that does not.
type lasting struct {
	wall time.Duration
	end  time.Time // of the first: the instant
}

// when says when an event begins, and how long it lasts.
func (c *calendar) when(e *event) (from moment, long lasting, ok bool) {
	e.Repeats = len(e.rules)+len(e.dates) > 0
	if e.start == nil {
		c.wrong(e, property{line: e.Line}, "export it again", "the event has no beginning")
		return from, long, false
	}
	if from, ok = c.moment(e, *e.start, e.start.value); !ok {
		return from, long, false
	}
	told := *e.start
	switch {
	case e.end != nil:
		told = *e.end
		to, good := c.moment(e, *e.end, e.end.value)
		if !good {
			return from, long, false
		}
		long.end = to.at()
		long.wall = from.zone.wall(long.end).Sub(from.wall)
	case e.duration != nil:
		told = *e.duration
		d, good := durationOf(e.duration.value)
		if !good {
			c.wrong(e, *e.duration, "write PT14H, or P1D", "this is no duration")
			return from, long, false
		}
		long.wall = time.Duration(d.days)*24*time.Hour + d.exact
		long.end = from.zone.instant(from.wall.AddDate(0, 0, d.days)).Add(d.exact)
	case from.whole:
		long.wall = 24 * time.Hour
		long.end = from.zone.instant(from.wall.Add(long.wall))
	default:
		c.wrong(e, property{line: e.Line}, "give it an end (DTEND)", "the event has no end")
		return from, long, false
	}
	if !from.at().Before(long.end) {
		c.wrong(e, told, "", "it ends before it begins")
		return from, long, false
	}
	return from, long, true
}

// add adds an event that happens once.
func (c *calendar) add(e *event, from moment, long lasting, own bool) {
	c.append(Occurrence{From: from.at(), To: long.end, Event: &e.Event, Own: own})
}

func (c *calendar) append(o Occurrence) {
	if len(c.out.Occurrences) >= c.options.Most {
		if !c.full {
			c.whole("shorten it: a rota of some months is enough", "the events of the file happen more than %d times", c.options.Most)
		}
		return
	}
	c.out.Occurrences = append(c.out.Occurrences, o)
}

// repeat adds an event as often as it happens.
func (c *calendar) repeat(e *event, instead map[int64]bool, days []string) {
	from, long, ok := c.when(e)
	if !ok {
		return
	}
	starts, ends := map[int64]time.Time{from.at().Unix(): from.wall}, map[int64]time.Time{}
	for _, r := range e.rules {
		if r.name == "EXRULE" {
			c.wrong(e, r, "leave out single days instead (EXDATE)", "a rule of what is left out is not read")
			return
		}
		for _, wall := range c.ruled(e, r, from) {
			starts[from.zone.instant(wall).Unix()] = wall
		}
	}
	if !c.dated(e, from, starts, ends) || !c.leftOut(e, from, starts) || e.wrong {
		return
	}
	if len(e.rules) > 0 && from.utc && c.shifts() {
		c.warn(e.start.line, e.start.name, "export it with the zone of the calendar", "a repeated event in UTC begins an hour later in summer")
	}
	for _, at := range slices.Sorted(maps.Keys(starts)) {
		wall := starts[at]
		if instead[at] || slices.Contains(days, wall.Format(dayForm)) {
			continue
		}
		begin, end := time.Unix(at, 0).UTC(), from.zone.instant(wall.Add(long.wall))
		if own, given := ends[at]; given {
			end = own
		}
		if !e.Repeats {
			end = long.end
		}
		if begin.Before(end) && (!e.Repeats || end.After(c.options.From) && begin.Before(c.options.To)) {
			c.append(Occurrence{From: begin, To: end, Event: &e.Event})
		}
	}
}

// shifts reports whether the site's clock is put forward and back.
func (c *calendar) shifts() bool {
	z, year := zoneOf(c.options.Location), c.options.From.Year()
	return z.offset(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)) != z.offset(time.Date(year, 7, 1, 0, 0, 0, 0, time.UTC))
}

// dated adds the dates of RDATE, which are times, days or periods.
func (c *calendar) dated(e *event, from moment, starts, ends map[int64]time.Time) bool {
	for _, p := range e.dates {
		for value := range strings.SplitSeq(p.value, ",") {
			begin, end, period := strings.Cut(value, "/")
			m, ok := c.moment(e, p, begin)
			if !ok {
				return false
			}
			at := m.at()
			if m.whole && !from.whole {
				at = from.zone.instant(m.wall.Add(from.wall.Sub(from.wall.Truncate(24 * time.Hour))))
			}
			starts[at.Unix()] = from.zone.wall(at)
			switch d, isDuration := durationOf(end); {
			case !period:
			case isDuration:
				ends[at.Unix()] = m.zone.instant(m.wall.AddDate(0, 0, d.days)).Add(d.exact)
			default:
				to, ok := c.moment(e, p, end)
				if !ok {
					return false
				}
				ends[at.Unix()] = to.at()
			}
		}
	}
	return true
}

// leftOut removes what EXDATE names, by its beginning or by its day.
func (c *calendar) leftOut(e *event, from moment, starts map[int64]time.Time) bool {
	for _, p := range e.without {
		for value := range strings.SplitSeq(p.value, ",") {
			m, ok := c.moment(e, p, value)
			if !ok {
				return false
			}
			before := len(starts)
			if m.whole {
				maps.DeleteFunc(starts, func(_ int64, wall time.Time) bool { return wall.Format(dayForm) == m.wall.Format(dayForm) })
			} else {
				delete(starts, m.at().Unix())
			}
			if at := m.at(); len(starts) == before && at.After(c.options.From) && at.Before(c.options.To) {
				c.warn(p.line, p.name, "look at the event in the calendar", "what is left out there is none of the events that repeat")
			}
		}
	}
	return true
}
