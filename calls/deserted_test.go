package calls

import (
	"testing"

	"accueil/acd"
)

// Everybody goes home while a caller waits: he is told, but only when it is so for two sweeps, and not
// where his queue keeps callers without anybody at work.
func TestADesertedQueueLetsItsCallersGo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		back, keeps bool // somebody is back at the second sweep; the queue waits
		told        bool
	}{
		"everybody has left":   {told: true},
		"somebody is back":     {back: true},
		"the queue keeps them": {keeps: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{now: 1_000_000, view: acd.NewView(), unstaffed: true, keeps: c.keeps}
			leg := acd.Leg{ID: "c1/1", Rev: 1, State: acd.LegQueued, Node: "n1", Queue: "rdv", Enqueued: w.now}
			w.view.Apply(acd.Entry{Legs: []acd.Leg{leg}})
			a := &actor{m: &machine{}, mail: make(chan Event, 4)}
			ctl := &Controller{opt: Options{Node: "n1", Book: w, Plan: w, Router: w}, contacts: map[acd.ContactID]*actor{"c1": a}}
			ctl.tendDeserted()
			if len(a.mail) > 0 {
				t.Fatal("told at first sight")
			}
			w.unstaffed = !c.back
			ctl.tendDeserted()
			if told := len(a.mail) > 0; told != c.told {
				t.Errorf("told: %t", told)
			}
		})
	}
}

// What the caller hears is what his script says of a queue that gives him up; a phone that rings for him
// at this moment comes first.
func TestWhoIsToldLeavesTheQueue(t *testing.T) {
	t.Parallel()
	for _, ringing := range []bool{false, true} {
		w := &world{now: 1_000_000, view: acd.NewView(), channels: map[string]bool{"caller": true}, bridges: map[string][]string{}, playing: map[string]string{}, ended: map[acd.LegID]int{}}
		leg := acd.Leg{ID: "c1/1", Rev: 1, State: acd.LegQueued, Node: "n1", Channel: "caller", Queue: "rdv", FirstQueue: "rdv", Arrived: w.now, Enqueued: w.now}
		if ringing {
			leg.State = acd.LegOffered
		}
		w.view.Apply(acd.Entry{Legs: []acd.Leg{leg}})
		w.m = &machine{env: environment{book: w, voice: w, plan: w, desk: w, router: w, boot: "t"}, contact: "c1", leg: leg.ID, phase: inQueue,
			script: &testScript{queued: true}, lang: "fr", caller: party{id: "caller", up: true}}
		w.give(evDeserted{leg.ID, "rdv"})
		l, _ := w.view.Leg(leg.ID)
		if ringing != l.Live() {
			t.Errorf("a phone rings: %t; he is %s, %+v", ringing, l.State, l.End)
		}
		if !ringing && (l.End.Outcome != acd.Dissuaded || l.End.Reason != string(acd.RefusedUnstaffed)) {
			t.Errorf("he left as %+v", l.End)
		}
	}
}
