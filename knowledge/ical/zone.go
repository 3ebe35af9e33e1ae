package ical

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A zone turns the clock of the wall into instants. Times of the wall are kept as if they were UTC.
type zone struct {
	// offset from UTC at an instant.
	offset func(time.Time) time.Duration
}

func zoneOf(l *time.Location) zone {
	return zone{func(at time.Time) time.Duration {
		_, seconds := at.In(l).Zone()
		return time.Duration(seconds) * time.Second
	}}
}

// wall is what the wall's clock shows.
func (z zone) wall(at time.Time) time.Time { return at.UTC().Add(z.offset(at)) }

// instant of what the wall's clock shows: the first of two where the clock was put back, and, where it leapt over
// what is asked, that many minutes after the leap (RFC 5545 §3.3.5).
func (z zone) instant(wall time.Time) time.Time {
	const longest = 26 * time.Hour // between the wall and UTC, and more than between two changes
	before, after := z.offset(wall.Add(-longest)), z.offset(wall.Add(longest))
	for _, offset := range []time.Duration{before, after} {
		if at := wall.Add(-offset); z.wall(at).Equal(wall) {
			return at
		}
	}
	return wall.Add(-before)
}

// ownZones are those that a file defines.
type ownZones map[string]*ownZone

type ownZone struct {
	line     int
	rules    []observance
	resolved *zone
}

// observance is summer or winter of a zone that a file defines (RFC 5545 §3.6.5).
type observance struct {
	start    time.Time // of the wall
	from, to time.Duration
	rules    []property
	dates    []time.Time
}

// windowsZones are the names that Outlook and Exchange give to the zones of France, of its neighbours and overseas
// (Unicode CLDR, windowsZones). Files define them too; not all do.
var windowsZones = map[string]string{
	"Romance Standard Time":         "Europe/Paris",
	"W. Europe Standard Time":       "Europe/Berlin",
	"Central Europe Standard Time":  "Europe/Budapest",
	"GMT Standard Time":             "Europe/London",
	"UTC":                           "UTC",
	"Mauritius Standard Time":       "Indian/Reunion",
	"E. Africa Standard Time":       "Indian/Mayotte",
	"SA Western Standard Time":      "America/Guadeloupe",
	"SA Eastern Standard Time":      "America/Cayenne",
	"Saint Pierre Standard Time":    "America/Miquelon",
	"Central Pacific Standard Time": "Pacific/Noumea",
	"Hawaiian Standard Time":        "Pacific/Tahiti",
}

// zone finds a zone by the name that a file gives it: of the IANA database, also behind the prefix that Mozilla
// and Evolution put there; one that the file defines; one of Outlook's.
func (c *calendar) zone(name string) (zone, bool) {
	for path := name; path != ""; _, path, _ = strings.Cut(path, "/") {
		if path == "Local" {
			break
		}
		if l, err := time.LoadLocation(path); err == nil && (strings.Contains(path, "/") || path == name) {
			return zoneOf(l), true
		}
	}
	if own := c.zones[name]; own != nil {
		if own.resolved == nil {
			z := c.resolve(own)
			own.resolved = &z
		}
		return *own.resolved, own.resolved.offset != nil
	}
	if known := windowsZones[name]; known != "" {
		if l, err := time.LoadLocation(known); err == nil {
			return zoneOf(l), true
		}
	}
	return zone{}, false
}

// resolve spells out a zone's changes up to the end of the window; the zone has no offset when there are none.
func (c *calendar) resolve(own *ownZone) zone {
	type change struct {
		at       time.Time
		from, to time.Duration
	}
	var changes []change
	for _, o := range own.rules {
		walls := append([]time.Time{o.start}, o.dates...)
		for _, r := range o.rules {
			walls = append(walls, c.repeats(r, o.start, zone{func(time.Time) time.Duration { return o.from }})...)
		}
		for _, w := range walls {
			changes = append(changes, change{w.Add(-o.from), o.from, o.to})
		}
	}
	if len(changes) == 0 {
		return zone{}
	}
	slices.SortFunc(changes, func(a, b change) int { return a.at.Compare(b.at) })
	return zone{func(at time.Time) time.Duration {
		i, found := slices.BinarySearchFunc(changes, at, func(ch change, at time.Time) int { return ch.at.Compare(at) })
		switch {
		case found:
			return changes[i].to
		case i == 0:
			return changes[0].from
		}
		return changes[i-1].to
	}}
}

// utcOffset reads "+0100" (RFC 5545 §3.3.14).
func utcOffset(value string) (time.Duration, bool) {
	sign := time.Duration(1)
	switch {
	case strings.HasPrefix(value, "-"):
		sign = -1
	case !strings.HasPrefix(value, "+"):
		return 0, false
	}
	value = value[1:]
	if len(value) != 4 && len(value) != 6 {
		return 0, false
	}
	out := time.Duration(0)
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second}[:len(value)/2] {
		n, err := strconv.ParseUint(value[2*i:2*i+2], 10, 8)
		if err != nil || n >= 60 || i == 0 && n > 18 {
			return 0, false
		}
		out += time.Duration(n) * unit
	}
	return sign * out, true
}
