package queues

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"go.uber.org/zap"

	"accueil/acd"
)

// Decide makes a change that acts only after Redis said yes, and returns its entry as the log holds
// it. build may run several times; it must depend on the Tx only. Errors of build are returned as
// they are; the store's refusals are acd.ErrFull, ErrStale, ErrEarly, ErrNotLead, acd.ErrIllegal and
// ErrUnavailable. An error of the context leaves it unknown whether the change was made; the log
// tells. A build that changes nothing gives an empty entry.
//
// While Redis is away, a change that needs no other node is granted from memory, its entry flagged
// as degraded.
func (b *Book) Decide(ctx context.Context, kind acd.Kind, build func(*acd.Tx) error) (acd.Entry, error) {
	return b.Ask(ctx, kind, build)()
}

// Ask begins a decision and returns at once; answer, called once, waits for what Decide would return.
// The order of decisions is that of the Asks, behind all facts recorded before.
func (b *Book) Ask(ctx context.Context, kind acd.Kind, build func(*acd.Tx) error) (answer func() (acd.Entry, error)) {
	failed := func(err error) func() (acd.Entry, error) {
		return func() (acd.Entry, error) { return acd.Entry{}, fmt.Errorf("decide %s: %w", kind, err) }
	}
	if err := ctx.Err(); err != nil {
		return failed(err)
	}
	o := &op{id: acd.NewOpID(b.Now()), kind: kind, build: build, answer: make(chan result, 1), ctx: ctx}
	answered := o.answer
	b.mu.Lock()
	switch {
	case b.closed:
		b.mu.Unlock()
		return failed(ErrClosed)
	case !b.up:
		b.decideAlone(o)
		b.wg.Add(1)
		b.mu.Unlock()
		// Who asks may be a follower, and hold a lock that its own fold needs.
		go func() { defer b.wg.Done(); b.mu.Lock(); b.unlock() }()
	default:
		b.decisions = append(b.decisions, o)
		b.mu.Unlock()
		b.nudge()
	}
	return func() (acd.Entry, error) {
		select {
		case r := <-answered:
			return r.entry, r.err
		case <-ctx.Done():
			return acd.Entry{}, fmt.Errorf("decide %s: %w: %w", kind, acd.ErrUnavailable, context.Cause(ctx))
		}
	}
}

// Record makes a change that has already happened: it is in this node's view when Record returns
// (or, where a decision about the same entities is on its way, as soon as that is answered), and goes
// to Redis, or to the spool while Redis is away. It is never refused. An error is build's own: nothing
// was recorded, and an anomaly was counted.
func (b *Book) Record(kind acd.Kind, build func(*acd.Tx) error) error {
	now := b.Now()
	o := &op{id: acd.NewOpID(now), kind: kind, build: build, fact: true, at: now}
	b.mu.Lock()
	err := b.record(o)
	b.unlock() // what followers ask for upon this fact goes with it
	b.nudge()
	runtime.Gosched() // it leaves before the caller's next step, whose own work would come first
	return err
}

// record takes a fact in. The caller holds b.mu, and wakes the writer afterwards.
func (b *Book) record(o *op) error {
	if b.closed {
		return fmt.Errorf("record %s: %w", o.kind, ErrClosed)
	}
	err := b.evaluate(o)
	if b.up && b.mustWait(o) {
		o.ready = false
		b.facts = append(b.facts, o)
		b.pending[o.id] = o
		return nil
	}
	if err != nil {
		return b.anomaly(o.kind, err)
	}
	if o.change.Empty() {
		return nil
	}
	b.remember(o)
	if !b.up {
		b.recordAlone(o)
		return nil
	}
	b.show(&o.change.Entry)
	b.facts = append(b.facts, o)
	b.pending[o.id] = o
	return nil
}

// mustWait reports whether the fact concerns entities of a decision in flight, or of a fact that
// waits itself. The caller holds b.mu.
func (b *Book) mustWait(o *op) bool {
	if len(b.busy) > 0 && o.overlaps(b.busy) {
		return true
	}
	for _, f := range b.facts {
		if !f.ready && o.overlaps(f.keys) {
			return true
		}
	}
	return false
}

// remember keeps the personal fields of the change in memory until their contact is erased.
func (b *Book) remember(o *op) {
	for c, p := range o.change.Personal {
		b.personal[c] = p
	}
}

// anomaly counts and logs a fact that could not be recorded; codes only.
func (b *Book) anomaly(kind acd.Kind, err error) error {
	code := "other"
	fields := []zap.Field{zap.String("kind", string(kind))}
	var illegal acd.ErrIllegal
	var missing acd.ErrNotFound
	switch {
	case errors.As(err, &illegal):
		code = "illegal"
		fields = append(fields, zap.String("what", illegal.What), zap.String("id", illegal.ID), zap.String("state", illegal.State))
	case errors.As(err, &missing):
		code = "not_found"
		fields = append(fields, zap.String("what", missing.What), zap.String("id", missing.ID))
	}
	b.metrics.anomalies.WithLabelValues(code).Inc()
	b.log.Warn("a fact fits nothing and was left out", append(fields, zap.String("code", code))...)
	return fmt.Errorf("record %s: %w", kind, err)
}

// Flush returns when all facts recorded so far are in Redis or, while it is away, in the spool file.
func (b *Book) Flush(ctx context.Context) error { return b.flush(ctx) }

func (b *Book) flush(ctx context.Context) error {
	b.mu.Lock()
	if b.up {
		br := barrier{waitFor: map[*op]struct{}{}, done: make(chan struct{})}
		for _, list := range [][]*op{b.facts, b.inflight} {
			for _, o := range list {
				if o.fact {
					br.waitFor[o] = struct{}{}
				}
			}
		}
		b.barriers = append(b.barriers, br)
		b.release()
		b.mu.Unlock()
		b.nudge()
		select {
		case <-br.done:
		case <-ctx.Done():
			return fmt.Errorf("flush the facts: %w", context.Cause(ctx))
		}
	} else {
		b.mu.Unlock()
	}
	return b.spool.sync(ctx)
}

// settle forgets an answered operation. The caller holds b.mu.
func (b *Book) settle(o *op) {
	delete(b.pending, o.id)
	for _, br := range b.barriers {
		delete(br.waitFor, o)
	}
}

// release lets go the flushes that wait for nothing any more. The caller holds b.mu.
func (b *Book) release() {
	kept := b.barriers[:0]
	for _, br := range b.barriers {
		if len(br.waitFor) == 0 {
			close(br.done)
		} else {
			kept = append(kept, br)
		}
	}
	b.barriers = kept
}
