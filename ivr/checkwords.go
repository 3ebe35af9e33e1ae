package ivr

import (
	"slices"

	"accueil/wording"
)

// lastWords finds calls that would be cut without a word. A caller who is told nothing does not know
// that nobody will come: DESIGN §7.1 asks for a clear message. A key of a menu needs one too: that it
// was meant to end the call, and not to lead to somebody, is known to nobody but its author.
func (g *graph) lastWords() {
	suggestion := wording.Say("say why before the call ends, with a say node")
	if end := g.cut(link{node: g.s.start}, map[string]bool{}); end != nil {
		g.fail(end, suggestion, "the call would end at %q without a word, from the start", end.id)
	}
	for _, n := range g.nodes() {
		if n.instant() {
			continue // judged from where the caller comes
		}
		for _, to := range g.unspoken(n) {
			if end := g.cut(to, map[string]bool{}); end != nil {
				g.fail(n, suggestion, "the call would end at %q without a word, from %q", end.id, n.id)
			}
		}
	}
}

// unspoken lists the ways out of a node on which the caller has heard nothing.
func (g *graph) unspoken(n *node) (out []link) {
	switch n.verb {
	case verbSay:
		for _, key := range []byte("0*") {
			out = append(out, n.keys[key])
		}
	case verbQueue:
		for _, q := range g.s.queuesOf(g.site, n) {
			for _, to := range g.site.Queues[q].ways() {
				out = append(out, link{node: to.Node})
			}
			for _, o := range g.program.offersOf(q) {
				out = append(out, link{node: o.to})
			}
		}
	default:
		switch n.act.(type) {
		case *informing, *texting, *messaging: // have spoken
		default:
			out = n.links()
		}
	}
	return slices.DeleteFunc(out, link.none)
}

// cut returns the hangup that the link may lead to without a word; nil for none.
func (g *graph) cut(to link, seen map[string]bool) *node {
	n := g.s.nodes[to.node]
	switch {
	case n == nil || seen[n.id]:
		return nil
	case n.verb == verbHangup:
		return n
	}
	seen[n.id] = true
	_, announces := n.act.(*announcing) // perhaps speaks, perhaps not
	if !n.instant() && !announces {
		return nil
	}
	for _, l := range n.links() {
		if end := g.cut(l, seen); end != nil {
			return end
		}
	}
	return nil
}
