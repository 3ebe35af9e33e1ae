package agents

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"accueil/acd"
)

// running runs the desk in a bubble of its own time, with the log fed to it.
func running(t *testing.T, do func(*switchboard)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newSwitchboard(t)
		s.book.clock = func() acd.Instant { return acd.At(time.Now()) }
		s.dial("101", "*20", "sys.ready")
		s.book.feed = make(chan acd.Entry, 64)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		image := s.book.view.Image()
		go func() { defer close(done); s.Run(ctx, image, s.book.feed) }()
		do(s)
		stop()
		<-done
	})
}

func TestWrapupEndsOnceAtItsInstant(t *testing.T) {
	t.Parallel()
	running(t, func(s *switchboard) {
		s.talk("c/1", "a01")
		s.hangUp("c/1")
		due := s.state("a01", acd.AgentWrapup).Due
		time.Sleep(10*time.Second - time.Millisecond)
		synctest.Wait()
		s.state("a01", acd.AgentWrapup)
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if a := s.state("a01", acd.AgentReady); a.Since != due {
			s.t.Errorf("ended at %d, due %d", a.Since, due)
		}
		n := s.book.entries()
		time.Sleep(time.Hour)
		synctest.Wait()
		if s.book.entries() != n {
			s.t.Errorf("fired %d times more", s.book.entries()-n)
		}
	})
}

func TestWrapupEndedByHimselfOrElsewhere(t *testing.T) {
	t.Parallel()
	running(t, func(s *switchboard) {
		s.talk("c/1", "a01")
		s.hangUp("c/1")
		s.dial("101", "*23", "sys.wrapup_ended")
		n := s.book.entries()
		time.Sleep(time.Minute)
		synctest.Wait()
		if s.book.entries() != n {
			s.t.Error("the timer of after-call work that was over fired")
		}
	})
}

func TestRefusedWrapupIsTriedAgain(t *testing.T) {
	t.Parallel()
	running(t, func(s *switchboard) {
		s.talk("c/1", "a01")
		s.hangUp("c/1")
		s.book.mu.Lock()
		s.book.refuse = errAway
		s.book.mu.Unlock()
		time.Sleep(13500 * time.Millisecond)
		synctest.Wait()
		s.state("a01", acd.AgentWrapup)
		s.book.mu.Lock()
		if s.book.refused != 4 { // at 10, 11, 12 and 13 s
			s.t.Errorf("tried %d times", s.book.refused)
		}
		s.book.refuse = nil
		s.book.mu.Unlock()
		time.Sleep(time.Second)
		synctest.Wait()
		s.state("a01", acd.AgentReady)
	})
}

// A desk that starts finds the timers in the image, those overdue included.
func TestTimersSurviveARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSwitchboard(t)
		s.book.clock = func() acd.Instant { return acd.At(time.Now()) }
		s.dial("101", "*20", "sys.ready")
		s.talk("c/1", "a01")
		s.hangUp("c/1")
		time.Sleep(time.Hour)
		image := s.book.view.Image()
		entries := make(chan acd.Entry)
		done := make(chan struct{})
		go func() { defer close(done); s.Run(t.Context(), image, entries) }()
		synctest.Wait()
		s.state("a01", acd.AgentReady)
		close(entries) // the log ends: the desk stops
		<-done
	})
}

func TestUnreachableIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	running(t, func(s *switchboard) {
		s.PhoneRegistered("101", true)
		s.offer("c/1", "a01")
		s.fact(func(tx *acd.Tx) error {
			return tx.EndOffer("c/1", acd.OfferResult{Ending: acd.AgentGone, Cause: acd.UnreachablePhone})
		})
		time.Sleep(2 * lookEvery)
		synctest.Wait()
		s.state("a01", acd.AgentUnreachable) // not registered
		s.lines.mu.Lock()
		s.lines.err = errAway
		s.lines.up["101"] = true
		s.lines.mu.Unlock()
		time.Sleep(lookEvery)
		synctest.Wait()
		s.state("a01", acd.AgentUnreachable) // no answer is no proof
		s.lines.mu.Lock()
		s.lines.err = nil
		s.lines.mu.Unlock()
		time.Sleep(lookEvery)
		synctest.Wait()
		s.state("a01", acd.AgentReady)
	})
}

// Who missed too many rings comes back by himself only; an Asterisk that does not answer holds up no
// timer.
func TestLookingHoldsNothingUp(t *testing.T) {
	t.Parallel()
	running(t, func(s *switchboard) {
		s.dial("102", "*20", "sys.ready")
		s.PhoneRegistered("102", false)
		s.state("a02", acd.AgentUnreachable)
		s.lines.hang = true
		time.Sleep(4 * time.Second)
		s.talk("c/1", "a01")
		s.fact(func(tx *acd.Tx) error {
			return tx.Edit("c/1", func(l *acd.Leg) { l.Wrapup = 1500 * time.Millisecond })
		})
		s.hangUp("c/1")
		due := s.state("a01", acd.AgentWrapup).Due // while Asterisk is being asked
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		if a := s.state("a01", acd.AgentReady); a.Since != due {
			s.t.Errorf("ended %s late", a.Since.Sub(due))
		}
		s.offer("d/1", "a01")
		s.fact(func(tx *acd.Tx) error {
			return tx.EndOffer("d/1", acd.OfferResult{Ending: acd.NoAnswer, MissLimit: 1})
		})
		s.lines.mu.Lock()
		asked := s.lines.asked
		s.lines.hang, s.lines.up["101"] = false, true
		s.lines.mu.Unlock()
		if asked == 0 {
			s.t.Error("nobody was looked at")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		s.state("a01", acd.AgentUnreachable)
	})
}
