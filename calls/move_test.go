package calls

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

// TestMoveOfAWaitingCaller: a supervisor moves who waits, with his age and points; a move that cannot be
// made changes nothing for the caller.
func TestMoveOfAWaitingCaller(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		w.give(evBegin{})
		move := func(to string) error {
			reply := make(chan error, 1)
			w.give(evTransfer{TransferRequest{Kind: TransferQueue, To: to, By: "chef"}, reply})
			return <-reply
		}
		if err := move("9"); !errors.Is(err, ErrNotTalking) {
			rt.Fatalf("out of a menu: %v", err)
		}
		w.give(evKey{"caller", '1'}) // the script asks for its queue
		w.settle()
		before := w.m.legImage()
		if before.State != acd.LegQueued || before.Queue != "rdv" {
			rt.Fatalf("not queued: %+v", before)
		}
		w.now = w.now.Add(10 * time.Second)
		w.unstaffed = true
		for to, want := range map[string]error{"9": ErrUnstaffed, "4004": ErrUnknownTarget, "?": ErrUnknownTarget} {
			if err := move(to); !errors.Is(err, want) {
				rt.Fatalf("to %s: %v, want %v", to, err, want)
			}
		}
		if l := w.m.legImage(); l.Rev != before.Rev || w.m.phase != inQueue || w.m.deadlines[tMaxWait] != before.Due {
			rt.Fatalf("a refused move changed %+v to %+v", before, l)
		}
		w.unstaffed = false
		if err := move("9"); err != nil {
			rt.Fatal(err)
		}
		w.settle()
		l := w.m.legImage()
		if l.Queue != "autre" || l.FirstQueue != "rdv" || l.Enqueued != before.Enqueued || l.Points != before.Points || l.Reason != before.Reason ||
			w.m.phase != inQueue || w.m.deadlines[tMaxWait] != before.Enqueued.Add(time.Minute) {
			rt.Fatalf("moved: %+v, was %+v", l, before)
		}
		if w.by != "chef" {
			rt.Fatalf("moved by %q", w.by)
		}
		w.claim() // an agent is found before the next wish is read
		if err := move("9"); !errors.Is(err, ErrNotTalking) {
			rt.Fatalf("while his phone is about to ring: %v", err)
		}
	})
}

// TestLimitsAreForWhoHasNotWaited: the limits of a queue are asked for a caller's first place, and not
// again when he changes the queue.
func TestLimitsAreForWhoHasNotWaited(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		for _, why := range []acd.Refusal{acd.RefusedFull, acd.RefusedRatio, acd.RefusedUnstaffed} {
			w := newWorld(rt)
			w.refuses = why
			w.give(evBegin{})
			w.give(evKey{"caller", '1'})
			w.settle()
			if l := w.m.legImage(); l.End == nil || l.End.Outcome != acd.Dissuaded || l.End.Reason != string(why) || !l.Enqueued.Never() {
				rt.Fatalf("refused for %s: %+v", why, l)
			}
		}
		w := newWorld(rt)
		w.give(evBegin{})
		w.give(evKey{"caller", '1'})
		w.settle()
		w.refuses = acd.RefusedFull
		w.give(evKey{"caller", '0'})
		w.settle()
		if l := w.m.legImage(); l.State != acd.LegQueued || l.Queue != "accueil" {
			rt.Fatalf("who has waited is refused: %+v", l)
		}
	})
}
