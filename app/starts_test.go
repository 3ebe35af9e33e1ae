package app

import (
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// TestCrashLoopIsTold: five processes that die within a minute are a loop, told at the start and by the
// doctor for a while; starts over days, and those that stopped in good order, are none.
func TestCrashLoopIsTold(t *testing.T) {
	t.Parallel()
	now := time.Now()
	every := func(d time.Duration, n int, last time.Duration) (s starts) {
		for i := range n {
			s = append(s, now.Add(-last-time.Duration(n-1-i)*d))
		}
		return s
	}
	for name, c := range map[string]struct {
		s    starts
		seen time.Duration
		want int
	}{
		"none":                    {nil, 0, 0},
		"four":                    {every(time.Second, 4, 0), 0, 0},
		"five at once":            {every(time.Second, 5, 0), 0, 5},
		"five over days":          {every(24*time.Hour, 5, 0), 0, 0},
		"nine, the doctor":        {every(time.Second, 9, 5*time.Minute), loopSeen, 9},
		"nine, long ago":          {every(time.Second, 9, time.Hour), loopSeen, 0},
		"the start after nine":    {append(every(time.Second, 9, time.Hour), now), 0, 0},
		"a good one since a loop": {append(every(time.Second, 9, 5*time.Minute), now), loopSeen, 10},
	} {
		if got := c.s.loop(now, c.seen); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	dir := t.TempDir()
	core, seen := observer.New(zapcore.ErrorLevel)
	log := zap.New(core)
	for range 10 {
		noteStart(dir, log)()
	}
	for range 4 {
		noteStart(dir, log)
	}
	if seen.Len() != 0 {
		t.Fatalf("told too early: %v", seen.All())
	}
	stopped := noteStart(dir, log)
	if seen.Len() != 1 {
		t.Error("a loop is not told")
	}
	stopped()
	if n := len(readStarts(dir)); n != 4 {
		t.Errorf("%d starts are kept", n)
	}
}
