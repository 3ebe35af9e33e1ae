package ivr

import (
	"maps"
	"time"

	"accueil/acd"
)

// turn is what a walk keeps of the node whose action is under way. It begins anew with each entering.
// stage, tries and silences are the action's own; they are part of the state that Prove tells apart, so
// all stay small.
type turn struct {
	stage, tries, silences int8
	digits                 string // keyed in so far; never shown
}

// given is what set nodes have said of the call, for the queues that follow.
type given struct {
	reason acd.ReasonID
	points int
	asks   string
}

// leaver is a talker that says how a call counts whose caller hangs up during it.
type leaver interface {
	gone(w *walk) []acd.Ask
}

// taker is a talker that keys 0 and 9 may belong to, being digits.
type taker interface {
	takes(w *walk, key byte) bool
}

// act begins the action of a node. The asks are all, unless a link leads on.
func (w *walk) act(t talker, n *node, now time.Time) ([]acd.Ask, link) {
	w.mode, w.turn = acting, turn{}
	return t.enter(w, n, now)
}

// actHears answers an input of a node whose action is under way.
func (w *walk) actHears(in acd.Heard, now time.Time) []acd.Ask {
	n := w.scenario.nodes[w.node]
	if t, ok := n.act.(talker); ok {
		return t.hear(w, n, in, now)
	}
	return nil
}

// takes reports whether the action under way has asked for digits, and this is one.
func (w *walk) takes(key byte) bool {
	t, ok := w.scenario.nodes[w.node].act.(taker)
	return ok && t.takes(w, key)
}

// actKey answers a key there. 0 leads to a human.
func (w *walk) actKey(key byte, now time.Time) []acd.Ask {
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

// on follows the link, or ends the call as served where there is none.
func (w *walk) on(to link, reason string, now time.Time) []acd.Ask {
	if to.none() {
		return w.hangup(acd.AskHangup{Outcome: acd.SelfServed, Reason: reason})
	}
	return w.enter(to, now)
}

// remember gives a variable its value. The map is replaced, so that walks may share it.
func (w *walk) remember(name, value string) {
	if name == "" {
		return
	}
	next := maps.Clone(w.vars)
	if next == nil {
		next = map[string]string{}
	}
	next[name] = value
	w.vars = next
}

// keepKeyed keeps digits for the lookups that ask for them; forget drops them.
func (w *walk) keepKeyed(name, digits string) {
	next := maps.Clone(w.keyed)
	if next == nil {
		next = map[string]acd.Keyed{}
	}
	next[name] = acd.KeyedDigits(digits)
	w.keyed = next
}

func (w *walk) forget(name string) {
	w.keyed = maps.Clone(w.keyed)
	delete(w.keyed, name)
}

// question asks for a key, the words first: any key cuts them short.
func (w *walk) question(words ...acd.Prompt) []acd.Ask {
	d := FirstSilence
	if w.turn.silences > 0 {
		d = SecondSilence
	}
	return []acd.Ask{acd.AskSay{Prompts: words, BargeIn: true}, acd.AskListen{For: w.patience(d)}}
}

func prompts(ids ...string) []acd.Prompt { return say(false, ids...).Prompts }

// fates decides, while a scenario is proved, what a walk cannot know: each node one way in one answer.
// Prove tries every way.
type fates struct {
	picked map[string]int
	order  []string
	ways   map[string]int
	plan   []int // for the nodes in the order in which they ask; 0 beyond it
}

func (f *fates) pick(id string, ways int) int {
	if ways < 2 {
		return 0
	}
	if n, ok := f.picked[id]; ok {
		return n
	}
	n := 0
	if len(f.order) < len(f.plan) {
		n = f.plan[len(f.order)]
	}
	if f.picked == nil {
		f.picked, f.ways = map[string]int{}, map[string]int{}
	}
	f.picked[id], f.ways[id] = n, ways
	f.order = append(f.order, id)
	return n
}

// next is the plan to try after this one, false when all have been tried.
func (f *fates) next() ([]int, bool) {
	for i := len(f.order) - 1; i >= 0; i-- {
		if n := f.picked[f.order[i]] + 1; n < f.ways[f.order[i]] {
			plan := make([]int, 0, i+1)
			for _, id := range f.order[:i] {
				plan = append(plan, f.picked[id])
			}
			return append(plan, n), true
		}
	}
	return nil, false
}

// fated reports whether the way that is the i-th of so many is the one to go: as the test says, or as
// Prove has it.
func (w *walk) fated(id string, ways, i int, test func() bool) bool {
	if w.fates != nil {
		return w.fates.pick(id, ways) == i
	}
	return test()
}
