package ivr

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"accueil/acd"
	"accueil/diag"
)

// maxStates bounds Prove: a scenario of 500 nodes has far fewer states.
const maxStates = 100_000

// maxRefused is how many queues that refused the call a state of Prove remembers, the latest ones.
const maxRefused = 2

// patience is how many answers a silent caller may need to reach a place, an extension or the end.
const patience = 100

// Prove walks every scenario of an entry through every state that any input can lead to, open and
// closed, and checks what DESIGN §7.1 promises:
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
		for _, open := range []bool{true, false} {
			w := newWalk(p, p.scenarios[id], p.site.defaultLang())
			w.forced = &open
			if err := explore(w); err != nil {
				findings = append(findings, diag.Finding{File: string(id), Message: err.Error()})
				break
			}
		}
	}
	return findings
}

// instantOf is any instant: the timetables are forced.
var instantOf = time.Unix(0, 0)

// inputs lists everything that a walk can hear; what cannot happen in its mode must do no harm.
var inputs = func() (in []acd.Heard) {
	for _, k := range []byte("0123456789*#") {
		in = append(in, acd.HeardKey{Key: k})
	}
	for _, r := range []acd.Refusal{acd.RefusedFull, acd.RefusedUnstaffed, acd.RefusedMaxWait, acd.RefusedClosed, acd.RefusedStore} {
		in = append(in, acd.HeardRefused{Why: r})
	}
	return append(in, acd.HeardStart{}, acd.HeardSaid{}, acd.HeardSilence{}, acd.HeardElapsed{}, acd.HeardQueued{},
		acd.HeardTransfer{Ending: acd.NoAnswer}, acd.HeardTransfer{Ending: acd.Busy}, acd.HeardFault{}, acd.HeardGone{})
}()

func explore(start *walk) error {
	seen := map[state]bool{start.state(): true}
	todo := []step{{walk: start}}
	var next *walk // where the next answer is tried; kept when it leads to a new state
	for len(todo) > 0 {
		w := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if err := w.keepsPromises(); err != nil {
			return fmt.Errorf("after %v: %w", w.trail(), err)
		}
		for _, in := range inputs {
			if next == nil {
				next = new(walk)
			}
			*next = *w.walk
			next.path = nil // all else that a walk appends to, it copies first
			next.Handle(in, instantOf)
			next.typed = next.typed[:min(len(next.typed), 1)] // more keys only repeat the argument
			// So do more refusals: one that is forgotten is asked again, which only adds ways. All subsets
			// of a hospital's queues would be too many states.
			next.refused = next.refused[max(0, len(next.refused)-maxRefused):]
			if key := next.state(); !seen[key] {
				if seen[key] = true; len(seen) > maxStates {
					return fmt.Errorf("more than %d states", maxStates)
				}
				todo = append(todo, step{next, &w})
				next = nil
			}
		}
	}
	return nil
}

func (w *walk) keepsPromises() error {
	if w.mode == over {
		return nil
	}
	if w.mode != fresh {
		asks := w.clone().Handle(acd.HeardKey{Key: '9'}, instantOf)
		if !slices.ContainsFunc(asks, isInstruction) {
			return fmt.Errorf("key 9 does not read the emergency instruction")
		}
	}
	for name, answer := range map[string]func(*walk) acd.Heard{"queues take calls": granted, "queues refuse": refusing, "speech fails": failing} {
		if err := w.clone().arrives(answer); err != nil {
			return fmt.Errorf("when %s: %w", name, err)
		}
	}
	return nil
}

func isInstruction(a acd.Ask) bool {
	s, ok := a.(acd.AskSay)
	return ok && len(s.Prompts) > 0 && s.Prompts[0].ID == "sys.emergency_instruction"
}

// arrives plays a caller who does nothing.
func (w *walk) arrives(answer func(*walk) acd.Heard) error {
	for range patience {
		if w.mode == over || w.mode == waiting {
			return nil
		}
		w.Handle(answer(w), instantOf)
	}
	return fmt.Errorf("a caller who does nothing is left at %q", w.Node())
}

// granted is a world in which everything works; an extension that rings is not answered.
func granted(w *walk) acd.Heard {
	switch w.mode {
	case fresh:
		return acd.HeardStart{}
	case choosing:
		if w.deaf {
			return acd.HeardSaid{}
		}
		return acd.HeardSilence{}
	case emergency:
		return acd.HeardSilence{}
	case queuing, moving:
		return acd.HeardQueued{}
	case ringing:
		return acd.HeardTransfer{Ending: acd.NoAnswer}
	}
	return acd.HeardSaid{}
}

// refusing is a world in which no queue takes a call.
func refusing(w *walk) acd.Heard {
	if w.mode == queuing || w.mode == moving {
		return acd.HeardRefused{Why: acd.RefusedFull}
	}
	return granted(w)
}

// failing is a world in which nothing can be said.
func failing(w *walk) acd.Heard {
	if w.mode == fresh {
		return acd.HeardStart{}
	}
	return acd.HeardFault{}
}

func (w *walk) clone() *walk {
	c := *w
	c.typed, c.path, c.refused = slices.Clone(w.typed), slices.Clip(w.path), slices.Clip(w.refused)
	return &c
}

// step is one state on the way through all of them. Its walk keeps only the path from the step
// before: a start must not copy the long ways to some hundred thousand states (callers wait for it).
type step struct {
	*walk
	before *step
}

// trail is the whole path to the step.
func (s *step) trail() []string {
	if s.before == nil {
		return s.path
	}
	return append(s.before.trail(), s.path...)
}

// state names everything that the next answers depend on, and nothing that only the past left behind:
// that keeps the states few.
type state struct {
	mode, was            mode
	lang                 acd.Lang
	closed, deaf         bool
	faults               int
	silences, mistakes   int
	node, typed, refused string
	queue                acd.AskQueue
	wait, message        string
	spill                acd.Refusal
	last                 string
	bye                  acd.AskHangup
}

func (w *walk) state() state {
	m, s := w.mode, state{mode: w.mode, lang: w.lang, closed: w.closed, faults: min(w.faults, maxFaults)}
	if m == emergency {
		m = w.was
		s.was, s.silences = w.was, w.silences
	}
	if len(w.refused) > 0 {
		refused := slices.Clone(w.refused)
		slices.Sort(refused)
		for _, q := range refused {
			s.refused += string(q) + " "
		}
	}
	switch m {
	case greeting:
		s.typed = string(w.typed)
	case saying:
		s.node, s.typed = w.node, string(w.typed)
	case choosing:
		s.node, s.typed, s.silences, s.mistakes, s.deaf = w.node, string(w.typed), w.silences, w.mistakes, w.deaf
	case queuing:
		s.queue, s.typed = w.queue, string(w.typed)
	case waiting, moving:
		s.queue, s.wait, s.message = w.queue, w.wait, w.message
	case ringing:
		s.node, s.spill, s.queue = w.node, w.spill, w.queue
	case farewell:
		for _, p := range w.last {
			s.last += p.ID + " "
		}
		s.bye = w.bye
	}
	return s
}
