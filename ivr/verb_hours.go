package ivr

import (
	"maps"
	"slices"

	"accueil/diag"
)

const verbHours verb = "hours"

var _ = register(kind{name: verbHours, waits: true, part: func() part { return new(fileHours) }})

type fileHours struct {
	Timetable fileTimetable `yaml:"timetable"`
	Open      *fileLink     `yaml:"open"`
	Closed    *fileLink     `yaml:"closed"`
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
	c.scenario.hasHours = true
	n.open = c.link(f.Open, diag.Join(at, "open"), true)
	n.closed = c.link(f.Closed, diag.Join(at, "closed"), true)
	switch t := f.Timetable; {
	case t.Name == "" && t.Week == nil:
		c.fail(at, "name one of timetables:", "timetable is missing")
	case t.Name == "":
		n.hours = c.week(t.path, t.Week)
	case c.weeks[t.Name] == nil:
		c.fail(t.path, diag.DidYouMean(t.Name, slices.Sorted(maps.Keys(c.weeks))), "there is no timetable %q", t.Name)
	default:
		n.hours = c.weeks[t.Name]
	}
}
