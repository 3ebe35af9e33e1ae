package ivr

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"accueil/acd"
)

// Graph is a scenario as a drawing needs it: what its nodes do and where each may lead.
type Graph struct {
	Scenario acd.ScenarioID
	Start    string
	// Emergency: the message comes before the first node.
	Emergency bool
	Nodes     []GraphNode // sorted by id
}

// GraphNode is one node. Which fields are set, its verb says.
type GraphNode struct {
	ID, Verb string
	Prompt   string // id of what is said
	Reason   acd.ReasonID
	Queue    acd.QueueID
	To       string // number that is rung
	Outcome  acd.Outcome
	Wait     time.Duration
	Ways     []GraphWay
}

// GraphWay is one way out of a node.
type GraphWay struct {
	Kind WayKind
	Key  string   // of a menu or a rebound key
	Lang acd.Lang // of a branch, or the one that is spoken from there on
	Name string   // of a verb's own way: a code, or a condition as written
	To   string   // a node; empty where the way leaves the scenario
	// Queue or Number take the callers whom a queue refuses.
	Queue  acd.QueueID
	Number string
}

// WayKind says when a way is taken.
type WayKind string

// The kinds of ways.
const (
	WayKey      WayKind = "key"       // Key is pressed
	WayNext     WayKind = "next"      // afterwards
	WayOpen     WayKind = "open"      // in opening hours
	WayClosed   WayKind = "closed"    // outside
	WayHoliday  WayKind = "holiday"   // closed because of the day
	WayLanguage WayKind = "language"  // Lang is spoken
	WayElse     WayKind = "else"      // any other language
	WayNoAnswer WayKind = "no_answer" // the extension does not answer
	WayRefused  WayKind = "refused"   // the queue takes nobody
	WayNamed    WayKind = "named"     // as Name says
)

// Graph returns the scenario as a graph; false for an unknown one.
func (p *Program) Graph(id acd.ScenarioID) (Graph, bool) {
	s := p.scenarios[id]
	if s == nil {
		return Graph{}, false
	}
	g := Graph{Scenario: id, Start: s.start, Emergency: s.emergency}
	for _, name := range slices.Sorted(maps.Keys(s.nodes)) {
		g.Nodes = append(g.Nodes, p.graphNode(s, s.nodes[name]))
	}
	return g, true
}

func (p *Program) graphNode(in *scenario, n *node) GraphNode {
	out := GraphNode{ID: n.id, Verb: string(n.verb), Prompt: n.prompt, To: n.to, Wait: n.wait}
	add := func(way GraphWay, l link) {
		if l.none() {
			return
		}
		if way.To = l.node; way.Lang == "" {
			way.Lang = l.lang
		}
		out.Ways = append(out.Ways, way)
	}
	for _, key := range slices.Sorted(maps.Keys(n.keys)) {
		add(GraphWay{Kind: WayKey, Key: string(key)}, n.keys[key])
	}
	for _, lang := range slices.Sorted(maps.Keys(n.byLang)) {
		add(GraphWay{Kind: WayLanguage, Lang: lang}, n.byLang[lang])
	}
	next := WayNext
	if n.verb == verbLanguage {
		next = WayElse
	}
	add(GraphWay{Kind: next}, n.next)
	add(GraphWay{Kind: WayOpen}, n.open)
	add(GraphWay{Kind: WayClosed}, n.closed)
	add(GraphWay{Kind: WayHoliday}, n.holiday)
	add(GraphWay{Kind: WayNoAnswer}, n.failed)
	if n.act != nil {
		var names []string
		if x, ok := n.act.(pictured); ok {
			var prompt string
			prompt, names = x.picture()
			out.Prompt = cmp.Or(prompt, out.Prompt)
		}
		all, _ := n.act.ways()
		for i, l := range all {
			way := GraphWay{Kind: WayNext}
			if names != nil && names[i] != "" {
				way = GraphWay{Kind: WayNamed, Name: names[i]}
			}
			add(way, l)
		}
	}
	if s, ok := n.act.(*setting); ok {
		out.Reason = s.given.reason
	}
	switch n.verb {
	case verbHangup:
		out.Outcome = n.end.Outcome
	case verbQueue:
		if n.queue == (acd.AskQueue{}) {
			return out // that of whatever reason was set
		}
		out.Reason, out.Queue = n.queue.Reason, n.queue.Queue
		if out.Queue == "" {
			out.Queue = p.site.Reasons[n.queue.Reason].Queue
		}
		for _, o := range p.offersOf(out.Queue) {
			if in.nodes[o.to] != nil {
				out.Ways = append(out.Ways, GraphWay{Kind: WayKey, Key: string(o.key), To: o.to})
			}
		}
		seen := map[Fallback]bool{}
		for _, to := range p.site.Queues[out.Queue].ways() {
			if to == (Fallback{}) || seen[to] {
				continue
			}
			seen[to] = true
			out.Ways = append(out.Ways, GraphWay{Kind: WayRefused, To: to.Node, Queue: to.Queue, Number: to.Number})
		}
	}
	return out
}
