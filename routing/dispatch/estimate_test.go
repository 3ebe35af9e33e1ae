package dispatch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/dispatch"
)

// Twelve conversations of 100 s by four agents, then six callers more than they can take: the sixth
// waits 6 × 100 / 4 s. A dispatcher that starts then says the same, taught by the log of the hour.
func TestEstimate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		var entries []acd.Entry
		_, stop := m.Follow(func(es []acd.Entry) { entries = append(entries, es...) })
		defer stop()
		d := start(t, m, routing.Step{})
		m.login(t, "a01", "a02", "a03", "a04")
		var talking []acd.LegID
		n := 0
		take := func() {
			talking = nil
			for range 4 {
				n++
				talking = append(talking, m.call(t, n))
				synctest.Wait()
			}
			for _, leg := range talking {
				m.fact(t, acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(leg) })
				m.fact(t, acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(leg) })
			}
		}
		for range 3 {
			take()
			time.Sleep(100 * time.Second)
			if e, ok := d.Estimate(talking[0]); ok {
				t.Errorf("of one who talks: %+v", e)
			}
			for _, leg := range talking {
				m.fact(t, acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(leg, acd.End{Outcome: acd.Answered}) })
			}
			synctest.Wait()
		}
		take()
		var last acd.LegID
		for range 6 {
			n++
			last = m.call(t, n)
			time.Sleep(time.Millisecond)
		}
		synctest.Wait()
		e, ok := d.Estimate(last)
		if !ok || e.Place != 6 || e.Agents != 4 || e.Wait != 150*time.Second || e.Minutes() != 3 {
			t.Errorf("%+v, %t", e, ok)
		}

		var hour routing.LastHour
		for _, entry := range entries {
			hour.Apply(entry)
		}
		late, err := dispatch.Start(dispatch.Options{Rules: rules(routing.Step{}), Log: m, Hour: &hour})
		if err != nil {
			t.Fatal(err)
		}
		defer late.Stop()
		if again, ok := late.Estimate(last); !ok || again != e {
			t.Errorf("after a restart %+v, %t; before %+v", again, ok, e)
		}
		ignorant := start(t, m, routing.Step{})
		if e, ok := ignorant.Estimate(last); ok {
			t.Errorf("who knows nothing of the last hour says %+v", e)
		}
	})
}
