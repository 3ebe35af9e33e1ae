package ivr

import (
	"slices"
	"strings"
	"time"

	"accueil/acd"
)

// usualWait is how long music plays where the waiting scenario was left in between.
const usualWait = 60 * time.Second

// human asks for the operators, after the words given.
func (w *walk) human(words ...string) []acd.Ask {
	if w.afterwards() {
		return w.leave(surveyed, "sys.survey_thanks")
	}
	return append([]acd.Ask{say(false, append(words, "sys.operator")...)}, w.ask(w.operators())...)
}

// operators is the queue of those who answer everything; first for who comes from the emergency
// instruction.
func (w *walk) operators() acd.AskQueue {
	if w.mode == emergency {
		return acd.AskQueue{Reason: w.program.site.urgent()}
	}
	return acd.AskQueue{Reason: w.program.site.human()}
}

func (w *walk) ask(q acd.AskQueue) []acd.Ask {
	if w.afterwards() {
		return w.leave(surveyed, "sys.survey_thanks")
	}
	w.mode, w.queue, w.typed = queuing, q, nil
	return []acd.Ask{q}
}

// queueOf is the queue that the ask leads to.
func (w *walk) queueOf(q acd.AskQueue) acd.QueueID {
	if q.Queue != "" {
		return q.Queue
	}
	return w.program.site.Reasons[q.Reason].Queue
}

// queued: the call has its place; in names the queue when it is not the one that was asked for. From
// then on its words and its ways out are those that hold.
func (w *walk) queued(in acd.QueueID, now time.Time) []acd.Ask {
	other := in != "" && in != w.queueOf(w.queue)
	if other {
		w.queue.Queue = in
	}
	switch w.mode {
	case moving:
		w.queue = w.move
	case queuing:
	case waiting:
		if !other {
			return []acd.Ask{acd.AskWait{For: usualWait}} // an offer came to nothing: music goes on
		}
	case emergency:
		// The place was granted after key 9 had been pressed: it is kept like any other.
		return []acd.Ask{acd.AskLeaveQueue{}, acd.AskListen{For: w.patience(SecondSilence)}}
	case fresh:
		w.queue = w.operators() // a place from before a restart, without a word of which (see Resume)
	default:
		return nil
	}
	w.mode, w.wait, w.words, w.pause, w.offered = waiting, "", nil, 0, nil
	if slices.Contains(w.typed, '0') {
		w.typed = nil
		return w.waitKey('0', now)
	}
	return w.waitOn(w.waitingScenario().start, now)
}

// waitKey answers a key of a caller who waits.
func (w *walk) waitKey(key byte, now time.Time) []acd.Ask {
	switch key {
	case '0':
		if human := (acd.AskQueue{Reason: w.program.site.human()}); w.queueOf(human) != w.queueOf(w.queue) {
			w.pass("0")
			w.mode, w.move = moving, human
			return []acd.Ask{say(false, "sys.operator"), human}
		}
		return w.sayAgain(now)
	case '*':
		return w.sayAgain(now)
	}
	return w.accepted(key, now)
}

// sayAgain repeats the last message, to the word: a figure in it is the one that was told.
func (w *walk) sayAgain(now time.Time) []acd.Ask {
	if w.pause == 0 { // on his way in
		return w.waitOn(w.waitingScenario().start, now)
	}
	if len(w.words) == 0 {
		return nil
	}
	return []acd.Ask{acd.AskSay{Prompts: w.words}, acd.AskWait{For: w.pause}}
}

// waitingScenario is what the caller hears in the queue where he is.
func (w *walk) waitingScenario() *scenario { return w.program.waitingOf(w.queueOf(w.queue)) }

// waitingOf is the waiting scenario of a queue, the built-in one where it names none.
func (p *Program) waitingOf(q acd.QueueID) *scenario {
	if s := p.scenarios[p.site.Queues[q].Waiting]; s != nil {
		return s
	}
	return p.waiting
}

// waitOn reads what comes before the next wait of the waiting scenario, then waits. Speech and music
// are asked for together, so that nothing lies between them.
func (w *walk) waitOn(from string, now time.Time) (asks []acd.Ask) {
	s := w.waitingScenario()
	if s.nodes[from] == nil {
		from = s.start
	}
	told := w.told
	var words []acd.Prompt
	id := from
	for range len(s.nodes) + 1 {
		n := s.nodes[id]
		if n == nil {
			break
		}
		t, tells := n.act.(teller)
		switch {
		case tells:
			more, to := t.tell(w, n)
			words, id = append(words, more...), to.node
			continue
		case n.instant():
			id = w.instant(n, now).node
			continue
		case n.verb == verbSay:
			words, id = append(words, acd.Prompt{ID: n.prompt}), n.next.node
			continue
		}
		w.wait, w.pause = n.next.node, n.wait
		if w.told != told {
			asks = append(asks, acd.AskTold{Told: w.told})
		}
		if len(words) > 0 {
			w.words = words
			asks = append(asks, acd.AskSay{Prompts: words})
		}
		return append(asks, acd.AskWait{For: n.wait})
	}
	// Load refuses a waiting scenario that goes round without a wait.
	return []acd.Ask{say(false, "sys.queue_waiting"), acd.AskWait{For: usualWait}}
}

// refusal: no place, or the queue gave the call up.
func (w *walk) refusal(why acd.Refusal, now time.Time) []acd.Ask {
	switch w.mode {
	case fresh:
		if why == acd.RefusedClosed { // the entry is closed before the first word
			w.closed = true
			return w.begin("", now)
		}
		return nil
	case moving:
		if why != acd.RefusedMaxWait {
			w.mode = waiting // the other queue said no; the place in this one stays
			return []acd.Ask{say(false, "sys.still_waiting"), acd.AskWait{For: usualWait}}
		}
	case queuing, waiting:
	default:
		return nil
	}
	return w.fallback(w.queue, why, now)
}

// fallback goes where the queue sends whom it cannot take; a queue that has refused this call twice
// is not asked a third time.
func (w *walk) fallback(q acd.AskQueue, why acd.Refusal, now time.Time) []acd.Ask {
	id := w.queueOf(q)
	queue := w.program.site.Queues[id]
	to := queue.way(why)
	again := slices.Contains(w.refused, id)
	if !again {
		w.refused = append(slices.Clip(w.refused), id)
	}
	if why == acd.RefusedClosed {
		w.shut = w.shutBy(q, now)
	}
	switch {
	case again && w.mode != emergency, why == acd.RefusedUnstaffed && queue.DissuadeUnstaffed:
		return w.dissuade(why, now)
	case to.Number != "":
		w.mode, w.spill, w.typed = ringing, why, nil
		return []acd.Ask{acd.AskTransfer{To: to.Number, Ring: usualRing}}
	case why == acd.RefusedStore:
		return w.dissuade(why, now)
	case to.Queue != "" && !slices.Contains(w.refused, to.Queue):
		return w.ask(acd.AskQueue{Reason: q.Reason, Queue: to.Queue, Points: q.Points})
	case to.Node != "" && w.scenario.nodes[to.Node] != nil:
		w.instead = acd.AskHangup{Outcome: acd.Dissuaded, Reason: string(why)}
		if why == acd.RefusedClosed {
			w.instead = acd.AskHangup{Outcome: acd.Closed, Reason: "queue_closed"}
		}
		return w.enter(link{node: to.Node}, now)
	}
	return w.dissuade(why, now)
}

// dissuade tells the caller why he cannot be taken and what to do, and ends the call.
func (w *walk) dissuade(why acd.Refusal, now time.Time) []acd.Ask {
	words, outcome := "sys.dissuade_full", acd.Dissuaded
	switch why {
	case acd.RefusedClosed:
		return w.leave(acd.AskHangup{Outcome: acd.Closed, Reason: "queue_closed"}, w.closedWords("sys.queue_closed_until", now))
	case acd.RefusedUnstaffed:
		words = "sys.dissuade_unstaffed"
	case acd.RefusedMaxWait:
		words = "sys.dissuade_max_wait"
	case acd.RefusedStore:
		words, outcome = "sys.technical", acd.Failed
	}
	return w.leave(acd.AskHangup{Outcome: outcome, Reason: string(why)}, words)
}

// Names of places that are no nodes of the file. Node names have no dot.
const (
	placeEmergency = "sys.emergency"
	placeQueue     = "sys.queue"
	placeAgreed    = "sys.agreed" // the last words of who has agreed to be called back
)

// Node names where the walk is: a node, a queue that no node names ("sys.queue/<reason>/<queue>"), the
// last words of who is called back ("sys.agreed/<node>"), or the emergency instruction with what it
// interrupted ("sys.emergency/…"); "" before the first.
func (w *walk) Node() string {
	switch w.mode {
	case fresh, greeting:
		return ""
	case emergency:
		if at := w.place(w.was); at != "" {
			return placeEmergency + "/" + at
		}
		return placeEmergency
	}
	return w.place(w.mode)
}

func (w *walk) place(m mode) string {
	switch m {
	case queuing, waiting, moving:
		if n := w.scenario.nodes[w.node]; n != nil && n.verb == verbQueue && n.queue.Reason != "" && n.queue.Reason == w.queue.Reason && n.queue.Queue == w.queue.Queue {
			return w.node
		}
		return placeQueue + "/" + string(w.queue.Reason) + "/" + string(w.queue.Queue)
	case fresh, greeting:
		return ""
	case farewell:
		if w.bye == calledBack {
			return placeAgreed + "/" + w.node
		}
	}
	return w.node
}

// resumeAt offers again what Node named before a restart. A place that the file no longer has means
// the first node, without the emergency message, which the caller has heard.
func (w *walk) resumeAt(at string, now time.Time) []acd.Ask {
	if at == placeEmergency || strings.HasPrefix(at, placeEmergency+"/") {
		w.mode, w.was = emergency, greeting
		rest := strings.TrimPrefix(strings.TrimPrefix(at, placeEmergency), "/")
		if q, ok := w.parseQueue(rest); ok {
			w.queue, w.was = q, queuing
			if w.scenario.nodes[rest] != nil {
				w.node = rest
			}
		} else if at, agreed := w.agreedAt(rest); agreed {
			w.node, w.was = at, farewell
			w.agreed(now)
			w.mode = emergency
		} else if n := w.scenario.nodes[at]; n != nil {
			w.node = at
			switch n.verb {
			case verbSay:
				w.was = saying
			case verbMenu:
				w.was = choosing
			case verbTransfer:
				w.was = ringing
			default:
				if n.act != nil {
					w.was = acting
				}
			}
		}
		w.flagged = true
		return append([]acd.Ask{acd.AskFlag{}}, w.instruction()...)
	}
	at, agreed := w.agreedAt(at)
	if agreed {
		w.node = at
		return w.agreed(now)
	}
	if w.scenario.nodes[at] == nil {
		if q, ok := w.parseQueue(at); ok {
			return w.ask(q)
		}
		at = w.scenario.start
	}
	return w.enter(link{node: at}, now)
}

// agreedAt reads the place of who has agreed to be called back. Where the promise itself has been lost, he is
// asked again at the node.
func (w *walk) agreedAt(at string) (node string, agreed bool) {
	node, there := strings.CutPrefix(at, placeAgreed+"/")
	return node, there && w.scene.Agreed
}

// parseQueue reads a queue's place: a queue node, or "sys.queue/<reason>/<queue>".
func (w *walk) parseQueue(at string) (acd.AskQueue, bool) {
	if n := w.scenario.nodes[at]; n != nil && n.verb == verbQueue {
		return n.queue, true
	}
	rest, ok := strings.CutPrefix(at, placeQueue+"/")
	if !ok {
		return acd.AskQueue{}, false
	}
	reason, queue, _ := strings.Cut(rest, "/")
	q := acd.AskQueue{Reason: acd.ReasonID(reason), Queue: acd.QueueID(queue)}
	if _, known := w.program.site.Reasons[q.Reason]; !known {
		return acd.AskQueue{}, false
	}
	if _, known := w.program.site.Queues[q.Queue]; q.Queue != "" && !known {
		return acd.AskQueue{}, false
	}
	return q, true
}
