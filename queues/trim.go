package queues

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"accueil/acd"
)

// KeepFrom holds back the trimming of the log: entries from that instant on stay, however old, until
// a later call says otherwise. The history calls it with the instant up to which it has read.
func (b *Book) KeepFrom(at acd.Instant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keepFrom = at
}

// trim drops entries older than TrimKeep that KeepFrom does not hold.
func (b *Book) trim(ctx context.Context) error {
	b.mu.Lock()
	gen, keep := b.gen, b.keepFrom
	b.mu.Unlock()
	oldest := acd.Earliest(keep, b.clock.now().Add(-b.opts.TrimKeep))
	res, err := trimScript.Run(ctx, b.hot, []string{b.keys.meta(), b.keys.log()}, gen, int64(oldest)).Slice()
	if err != nil {
		return fmt.Errorf("trim the log: %w", err)
	}
	r := reply{values: res}
	if r.str(0) != "OK" {
		b.trip(CauseData)
		return nil
	}
	if n := r.num(1); n > 0 {
		b.log.Info("old entries of the log were dropped", zap.Int64("entries", n))
	}
	return nil
}
