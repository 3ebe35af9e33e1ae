package queues

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"accueil/acd"
)

// learn takes from a conflict's answer what Redis really holds. The caller holds b.mu.
func (b *Book) learn(o *op, r reply) {
	images := imagesOf(&o.change.Entry)
	names := make([]string, 0, len(images)+len(o.reads))
	for _, im := range images {
		names = append(names, im.name)
	}
	for _, rd := range o.reads {
		names = append(names, rd.name)
	}
	for i := 1; i+3 < len(r.values); i += 4 {
		n := int(r.num(i))
		if n < 1 || n > len(names) {
			continue
		}
		name := names[n-1]
		var e acd.Entry
		if img := r.str(i + 3); img != "" {
			if err := addImage(&e, name, []byte(img)); err != nil {
				b.metrics.badContent.Inc()
				b.log.Error("Redis holds an image that is not ours", zap.Error(err))
				continue
			}
		}
		b.base.set(name, r.str(i+2), &e)
	}
}

// reconsider evaluates anew, in their order, all operations that met a conflict and all facts that
// may have been built on them. The caller holds b.mu.
func (b *Book) reconsider() {
	for _, list := range [][]*op{b.inflight, b.facts} {
		for _, o := range list {
			for name := range o.keys {
				b.shown.copyFrom(b.base, name)
			}
		}
	}
	var again, clashes []*op
	for _, o := range b.inflight {
		clashed := o.clashed
		o.clashed = false
		switch {
		case !clashed: // unanswered: to be sent again as it is
			b.shown.advance(&o.change.Entry)
			again = append(again, o)
		case o.unknown && b.logHolds(o):
			b.confirm(o, "", 0)
		case !o.fact:
			// Evaluated anew by pick, after the facts.
			b.settle(o)
			if o.tries++; o.tries > maxTries {
				o.reply(result{err: fmt.Errorf("decide %s: %w", o.kind, acd.ErrStale)})
				continue
			}
			o.unknown = false
			b.decisions = append([]*op{o}, b.decisions...)
		default:
			if o.tries++; o.tries > maxTries {
				o.force = true
			}
			clashes = append(clashes, o)
		}
	}
	b.inflight = append(again, b.replayFacts(clashes)...)
	b.facts = b.replayFacts(b.facts)
}

// replayFacts evaluates ready facts on the view as it now is. The caller holds b.mu.
func (b *Book) replayFacts(facts []*op) []*op {
	return slices.DeleteFunc(facts, func(o *op) bool {
		if !o.ready {
			return false
		}
		err := b.evaluate(o)
		switch {
		case err != nil:
			_ = b.anomaly(o.kind, err)
		case o.change.Empty():
		default:
			o.unknown = false
			b.shown.advance(&o.change.Entry)
			return false
		}
		b.settle(o)
		return true
	})
}

// logHolds looks in the log for an operation that was sent, never answered, and then met a conflict:
// Redis may have done it and gone on since. The caller holds b.mu; the wait is bounded.
func (b *Book) logHolds(o *op) bool {
	ctx, cancel := context.WithTimeout(b.ctx, hotTimeout)
	defer cancel()
	found := false
	err := b.scan(ctx, o.at.Add(-time.Minute), func(m redis.XMessage) error {
		e, err := decodeEntry(m)
		if err == nil && e.Op == o.id {
			found = true
			return errStop
		}
		return nil
	})
	if err != nil {
		b.log.Warn("could not look for an unanswered change in the log", zap.String("cause", cause(err)))
	}
	return found
}
