package calls

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

// hourly are rules under which people may be called in the first part of each hour, between two instants
// not at all.
func hourly(part time.Duration, shut, opens acd.Instant) func(acd.Instant) acd.Instant {
	return func(at acd.Instant) acd.Instant {
		if at >= shut && at < opens {
			at = opens
		}
		hour := at - at%acd.Instant(time.Hour.Milliseconds())
		if at.Sub(hour) < part {
			return at
		}
		if next := hour.Add(time.Hour); next < shut || next >= opens {
			return next
		}
		return opens
	}
}

// Whenever a callback is promised or tried in vain, its next attempt falls into the hours at which people
// may be called, and it is kept until then and longer. Rules that never open let it be seen, not made.
func TestEachAttemptFallsIntoTheHours(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		minutes := func(name string, most int) time.Duration {
			return time.Duration(rapid.IntRange(1, most).Draw(rt, name)) * time.Minute
		}
		w := owing(rt, Callbacks{Attempts: rapid.IntRange(2, 4).Draw(rt, "attempts"), Gap: minutes("gap", 300), Keep: minutes("keep", 3000), Ring: 20 * time.Second})
		shut := w.now.Add(minutes("closes in", 600))
		shut -= shut % acd.Instant(time.Hour.Milliseconds())
		opens := shut + acd.Instant(time.Hour.Milliseconds()*rapid.Int64Range(1, 900).Draw(rt, "closed for"))
		w.rules.Open = hourly(minutes("open for", 59), shut, opens)
		c := w.rules.owed(w.now)
		if c.NotBefore != w.rules.Open(w.now) || c.Until < w.now.Add(w.rules.Keep) || c.Until.Sub(c.NotBefore) < time.Hour {
			rt.Fatalf("promised at %d: %+v", w.now, c)
		}
		person := calledBack(rt, w)
		w.kill(person, evGone{Channel: person, Ending: acd.Busy})
		w.settle()
		w.said()
		w.pass(time.Minute)
		l, _ := w.view.Leg(w.m.leg)
		tried := l.Callback.Attempts[0].At
		if next := tried.Add(w.rules.Gap); l.Live() && (l.Callback.NotBefore < next || l.Callback.NotBefore != w.rules.Open(l.Callback.NotBefore)) {
			rt.Fatalf("tried at %d, then not before %d, which would be called from %d", tried, l.Callback.NotBefore, w.rules.Open(l.Callback.NotBefore))
		}
		w.rules.Open = func(acd.Instant) acd.Instant { return 0 }
		if c := w.rules.owed(w.now); c.NotBefore < w.now.Add(w.rules.Keep) || c.Until <= c.NotBefore {
			rt.Fatalf("nobody may ever be called, and it is made: %+v", c)
		}
	})
}

// Rules that are changed so that nobody may be called any more: an offer that comes all the same is given
// back, and nobody is rung.
func TestNobodyIsCalledByRulesThatNeverOpen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := owing(rt, Callbacks{Attempts: 2, Gap: time.Minute, Keep: time.Hour, Ring: 20 * time.Second})
		w.rules.Open = func(acd.Instant) acd.Instant { return 0 }
		w.claim()
		w.settle()
		l, _ := w.view.Leg(w.m.leg)
		if len(w.ours()) > 0 || l.State != acd.LegCallback || l.Callback.NotBefore != l.Callback.Until {
			rt.Fatalf("%v are rung: %s, %+v", w.ours(), l.State, l.Callback)
		}
	})
}
