package app

import (
	"testing"
	"time"

	"accueil/acd"
)

// Who talks about something else than his callback was for is still called back.
func TestAnotherConcernLeavesTheCallback(t *testing.T) {
	t.Parallel()
	back := acd.Leg{Queue: "imagerie"}
	for _, c := range []struct {
		answered acd.Leg
		want     bool
	}{
		{acd.Leg{Queue: "imagerie", FirstQueue: "imagerie"}, true},
		{acd.Leg{Queue: "accueil", FirstQueue: "imagerie"}, true},
		{acd.Leg{Queue: "admission", FirstQueue: "admission"}, false},
		{acd.Leg{}, false},
	} {
		if got := serves(c.answered, back); got != c.want {
			t.Errorf("answered in %q, first in %q: %t", c.answered.Queue, c.answered.FirstQueue, got)
		}
	}
}

// Whose number nobody can tell yet is asked for again, until it is known, or until it does not matter.
func TestWhoIsOwedACallbackIsAskedForAgain(t *testing.T) {
	t.Parallel()
	now := acd.Instant(1_000_000)
	back := acd.Leg{ID: "c1/2", State: acd.LegCallback, Queue: "rdv", Callback: &acd.Callback{Until: now.Add(time.Hour)}}
	ended := back
	ended.State, ended.End = acd.LegEnded, &acd.End{Outcome: acd.CalledBack}
	for name, c := range map[string]struct {
		then    func(*past)
		unknown int
		known   bool
	}{
		"nobody could tell": {func(*past) {}, 1, false},
		"the database does": {func(p *past) { p.note("ref", back) }, 0, true},
		"he has no number":  {func(p *past) { p.note("", back) }, 0, false},
		"he is called":      {func(p *past) { p.settle(ended) }, 0, false},
		"it is over, and known late": {func(p *past) {
			p.settle(ended)
			p.later(ended)
		}, 0, false},
	} {
		p := newPast()
		p.later(back)
		c.then(p)
		if got := len(p.unknown()); got != c.unknown {
			t.Errorf("%s: %d are asked for", name, got)
		}
		if got := p.of("ref", now).Callback != ""; got != c.known {
			t.Errorf("%s: known again: %t", name, got)
		}
		if p.of("", now).Callback != "" {
			t.Errorf("%s: a caller without a number is taken for him", name)
		}
	}
}
