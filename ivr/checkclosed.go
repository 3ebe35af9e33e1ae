package ivr

import "accueil/wording"

// servedWhenClosed warns of words for who finds it closed that end the call without saying how: it would count as
// served, and closing hours would look like callers who got what they wanted.
func (g *graph) servedWhenClosed() {
	told := map[string]bool{}
	for _, n := range g.nodes() {
		if n.verb != verbHours {
			continue
		}
		for _, to := range []link{n.closed, n.holiday} {
			for range len(g.s.nodes) {
				at := g.s.nodes[to.node]
				if at == nil || at.verb != verbSay && at.verb != verbGoto {
					break
				}
				if at.verb == verbSay && at.next.none() && !told[at.id] {
					told[at.id] = true
					g.warn(at, wording.Say("lead on to a node with hangup: closed"), "who finds it closed (%q) counts as served here", n.id)
				}
				to = at.next
			}
		}
	}
}
