package ivr

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/diag"
)

// Program is a set of checked scenarios. It is immutable and safe for concurrent use.
type Program struct {
	site      Site
	scenarios map[acd.ScenarioID]*scenario
	texts     []Text
	figures   map[acd.QueueID]bool // queues whose figures conditions ask for
	marked    map[textKey]marked   // texts that tell the next opening
	spoken    map[string]bool      // times of day that have a text
	closures  map[closureKey]string
	waiting   *scenario // of queues that name none
	slow      bool      // some node asks for slow speech
	said      []FactSaid
	kept      variables // with their values: what a restart remembers
	wrote     []Written
}

// Slow reports whether a scenario may ask for slow speech.
func (p *Program) Slow() bool { return p.slow }

// Human is the reason of those who answer for everything, as key 0 leads to.
func (p *Program) Human() acd.ReasonID { return p.site.human() }

// Figures lists the queues whose figures the scenarios ask for (acd.Scene), sorted.
func (p *Program) Figures() []acd.QueueID { return slices.Sorted(maps.Keys(p.figures)) }

// Records reports whether any scenario records what callers say.
func (p *Program) Records() bool {
	for _, s := range p.scenarios {
		for _, n := range s.nodes {
			switch a := n.act.(type) {
			case *messaging:
				return true
			case *surveying:
				if a.comment != "" {
					return true
				}
			}
		}
	}
	return false
}

// Text returns what is said under the id in the language; false where it is no text of the program.
func (p *Program) Text(id string, lang acd.Lang) (string, bool) {
	if m, ok := p.marked[textKey{id, lang}]; ok {
		return m.whole, true
	}
	i, ok := slices.BinarySearchFunc(p.texts, Text{ID: id, Lang: lang}, compareTexts)
	if !ok {
		return "", false
	}
	return p.texts[i].Text, true
}

// Parts lists the texts that are said for a text: itself, or, where words are chosen when it is said, the parts around
// them.
func (p *Program) Parts(id string, lang acd.Lang) (out []string) {
	m, ok := p.marked[textKey{id, lang}]
	if !ok {
		return []string{id}
	}
	for _, x := range m.pieces {
		if x.id != "" {
			out = append(out, x.id)
		}
	}
	return out
}

func compareTexts(a, b Text) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Lang, b.Lang)) }

// Text is one thing that can be said, as it must be spoken or recorded.
type Text struct {
	ID   string
	Lang acd.Lang
	Text string
}

// Texts lists everything the program may say, sorted by id then language.
func (p *Program) Texts() []Text { return slices.Clone(p.texts) }

// Scenarios lists the scenarios, sorted.
func (p *Program) Scenarios() []acd.ScenarioID { return slices.Sorted(maps.Keys(p.scenarios)) }

// Nodes lists the nodes of a scenario, sorted; nil for an unknown one.
func (p *Program) Nodes(id acd.ScenarioID) []string {
	s := p.scenarios[id]
	if s == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(s.nodes))
}

// Start opens a call's walk through the scenario of its entry, in the entry's language when lang is
// empty or not spoken here.
func (p *Program) Start(entry acd.EntryID, lang acd.Lang) (acd.Script, error) {
	e, ok := p.site.Entries[entry]
	if !ok {
		return nil, fmt.Errorf("start scenario: no entry %q", entry)
	}
	s, ok := p.scenarios[e.Scenario]
	if !ok {
		return nil, fmt.Errorf("start scenario of entry %q: no scenario %q", entry, e.Scenario)
	}
	for _, l := range []acd.Lang{lang, e.Language, p.site.defaultLang()} {
		if slices.Contains(p.site.Languages, l) {
			return newWalk(p, s, e.Hours, l), nil
		}
	}
	return newWalk(p, s, e.Hours, p.site.defaultLang()), nil
}

// Resume opens the walk of a call that a restart found alive, from its leg's image. In a menu it then
// hears HeardStart with the node; with a place in a queue it hears HeardQueued and waits on.
func (p *Program) Resume(leg acd.Leg) (acd.Script, error) {
	script, err := p.Start(leg.Entry, leg.Lang)
	if err != nil {
		return nil, err
	}
	w := script.(*walk)
	w.path, w.flagged, w.told = slices.Clone(leg.Path), leg.Flagged, leg.Told
	w.recall(leg.Kept)
	for _, step := range leg.Path { // what he agreed to is in the record of the call
		if answer, _, ok := strings.Cut(strings.TrimPrefix(step, "consent_survey="), "@"); ok && strings.HasPrefix(step, "consent_survey=") {
			w.remember("consent_survey", answer)
		}
	}
	switch {
	case leg.State == acd.LegVoicemail:
		w.resumeMessage()
		return w, nil
	case leg.Queue == "":
		return w, nil
	}
	w.mode, w.queue = queuing, acd.AskQueue{Reason: leg.Reason}
	if p.site.Reasons[leg.Reason].Queue != leg.Queue {
		w.queue.Queue = leg.Queue
	}
	for _, id := range slices.Backward(leg.Path) {
		if n := w.scenario.nodes[id]; n != nil {
			w.node = id
			if n.verb == verbQueue && w.queueOf(n.queue) == leg.Queue {
				w.queue = n.queue
			}
			break
		}
	}
	return w, nil
}

// scenario is one file, compiled.
type scenario struct {
	id        acd.ScenarioID
	start     string
	emergency bool // the message comes first
	nodes     map[string]*node
	// given are the reasons that set nodes give, announces the announcements that have a node.
	given     []acd.ReasonID
	announces map[acd.AnnouncementID]bool
	// survey is the node that asks callers after their conversation; empty for none.
	survey string
	// part says that it leads to return: others call it, and no caller begins with it.
	part bool
}

// queuesOf lists where a queue node may lead: to its queue, or, where it names no reason, to those of
// the reasons that may have been set.
func (s *scenario) queuesOf(site *Site, n *node) (out []acd.QueueID) {
	switch {
	case n.queue.Queue != "":
		return []acd.QueueID{n.queue.Queue}
	case n.queue.Reason != "":
		return []acd.QueueID{site.Reasons[n.queue.Reason].Queue}
	}
	for _, reason := range append(slices.Clone(s.given), site.human()) {
		out = append(out, site.Reasons[reason].Queue)
	}
	return out
}

// link leads to a node, perhaps in another language.
type link struct {
	node string
	lang acd.Lang
}

func (l link) none() bool { return l.node == "" }

// node is one node, compiled. Fields belong to the verbs named.
type node struct {
	id      string
	fate    string    // its name among all scenarios
	local   string    // its name in its file: id without the names of the nodes that call the file
	path    string    // in its file
	doc     *diag.Doc // the file
	verb    verb
	act     action            // of a verb that the walk does not know by itself
	waits   bool              // may stand in a waiting scenario
	prompt  string            // say, menu: id of the text
	bargeIn bool              // say, menu
	next    link              // say (none: the call is served), goto, wait, language (else)
	keys    map[byte]link     // menu: options; say, menu: what is rebound
	byLang  map[acd.Lang]link // language
	hours   *Timetable        // hours; nil: the entry's
	open    link              // hours
	closed  link              // hours
	holiday link              // hours: closed because of the day; none: as closed
	queue   acd.AskQueue      // queue
	to      string            // transfer
	ring    time.Duration     // transfer
	failed  link              // transfer: no answer; none: a human
	end     acd.AskHangup     // hangup
	wait    time.Duration     // wait
	waiver  string            // menu
}

// links lists where the node may lead, in a stable order.
func (n *node) links() []link {
	var out []link
	for _, k := range slices.Sorted(maps.Keys(n.keys)) {
		out = append(out, n.keys[k])
	}
	for _, l := range slices.Sorted(maps.Keys(n.byLang)) {
		out = append(out, n.byLang[l])
	}
	out = append(out, n.next, n.open, n.closed, n.holiday, n.failed)
	if n.act != nil {
		all, _ := n.act.ways()
		out = append(out, all...)
	}
	return slices.DeleteFunc(out, link.none)
}
