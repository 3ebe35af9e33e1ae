package ivr

import (
	"slices"
	"strings"

	"accueil/acd"
)

// state names everything that the next answers depend on, and nothing that only the past left behind
// or that is only said: so there are as many as nodes and queues, each times a few. Two walks in one
// state answer every input alike, but for words and for what the refusals before lead to, of which
// Prove tries the extremes.
type state struct {
	mode, was          mode
	closed, deaf       bool
	faulty             bool // a second fault is the last, as are all after it
	typed              byte // the key that matters
	silences, mistakes int8
	stage              int8   // of an action
	digits             string // keyed in, as far as they matter
	lang               acd.Lang
	at                 string // a node or a queue, as the mode has it
	more               string // about it
}

func (w *walk) state() state {
	s := state{mode: w.mode, lang: w.lang, faulty: w.faults > 0}
	m := w.mode
	if m == emergency {
		// Whatever was interrupted begins anew: of a menu its counts are forgotten.
		s.was, s.silences, m = w.was, int8(w.silences), w.was
	}
	switch m {
	case fresh, greeting:
		s.closed, s.typed = w.closed, w.keyAhead() // later only hours nodes ask, of which every answer is tried
	case saying:
		s.at, s.typed = w.node, w.keyAhead()
	case choosing:
		s.at = w.node
		if w.mode == choosing {
			s.typed, s.silences, s.mistakes, s.deaf = w.keyAhead(), int8(w.silences), int8(w.mistakes), w.deaf
		}
	case queuing:
		s.at, s.typed = string(w.queueOf(w.queue)), w.keyAhead()
	case waiting, moving:
		s.at, s.more = string(w.queueOf(w.queue)), w.wait+w.offersKnown()
	case ringing:
		if s.at = w.node; w.spill != "" {
			s.at, s.more = string(w.queueOf(w.queue)), string(w.spill)
		}
	case acting:
		if s.at = w.node; w.mode == acting {
			s.typed, s.stage, s.mistakes, s.silences = w.keyAhead(), w.turn.stage, w.turn.tries, w.turn.silences
			s.digits = digitsState(w.turn.digits)
		}
	case farewell:
		for _, p := range w.last {
			s.at += p.ID + " "
		}
		s.more = string(w.bye.Outcome) + " " + w.bye.Reason
	}
	return s
}

// matters is what counts of the keys that no menu has taken yet: the first one; of those that no menu
// will take, whether a human was asked for.
func (w *walk) matters() []byte {
	if w.mode == saying && !w.leadsTo(w.scenario.nodes[w.node].next, verbMenu, w.scene.Now) {
		if slices.Contains(w.typed, '0') {
			return []byte{'0'}
		}
		return nil
	}
	return w.typed[:min(len(w.typed), 1)]
}

func (w *walk) keyAhead() byte {
	if m := w.matters(); len(m) > 0 {
		return m[0]
	}
	return 0
}

// digitsState is what counts of digits keyed in: how many there are, and whether they are a lone 0.
// Whether they are what was asked for is decided by Prove, both ways.
func digitsState(digits string) string {
	if digits == "0" || digits == "" {
		return digits
	}
	if digits[:1] == opened {
		return opened + strings.Repeat("x", len(digits)-1)
	}
	return strings.Repeat("x", len(digits))
}
