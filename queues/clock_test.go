package queues

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"accueil/acd"
)

// heard lets the clock hear Redis's now.
func heard(c *clock, at time.Time, kept time.Duration) (time.Duration, bool) {
	now := time.Now()
	return c.hear(reading{at, kept, now, now})
}

// TestClockDoesNotLeap: whatever Redis's clock does, the site's goes on as the time does.
func TestClockDoesNotLeap(t *testing.T) {
	t.Parallel()
	const near = 500 * time.Millisecond
	for name, by := range map[string]time.Duration{"an hour on": time.Hour, "an hour back": -time.Hour, "three seconds back": -3 * time.Second} {
		c := newClock()
		heard(c, time.Now(), 0)
		before := c.now()
		kept, leapt := heard(c, time.Now().Add(by), 0)
		if passed := c.now().Sub(before); !leapt || (kept+by).Abs() > near || passed < 0 || passed > near {
			t.Errorf("%s: %v passed, kept %v", name, passed, kept)
		}
		if again, leapt := heard(c, time.Now().Add(by), kept); leapt || again != kept {
			t.Errorf("%s: leapt once more, kept %v", name, again)
		}
		// The next process goes on from what the data set keeps.
		next := newClock()
		heard(next, time.Now().Add(by), kept)
		if ahead := next.now().Sub(before); ahead.Abs() > near {
			t.Errorf("%s: the next process is %v away", name, ahead)
		}
	}
	c := newClock()
	heard(c, time.Now(), 0)
	if kept, leapt := heard(c, time.Now().Add(300*time.Millisecond), 0); leapt || kept != 0 {
		t.Errorf("what a clock drifts is no leap: %v", kept)
	}
}

// TestClockOfAnEarlierProcess: time does not begin anew before what the node remembers.
func TestClockOfAnEarlierProcess(t *testing.T) {
	t.Parallel()
	past := acd.At(time.Now().Add(time.Hour))
	c := newClock()
	c.reached(past)
	c.now() // nobody counts on this
	if kept, leapt := heard(c, time.Now(), 0); !leapt || c.now().Sub(past).Abs() > time.Second || kept < 59*time.Minute {
		t.Errorf("%v away, kept %v", c.now().Sub(past), kept)
	}
	alone := newClock()
	alone.reached(past)
	alone.rely()
	if d := alone.now().Sub(past).Abs(); d > time.Second {
		t.Errorf("without Redis it is %v away", d)
	}
}

func TestYield(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kept  time.Duration
		quiet bool
		want  time.Duration
	}{
		{-time.Hour, true, 0},
		{time.Hour, true, time.Hour - 5*time.Second},
		{time.Hour, false, time.Hour - 100*time.Millisecond},
		{-time.Hour, false, -time.Hour + 100*time.Millisecond},
		{50 * time.Millisecond, false, 0},
		{-50 * time.Millisecond, false, 0},
		{0, false, 0},
	} {
		if got := yield(c.kept, 10*time.Second, c.quiet); got != c.want {
			t.Errorf("%v, quiet %t: %v, want %v", c.kept, c.quiet, got, c.want)
		}
	}
}

// TestRedisClockLeaps: with a caller waiting and an agent after a call, Redis's clock is put forward and
// back. Ages go on, the after-call work ends when it is due and not before, the lead stays, and the next
// process finds the same ages. Redis's own clock cannot be moved here: the store in this process can,
// and runs the same scripts.
func TestRedisClockLeaps(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]time.Duration{"an hour on": time.Hour, "an hour back": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t, Options{Site: "holder", NoCampaign: true}) // keeps the store for the site's processes
			server := store.embedded.server
			leaps := func() { server.SetTime(time.Now().Add(by)) } // and stands still
			o := Options{Addresses: []string{store.embedded.addr()}, SpoolDir: t.TempDir()}
			b := open(t, o)
			l := lead(t, b)
			login(t, b, "a01", "101")
			served, waits := contact(1), contact(2)
			for _, id := range []acd.LegID{served, waits} {
				arrive(t, b, id)
				_, err := enqueue(b, id, acd.Queueing{Queue: "rdv", Wrapup: time.Second})
				must(t, err)
			}
			_, err := claim(b, served, "a01", l)
			must(t, err)
			must(t, b.Record(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(served) }))
			must(t, b.Record(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(served) }))
			must(t, b.Record(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(served, acd.End{Outcome: acd.Answered, By: acd.ByCaller}) }))
			must(t, b.Flush(t.Context()))
			a, _ := b.Agent("a01")
			leg, _ := b.Leg(waits)
			back := func() error {
				_, err := b.Decide(t.Context(), acd.KindWrapupEnded, func(tx *acd.Tx) error { return tx.EndWrapup("a01", true) })
				return err
			}

			leaps()
			must(t, b.measureTime(t.Context()))
			if f := b.Health().Findings; !slices.ContainsFunc(f, func(s string) bool { return strings.Contains(s, "1h0m0s") }) {
				t.Errorf("nobody is told: %q", f)
			}
			if looked, err := Inspect(t.Context(), b.opts); err != nil || len(looked.Findings) == 0 || !strings.Contains(looked.Findings[len(looked.Findings)-1], "1h0m0s") {
				t.Errorf("the doctor is not told: %q, %v", looked.Findings, err)
			}
			if age := b.Now().Sub(leg.Enqueued); age < 0 || age > time.Minute {
				t.Errorf("the caller is said to wait for %v", age)
			}
			if err := back(); b.Now() < a.Due && !errors.Is(err, acd.ErrEarly) {
				t.Errorf("after-call work of a second ends at once: %v", err)
			}
			await(t, "the end of the after-call work", func() bool { return b.Now() >= a.Due })
			leaps()
			must(t, back())
			leaps()
			lead(t, b)
			must(t, b.Close())

			// A lead that died before the clock was put back leads no longer than its lease.
			server.HSet(b.keys.lead(), "holder", "gone", "deadline", strconv.FormatInt(time.Now().Add(by+time.Hour).UnixMilli(), 10))
			leaps()
			next := open(t, o)
			same, _ := next.Leg(waits)
			if age := next.Now().Sub(same.Enqueued); same.Enqueued != leg.Enqueued || age < 0 || age > time.Minute {
				t.Errorf("the next process says that the caller waits for %v", age)
			}
			lead(t, next)
		})
	}
}
