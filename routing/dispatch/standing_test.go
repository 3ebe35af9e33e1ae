package dispatch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"accueil/acd"
	"accueil/routing"
)

func TestStandingWaitsForThePlaceToBeKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		d := start(t, m, routing.Step{})
		m.login(t, "a01")
		synctest.Wait()
		m.call(t, 1) // takes the agent
		synctest.Wait()
		leg := m.call(t, 2)
		synctest.Wait()
		l := m.leg(leg)
		began := time.Now()
		if s := d.Standing(l); s == nil || *s != (acd.Standing{Place: 1, Wait: acd.UnknownWait}) || time.Since(began) != 0 {
			t.Errorf("%+v after %v", s, time.Since(began))
		}
		// Of a change that the dispatcher has not been told yet: it is waited for, but not for ever.
		l.Rev++
		if s := d.Standing(l); s == nil || time.Since(began) != 20*time.Millisecond {
			t.Errorf("%+v after %v", s, time.Since(began))
		}
		told := make(chan *acd.Standing)
		go func() { told <- d.Standing(l) }()
		synctest.Wait()
		began = time.Now()
		time.Sleep(5 * time.Millisecond) // of the test's own clock
		m.fact(t, acd.KindPoints, func(tx *acd.Tx) error { return tx.SetPoints(leg, 3, "sup") })
		if s := <-told; s == nil || time.Since(began) != 5*time.Millisecond {
			t.Errorf("%+v after %v", s, time.Since(began))
		}
		for _, other := range []acd.LegID{l.ID.Next()} {
			if s := d.Standing(acd.Leg{ID: other, Rev: 1}); s != nil {
				t.Errorf("of a leg that does not exist: %+v", s)
			}
		}
	})
}
