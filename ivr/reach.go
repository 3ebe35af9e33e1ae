package ivr

import (
	"slices"
	"time"

	"accueil/acd"
	"accueil/ivr/calendar"
)

// Reach is what a caller of an entry can come to at some instant.
type Reach struct {
	Scenario acd.ScenarioID
	// Hours are the hours nodes that the caller can meet then, each once, in the order of meeting.
	Hours []Hours
	// Reaches says whether the caller can come to the reason in the language then; Ever, whether he
	// can at any hour.
	Reaches, Ever bool
}

// Hours is what one node of the kind hours says, or the timetable of an entry or a queue.
type Hours struct {
	Node string // "" for an entry and a queue
	Open bool
	To   string // where it leads; "" for an entry and a queue
	// Day names the public holiday or the exceptional day, in each language; nil on other days.
	Day map[acd.Lang]string
	// Opens is when it opens next; zero while it is open, and when it does not within 400 days.
	Opens time.Time
}

// Reach tells what the scenario of the entry says at the instant, to a caller with that reason and
// language who presses the right keys. False for an unknown entry. Exceptional closures are not its
// matter.
func (p *Program) Reach(entry acd.EntryID, reason acd.ReasonID, lang acd.Lang, at time.Time) (Reach, bool) {
	e, ok := p.site.Entries[entry]
	s := p.scenarios[e.Scenario]
	if !ok || s == nil {
		return Reach{}, false
	}
	from := e.Language
	if !slices.Contains(p.site.Languages, from) {
		from = p.site.defaultLang()
	}
	r := Reach{Scenario: e.Scenario}
	x := &explorer{program: p, scenario: s, reason: reason, lang: lang}
	x.finds = func(n *node) []opening {
		found := isOpen
		for _, t := range []*Timetable{e.Hours, n.hours} {
			if t != nil {
				found = max(found, openingOf(t.Status(at)))
			}
		}
		if !slices.ContainsFunc(r.Hours, func(h Hours) bool { return h.Node == n.id }) {
			r.Hours = append(r.Hours, hoursAt(at, n.id, n.way(found).node, e.Hours, n.hours))
		}
		return []opening{found}
	}
	entryOpen := e.Hours == nil || e.Hours.Open(at)
	start := s.nodes[s.start]
	if e.Hours != nil && (start == nil || start.verb != verbHours) {
		r.Hours = append(r.Hours, hoursAt(at, "", "", e.Hours))
	}
	// Outside the entry's hours a scenario is heard only where it begins with hours.
	r.Reaches = (entryOpen || start != nil && start.verb == verbHours) && x.explore(from)
	x.finds = func(*node) []opening { return []opening{isOpen, isClosed, isHoliday} }
	r.Ever = x.explore(from)
	return r, true
}

// Hours says what the timetables of a queue say to who asks for it with that reason; nil where it is
// always open. Last calls are not its matter.
func (p *Program) Hours(queue acd.QueueID, reason acd.ReasonID, at time.Time) *Hours {
	all := p.site.hoursOf(queue, reason)
	if len(all) == 0 {
		return nil
	}
	h := hoursAt(at, "", "", all...)
	return &h
}

// hoursAt says what timetables say together, nil ones being always open; the first that is closed names
// the day.
func hoursAt(at time.Time, node, to string, all ...*Timetable) Hours {
	h := Hours{Node: node, To: to, Open: true}
	for _, t := range all {
		if t == nil {
			continue
		}
		status := t.Status(at)
		if h.Day == nil {
			h.Day = dayOf(status)
		}
		h.Open = h.Open && status.Open
	}
	if !h.Open {
		h.Opens, _ = calendar.Together(at, all...)
	}
	return h
}

// explorer walks a scenario by every key.
type explorer struct {
	program  *Program
	scenario *scenario
	reason   acd.ReasonID
	lang     acd.Lang
	finds    func(*node) []opening // what an hours node may find
}

// explore reports whether any way leads to the reason in the language.
func (x *explorer) explore(from acd.Lang) bool {
	todo := []link{{x.scenario.start, from}}
	seen := map[link]bool{}
	found := false
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		n := x.scenario.nodes[at.node]
		if n == nil || seen[at] {
			continue
		}
		seen[at] = true
		found = found || at.lang == x.lang && x.leadsTo(n)
		for _, to := range x.ways(n, at.lang) {
			if to.lang == "" {
				to.lang = at.lang
			}
			todo = append(todo, to)
		}
	}
	return found
}

// leadsTo reports whether a caller at the node can come to the reason at once: by its queue, or by the
// keys that every node has.
func (x *explorer) leadsTo(n *node) bool {
	site := x.program.site
	switch n.verb {
	case verbQueue:
		return n.queue.Reason == x.reason || n.queue.Reason == "" && slices.Contains(x.scenario.given, x.reason)
	case verbSay, verbMenu:
		return x.reason == site.human() && n.keys['0'].none() || x.reason == site.urgent()
	}
	return false
}

func (x *explorer) ways(n *node, lang acd.Lang) []link {
	switch n.verb {
	case verbHours:
		var out []link
		for _, found := range x.finds(n) {
			out = append(out, n.way(found))
		}
		return out
	case verbLanguage:
		if to, ok := n.byLang[lang]; ok {
			return []link{to}
		}
		return []link{n.next}
	}
	return n.links()
}

// dayOf names a day that is not as its weekday.
func dayOf(s calendar.Status) map[acd.Lang]string {
	switch {
	case len(s.Label) > 0:
		return s.Label
	case s.Kind == calendar.Exceptive:
		return both("jour exceptionnel", "exceptional day")
	case s.Kind == calendar.Planned:
		return both("fermeture prévue", "planned closure")
	}
	return nil
}
