package ivr

import (
	"slices"
	"time"

	"accueil/acd"
)

// How long a caller may think, and how often he may err, before a human takes over (DESIGN §8).
const (
	FirstSilence  = 10 * time.Second
	SecondSilence = 20 * time.Second
	maxSilences   = 2
	maxMistakes   = 3
	maxFaults     = 2
	maxTyped      = 16  // keys kept for menus to come
	maxPath       = 200 // entries
	relayPatience = 6   // times the silence of others
)

// mode is what a walk is doing, and so what each input means.
type mode int

const (
	fresh     mode = iota // nothing heard yet
	greeting              // the emergency message before the first node
	saying                // a say node
	choosing              // a menu
	emergency             // the instruction of key 9; w.was is what * returns to
	queuing               // a queue was asked for
	waiting               // the call has a place
	moving                // the call has a place and asked for another
	ringing               // an extension rings
	acting                // a node with an action of its own (verb.go)
	pending               // asked whether it is about the callback that is kept for him
	farewell              // last words, then the end
	over
)

// walk is one call's way through a scenario. It belongs to one goroutine.
type walk struct {
	program  *Program
	scenario *scenario
	lang     acd.Lang
	mode     mode
	was      mode   // before emergency
	node     string // last node entered
	typed    []byte // keys that no menu has taken yet
	path     []string

	silences, mistakes, faults int

	turn  turn                 // of the action under way
	scene acd.Scene            // of the last input
	vars  map[string]string    // never changed: replaced (see remember)
	keyed map[string]acd.Keyed // what was keyed in where digits were asked for; as vars
	given given                // by set nodes
	fates *fates               // Prove: how what the walk cannot know turns out; nil for calls

	instead         acd.AskHangup // how the call would have ended that was offered to leave a message
	hours           *Timetable    // of the entry; nil is always open
	closed          bool          // the entry is exceptionally closed: timetables count as closed
	shut            shut          // what the caller has found closed last
	flagged         bool          // the emergency instruction was noted
	queue           acd.AskQueue  // asked for or held
	move            acd.AskQueue  // asked for while queue is held
	refused         []acd.QueueID
	last            []acd.Prompt    // words of farewell
	bye             acd.AskHangup   // its end
	spill           acd.Refusal     // a fallback number rings because of it; empty for a transfer node
	wait            string          // next node of the waiting scenario
	words           []acd.Prompt    // its last message, for *
	pause           time.Duration   // how long it waits then
	offered         map[byte]string // keys that the waiting caller was offered, and where they lead; never changed: replaced
	told            acd.Told        // of his wait
	informed        []acd.ReasonID  // whose information he has heard
	slow, slowAsked bool            // he is spoken to slowly; the call knows
	restored        bool            // an earlier process began it: digits may have been forgotten
	deaf            bool            // a menu is being read that no key cuts short
}

var _ acd.Script = (*walk)(nil)

func newWalk(p *Program, s *scenario, hours *Timetable, lang acd.Lang) *walk {
	return &walk{program: p, scenario: s, hours: hours, lang: lang}
}

// Lang is the language spoken now.
func (w *walk) Lang() acd.Lang { return w.lang }

// Path lists the nodes and keys passed, in order.
func (w *walk) Path() []string { return slices.Clone(w.path) }

func (w *walk) pass(step string) {
	if len(w.path) < maxPath {
		w.path = append(w.path, step)
	}
}

// Handle answers one input. No answer means that what goes on goes on.
func (w *walk) Handle(in acd.Heard, at acd.Scene) []acd.Ask {
	return w.fill(w.handle(in, at), at.Now)
}

func (w *walk) handle(in acd.Heard, at acd.Scene) []acd.Ask {
	if w.mode == over {
		return nil
	}
	w.scene = at
	asks := w.answer(in, at.Now)
	if w.slow && !w.slowAsked {
		w.slowAsked = true
		asks = append([]acd.Ask{acd.AskSlow{}}, asks...)
	}
	return asks
}

func (w *walk) answer(in acd.Heard, now time.Time) []acd.Ask {
	if w.mode == acting {
		switch in.(type) {
		case acd.HeardStart, acd.HeardKey, acd.HeardFault, acd.HeardGone, acd.HeardQueued, acd.HeardRefused:
		default:
			return w.actHears(in, now)
		}
	}
	switch in := in.(type) {
	case acd.HeardStart:
		return w.begin(in.Node, now)
	case acd.HeardKey:
		return w.key(in.Key, now)
	case acd.HeardSaid:
		return w.said(now)
	case acd.HeardSilence, acd.HeardElapsed:
		return w.silence(now)
	case acd.HeardQueued:
		return w.queued(in.Queue, now)
	case acd.HeardRefused:
		return w.refusal(in.Why, now)
	case acd.HeardNumberRefused:
		return w.numberRefused(now)
	case acd.HeardClosing:
		return w.closing()
	case acd.HeardTransfer:
		return w.unanswered(in.Ending, now)
	case acd.HeardFault:
		return w.fault(now)
	case acd.HeardServed:
		return w.served(now)
	case acd.HeardGone:
		return w.gone(now)
	}
	return nil
}

// begin starts at a node kept from before a restart, else at the front with the emergency message.
func (w *walk) begin(at string, now time.Time) []acd.Ask {
	if at != "" {
		return w.resumeAt(at, now)
	}
	var words []string
	if w.scenario.emergency {
		words = append(words, "sys.emergency")
	}
	if words = slices.Concat(words, w.announced(), w.ahead(now)); len(words) > 0 {
		w.mode = greeting
		return []acd.Ask{say(false, words...)}
	}
	return w.greeted(now)
}

// greeted goes on after the emergency message.
func (w *walk) greeted(now time.Time) []acd.Ask {
	if w.entryClosed(now) && !w.leadsTo(link{node: w.scenario.start}, verbHours, now) {
		return w.leave(acd.AskHangup{Outcome: acd.Closed, Reason: "entry_closed"}, w.closedWords("sys.closed_until", now))
	}
	if w.hasPending() {
		return w.pendingOffer()
	}
	return w.enter(link{node: w.scenario.start}, now)
}

// enter follows a link until a node that takes time.
func (w *walk) enter(to link, now time.Time) (asks []acd.Ask) {
	// Each turn enters a node; each typed key may lead through all of them once more.
	shutAtOnce := false
	for range (len(w.scenario.nodes) + 1) * (len(w.typed) + 1) {
		if to.lang != "" && to.lang != w.lang {
			w.lang = to.lang
			asks = append(asks, acd.AskLanguage{Lang: to.lang})
		}
		n := w.scenario.nodes[to.node]
		if n == nil {
			break
		}
		w.node = n.id
		w.pass(n.id)
		if n.instant() {
			to = w.instant(n, now)
			if n.verb == verbHours {
				w.passHours(n, now, shutAtOnce)
				if shutAtOnce = to != n.open; to == n.closed {
					w.instead = acd.AskHangup{Outcome: acd.Closed, Reason: "closed"}
				}
			}
			if l, ok := n.act.(leader); ok {
				l.passed(w)
			}
			continue
		}
		switch n.verb {
		case verbSay:
			if len(w.typed) > 0 && w.skippable(n, now) {
				to = n.next
				continue
			}
			w.mode = saying
			return append(asks, say(w.skippable(n, now), n.prompt))
		case verbMenu:
			w.mode, w.silences, w.mistakes = choosing, 0, 0
			key, ok := w.take()
			if !ok {
				return append(asks, w.prompt(n)...)
			}
			l, ok := n.keys[key]
			if !ok {
				return append(asks, w.choose(n, key, now)...)
			}
			w.pass(string(key))
			to = l
		case verbQueue:
			return append(asks, w.ask(w.wanted(n))...)
		case verbTransfer:
			w.mode, w.spill, w.typed = ringing, "", nil
			return append(asks, acd.AskTransfer{To: n.to, Ring: n.ring})
		case verbHangup:
			w.mode = over
			return append(asks, n.end)
		default:
			t, ok := n.act.(talker)
			if !ok {
				return append(asks, w.human()...)
			}
			more, on := w.act(t, n, now)
			asks = append(asks, more...)
			if on.none() {
				return asks
			}
			to = on
		}
	}
	// Load refuses what leads here: a missing node, a circle of nodes that take no time.
	return append(asks, w.human()...)
}

// take returns the oldest key typed ahead. A repeat of what has not been said yet means nothing.
func (w *walk) take() (key byte, ok bool) {
	for len(w.typed) > 0 {
		key, w.typed = w.typed[0], w.typed[1:]
		if key != '*' && key != '#' {
			return key, true
		}
	}
	return 0, false
}

func (w *walk) instant(n *node, now time.Time) link {
	if l, ok := n.act.(leader); ok {
		return l.leads(w, n)
	}
	switch n.verb {
	case verbHours:
		return n.way(w.finds(n, now))
	case verbLanguage:
		if l, ok := n.byLang[w.lang]; ok {
			return l
		}
	}
	return n.next
}

// skippable reports whether a key may cut the speech short: only where a menu takes the key.
func (w *walk) skippable(n *node, now time.Time) bool {
	return n.bargeIn && w.leadsTo(n.next, verbMenu, now)
}

// leadsTo reports whether the link reaches a node of that verb through nothing but instant nodes
// and speech that may be cut short.
func (w *walk) leadsTo(to link, v verb, now time.Time) bool {
	for range len(w.scenario.nodes) + 1 {
		n := w.scenario.nodes[to.node]
		switch {
		case n == nil:
			return false
		case n.verb == v:
			return true
		case n.instant():
			to = w.instant(n, now)
		case n.verb == verbSay && n.bargeIn:
			to = n.next
		default:
			return false
		}
	}
	return false
}

// prompt reads a menu and listens; longer once the caller has been silent.
func (w *walk) prompt(n *node, before ...string) []acd.Ask {
	listen := FirstSilence
	if w.silences > 0 {
		listen = SecondSilence
	}
	listen = w.patience(listen)
	words := say(n.bargeIn, append(before, n.prompt)...)
	if w.deaf = !n.bargeIn; w.deaf {
		return []acd.Ask{words} // listening begins once they are said
	}
	return []acd.Ask{words, acd.AskListen{For: listen}}
}

// patience is how long a caller may think who usually has d. Who calls through a relay service types or
// waits for a person who types: his silences are long.
func (w *walk) patience(d time.Duration) time.Duration {
	if w.scene.Caller == acd.CallerRelay {
		return relayPatience * d
	}
	return d
}

func say(bargeIn bool, ids ...string) acd.AskSay {
	prompts := make([]acd.Prompt, len(ids))
	for i, id := range ids {
		prompts[i] = acd.Prompt{ID: id}
	}
	return acd.AskSay{Prompts: prompts, BargeIn: bargeIn}
}

// leave says last words and ends the call.
func (w *walk) leave(bye acd.AskHangup, words ...string) []acd.Ask {
	w.mode, w.bye, w.last = farewell, bye, say(false, words...).Prompts
	return []acd.Ask{acd.AskSay{Prompts: w.last}}
}

func (w *walk) hangup(bye acd.AskHangup) []acd.Ask {
	w.mode = over
	return []acd.Ask{bye}
}
