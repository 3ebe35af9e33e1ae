package ivr

import (
	"maps"
	"slices"
	"strings"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// check looks at what one file alone cannot tell: entries, waiting scenarios, the shape of the graph.
func (l *loader) check() {
	if _, ok := l.site.Reasons[l.site.human()]; !ok {
		l.inSite("reasons", wording.Say("add it to reasons: of the site file"), "there is no reason %q, which key 0 needs", l.site.human())
	}
	l.humanHours()
	known := words(slices.Sorted(maps.Keys(l.program.scenarios)))
	for _, id := range slices.Sorted(maps.Keys(l.site.Entries)) {
		switch s := l.site.Entries[id].Scenario; {
		case l.unread[s]:
		case l.program.scenarios[s] == nil:
			l.inSite(diag.Join("entries", string(id), "scenario"), diag.DidYouMean(string(s), known), "entry %q: there is no scenario %q", id, s)
		case l.program.scenarios[s].part:
			l.inSite(diag.Join("entries", string(id), "scenario"), wording.Say("name one that calls it (sub)"), "entry %q: the scenario %q returns to who calls it, and no caller can begin with it", id, s)
		}
	}
	l.unwarned()
	l.informs()
	waits := map[acd.ScenarioID]bool{}
	for _, id := range slices.Sorted(maps.Keys(l.site.Queues)) {
		s := l.site.Queues[id].Waiting
		if s == "" || l.unread[s] {
			continue
		}
		if l.program.scenarios[s] == nil {
			l.inSite(diag.Join("queues", string(id), "waiting"), diag.DidYouMean(string(s), known), "queue %q: there is no waiting scenario %q", id, s)
			continue
		}
		if l.program.scenarios[s].part {
			l.inSite(diag.Join("queues", string(id), "waiting"), wording.Say("name another one"), "queue %q: the scenario %q returns to who calls it, and nobody can wait in it", id, s)
		}
		waits[s] = true
	}
	for _, id := range slices.Sorted(maps.Keys(l.program.scenarios)) {
		g := graph{loader: l, s: l.program.scenarios[id], doc: l.docs[id]}
		if g.s.nodes[g.s.start] == nil {
			continue
		}
		if g.s.part {
			if !l.called[id] {
				l.findings = append(l.findings, g.doc.Warning("", wording.Say("call it with sub, or remove it"), "nothing calls the scenario %q", id))
			}
			continue // what is wrong in it shows where it is called
		}
		if !l.broken(g.doc.File()) { // what leads to a node may be what is wrong
			if len(l.unread) == 0 { // else what leads there may be in a file that could not be read
				g.unreachable()
			}
		}
		if waits[id] {
			g.waiting()
			continue
		}
		g.circles()
		g.levels()
		g.places()
		g.lastWords()
		g.zero()
		g.servedWhenClosed()
		g.surveys()
	}
	for _, id := range slices.Sorted(maps.Keys(waits)) {
		if s := l.program.scenarios[id]; s != nil && len(l.unread) == 0 {
			l.offers(s, waits)
		}
	}
}

// broken reports whether the file has a mistake.
func (l *loader) broken(file string) bool {
	return slices.ContainsFunc(l.findings, func(f diag.Finding) bool { return f.File == file && f.Severity == diag.Error })
}

// offers finds those of a waiting scenario that lead nowhere.
func (l *loader) offers(s *scenario, waits map[acd.ScenarioID]bool) {
	var known []string
	for id, other := range l.program.scenarios {
		if !waits[id] && !other.part {
			known = slices.AppendSeq(known, maps.Keys(other.nodes))
		}
	}
	slices.Sort(known)
	for _, id := range slices.Sorted(maps.Keys(s.nodes)) {
		n := s.nodes[id]
		if o, ok := n.act.(*offering); ok && o.to != "" && !slices.Contains(known, o.to) {
			l.findings = append(l.findings, n.doc.Error(diag.Join(n.path, "offer", "to"), diag.DidYouMean(o.to, slices.Compact(known)),
				"no scenario that callers begin with has a node %q", o.to))
		}
	}
}

// unwarned finds lines of the outside whose callers never hear the emergency message first.
func (l *loader) unwarned() {
	for _, id := range slices.Sorted(maps.Keys(l.site.Entries)) {
		e := l.site.Entries[id]
		if s := l.program.scenarios[e.Scenario]; s != nil && !s.emergency && !e.Insiders {
			l.siteFinding(diag.Join("entries", string(id), "scenario"), diag.Warning,
				wording.Say("take emergency_message: false out of the scenario, or say at the entry who calls it: callers: internal, or professional"),
				"who calls %q from outside does not hear the emergency message first", id)
		}
	}
}

// informs finds what reasons have to tell and their queue's waiting scenario never tells.
func (l *loader) informs() {
	for _, id := range slices.Sorted(maps.Keys(l.site.Reasons)) {
		r := l.site.Reasons[id]
		s := l.site.Queues[r.Queue].Waiting
		if len(r.WaitingInfo) == 0 || s == "" || l.program.scenarios[s] == nil {
			continue
		}
		told := false
		for _, n := range l.program.scenarios[s].nodes {
			t, ok := n.act.(*telling)
			told = told || ok && slices.Contains(t.what, "information")
		}
		if !told {
			l.siteFinding(diag.Join("reasons", string(id), "waiting_info"), diag.Warning, wording.Say("add a node with tell: information to it"),
				"reason %q has waiting_info, and the waiting scenario %q of its queue never tells it", id, s)
		}
	}
}

// humanHours warns where key 0 leads to nobody at some hour: from every menu a caller may ask for a human.
func (l *loader) humanHours() {
	queue := l.site.Reasons[l.site.human()].Queue
	_, elsewhere := l.site.Queues[queue].Overflow[acd.RefusedClosed]
	if len(l.site.hoursOf(queue, l.site.human())) > 0 && !elsewhere {
		l.siteFinding(diag.Join("queues", string(queue)), diag.Warning, wording.Say("name a way there with overflow: {closed: {goto: …}}, or leave the hours to the other queues"),
			"outside the hours of the queue %q key 0 leads to nobody", queue)
	}
}

// graph checks one scenario as a graph of nodes.
type graph struct {
	*loader
	s   *scenario
	doc *diag.Doc
}

func (g *graph) nodes() []*node {
	out := make([]*node, 0, len(g.s.nodes))
	for _, id := range slices.Sorted(maps.Keys(g.s.nodes)) {
		out = append(out, g.s.nodes[id])
	}
	return out
}

func (g *graph) fail(n *node, suggestion *wording.Text, format wording.Sentence, args ...any) {
	g.findings = append(g.findings, n.doc.Error(n.path, suggestion, format, args...))
}

func (g *graph) warn(n *node, suggestion *wording.Text, format wording.Sentence, args ...any) {
	g.findings = append(g.findings, n.doc.Warning(n.path, suggestion, format, args...))
}

func (g *graph) unreachable() {
	roots := []string{g.s.start, g.s.survey}
	for id, q := range g.site.Queues {
		for _, to := range q.ways() {
			if to.Node != "" {
				roots = append(roots, to.Node)
			}
		}
		for _, o := range g.program.offersOf(id) {
			roots = append(roots, o.to)
		}
	}
	seen := map[string]bool{}
	for len(roots) > 0 {
		id := roots[len(roots)-1]
		roots = roots[:len(roots)-1]
		n := g.s.nodes[id]
		if n == nil || seen[id] {
			continue
		}
		seen[id] = true
		for _, l := range n.links() {
			roots = append(roots, l.node)
		}
	}
	for _, n := range g.nodes() {
		if !seen[n.id] {
			g.warn(n, wording.Say("lead to it or remove it"), "nothing leads to the node %q", n.id)
		}
	}
}

// circles finds ways that go round without ever asking the caller anything: he would hear the same
// for ever. A menu breaks a circle, for it ends at a human when nobody answers.
func (g *graph) circles() {
	g.findCircles(func(n *node) bool { return n.verb == verbMenu },
		"lead to a menu, a queue, a transfer or a hangup", "%s goes round for ever without asking anything")
}

func (g *graph) findCircles(breaks func(*node) bool, suggestion, message wording.Sentence) {
	const inside, done = 1, 2
	state := map[string]int{}
	var way []string
	var visit func(id string)
	visit = func(id string) {
		n := g.s.nodes[id]
		if n == nil || state[id] == done || breaks(n) {
			return
		}
		if state[id] == inside {
			circle := append(slices.Clone(way[slices.Index(way, id):]), id)
			g.fail(n, wording.Say(suggestion), message, strings.Join(circle, " → "))
			return
		}
		state[id] = inside
		way = append(way, id)
		for _, l := range g.onward(n) {
			visit(l.node)
		}
		way = way[:len(way)-1]
		state[id] = done
	}
	for _, n := range g.nodes() {
		visit(n.id)
	}
}

// onward lists where a node leads when the caller does nothing.
func (g *graph) onward(n *node) []link {
	var out []link
	for _, lang := range slices.Sorted(maps.Keys(n.byLang)) {
		out = append(out, n.byLang[lang])
	}
	out = append(out, n.next, n.open, n.closed, n.holiday, n.failed)
	if n.act != nil {
		_, idle := n.act.ways()
		out = append(out, idle...)
	}
	if n.verb == verbQueue {
		for _, q := range g.s.queuesOf(g.site, n) {
			for _, to := range g.site.Queues[q].ways() {
				out = append(out, link{node: to.Node})
			}
		}
	}
	return slices.DeleteFunc(out, link.none)
}

// levels counts the menus on the shortest way to each menu. A change of language is no level.
func (g *graph) levels() {
	level := map[string]int{g.s.start: 0}
	todo := []string{g.s.start}
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		n := g.s.nodes[id]
		if n == nil {
			continue
		}
		for _, l := range n.links() {
			depth := level[id]
			if n.verb == verbMenu && l.lang == "" {
				depth++
			}
			if old, ok := level[l.node]; !ok || depth < old {
				level[l.node] = depth
				todo = append(todo, l.node)
			}
		}
	}
	for _, n := range g.nodes() {
		if n.verb == verbMenu && n.waiver == "" && level[n.id]+1 > maxLevels {
			g.warn(n, wording.Say("shorten the way, or write waiver: with the reason"), "the menu %q is level %d; callers are lost after %d", n.id, level[n.id]+1, maxLevels)
		}
	}
}

// places checks what queues send back to this scenario, and what belongs to waiting only.
func (g *graph) places() {
	used := map[acd.QueueID]bool{g.site.Reasons[g.site.human()].Queue: true}
	for _, n := range g.nodes() {
		b, branches := n.act.(*branching)
		switch {
		case kinds[n.verb].only:
			g.fail(n, wording.Say("use queue"), "%s belongs to the waiting scenario of a queue", n.verb)
		case branches && b.own:
			g.fail(n, wording.Say("ask it in the waiting scenario of a queue"), "position, expected_wait and waited are known while a caller waits, not here")
		case n.verb == verbQueue:
			for _, q := range g.s.queuesOf(g.site, n) {
				used[q] = true
			}
		}
	}
	for _, q := range slices.Sorted(maps.Keys(used)) {
		for _, to := range g.site.Queues[q].ways() {
			if to.Node != "" && g.s.nodes[to.Node] == nil {
				g.findings = append(g.findings, g.doc.Warning("nodes", wording.Say("add the node, or callers are asked to call later"),
					"queue %q sends callers it cannot take to the node %q, which this scenario lacks", q, to.Node))
			}
		}
		for _, o := range g.program.offersOf(q) {
			if g.s.nodes[o.to] == nil {
				g.findings = append(g.findings, g.doc.Warning("nodes", wording.Say("add the node, or callers are not offered it"),
					"queue %q offers its waiting callers the node %q by key %c, which this scenario lacks", q, o.to, o.key))
			}
		}
	}
}

// surveys checks that nothing leads to the survey but the end of a conversation.
func (g *graph) surveys() {
	if g.s.survey == "" {
		return
	}
	leads := func(l link) bool { return l.node == g.s.survey }
	for _, n := range g.nodes() {
		if slices.ContainsFunc(n.links(), leads) {
			g.fail(n, wording.Say("lead elsewhere"), "the survey %q begins by itself after a conversation; %q must not lead there", g.s.survey, n.id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(g.site.Queues)) {
		if slices.ContainsFunc(g.site.Queues[id].ways(), func(f Fallback) bool { return f.Node == g.s.survey }) {
			g.fail(g.s.nodes[g.s.survey], wording.Say("lead elsewhere"), "the queue %q must not send callers to the survey, whom nobody has answered", id)
		}
	}
	if n := g.s.nodes[g.s.start]; n != nil && n.verb == verbSurvey {
		g.fail(n, wording.Say("begin with another node"), "a call cannot begin with the survey")
	}
}

// waiting checks a scenario that waiting callers hear: speech and music in turn, without an end.
func (g *graph) waiting() {
	for _, n := range g.nodes() {
		switch {
		case !n.waits:
			g.fail(n, wording.Say("use say, wait, tell, offer, goto, hours and branch"), "%s has no place while a caller waits: keys 0, 9 and * work by themselves", n.verb)
		case n.verb == verbSay && n.next.none():
			g.fail(n, wording.Say("write next:"), "the waiting scenario stops after %q", n.id)
		}
		for _, l := range n.links() {
			if l.lang != "" {
				g.fail(n, nil, "the language cannot change while a caller waits")
			}
		}
	}
	g.findCircles(func(n *node) bool { return n.verb == verbWait }, "put a wait between the messages", "%s goes round without a wait")
}
