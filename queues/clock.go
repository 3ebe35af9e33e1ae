package queues

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"accueil/acd"
)

// clock estimates Redis's clock: this machine's monotonic clock plus an offset measured now and then,
// so that a jump of the wall clock moves nothing. It never goes back.
type clock struct {
	mu   sync.Mutex
	base time.Time     // of this process, with its monotonic reading
	off  time.Duration // to add to base's wall time
	last acd.Instant
}

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

// set corrects the offset: Redis said at when the question was sent at before and answered at after.
func (c *clock) set(at time.Time, before, after time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	middle := before.Add(after.Sub(before) / 2)
	c.off = time.Duration(at.UnixMicro()-c.base.UnixMicro())*time.Microsecond - middle.Sub(c.base)
}

// measure asks Redis three times and keeps the quickest answer.
func (c *clock) measure(ctx context.Context, r redis.UniversalClient) error {
	var best time.Duration
	var at, from, to time.Time
	for i := range 3 {
		before := time.Now()
		t, err := r.Time(ctx).Result()
		if err != nil {
			return err
		}
		after := time.Now()
		if i == 0 || after.Sub(before) < best {
			best, at, from, to = after.Sub(before), t, before, after
		}
	}
	c.set(at, from, to)
	return nil
}
