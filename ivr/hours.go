package ivr

import (
	"accueil/diag"
	"accueil/ivr/calendar"
)

// Timetable is a week of opening hours on the clock of one place, with its holidays and exceptions.
type Timetable = calendar.Timetable

// fileWeek maps days ("mon", "mon-fri", "sat, sun", "every day") to spans ("08:00-12:00,
// 13:30-18:00", "closed"), "holidays" to those of public holidays, and "calendar" to the site's
// calendar that says which days are.
type fileWeek map[string]fileSpans

// fileSpans is one text or a list of them.
type fileSpans []string

// DecodeNode reads either form.
func (s *fileSpans) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		*s = fileSpans{n.Value}
		return nil
	}
	type list fileSpans
	return at.Decode(n, (*list)(s))
}
