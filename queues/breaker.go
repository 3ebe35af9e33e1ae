package queues

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// pingMisses is how many PINGs in a row must fail before Redis counts as away: one may be lost to a
// busy machine, two are half a second.
const pingMisses = 2

// pingLoop asks Redis for a sign of life on a connection of its own.
func (b *Book) pingLoop() {
	t := time.NewTicker(pingEvery)
	defer t.Stop()
	misses := 0
	for {
		err := b.ping()
		switch {
		case b.ctx.Err() != nil:
			return
		case err == nil:
			misses = 0
			b.mu.Lock()
			if !b.up {
				b.reachable = true
				b.nudge()
			}
			b.mu.Unlock()
		default:
			misses++
			if c := cause(err); misses >= pingMisses || c == CauseRefused {
				b.trip(c)
				b.mu.Lock()
				b.cause = c
				b.mu.Unlock()
			}
		}
		select {
		case <-t.C:
		case <-b.ctx.Done():
			return
		}
	}
}

func (b *Book) ping() error {
	ctx, cancel := context.WithTimeout(b.ctx, hotTimeout)
	defer cancel()
	if err := b.pings.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping Redis: %w", err)
	}
	return nil
}

// housekeep measures the clock, saves the fold, trims the log, inspects Redis and forgets old legs.
func (b *Book) housekeep() {
	clock, fold, trim, look := time.NewTicker(clockEvery), time.NewTicker(foldEvery), time.NewTicker(trimEvery), time.NewTicker(inspectEvery)
	defer func() { clock.Stop(); fold.Stop(); trim.Stop(); look.Stop() }()
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-clock.C:
			b.whileUp("measure the clock", b.measureTime)
		case <-fold.C:
			b.saveFold()
		case <-trim.C:
			b.prune()
			b.whileUp("trim the log", b.trim)
		case <-look.C:
			b.whileUp("inspect Redis", b.inspect)
		}
	}
}

func (b *Book) whileUp(what string, do func(context.Context) error) {
	if !b.isUp() {
		return
	}
	ctx, cancel := b.slow(b.ctx)
	defer cancel()
	if err := do(ctx); err != nil && b.ctx.Err() == nil {
		b.log.Warn("could not "+what, zap.String("cause", cause(err)))
	}
}

// prune forgets legs that ended long ago.
func (b *Book) prune() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.now()
	for _, f := range []*fold{b.base, b.shown, b.told} {
		f.prune(now)
	}
	b.forgetParted(now)
	if b.up && time.Since(b.since) > trimEvery { // all that was replayed has been read back
		clear(b.synthetic)
	}
}
