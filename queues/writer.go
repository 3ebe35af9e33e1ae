package queues

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"accueil/acd"
)

// maxBatch bounds the changes sent in one pipeline: enough to be quick, few enough that the answers
// come within hotTimeout on a slow machine (1,000 need about 50 ms).
const maxBatch = 256

// writeLoop is the one goroutine that sends changes. One batch is on its way at a time; what arrives
// meanwhile makes the next.
func (b *Book) writeLoop() {
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-b.wake:
		}
		for b.ctx.Err() == nil && b.work() {
		}
	}
}

// work does one round and reports whether there may be more to do at once.
func (b *Book) work() bool {
	b.mu.Lock()
	if !b.up {
		try := b.reachable
		b.reachable = false
		b.mu.Unlock()
		if try {
			b.comeBack()
		}
		return false
	}
	b.pick()
	b.release()
	batch, epoch := b.inflight, b.epoch
	calls := make([]call, len(batch))
	for i, o := range batch {
		calls[i] = b.call(o)
	}
	b.mu.Unlock()
	if len(batch) == 0 {
		return false
	}
	replies := b.send(lane{b.hot, hotTimeout}, calls)
	b.mu.Lock()
	defer b.unlock()
	if b.epoch != epoch {
		return true // tripped meanwhile: all of it went to the spool under the same ids
	}
	b.take(batch, replies)
	b.release()
	return b.up
}

// pick fills the batch: what must be sent again, then facts in their order, then decisions that touch
// nothing that waits. The caller holds b.mu.
func (b *Book) pick() {
	var blocked map[string]struct{} // keys of facts that still wait
	block := func(o *op) {
		if blocked == nil {
			blocked = map[string]struct{}{}
		}
		addKeys(blocked, o.keys)
	}
	later := b.facts[:0:0]
	for i, o := range b.facts {
		if len(b.inflight) >= maxBatch {
			later = append(later, b.facts[i:]...)
			for _, o := range b.facts[i:] {
				block(o)
			}
			break
		}
		if !o.ready && !b.wakeFact(o, blocked) {
			if b.pending[o.id] != nil {
				later = append(later, o)
				block(o)
			}
			continue
		}
		b.inflight = append(b.inflight, o)
	}
	b.facts = later

	kept := b.decisions[:0:0]
	for i, o := range b.decisions {
		if len(b.inflight) >= maxBatch {
			kept = append(kept, b.decisions[i:]...)
			break
		}
		if o.ctx.Err() != nil {
			continue // its caller is gone
		}
		err := b.evaluate(o)
		if o.overlaps(b.busy) || o.overlaps(blocked) {
			kept = append(kept, o)
			continue
		}
		if err != nil {
			o.reply(result{err: err})
			continue
		}
		if o.change.Empty() {
			o.reply(result{})
			continue
		}
		addKeys(b.busy, o.keys)
		b.pending[o.id] = o
		b.inflight = append(b.inflight, o)
	}
	b.decisions = kept
}

// wakeFact evaluates a fact that waited, when nothing holds it back any more. The caller holds b.mu.
func (b *Book) wakeFact(o *op, blocked map[string]struct{}) bool {
	err := b.evaluate(o)
	if o.overlaps(b.busy) || o.overlaps(blocked) {
		o.ready = false
		return false
	}
	if err != nil || o.change.Empty() {
		if err != nil {
			_ = b.anomaly(o.kind, err)
		}
		b.settle(o)
		return false
	}
	b.remember(o)
	b.show(&o.change.Entry)
	return true
}

// reply is the answer to one script.
type reply struct {
	values []any
	err    error
}

func (r reply) str(i int) string {
	if i >= len(r.values) {
		return ""
	}
	switch v := r.values[i].(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

func (r reply) num(i int) int64 {
	n, _ := strconv.ParseInt(r.str(i), 10, 64)
	return n
}

// lane is a way to Redis: the connections, and how long one trip may take.
type lane struct {
	client redis.UniversalClient
	limit  time.Duration
}

// send runs the scripts in one pipeline. Scripts that Redis forgot are loaded and sent once more.
func (b *Book) send(via lane, calls []call) []reply {
	begin := time.Now()
	replies := b.pipeline(via, calls)
	for _, r := range replies {
		if isReply(r.err) && cause(r.err) == CauseScripts {
			b.resend(via, calls, replies)
			break
		}
	}
	took := time.Since(begin).Seconds()
	for i := range calls {
		b.metrics.script.WithLabelValues(calls[i].script.name).Observe(took)
	}
	return replies
}

// resend loads all scripts and sends again what met none: it had no effect.
func (b *Book) resend(via lane, calls []call, replies []reply) {
	if err := b.loadScripts(via); err != nil {
		b.log.Warn("Redis forgot the scripts and would not load them", zap.String("cause", cause(err)))
		return
	}
	var again []call
	var at []int
	for i, r := range replies {
		if isReply(r.err) && cause(r.err) == CauseScripts {
			again, at = append(again, calls[i]), append(at, i)
		}
	}
	for i, r := range b.pipeline(via, again) {
		replies[at[i]] = r
	}
}

// loadScripts brings all scripts to Redis, one by one: in a pipeline the library would take the hash
// from an answer that has not come yet, and on a cluster it would reach one node only.
func (b *Book) loadScripts(via lane) error {
	ctx, cancel := context.WithTimeout(b.ctx, 3*via.limit)
	defer cancel()
	for _, s := range allScripts {
		if err := s.Load(ctx, via.client).Err(); err != nil {
			return fmt.Errorf("load script %s: %w", s.name, err)
		}
	}
	return nil
}

func (b *Book) pipeline(via lane, calls []call) []reply {
	ctx, cancel := context.WithTimeout(b.ctx, via.limit)
	defer cancel()
	replies := make([]reply, len(calls))
	cmds := make([]*redis.Cmd, len(calls))
	if len(calls) == 1 {
		cmds[0] = via.client.EvalSha(ctx, calls[0].script.Hash(), calls[0].keys, calls[0].args...)
	} else {
		pipe := via.client.Pipeline()
		for i, c := range calls {
			cmds[i] = pipe.EvalSha(ctx, c.script.Hash(), c.keys, c.args...)
		}
		_, _ = pipe.Exec(ctx) // each command carries its own error
	}
	for i, cmd := range cmds {
		replies[i].values, replies[i].err = cmd.Slice()
	}
	return replies
}

// take applies the answers of a batch. The caller holds b.mu.
func (b *Book) take(batch []*op, replies []reply) {
	b.busy = map[string]struct{}{}
	b.inflight = nil
	var again []*op // to be sent as they are
	var failure string
	conflict := false
	for i, o := range batch {
		r := replies[i]
		switch {
		case r.err == nil:
			c, gone := b.answered(o, r)
			conflict = conflict || c
			if c && b.pending[o.id] != nil {
				again = append(again, o)
			}
			if gone {
				failure = CauseData
				again = append(again, o)
			}
		case isReply(r.err) && cause(r.err) == CauseOther:
			b.refused(o, r.err)
		default:
			o.unknown = o.unknown || !isReply(r.err)
			o.tries++
			again = append(again, o)
			if c := cause(r.err); failure == "" && (o.tries > 1 || c != CauseTimeout && c != CauseLost) {
				failure = c // a first time-out or broken connection is worth one repeat
			}
		}
	}
	b.inflight = again
	if conflict {
		if err := b.reconsider(); err != nil && failure == "" {
			failure = cause(err)
		}
	}
	for _, o := range b.inflight {
		if !o.fact {
			addKeys(b.busy, o.keys)
		}
	}
	if failure != "" {
		b.tripLocked(failure)
	}
}

// answered takes one script's answer. It reports a conflict, and whether the data set is another.
// The caller holds b.mu.
func (b *Book) answered(o *op, r reply) (conflict, otherData bool) {
	refuse := func(err error) {
		b.settle(o)
		o.reply(result{err: fmt.Errorf("decide %s: %w", o.kind, err)})
	}
	switch code := r.str(0); code {
	case "OK":
		b.confirm(o, r.str(1), r.num(2), true)
	case "AGAIN":
		b.confirm(o, r.str(1), r.num(2), false)
	case "GEN":
		return false, true
	case "CONFLICT":
		b.metrics.conflicts.Inc()
		b.learn(o, r)
		o.clashed = true
		return true, false
	case "FULL":
		refuse(acd.ErrFull)
	case "EARLY":
		refuse(acd.ErrEarly)
	case "NOTLEAD":
		refuse(acd.ErrNotLead)
	case "FROM":
		refuse(acd.ErrIllegal{What: "leg", ID: b.nth(o, int(r.num(1))), State: r.str(2), Input: string(o.kind)})
	default:
		b.refused(o, fmt.Errorf("script answered %q: %w", code, errBadContent))
	}
	return false, false
}

func (b *Book) nth(o *op, n int) string {
	images := imagesOf(&o.change.Entry)
	if n < 1 || n > len(images) {
		return ""
	}
	_, id := split(images[n-1].name)
	return id
}

// confirm folds a change that Redis holds, and tells it on when it has just been written and nothing
// untold lies before it in the log. The caller holds b.mu.
func (b *Book) confirm(o *op, id string, seq int64, written bool) {
	e := o.change.Entry
	e.ID, e.Seq, e.Gen = id, seq, b.gen
	b.base.apply(&e)
	switch {
	case written && b.session != nil && seq == b.seq+1:
		b.seq, b.cursor, b.early[seq] = seq, id, id
		b.told.apply(&e)
		b.metrics.entries.Inc()
		b.tell(e)
		b.show(&e)
	case seq > b.seq: // its turn comes when it is read
		untold := e
		untold.ID = ""
		b.show(&untold)
		select {
		case b.unread <- struct{}{}:
		default:
		}
	default: // it was read before its answer came
		b.shown.advance(&e)
	}
	b.settle(o)
	for _, c := range o.change.Erase {
		b.part(c)
	}
	if !o.fact {
		for c, p := range o.change.Personal {
			b.personal[c] = p
		}
	}
	o.reply(result{entry: e})
}

// refused takes an answer that no repeat will change: what Redis holds is not ours, or a script has a
// fault. The fact stays in this node's view. The caller holds b.mu.
func (b *Book) refused(o *op, err error) {
	b.metrics.refused.Inc()
	b.log.Error("Redis refused a change", zap.String("kind", string(o.kind)), zap.String("op", o.id), zap.String("cause", firstWord(err)))
	b.settle(o)
	o.reply(result{err: fmt.Errorf("decide %s: %w", o.kind, acd.ErrUnavailable)})
}

func firstWord(err error) string {
	s := err.Error()
	for i := range len(s) {
		if s[i] == ' ' {
			return s[:i]
		}
	}
	return s
}
