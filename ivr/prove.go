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
	seen := map[string]bool{start.state(): true}
	todo := []*walk{start}
	for len(todo) > 0 {
		w := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if err := w.keepsPromises(); err != nil {
			return fmt.Errorf("after %v: %w", w.path, err)
		}
		for _, in := range inputs {
			next := w.clone()
			next.Handle(in, instantOf)
			next.typed = next.typed[:min(len(next.typed), 1)] // more keys only repeat the argument
			if key := next.state(); !seen[key] {
				if seen[key] = true; len(seen) > maxStates {
					return fmt.Errorf("more than %d states", maxStates)
				}
				todo = append(todo, next)
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
	c.typed, c.path, c.refused = slices.Clone(w.typed), slices.Clone(w.path), slices.Clone(w.refused)
	return &c
}

// state names everything that the next answers depend on, and nothing that only the past left behind:
// that keeps the states few.
func (w *walk) state() string {
	m, out := w.mode, []any{w.mode, w.lang, w.closed, min(w.faults, maxFaults)}
	if m == emergency {
		m = w.was
		out = append(out, w.was, w.silences)
	}
	refused := slices.Clone(w.refused)
	slices.Sort(refused)
	out = append(out, refused)
	switch m {
	case greeting:
		out = append(out, string(w.typed))
	case saying:
		out = append(out, w.node, string(w.typed))
	case choosing:
		out = append(out, w.node, string(w.typed), w.silences, w.mistakes, w.deaf)
	case queuing:
		out = append(out, w.queue, string(w.typed))
	case waiting, moving:
		out = append(out, w.queue, w.wait, w.message)
	case ringing:
		out = append(out, w.node, w.spill, w.queue)
	case farewell:
		out = append(out, w.last, w.bye)
	}
	return fmt.Sprint(out...)
}
