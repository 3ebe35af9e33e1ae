package queues

import (
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// trip stops using Redis for the named cause.
func (b *Book) trip(cause string) {
	b.mu.Lock()
	defer b.unlock()
	b.tripLocked(cause)
}

// tripLocked goes on from memory: what was on its way goes to the spool under the ids it was sent
// with, so that the return can tell what Redis did of it. The caller holds b.mu.
func (b *Book) tripLocked(cause string) {
	if !b.up {
		return
	}
	b.up, b.cause, b.since = false, cause, time.Now()
	b.epoch++
	b.metrics.trips.WithLabelValues(cause).Inc()
	b.log.Error("Redis is away: going on from this node's own memory", zap.String("cause", cause))
	if b.session != nil {
		b.session.cancel()
		b.session = nil
	}
	sent, facts, decisions := b.inflight, b.facts, b.decisions
	b.inflight, b.facts, b.decisions, b.busy = nil, nil, nil, map[string]struct{}{}
	b.pending = map[string]*op{}
	for _, o := range slices.Concat(sent, facts) {
		switch {
		case o.fact && o.ready:
			b.recordAlone(o)
		case o.fact:
			b.evaluateAlone(o)
		default:
			b.grantAlone(o)
		}
	}
	for _, o := range decisions {
		b.decideAlone(o)
	}
	for _, br := range b.barriers {
		close(br.done)
	}
	b.barriers = nil
	if cause == CauseData {
		b.reachable = true
		b.nudge()
	}
}

func (b *Book) evaluateAlone(o *op) {
	err := b.evaluate(o)
	switch {
	case err != nil:
		_ = b.anomaly(o.kind, err)
	case o.change.Empty():
	default:
		b.remember(o)
		b.recordAlone(o)
	}
}

// recordAlone applies a change without Redis: to the views, the subscribers and the spool. The caller
// holds b.mu.
func (b *Book) recordAlone(o *op) {
	o.change.Entry = ownImages(o.change.Entry) // followers may hold the ones that were shown
	e := &o.change.Entry
	e.Gen, e.Degraded = b.gen, true
	for i := range e.Legs {
		e.Legs[i].Degraded = true
	}
	b.base.apply(e)
	b.show(e)
	for _, contact := range o.change.Erase {
		b.part(contact)
	}
	if o.told {
		return // the log held it before it could be answered
	}
	b.told.apply(e)
	b.synthetic[o.id] = struct{}{}
	b.tell(*e)
	c := &o.change
	b.spool.add(&record{Entry: *e, Before: c.Before, Places: c.Places, Counts: c.Counts, Erase: c.Erase})
}

// decideAlone grants or refuses a decision from memory. The caller holds b.mu.
func (b *Book) decideAlone(o *op) {
	if o.ctx.Err() != nil {
		return
	}
	if err := b.evaluate(o); err != nil {
		o.reply(result{err: err})
		return
	}
	if o.change.Empty() {
		o.reply(result{})
		return
	}
	b.grantAlone(o)
}

// grantAlone grants an evaluated decision when no other node could have decided otherwise.
func (b *Book) grantAlone(o *op) {
	c := &o.change
	switch {
	case o.told: // Redis did it; only the answer is missing
	case !b.own(c):
		o.reply(result{err: fmt.Errorf("decide %s: %w", o.kind, acd.ErrUnavailable)})
		return
	case c.Limit != nil && b.shown.view.Waiting(c.Limit.Queue) >= c.Limit.Max:
		o.reply(result{err: fmt.Errorf("decide %s: %w", o.kind, acd.ErrFull)})
		return
	}
	b.remember(o)
	b.recordAlone(o)
	o.reply(result{entry: c.Entry})
}

// own reports whether every entity that the change writes is this node's to decide about: its home is
// here or nowhere, or no other node was ever seen. The caller holds b.mu.
func (b *Book) own(c *acd.Change) bool {
	if b.shown.view.OnlyOf(b.opts.Node) {
		return true
	}
	mine := func(n acd.NodeID) bool { return n == "" || n == b.opts.Node }
	for _, l := range c.Entry.Legs {
		if !mine(l.Node) {
			return false
		}
	}
	for _, a := range c.Entry.Agents {
		if !mine(a.Node) {
			return false
		}
	}
	for _, p := range c.Entry.Phones {
		if !mine(p.Node) {
			return false
		}
	}
	return true
}
