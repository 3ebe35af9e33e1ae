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

// Hours is what one node of the kind hours says.
type Hours struct {
	Node string
	Open bool
	To   string // where it leads
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
	x.open = func(n *node) (bool, bool) {
		status := n.hours.Status(at)
		open := status.Open
		to := n.closed
		if open {
			to = n.open
		}
		if !slices.ContainsFunc(r.Hours, func(h Hours) bool { return h.Node == n.id }) {
			h := Hours{Node: n.id, Open: open, To: to.node, Day: dayOf(status)}
			if !open {
				h.Opens, _ = n.hours.NextOpening(at)
			}
			r.Hours = append(r.Hours, h)
		}
		return open, !open
	}
	r.Reaches = x.explore(from)
	x.open = func(*node) (bool, bool) { return true, true }
	r.Ever = x.explore(from)
	return r, true
}

// explorer walks a scenario by every key.
type explorer struct {
	program  *Program
	scenario *scenario
	reason   acd.ReasonID
	lang     acd.Lang
	open     func(*node) (asOpen, asClosed bool) // the ways that an hours node lets pass
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
		asOpen, asClosed := x.open(n)
		if asOpen {
			out = append(out, n.open)
		}
		if asClosed {
			out = append(out, n.closed)
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
	if s.Kind == calendar.Exceptive && len(s.Label) == 0 {
		return map[acd.Lang]string{"fr": "jour exceptionnel", "en": "exceptional day"}
	}
	return s.Label
}
