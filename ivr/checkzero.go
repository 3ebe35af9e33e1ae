package ivr

import (
	"slices"

	"accueil/acd"
	"accueil/wording"
)

// zero finds a key 0 that was bound anew and leads to nobody. Whoever presses it wants a person: it may
// lead to another one than the switchboard, or to words that the line is closed, but not back to the
// menu, nor to words and the end (DESIGN §7.1).
func (g *graph) zero() {
	for _, n := range g.nodes() {
		if to, bound := n.keys['0']; bound && (n.verb == verbMenu || n.verb == verbSay) && !g.somebody(to, map[string]bool{n.id: true}) {
			g.fail(n, wording.Say("lead it to a queue, a transfer, a callback or a voicemail"), "key 0 does not lead to a human")
		}
	}
}

// somebody reports whether a caller who presses nothing more comes to a person, on every way from the
// link. seen are the nodes behind him: to come back to one is to come to nobody.
func (g *graph) somebody(to link, seen map[string]bool) bool {
	n := g.s.nodes[to.node]
	if n == nil {
		return !to.none() // told elsewhere, or the caller's of this scenario
	}
	if seen[n.id] {
		return false
	}
	seen[n.id] = true
	defer delete(seen, n.id)
	all := func(ways []link) bool {
		ways = slices.DeleteFunc(ways, link.none)
		return len(ways) > 0 && !slices.ContainsFunc(ways, func(l link) bool { return !g.somebody(l, seen) })
	}
	switch n.verb {
	case verbHangup:
		return n.end.Outcome == acd.Closed
	case verbQueue, verbTransfer, verbVoicemail:
		return true
	case verbSay:
		return all([]link{n.next})
	}
	switch n.act.(type) {
	case *announcing, *texting, *looking:
		return all(n.links())
	}
	if n.instant() {
		return all(n.links())
	}
	if again, bound := n.keys['0']; bound {
		return all([]link{again})
	}
	return true // it asks, and 0 is a human there
}
