package ivr

import (
	"maps"
	"slices"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// maxStates bounds Prove. What it visits grows with the nodes and the queues, not with their
// combinations (see state): the largest scenario allowed has some hundred thousand.
const maxStates = 2_000_000

// patience is how many answers a silent caller may need to reach a place, an extension or the end.
const patience = 100

// Prove walks every scenario of an entry through every state that any input can lead to, with the entry
// closed by a person and not, and each of its hours nodes open, closed and, where that leads elsewhere,
// on a holiday, and checks what DESIGN §7.1 promises:
//
//   - from every state key 9 reads the emergency instruction at once;
//   - from every state a caller who does nothing reaches a place in a queue, an extension or the end
//     of the call, when queues take him, when all refuse, and when all speech fails.
//
// It returns one finding for each scenario that breaks a promise.
func (p *Program) Prove() (findings diag.Findings) {
	proved := map[acd.ScenarioID]bool{}
	for _, entry := range slices.Sorted(maps.Keys(p.site.Entries)) {
		id := p.site.Entries[entry].Scenario
		if proved[id] {
			continue
		}
		proved[id] = true
		w := newWalk(p, p.scenarios[id], nil, p.site.defaultLang())
		w.fates = new(fates)
		if err := newProof(p).prove(w); err != nil {
			findings = append(findings, p.finding(id, err))
		}
	}
	return findings
}

// instantOf is any instant: whether a timetable is open then, the proof decides.
var instantOf = acd.SceneAt(time.Unix(0, 0))

// inputs lists everything that a walk can hear; what cannot happen in its mode must do no harm.
var inputs = func() (in []acd.Heard) {
	for _, k := range []byte("0123456789*#") {
		in = append(in, acd.HeardKey{Key: k})
	}
	for _, r := range []acd.Refusal{acd.RefusedFull, acd.RefusedRatio, acd.RefusedUnstaffed, acd.RefusedMaxWait, acd.RefusedClosed, acd.RefusedStore} {
		in = append(in, acd.HeardRefused{Why: r})
	}
	return append(in, acd.HeardLookup{Outcome: acd.LookupFound}, acd.HeardLookup{Outcome: acd.LookupUnknown}, acd.HeardLookup{Outcome: acd.LookupError},
		acd.HeardSMS{Sent: true}, acd.HeardSMS{}, acd.HeardRecorded{Kept: true}, acd.HeardRecorded{}, acd.HeardRecorded{Fault: true}, acd.HeardServed{},
		acd.HeardStart{}, acd.HeardSaid{}, acd.HeardSilence{}, acd.HeardElapsed{}, acd.HeardQueued{}, acd.HeardClosing{}, acd.HeardNumberRefused{},
		acd.HeardTransfer{Ending: acd.NoAnswer}, acd.HeardTransfer{Ending: acd.Busy}, acd.HeardFault{}, acd.HeardGone{})
}()

// proof is one scenario being proved.
type proof struct {
	known map[state]*mark
	todo  []step
	every []acd.QueueID // all queues, as if each had refused the call
	spare *walk         // where the next answer is tried; replaced when it is kept
	way   []*mark       // of the last caller who did nothing
	// tooMany is a node after which more is decided in a row than can be tried; empty for none.
	tooMany string
}

// maxFates bounds what may be decided in a row without a word, mostTried in how many ways all of it
// together may turn out: each decision multiplies what is tried.
const (
	maxFates  = 10
	mostTried = 1 << maxFates
)

// mark is what is known of a state.
type mark struct {
	reached bool // and so looked at, or to be
	// left is how many answers a caller who does nothing needs from here, in each world.
	left [len(worlds)]int16
}

// Values of left that are no count.
const (
	unknown  int16 = 0
	onTheWay int16 = -1
)

func (p *proof) mark(s state) *mark {
	m := p.known[s]
	if m == nil {
		m = new(mark)
		p.known[s] = m
	}
	return m
}

func newProof(of *Program) *proof {
	return &proof{known: map[state]*mark{}, every: slices.Sorted(maps.Keys(of.site.Queues)), spare: new(walk)}
}

// prove visits every state that a call can reach from the start.
func (p *proof) prove(start *walk) error {
	p.visit(start, start.state(), nil)
	for len(p.todo) > 0 {
		s := p.todo[len(p.todo)-1]
		p.todo = p.todo[:len(p.todo)-1]
		if err := p.keepsPromises(s.walk); err != nil {
			return p.broken(&s, err)
		}
		for _, in := range inputs {
			p.try(&s, in, memory{closed: s.closed})
			// Two things that the state forgets decide where a few inputs lead: there both extremes are
			// tried, which include all between. They are who has refused the call (see fallback), and that
			// the entry was closed when it came (see greeted).
			_, refused := in.(acd.HeardRefused)
			_, begins := in.(acd.HeardStart)
			switch {
			case refused || s.mode == emergency:
				p.try(&s, in, memory{closed: s.closed, refused: p.every})
			case begins:
				p.try(&s, in, memory{closed: !s.closed})
			}
		}
		if p.tooMany != "" {
			return p.broken(&s, wording.Say("more than %d decisions follow each other without a word", maxFates))
		}
		if len(p.known) > maxStates {
			return wording.Say("more than %d states", maxStates)
		}
	}
	return nil
}

// memory is what a walk knows that its state forgets.
type memory struct {
	closed  bool
	refused []acd.QueueID
}

// try answers one input from the state.
func (p *proof) try(s *step, in acd.Heard, m memory) {
	for plan, more, tried := []int(nil), true, 0; more; tried++ {
		f := &fates{plan: plan}
		w := p.copied(s.walk)
		w.closed, w.refused, w.fates = m.closed, m.refused, f
		w.Handle(in, instantOf)
		w.typed = w.matters()
		w.refused = nil
		if key := w.state(); key != s.key && p.visit(w, key, s) {
			p.spare = new(walk)
		}
		if plan, more = f.next(); more && (len(f.order) > maxFates || tried >= mostTried) {
			p.tooMany = s.node
			return
		}
	}
}

// copied is the spare walk as the one given; all that a walk appends to but its path, it copies first.
func (p *proof) copied(w *walk) *walk {
	*p.spare = *w
	p.spare.path, p.spare.fates = nil, new(fates)
	return p.spare
}

// visit puts the walk among those to look at; false when its state was there before.
func (p *proof) visit(w *walk, key state, before *step) bool {
	m := p.mark(key)
	if m.reached {
		return false
	}
	m.reached = true
	p.todo = append(p.todo, step{w, key, before})
	// More keys than one are as one and then the next, pressed where the first has led: but during words
	// that a key typed there would answer at once, and one typed before waits for their end.
	if n := w.scenario.nodes[w.node]; w.mode == saying && key.typed == 0 && n.bargeIn && !w.skippable(n, instantOf.Now) {
		asked := *w
		asked.typed = []byte{'0'}
		p.visit(&asked, asked.state(), before)
	}
	return true
}

// keepsPromises checks what must hold from everywhere.
func (p *proof) keepsPromises(w *walk) error {
	if w.mode == over {
		return nil
	}
	if w.mode != fresh {
		c := p.copied(w)
		asks := c.Handle(acd.HeardKey{Key: '9'}, instantOf)
		if w.mode == acting && w.takes('9') { // among digits it is one: * ends them, and then it is none
			c = p.copied(w)
			c.Handle(acd.HeardKey{Key: '*'}, instantOf)
			asks = c.Handle(acd.HeardKey{Key: '9'}, instantOf)
		}
		if !slices.ContainsFunc(asks, isInstruction) {
			return wording.Say("key 9 does not read the emergency instruction")
		}
	}
	if err := p.human(w); err != nil {
		return err
	}
	for i := range worlds {
		if err := p.arrives(w, i); err != nil {
			return wording.Say("when %s: %s", worlds[i].name, err)
		}
	}
	return nil
}

// human checks that key 0 leads to the operators where a caller has a choice to make: in a menu and in
// whatever else asks him something. Digits are ended by * first, as by the caller.
func (p *proof) human(w *walk) error {
	if w.mode != choosing && w.mode != acting || w.deaf || w.afterwards() {
		return nil // after a conversation the human has been reached
	}
	n := w.scenario.nodes[w.node]
	if _, rebound := n.keys['0']; rebound {
		return nil // to somebody else, for a written reason: see graph.zero
	}
	c := p.copied(w)
	if t, ok := n.act.(taker); ok && t.takes(c, '0') {
		c.Handle(acd.HeardKey{Key: '*'}, instantOf)
		c.Handle(acd.HeardKey{Key: '0'}, instantOf)
		c.Handle(acd.HeardSilence{}, instantOf)
	} else {
		c.Handle(acd.HeardKey{Key: '0'}, instantOf)
	}
	if c.mode != queuing {
		return wording.Say("key 0 does not lead to a human")
	}
	return nil
}

func isInstruction(a acd.Ask) bool {
	s, ok := a.(acd.AskSay)
	return ok && len(s.Prompts) > 0 && s.Prompts[0].ID == "sys.emergency_instruction"
}

// arrives plays a caller who does nothing until he has arrived, or is where his fate is known already:
// so each state is left once only in each world.
func (p *proof) arrives(from *walk, world int) error {
	w := p.copied(from)
	way := p.way[:0]
	left := int16(0)
	for {
		in := worlds[world].answer(w)
		if in == nil {
			break // arrived
		}
		m := p.mark(w.state())
		if left = m.left[world]; left > unknown {
			break
		}
		if left == onTheWay {
			return wording.Say("a caller who does nothing is left at %q", w.Node())
		}
		m.left[world] = onTheWay
		way = append(way, m)
		w.Handle(in, instantOf)
		w.path = nil
	}
	for _, m := range slices.Backward(way) {
		left++
		m.left[world] = left
	}
	p.way = way
	if left > patience {
		return wording.Say("a caller who does nothing is left at %q", from.Node())
	}
	return nil
}

// worlds are what may befall a caller who does nothing. Each says what he hears next, nil when he has
// arrived.
var worlds = [...]struct {
	name   wording.Sentence
	answer func(*walk) acd.Heard
}{
	{"queues take calls", granted},
	{"queues refuse", refusing},
	{"speech fails", failing},
}

// granted is a world in which everything works; an extension that rings is not answered.
func granted(w *walk) acd.Heard {
	switch w.mode {
	case over, waiting:
		return nil
	case fresh:
		return acd.HeardStart{}
	case choosing:
		if w.deaf {
			return acd.HeardSaid{}
		}
		return acd.HeardSilence{}
	case emergency, pending:
		return acd.HeardSilence{}
	case queuing, moving:
		return acd.HeardQueued{}
	case ringing:
		return acd.HeardTransfer{Ending: acd.NoAnswer}
	case acting:
		if t, ok := w.scenario.nodes[w.node].act.(talker); ok {
			return t.awaits(w)
		}
	}
	return acd.HeardSaid{}
}

// refusing is a world in which no queue takes a call. The caller has arrived where a queue refuses
// him: what follows is a state of its own, to be looked at like all others, and it cannot go on for
// ever, because a queue that refuses the same call again ends it (see fallback).
func refusing(w *walk) acd.Heard {
	if w.mode == queuing || w.mode == moving {
		return nil
	}
	return granted(w)
}

// failing is a world in which nothing can be said.
func failing(w *walk) acd.Heard {
	switch w.mode {
	case over, waiting:
		return nil
	case fresh:
		return acd.HeardStart{}
	}
	return acd.HeardFault{}
}

// step is one state on the way through all of them. Its walk keeps only the path from the step
// before: a start must not copy the long ways to some hundred thousand states (callers wait for it).
type step struct {
	*walk
	key    state
	before *step
}

// trail is the whole path to the step.
func (s *step) trail() []string {
	if s.before == nil {
		return s.path
	}
	return append(s.before.trail(), s.path...)
}
