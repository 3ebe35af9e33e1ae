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
// may have been built on them. An error says that it is not known whether Redis did one of them: all
// must then go the way of the spool, whose replay finds out. The caller holds b.mu.
func (b *Book) reconsider() error {
	done, doubt := b.logHolds()
	for _, list := range [][]*op{b.inflight, b.facts} {
		for _, o := range list {
			for name := range o.keys {
				b.shown.copyFrom(b.base, name)
			}
		}
	}
	var again, clashes []*op
	for _, o := range b.inflight {
		clashed, held := o.clashed, done[o.id]
		o.clashed = false
		if clashed && o.unknown && doubt != nil {
			clashed = false
		}
		switch {
		case !clashed: // unanswered: to be sent again as it is
			b.shown.advance(&o.change.Entry)
			again = append(again, o)
		case held:
			b.confirm(o, "", 0, false)
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
	b.showAnew()
	return doubt
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

// logHolds looks in the log for the operations that were sent, never answered, and then met a conflict:
// Redis may have done them and gone on since. One look serves all of them. The caller holds b.mu; the
// wait is bounded.
func (b *Book) logHolds() (map[string]bool, error) {
	sought, from := map[string]bool{}, acd.Instant(0)
	for _, o := range b.inflight {
		if o.clashed && o.unknown {
			sought[o.id], from = false, acd.Earliest(from, o.at)
		}
	}
	if len(sought) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(b.ctx, hotTimeout)
	defer cancel()
	err := b.scan(ctx, from.Add(-clockDoubt), func(m redis.XMessage) error {
		op := opOf(m)
		if _, ours := sought[op]; ours {
			sought[op] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for unanswered changes: %w", err)
	}
	return sought, nil
}

// clockDoubt is how far an instant and the id of its entry in the log may be apart because a node
// estimates Redis's clock; far more than was ever measured.
const clockDoubt = 5 * time.Second
