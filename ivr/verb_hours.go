package ivr

import (
	"maps"
	"slices"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/wording"
)

const verbHours verb = "hours"

var _ = register(kind{name: verbHours, waits: true, part: func() part { return new(fileHours) }})

type fileHours struct {
	Timetable fileTimetable `yaml:"timetable"`
	Open      *fileLink     `yaml:"open"`
	Closed    *fileLink     `yaml:"closed"`
	Holiday   *fileLink     `yaml:"holiday"`
}

// fileTimetable is the name of a timetable, or a week written in place.
type fileTimetable struct {
	Name string
	Week fileWeek
	path string
}

// DecodeNode reads either form.
func (t *fileTimetable) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	t.path = at.Path
	if n.Kind == diag.Scalar {
		return at.Decode(n, &t.Name)
	}
	return at.Decode(n, &t.Week)
}

func (f *fileHours) compile(c *compiler, n *node, at string, _ *fileNode) {
	n.verb = verbHours
	n.open = c.link(f.Open, diag.Join(at, "open"), true)
	n.closed = c.link(f.Closed, diag.Join(at, "closed"), true)
	n.holiday = c.link(f.Holiday, diag.Join(at, "holiday"), false)
	switch t := f.Timetable; {
	case t.Name == "" && t.Week == nil:
		if !c.scenario.part && !c.hasHours(c.stack[0]) { // of a part, where it is called
			c.fail(at, wording.Say("name one of timetables:, or give the entry hours:"), "timetable is missing")
		}
	case t.Name == "":
		n.hours = c.week(t.path, t.Week)
	case c.weeks[t.Name] != nil:
		n.hours = c.weeks[t.Name]
	case c.site.Timetables[t.Name] != nil:
		n.hours = c.site.Timetables[t.Name]
	default:
		known := slices.Concat(slices.Collect(maps.Keys(c.weeks)), slices.Collect(maps.Keys(c.site.Timetables)))
		slices.Sort(known)
		c.fail(t.path, diag.DidYouMean(t.Name, known), "there is no timetable %q", t.Name)
	}
}

// hasHours reports whether an entry of the scenario has hours of its own.
func (l *loader) hasHours(id acd.ScenarioID) bool {
	for _, e := range l.site.Entries {
		if e.Scenario == id && e.Hours != nil {
			return true
		}
	}
	return false
}

// opening is what an hours node finds.
type opening int

const (
	isOpen    opening = iota
	isClosed          // by the hour, the weekday, or a person
	isHoliday         // because of the day: a public holiday, a planned closure, an exceptional day off
)

func (o opening) String() string { return [...]string{"open", "closed", "holiday"}[o] }

// finds says what the hours node finds. Prove tries every answer of every node: each service is proved
// open and closed while the others are either.
func (w *walk) finds(n *node, now time.Time) opening {
	if w.fates != nil {
		ways := 2
		if !n.holiday.none() {
			ways = 3
		}
		return opening(w.fates.pick(n.id, ways))
	}
	found := isOpen
	if w.closed {
		found = isClosed
	}
	for _, t := range []*Timetable{w.hours, n.hours} {
		if t != nil {
			found = max(found, openingOf(t.Status(now)))
		}
	}
	return found
}

func openingOf(s calendar.Status) opening {
	switch {
	case s.Open:
		return isOpen
	case s.DayOff:
		return isHoliday
	}
	return isClosed
}

// way is where the hours node leads.
func (n *node) way(o opening) link {
	switch {
	case o == isOpen:
		return n.open
	case o == isHoliday && !n.holiday.none():
		return n.holiday
	}
	return n.closed
}

// passHours notes what an hours node has told a caller who passes it. at once says that nothing was said since
// the one before.
func (w *walk) passHours(n *node, now time.Time, atOnce bool) {
	found := w.finds(n, now)
	if w.fates != nil {
		w.pass(n.id + hoursStep + found.String())
	}
	if found != isOpen {
		before := w.shut
		w.shut = shut{}
		if atOnce {
			w.shut.or = append(slices.Clip(before.or), shut{by: before.by})
		}
		if n.hours != nil && !n.hours.Open(now) {
			w.shut.by = []*Timetable{n.hours}
		}
	}
}

// hoursStep joins node and answer in the path of a proof.
const hoursStep = " is "
