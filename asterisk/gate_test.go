package asterisk

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// opened is a gate as a proven connection leaves it, with its watch running.
func opened(t *testing.T) *gate {
	t.Helper()
	g := newGate()
	if !g.open(g.doubtNumber()) {
		t.Fatal("a fresh gate does not open")
	}
	return g
}

// passes tells what a command meets that can wait for limit.
func passes(g *gate, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return g.pass(ctx)
}

func TestGateWaitsForTheConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		if err := passes(g, time.Millisecond); !errors.Is(err, ErrNotConnected) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("before the connect: %v", err)
		}
		waiting := make(chan error)
		go func() { waiting <- passes(g, 400*time.Millisecond) }()
		synctest.Wait()
		if !g.open(g.doubtNumber()) {
			t.Fatal("does not open")
		}
		if err := <-waiting; err != nil {
			t.Errorf("a command that waited: %v", err)
		}
		g.shut()
		if err := passes(g, time.Millisecond); !errors.Is(err, ErrNotConnected) {
			t.Errorf("after the loss: %v", err)
		}
	})
}

// TestGateAfterStall has no watch, as when the woken command runs first.
func TestGateAfterStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := opened(t)
		time.Sleep(stallAfter)
		if err := passes(g, time.Millisecond); err != nil {
			t.Errorf("within the allowed gap: %v", err)
		}
		time.Sleep(stallAfter + 1)
		if err := passes(g, time.Millisecond); !errors.Is(err, ErrNotConnected) {
			t.Errorf("after a stall: %v", err)
		}
		select {
		case <-g.doubt:
		default:
			t.Error("nobody was asked for a proof")
		}
		if !g.open(g.doubtNumber()) {
			t.Error("a proof after the stall does not open")
		}
		if err := passes(g, time.Millisecond); err != nil {
			t.Errorf("after the proof: %v", err)
		}
	})
}

// TestGateOldProof: a proof that was on its way when the process stopped is none.
func TestGateOldProof(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := opened(t)
		before := g.doubtNumber()
		time.Sleep(time.Minute)
		if g.open(before) {
			t.Error("a proof from before the stall opens the gate")
		}
		if err := passes(g, time.Millisecond); !errors.Is(err, ErrNotConnected) {
			t.Errorf("a command passes: %v", err)
		}
	})
}

func TestGateFenceIsFinal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := opened(t)
		g.shut()
		waiting := make(chan error)
		go func() { waiting <- passes(g, time.Second) }()
		synctest.Wait()
		g.fence()
		g.fence()
		if err := <-waiting; !errors.Is(err, ErrFenced) {
			t.Errorf("a waiting command: %v", err)
		}
		if g.open(g.doubtNumber()) {
			t.Error("a fenced gate opens")
		}
		g.shut()
		if err := passes(g, time.Second); !errors.Is(err, ErrFenced) {
			t.Errorf("a later command: %v", err)
		}
		<-g.fenced
	})
}

func TestGateWatchKeepsBeating(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := opened(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go g.watch(ctx)
		time.Sleep(time.Hour) // a quiet night
		if err := passes(g, time.Millisecond); err != nil {
			t.Errorf("after an idle hour: %v", err)
		}
	})
}

func TestQueueHoldsUnreconciledGenerations(t *testing.T) {
	t.Parallel()
	event := func(generation uint64, id string) Event {
		return &StasisEnd{EventData: EventData{Type: "StasisEnd", generation: generation}, Channel: Channel{ID: id}}
	}
	ids := func(events []Event) (all string) {
		for _, e := range events {
			all += e.ChannelIDs()[0]
		}
		return all
	}
	q := newEventQueue()
	for _, e := range []Event{event(1, "a"), event(1, "b"), event(2, "c"), event(3, "d")} {
		if err := q.put(e); err != nil {
			t.Fatal(err)
		}
	}
	if got := ids(q.ready()); got != "" {
		t.Errorf("before any reconcile: %q", got)
	}
	q.release(1)
	if got := ids(q.take(t.Context())); got != "ab" {
		t.Errorf("after the first: %q", got)
	}
	q.release(3) // the second connection fell before its reconcile
	if got := ids(q.take(t.Context())); got != "cd" {
		t.Errorf("after the third: %q", got)
	}
	if now, deepest := q.depth(); now != 0 || deepest != 4 {
		t.Errorf("depth %d, deepest %d", now, deepest)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got := q.take(ended); got != nil {
		t.Errorf("after the end: %v", got)
	}
	for range maxQueued {
		if err := q.put(event(4, "e")); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.put(event(4, "f")); !errors.Is(err, errQueueFull) {
		t.Errorf("a full queue takes more: %v", err)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	b := newBackoff()
	for _, full := range []time.Duration{100, 200, 400, 800, 1600, 2000, 2000} {
		full *= time.Millisecond
		if got := b.next(); got < full/2 || got > full {
			t.Errorf("waits %v, want between %v and %v", got, full/2, full)
		}
	}
}
