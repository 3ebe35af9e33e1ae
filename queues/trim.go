package queues

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// KeepFrom holds back the trimming of the log: entries from that instant on stay, until a later call
// says otherwise; zero holds nothing. The history calls it with the instant up to which it has read.
// Nothing is held longer than TrimMost, nor in a Redis whose memory is nearly full: one that refuses
// writes would cost more than what the history then misses.
func (b *Book) KeepFrom(at acd.Instant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keepFrom = at
}

// memoryFull is the share of maxmemory from which the log is held for nobody.
const memoryFull = 0.85

// oldestKept is the instant before which entries are dropped, and whether somebody wanted older ones.
// The caller holds b.mu.
func (b *Book) oldestKept(now acd.Instant) (oldest acd.Instant, refused bool) {
	oldest = now.Add(-b.opts.TrimKeep)
	wanted := acd.Earliest(b.keepFrom, oldest)
	if b.facing.memory >= memoryFull {
		return oldest, wanted < oldest
	}
	most := now.Add(-b.opts.TrimMost)
	return max(wanted, most), wanted < most
}

// held is how much older than TrimKeep the log may be because somebody has not read it yet.
func (b *Book) held() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.now()
	oldest, _ := b.oldestKept(now)
	if b.keepFrom <= 1 { // nobody wants any, or nobody has said yet what he has read
		return 0
	}
	return max(0, now.Add(-b.opts.TrimKeep).Sub(oldest))
}

// trim drops entries older than TrimKeep that KeepFrom does not hold.
func (b *Book) trim(ctx context.Context) error {
	b.mu.Lock()
	gen := b.gen
	oldest, refused := b.oldestKept(b.clock.now())
	b.mu.Unlock()
	// Ids of entries are of Redis's clock: while a leap is kept out, theirs are as much earlier.
	_, most := b.clock.keeps()
	res, err := trimScript.Run(ctx, b.hot, []string{b.keys.meta(), b.keys.log()}, gen, int64(oldest.Add(-most))).Slice()
	if err != nil {
		return fmt.Errorf("trim the log: %w", err)
	}
	r := reply{values: res}
	if r.str(0) != "OK" {
		b.trip(CauseData)
		return nil
	}
	switch n := r.num(1); {
	case n > 0 && refused:
		b.metrics.dropped.Add(float64(n))
		b.log.Error("entries of the log were dropped before the history had read them", zap.Int64("entries", n))
	case n > 0:
		b.log.Info("old entries of the log were dropped", zap.Int64("entries", n))
	}
	return nil
}
