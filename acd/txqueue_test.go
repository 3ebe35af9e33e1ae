package acd

import (
	"errors"
	"testing"
	"time"
)

func TestPushAndPull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queued("c1/1")
	push := func(tx *Tx) error { return tx.Push("c1/1", "a01", 30*time.Second, "chief") }
	var illegal ErrIllegal
	if _, err := w.try(KindPushed, false, func(tx *Tx) error { return tx.Push("c1/1", "nobody", time.Second, "chief") }); !errors.As(err, &illegal) || illegal.What != "agent" {
		t.Fatalf("to nobody: %v", err)
	}
	w.fact(KindLogin, func(tx *Tx) error { return tx.Login("a01", "p01", "n1") })
	w.claim("c1/1", "a01")
	if _, err := w.try(KindPushed, false, push); !errors.As(err, &illegal) || illegal.What != "leg" {
		t.Fatalf("while it rings: %v", err)
	}
	w.fact(KindOfferEnded, func(tx *Tx) error { return tx.EndOffer("c1/1", OfferResult{Ending: NoAnswer}) })
	w.pass(time.Second)
	c, err := w.try(KindPushed, false, push)
	l := w.leg("c1/1")
	if err != nil || !l.Named() || l.Preferred != "a01" || l.HoldUntil != w.now.Add(30*time.Second) || l.ExcludedAgent("a01", w.now) || c.Entry.By != "chief" {
		t.Fatalf("pushed: %+v, %v", l, err)
	}
	if _, err := w.try(KindPushed, false, func(tx *Tx) error { return tx.Push("c1/1", "a01", time.Second, "a01") }); err != nil || w.leg("c1/1").PushedBy != "a01" {
		t.Fatalf("pulled: %+v, %v", w.leg("c1/1"), err)
	}
	for state, c := range map[AgentState]struct {
		leg   LegID
		leave func(*Tx) error
	}{
		AgentPaused:  {"p1/1", func(tx *Tx) error { return tx.Pause("a01", "pause_1") }},
		AgentOffline: {"p2/1", func(tx *Tx) error { return tx.Logout("a01") }},
	} {
		refused := func(when string) {
			t.Helper()
			if _, err := w.try(KindPushed, false, push); !errors.As(err, &illegal) || illegal.What != "agent" || illegal.State != string(state) {
				t.Errorf("to one who %s %s: %v", when, state, err)
			}
		}
		login := func(tx *Tx) error { return tx.Login("a01", "p01", "n1") }
		w.fact(KindAgentState, c.leave)
		refused("is")
		w.fact(KindLogin, login)
		w.queued(c.leg)
		w.claim(c.leg, "a01")
		w.fact(KindAgentState, c.leave)
		refused("will then be")
		w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg(c.leg, End{Outcome: Abandoned}) })
		w.fact(KindLogin, login)
	}
	w.fact(KindMoved, func(tx *Tx) error { return tx.Enqueue("c1/1", Queueing{Queue: "other"}) })
	if w.leg("c1/1").Named() {
		t.Error("a push outlives the queue")
	}
}

func TestPauseOfAQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pause := func(on bool) Change {
		c, err := w.try(KindQueuePause, false, func(tx *Tx) error { tx.PauseQueue("rdv", on, "briefing", "chief"); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := pause(true); !w.view.QueuePaused("rdv") || w.view.QueuePaused("x") || len(c.Entry.Closures) != 1 || c.Entry.By != "chief" {
		t.Errorf("paused: %+v", c.Entry)
	} else if q, ok := c.Entry.Closures[0].Queue(); !ok || q != "rdv" || c.Entry.Closures[0].Reason != "briefing" {
		t.Errorf("is the pause of %q: %+v", q, c.Entry.Closures[0])
	}
	if c := pause(true); len(c.Entry.Closures) != 0 {
		t.Error("paused twice")
	}
	if pause(false); w.view.QueuePaused("rdv") {
		t.Error("still paused")
	}
	if _, ok := (Closure{Entry: "3000"}).Queue(); ok {
		t.Error("an entry is taken for a queue")
	}
}
