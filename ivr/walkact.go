package ivr

import (
	"time"

	"accueil/acd"
)

// turn is what a walk keeps of the node whose action is under way. It begins anew with each entering.
// stage and tries are the action's own; they are part of the state that Prove tells apart, so both stay
// small.
type turn struct {
	stage, tries int8
}

// act begins the action of a node. The asks are all, unless a link leads on.
func (w *walk) act(n *node, now time.Time) ([]acd.Ask, link) {
	w.mode, w.turn = acting, turn{}
	return n.act.enter(w, n, now)
}

// actHears answers an input of a node whose action is under way.
func (w *walk) actHears(in acd.Heard, now time.Time) []acd.Ask {
	return w.scenario.nodes[w.node].act.hear(w, w.scenario.nodes[w.node], in, now)
}

// actKey answers a key there. 0 leads to a human, unless the action takes digits.
func (w *walk) actKey(key byte, now time.Time) []acd.Ask {
	if taker, ok := w.scenario.nodes[w.node].act.(interface{ takes(*walk, byte) bool }); ok && taker.takes(w, key) {
		return w.actHears(acd.HeardKey{Key: key}, now)
	}
	if key == '0' {
		w.pass("0")
		return w.human()
	}
	return w.actHears(acd.HeardKey{Key: key}, now)
}

// actFault: once the action begins anew, then a human takes over.
func (w *walk) actFault(again bool, now time.Time) []acd.Ask {
	if again {
		return w.enter(link{node: w.node}, now)
	}
	return w.ask(w.operators())
}
