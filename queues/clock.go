package queues

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"accueil/acd"
)

// clock is the site's time: this machine's monotonic clock, which follows Redis's as measured now and
// then. It never goes back and never leaps: waits, rings and after-call work last as long as they last,
// whatever happens to the clock of a machine. A leap of Redis's clock is kept out, and how much is kept
// is noted in the data set (meta, kept), so that every node and the next process count on from the same
// time. It is given up little by little (yield), for the time of day must come right again.
type clock struct {
	mu    sync.Mutex
	base  time.Time     // of this process, with its monotonic reading
	off   time.Duration // to add to base's wall time
	last  acd.Instant
	past  acd.Instant   // that an earlier process of this node has reached
	heard bool          // somebody counts on this time
	kept  time.Duration // to add to Redis's clock
	most  time.Duration // the highest of those
}

const (
	// leap is from where on a difference is the clock's and not the measurement's.
	leap = time.Second
	// The share of the passing time by which what is kept is given up: nobody's wait is falsified by
	// more than a hundredth, and where nobody waits it matters to none.
	shareBusy, shareQuiet = 0.01, 0.5
)

func newClock() *clock { return &clock{base: time.Now()} }

func (c *clock) now() acd.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last, c.estimate(time.Now()))
	return c.last
}

func (c *clock) estimate(t time.Time) acd.Instant {
	return acd.Instant((c.base.UnixMicro() + (t.Sub(c.base) + c.off).Microseconds()) / 1000)
}

// reached tells the clock how far an earlier process of this node came.
func (c *clock) reached(at acd.Instant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = at
}

// rely begins without Redis: this machine's clock is the site's time from now on.
func (c *clock) rely() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heard {
		return
	}
	c.heard = true
	if behind := c.past.Sub(c.estimate(time.Now())); behind > leap {
		c.off += behind
	}
}

// reading is one look at Redis's clock.
type reading struct {
	at            time.Time     // what it said
	kept          time.Duration // what the data set keeps out
	before, after time.Time     // when it was asked and had answered, on this machine's clock
}

// hear takes a reading. It returns what the data set must keep from now on, and whether that is new.
func (c *clock) hear(r reading) (kept time.Duration, leapt bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	middle := r.before.Add(r.after.Sub(r.before) / 2)
	expected := c.base.Add(middle.Sub(c.base) + c.off)
	if !c.heard {
		c.heard, c.last = true, 0
		expected = r.at.Add(r.kept)
		if passed := c.past.Time(); passed.After(expected.Add(leap)) {
			expected = passed
		}
	}
	c.kept = r.kept
	if ahead := wall(r.at.Add(r.kept), expected); ahead.Abs() > leap {
		c.kept -= ahead
		leapt = true
	}
	c.most = max(c.most, c.kept)
	c.off = wall(r.at.Add(c.kept), c.base) - middle.Sub(c.base)
	return c.kept, leapt
}

// wall is the difference of two wall times, whatever the monotonic clock says.
func wall(a, b time.Time) time.Duration { return a.Round(0).Sub(b.Round(0)) }

// yield is what is left to be kept after a while, in which calls were or were not in progress: what the
// clock is behind by may be made up for at once when it matters to nobody.
func yield(kept, passed time.Duration, quiet bool) time.Duration {
	switch {
	case quiet && kept < 0:
		return 0
	case quiet:
		passed = time.Duration(float64(passed) * shareQuiet)
	default:
		passed = time.Duration(float64(passed) * shareBusy)
	}
	if kept < 0 {
		return min(0, kept+passed)
	}
	return max(0, kept-passed)
}

// shift moves the clock by what is given up on purpose, which is no leap.
func (c *clock) shift(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off += by
}

// begin lets a process that is not in use yet take Redis's clock as it is.
func (c *clock) begin(r reading) {
	c.mu.Lock()
	c.past, c.heard = 0, false
	c.mu.Unlock()
	r.kept = 0
	c.hear(r)
}

// keeps is how much the site's time is ahead of Redis's clock, and how much it ever was.
func (c *clock) keeps() (kept, most time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept, c.most
}

// keptFinding says what is kept, in a sentence; "" where nothing is.
func keptFinding(kept time.Duration) string {
	if kept.Abs() < leap {
		return ""
	}
	how := "behind"
	if kept > 0 {
		how = "ahead of"
	}
	return fmt.Sprintf("the clock of Redis has leapt: the site's time is kept %v %s it, so that no wait is falsified, and follows by itself; correct the clock of its machine if that is what is wrong", kept.Abs().Round(time.Second), how)
}

// askTime reads Redis's clock, after having the data set keep what is given there.
func (b *Book) askTime(ctx context.Context, r redis.UniversalClient, keep ...time.Duration) (reading, error) {
	var args []any
	for _, k := range keep {
		args = append(args, k.Milliseconds())
	}
	before := time.Now()
	res, err := timeScript.Run(ctx, r, []string{b.keys.meta()}, args...).Slice()
	if err != nil {
		return reading{}, fmt.Errorf("ask Redis for the time: %w", err)
	}
	a := reply{values: res}
	return reading{time.UnixMicro(a.num(0)), time.Duration(a.num(1)) * time.Millisecond, before, time.Now()}, nil
}

// followTime takes a reading and has the data set keep what it says, when that is new.
func (b *Book) followTime(ctx context.Context, r redis.UniversalClient, read reading) error {
	kept, leapt := b.clock.hear(read)
	if !leapt {
		return nil
	}
	b.metrics.leaps.Inc()
	b.log.Warn("the clock of Redis has leapt: waits and after-call work go on as if it had not", zap.Duration("kept", kept))
	_, err := b.askTime(ctx, r, kept)
	return err
}

// measureTime asks Redis three times and believes the quickest answer. The lead gives up a little of
// what is kept.
func (b *Book) measureTime(ctx context.Context) error {
	var best reading
	for i := range 3 {
		r, err := b.askTime(ctx, b.pings)
		if err != nil {
			return err
		}
		if i == 0 || r.after.Sub(r.before) < best.after.Sub(best.before) {
			best = r
		}
	}
	b.mu.Lock()
	leads, quiet := b.lead.token > 0, quietIn(b.shown.view, b.clock.now())
	b.mu.Unlock()
	if best.kept != 0 && leads {
		kept := yield(best.kept, clockEvery, quiet)
		given, err := b.askTime(ctx, b.pings, kept)
		if err != nil {
			return err
		}
		b.clock.shift(given.kept - best.kept)
		best.kept = given.kept
	}
	return b.followTime(ctx, b.pings, best)
}

// quietIn says whether nothing is in progress whose time counts.
func quietIn(v *acd.View, now acd.Instant) bool {
	for _, l := range v.Legs() {
		if l.Live() {
			return false
		}
	}
	for _, a := range v.Agents() {
		if a.Due > now {
			return false
		}
	}
	return true
}
