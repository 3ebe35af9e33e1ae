package ical

import (
	"strconv"
	"strings"
	"time"

	"accueil/wording"
)

const (
	wallForm = "20060102T150405"
	dayForm  = "20060102"
)

// wallOf reads a time without regard to a zone.
func wallOf(value string) (time.Time, bool) {
	at, err := time.Parse(wallForm, strings.TrimSuffix(strings.TrimSpace(value), "Z"))
	return at, err == nil
}

// moment is a time of an event on its wall: the wall of its zone, of UTC, or of the site.
type moment struct {
	wall  time.Time
	zone  zone
	whole bool // a day, without a time
	utc   bool
}

func (m moment) at() time.Time { return m.zone.instant(m.wall) }

const howTime wording.Sentence = "write it with a zone of the IANA database, in UTC, or without a zone"

// moment reads a value of a property; it tells what is wrong with it.
func (c *calendar) moment(e *event, p property, value string) (moment, bool) {
	value = strings.TrimSpace(value)
	m := moment{zone: zoneOf(c.options.Location)}
	if name := p.params["TZID"]; name != "" {
		z, ok := c.zone(name)
		if !ok {
			c.wrong(e, p, howTime, "the time zone %q is not known", clipped(name))
			return m, false
		}
		m.zone = z
	}
	var err error
	switch {
	case len(value) == len(dayForm):
		m.whole = true
		m.wall, err = time.Parse(dayForm, value)
	default:
		m.wall, err = time.Parse(wallForm, strings.TrimSuffix(value, "Z"))
		if strings.HasSuffix(value, "Z") {
			m.zone, m.utc = zoneOf(time.UTC), true
		}
	}
	if err != nil || m.wall.Year() < 1600 || m.wall.Year() > 2500 {
		c.wrong(e, p, howTime, "this is no time")
		return m, false
	}
	return m, true
}

func clipped(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// span is a duration: days and weeks on the wall, hours exact.
type span struct {
	days  int
	exact time.Duration
}

// durationOf reads "P1DT10H", "PT14H", "P1W" (RFC 5545 §3.3.6), within a year or so.
func durationOf(value string) (out span, ok bool) {
	rest, found := strings.CutPrefix(strings.TrimPrefix(strings.TrimSpace(value), "+"), "P")
	if !found || rest == "" {
		return out, false
	}
	inTime, any := false, false
	for rest != "" {
		if rest[0] == 'T' && !inTime {
			inTime, rest = true, rest[1:]
			continue
		}
		i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if i <= 0 {
			return out, false
		}
		n, err := strconv.Atoi(rest[:i])
		if err != nil || n > 400*24*3600 {
			return out, false
		}
		switch unit := rest[i]; {
		case unit == 'W' && !inTime:
			out.days += 7 * n
		case unit == 'D' && !inTime:
			out.days += n
		case unit == 'H' && inTime:
			out.exact += time.Duration(n) * time.Hour
		case unit == 'M' && inTime:
			out.exact += time.Duration(n) * time.Minute
		case unit == 'S' && inTime:
			out.exact += time.Duration(n) * time.Second
		default:
			return out, false
		}
		any, rest = true, rest[i+1:]
	}
	return out, any
}
