package ivr

import (
	"slices"
	"time"

	"accueil/acd"
)

func (w *walk) key(key byte, now time.Time) []acd.Ask {
	if w.mode == acting && w.takes(key) {
		return w.actHears(acd.HeardKey{Key: key}, now)
	}
	if key == '9' && w.mode != fresh {
		return w.instruct()
	}
	n := w.scenario.nodes[w.node]
	switch w.mode {
	case choosing:
		if w.deaf {
			w.keep(key)
			return nil
		}
		return w.choose(n, key, now)
	case greeting:
		w.keep(key)
	case saying:
		l, rebound := n.keys[key]
		switch {
		case !n.bargeIn:
			w.keep(key)
		case rebound:
			w.pass(string(key))
			return w.enter(l, now)
		case key == '0':
			w.pass("0")
			return w.human()
		case key == '*':
			return []acd.Ask{say(w.skippable(n, now), n.prompt)}
		case w.skippable(n, now):
			w.keep(key)
			return w.enter(n.next, now)
		}
	case emergency:
		switch key {
		case '*':
			return w.back(now)
		case '0':
			if !w.afterwards() {
				return w.human()
			}
		}
		return []acd.Ask{say(true, w.wayBack()), acd.AskListen{For: w.patience(SecondSilence)}}
	case queuing:
		if key == '0' && w.queueOf(w.queue) != w.queueOf(w.operators()) {
			w.typed = []byte{'0'}
		}
	case waiting:
		return w.waitKey(key, now)
	case acting:
		return w.actKey(key, now)
	case pending:
		return w.pendingKey(key, now)
	case farewell:
		if key == '*' {
			return []acd.Ask{acd.AskSay{Prompts: w.last}}
		}
	}
	return nil
}

func (w *walk) keep(key byte) {
	if len(w.typed) < maxTyped {
		w.typed = append(slices.Clip(w.typed), key)
	}
}

// choose answers a key in a menu.
func (w *walk) choose(n *node, key byte, now time.Time) []acd.Ask {
	if l, ok := n.keys[key]; ok {
		w.pass(string(key))
		return w.enter(l, now)
	}
	switch key {
	case '0':
		w.pass("0")
		return w.human()
	case '9':
		return w.instruct()
	case '*', '#':
		return w.prompt(n)
	}
	w.typed = nil
	if w.mistakes++; w.mistakes >= maxMistakes {
		return w.human()
	}
	return w.prompt(n, "sys.not_understood")
}

// instruct reads the emergency instruction twice, whatever the call was doing. A place in a queue is
// kept by the store until the caller is back or gone.
func (w *walk) instruct() (asks []acd.Ask) {
	switch w.mode {
	case emergency:
	case queuing, waiting, moving:
		asks = append(asks, acd.AskLeaveQueue{})
		w.was, w.mode = queuing, emergency
	default:
		w.was, w.mode = w.mode, emergency
	}
	if !w.flagged {
		w.flagged = true
		asks = append(asks, acd.AskFlag{})
	}
	w.pass("9")
	w.silences, w.typed = 0, nil
	return append(asks, w.instruction()...)
}

func (w *walk) instruction() []acd.Ask {
	return []acd.Ask{
		say(true, "sys.emergency_instruction", "sys.emergency_instruction", w.wayBack()),
		acd.AskListen{For: w.patience(FirstSilence)},
	}
}

// wayBack says how to leave the emergency instruction. After the conversation nobody is promised: the call is in its
// survey, from which no way leads to a queue.
func (w *walk) wayBack() string {
	if w.afterwards() {
		return "sys.star_back"
	}
	return "sys.star_return"
}

// back takes up what the emergency instruction interrupted.
func (w *walk) back(now time.Time) []acd.Ask {
	switch w.was {
	case queuing:
		return w.ask(w.queue)
	case farewell:
		w.mode = farewell
		return []acd.Ask{acd.AskSay{Prompts: w.last}}
	case ringing:
		if w.spill != "" {
			return w.fallback(w.queue, w.spill, now)
		}
		return w.enter(link{node: w.node}, now)
	case saying, choosing, acting:
		return w.enter(link{node: w.node}, now)
	}
	return w.greeted(now)
}

func (w *walk) said(now time.Time) []acd.Ask {
	switch w.mode {
	case greeting:
		return w.greeted(now)
	case saying:
		return w.saidNode(now)
	case choosing:
		if !w.deaf {
			return nil
		}
		w.deaf = false
		if key, ok := w.take(); ok {
			return w.choose(w.scenario.nodes[w.node], key, now)
		}
		if w.silences > 0 {
			return []acd.Ask{acd.AskListen{For: w.patience(SecondSilence)}}
		}
		return []acd.Ask{acd.AskListen{For: w.patience(FirstSilence)}}
	case farewell:
		return w.hangup(w.bye)
	}
	return nil // a listening or a wait follows the speech by itself
}

func (w *walk) saidNode(now time.Time) []acd.Ask {
	n := w.scenario.nodes[w.node]
	if len(w.typed) > 0 && !w.leadsTo(n.next, verbMenu, now) {
		typed := w.typed
		w.typed = nil
		if slices.Contains(typed, '0') { // asked for during words that could not be cut short
			w.pass("0")
			return w.human()
		}
	}
	if n.next.none() {
		return w.hangup(acd.AskHangup{Outcome: acd.SelfServed, Reason: "message"})
	}
	return w.enter(n.next, now)
}

func (w *walk) silence(now time.Time) []acd.Ask {
	switch w.mode {
	case choosing:
		if w.silences++; w.silences >= maxSilences {
			return w.human()
		}
		return w.prompt(w.scenario.nodes[w.node])
	case emergency:
		if w.silences++; w.silences < maxSilences {
			return []acd.Ask{say(true, w.wayBack()), acd.AskListen{For: w.patience(SecondSilence)}}
		}
		if w.was == queuing {
			return w.back(now) // to the place kept for him
		}
		return w.human()
	case waiting:
		return w.waitOn(w.wait, now)
	case pending:
		return w.greeted(now)
	}
	return nil
}

// unanswered: the extension did not take the call.
func (w *walk) unanswered(why acd.Ending, now time.Time) []acd.Ask {
	if w.mode != ringing {
		return nil
	}
	if w.spill != "" {
		return w.dissuade(w.spill, now)
	}
	if n := w.scenario.nodes[w.node]; !n.failed.none() {
		return w.enter(n.failed, now)
	}
	words := "sys.extension_no_answer"
	if why == acd.Busy {
		words = "sys.extension_busy"
	}
	return w.human(words)
}

// fault: what was asked for could not be done. Once the walk tries on, then a human takes over.
func (w *walk) fault(now time.Time) []acd.Ask {
	w.faults = min(w.faults+1, 2*maxFaults)
	again := w.faults < maxFaults
	switch w.mode {
	case greeting, pending:
		return w.greeted(now)
	case saying:
		if again {
			return w.saidNode(now)
		}
	case choosing:
		if again {
			return w.prompt(w.scenario.nodes[w.node])
		}
	case emergency:
		if again {
			return w.instruction()
		}
		if w.was == queuing {
			return w.ask(w.queue)
		}
	case queuing:
		if w.queueOf(w.queue) == w.queueOf(w.operators()) && !again {
			return w.leave(acd.AskHangup{Outcome: acd.Failed, Reason: "fault"}, "sys.technical")
		}
	case waiting:
		return []acd.Ask{acd.AskWait{For: usualWait}} // music needs no words of ours
	case moving:
		w.mode = waiting
		return []acd.Ask{acd.AskWait{For: usualWait}}
	case ringing:
		return w.unanswered(acd.OfferFailed, now)
	case acting:
		return w.actFault(again, now)
	case farewell:
		return w.hangup(w.bye)
	default:
		return nil
	}
	// Words seem to be what fails, so the human is asked for without any.
	return w.ask(w.operators())
}

// gone says how a call counts whose caller has hung up; no answer means abandoned.
func (w *walk) gone(now time.Time) []acd.Ask {
	m := w.mode
	w.mode = over
	switch m {
	case emergency:
		return []acd.Ask{acd.AskHangup{Outcome: acd.Emergency, Reason: "key_9"}}
	case farewell:
		return []acd.Ask{w.bye}
	case pending: // he has what he called for
		return []acd.Ask{acd.AskHangup{Outcome: acd.SelfServed, Reason: "callback_kept"}}
	case acting:
		if l, ok := w.scenario.nodes[w.node].act.(leaver); ok {
			return l.gone(w)
		}
	case saying:
		// Who hangs up while he hears the last message has been served by it.
		to := w.scenario.nodes[w.node].next
		if to.none() {
			return []acd.Ask{acd.AskHangup{Outcome: acd.SelfServed, Reason: "message"}}
		}
		for range len(w.scenario.nodes) {
			n := w.scenario.nodes[to.node]
			if n == nil || !n.instant() {
				break
			}
			to = w.instant(n, now)
		}
		if n := w.scenario.nodes[to.node]; n != nil && n.verb == verbHangup {
			return []acd.Ask{n.end}
		}
	}
	return nil
}
