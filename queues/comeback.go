package queues

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"accueil/acd"
)

// returnLimit bounds one attempt to come back; the next PING starts another one. What was replayed
// stays replayed.
const returnLimit = 30 * time.Second

// comeBack makes Redis agree with this node and this node with Redis, then goes up. It runs in the
// writer. In order:
//
//  1. name the data set, if it has no name: then it is empty, and gen is new
//  2. note the log's last id, read the hashes
//  3. replay the spool, oldest first; what the log holds already is known by its operation; facts win
//  4. assert what this node owns and Redis does not have, or has older: Redis lost it
//  5. take what Redis now holds as the base, tell subscribers what they missed, read on from there
func (b *Book) comeBack() {
	ctx, cancel := context.WithTimeout(b.ctx, returnLimit)
	defer cancel()
	begin := time.Now()
	r := &comeback{Book: b, ctx: ctx}
	if err := r.run(); err != nil {
		b.mu.Lock()
		c := cause(err)
		if c != b.cause && b.ctx.Err() == nil {
			b.log.Warn("Redis is not back yet", zap.String("cause", c), zap.Error(err))
		}
		b.cause = c
		b.mu.Unlock()
		return
	}
	b.log.Info("Redis is in use", zap.Duration("took", time.Since(begin)), zap.Bool("same_data", !r.fresh),
		zap.Int("replayed", r.replayed), zap.Int("asserted", r.asserted))
	select {
	case <-b.openedOne:
	default:
		close(b.openedOne)
	}
}

// comeback is the state of one return.
type comeback struct {
	*Book
	ctx      context.Context
	gen      string
	time     reading
	newest   string // id of the log's last entry before anything was read
	newSeq   int64
	fresh    bool            // not the data set that memory comes from
	stored   *fold           // what Redis holds
	seen     map[string]bool // operations in the log
	replayed int
	asserted int
}

func (r *comeback) run() error {
	if err := r.loadScripts(r.bulkLane()); err != nil {
		return err
	}
	if err := r.open(); err != nil {
		return err
	}
	if err := r.inspect(r.ctx); err != nil {
		return err
	}
	if err := r.snapshot(); err != nil {
		return err
	}
	if err := r.setClock(); err != nil {
		return err
	}
	if err := r.lookBack(); err != nil {
		return err
	}
	for {
		for {
			records := r.spool.waiting()
			if len(records) == 0 {
				break
			}
			if err := r.replay(records[:min(len(records), maxBatch)]); err != nil {
				return err
			}
			r.spool.drop(min(len(records), maxBatch))
		}
		if err := r.assert(); err != nil {
			return err
		}
		if done, err := r.goUp(); done || err != nil {
			return err
		}
	}
}

// slow is a context for commands that may take longer than the hot path's.
func (b *Book) slow(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, slowTimeout)
}

// bulkLane is the way of what is replayed and asserted. A batch of it that ran out of time would be
// sent again and run out of time again: on a busy machine the node would never come back.
func (b *Book) bulkLane() lane { return lane{b.bulk, slowTimeout} }

func (r *comeback) open() error {
	proposal := acd.NewOpID(r.clock.now())
	before := time.Now()
	ctx, cancel := r.slow(r.ctx)
	defer cancel()
	res, err := openScript.EvalSha(ctx, r.bulk, []string{r.keys.meta()}, proposal).Slice()
	after := time.Now()
	if err != nil {
		return fmt.Errorf("open the data set: %w", err)
	}
	a := reply{values: res}
	r.time = reading{time.UnixMicro(a.num(2)), time.Duration(a.num(3)) * time.Millisecond, before, after}
	r.gen = a.str(0)
	r.mu.Lock()
	r.fresh = r.gen != r.Book.gen
	r.mu.Unlock()
	last, err := r.bulk.XRevRangeN(ctx, r.keys.log(), "+", "-", 1).Result()
	if err != nil {
		return fmt.Errorf("find the end of the log: %w", err)
	}
	r.newest, r.newSeq = "0-0", a.num(1)
	if len(last) > 0 {
		r.newest = last[0].ID
		s, _ := last[0].Values["s"].(string)
		if seq, err := strconv.ParseInt(s, 10, 64); err == nil { // else not ours: meta's number stands
			r.newSeq = seq
		}
	}
	return nil
}

// setClock follows Redis's clock. A process that begins with nothing in progress takes it as it is,
// whatever was kept out of it.
func (r *comeback) setClock() error {
	r.mu.Lock()
	quiet := quietIn(r.stored.view, 0) && quietIn(r.base.view, 0)
	r.mu.Unlock()
	if !r.begun() && quiet {
		r.clock.begin(r.time)
		if r.time.kept == 0 {
			return nil
		}
		_, err := r.askTime(r.ctx, r.bulk, 0)
		return err
	}
	return r.followTime(r.ctx, r.bulk, r.time)
}

// begun says whether anybody has counted on this process's time.
func (r *comeback) begun() bool {
	r.clock.mu.Lock()
	defer r.clock.mu.Unlock()
	return r.clock.heard
}

// snapshot reads every living entity, and those that memory knows.
func (r *comeback) snapshot() error {
	ctx, cancel := r.slow(r.ctx)
	defer cancel()
	names := map[string]struct{}{}
	for _, t := range types {
		ids, err := r.bulk.SMembers(ctx, r.keys.ids(t)).Result()
		if err != nil {
			return fmt.Errorf("list the %ss: %w", t, err)
		}
		for _, id := range ids {
			names[t+":"+id] = struct{}{}
		}
	}
	r.mu.Lock()
	known := r.base.view.Image()
	r.mu.Unlock()
	eachRev(&known, func(name string, _ *int64) { names[name] = struct{}{} })
	for _, rec := range r.spool.waiting() {
		eachRev(&rec.Entry, func(name string, _ *int64) { names[name] = struct{}{} })
	}
	r.stored = newFold()
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	for len(list) > 0 {
		n := min(len(list), readBatch)
		if err := r.fetch(ctx, list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// fetch reads entities into r.stored.
func (r *comeback) fetch(ctx context.Context, names []string) error {
	pipe := r.bulk.Pipeline()
	cmds := make([]*redis.SliceCmd, len(names))
	for i, name := range names {
		cmds[i] = pipe.HMGet(ctx, r.keys.entity(name), "op", "img")
	}
	if _, err := pipe.Exec(ctx); err != nil && !isReply(err) {
		return fmt.Errorf("read the images: %w", err)
	}
	for i, name := range names {
		if err := cmds[i].Err(); err != nil {
			if cause(err) != CauseOther {
				return fmt.Errorf("read the images: %w", err)
			}
			r.metrics.badContent.Inc()
			r.log.Error("Redis holds something else where an image should be", zap.String("cause", firstWord(err)))
			continue
		}
		op, _ := cmds[i].Val()[0].(string)
		img, _ := cmds[i].Val()[1].(string)
		var e acd.Entry
		if img != "" {
			if err := addImage(&e, name, []byte(img)); err != nil {
				r.metrics.badContent.Inc()
				r.log.Error("Redis holds an image that is not ours", zap.Error(err))
				continue
			}
		}
		r.stored.set(name, op, &e)
	}
	return nil
}

// lookBack collects the operations that the log holds since the oldest record of the spool.
func (r *comeback) lookBack() error {
	r.seen = map[string]bool{}
	records := r.spool.waiting()
	if len(records) == 0 {
		return nil
	}
	ctx, cancel := r.slow(r.ctx)
	defer cancel()
	return r.scan(ctx, records[0].Entry.At.Add(-clockDoubt), func(m redis.XMessage) error {
		if op := opOf(m); op != "" {
			r.seen[op] = true
		}
		return nil
	})
}

// replay writes facts of the spool with force: of each entity the revision is raised over the stored
// one, so that the fact wins over what was decided meanwhile.
func (r *comeback) replay(records []*record) error {
	var writes []*write
	for _, rec := range records {
		if r.seen[rec.Entry.Op] {
			continue
		}
		e := ownImages(rec.Entry) // subscribers still read the record's
		places := slices.Clone(rec.Places)
		eachRev(&e, func(name string, rev *int64) {
			have := r.stored.version(name)
			*rev = max(*rev, have.rev+1)
			places = append(places, r.misplaced(name, &rec.Entry)...)
		})
		for _, l := range e.Legs {
			if l.Waiting() { // its place may have been lost with the rest
				places = append(places, acd.Place{Queue: l.Queue, Leg: l.ID, Score: l.Score()})
			}
		}
		for _, im := range imagesOf(&e) {
			r.stored.set(im.name, e.Op, &e)
		}
		writes = append(writes, &write{gen: r.gen, op: e.Op, force: true, change: &acd.Change{
			Entry: e, Fact: true, Before: rec.Before, Places: places, Counts: rec.Counts, Erase: rec.Erase,
		}})
	}
	if len(writes) == 0 {
		return nil
	}
	calls := make([]call, len(writes))
	for i, w := range writes {
		calls[i] = w.call(r.keys)
	}
	for i, a := range r.send(r.bulkLane(), calls) {
		switch {
		case a.err != nil && isReply(a.err) && cause(a.err) == CauseOther:
			r.metrics.refused.Inc()
			r.log.Error("Redis refused a fact of the spool", zap.String("op", writes[i].op), zap.String("cause", firstWord(a.err)))
		case a.err != nil:
			return fmt.Errorf("replay a fact: %w", a.err)
		case a.str(0) == "OK", a.str(0) == "AGAIN":
			r.replayed++
			r.seen[writes[i].op] = true
		default: // somebody wrote between snapshot and replay: begin again from a new snapshot
			return fmt.Errorf("replay a fact: %w", errMoved)
		}
	}
	return nil
}

// misplaced returns the removal of a place that Redis holds and the fact does not know of.
func (r *comeback) misplaced(name string, fact *acd.Entry) []acd.Place {
	typ, id := split(name)
	if typ != "leg" {
		return nil
	}
	old, ok := r.stored.view.Leg(acd.LegID(id))
	if !ok || !old.Waiting() {
		return nil
	}
	for _, l := range fact.Legs {
		if l.ID == old.ID && (!l.Waiting() || l.Queue != old.Queue) {
			return []acd.Place{{Queue: old.Queue, Leg: old.ID, Remove: true}}
		}
	}
	return nil
}

// assertBatch bounds the entities of one asserting entry.
const assertBatch = 64

// assert tells again what this node owns and Redis does not hold as new.
func (r *comeback) assert() error {
	r.mu.Lock()
	image := r.base.view.Image()
	personal := map[acd.ContactID]acd.Personal{}
	for c, p := range r.personal { // never spooled, so they are told again from memory
		personal[c] = p
	}
	r.mu.Unlock()
	mine := func(n acd.NodeID) bool { return n == "" || n == r.opts.Node }
	var missing []acd.Entry
	for _, l := range image.Legs {
		have := r.stored.version(acd.LegKey(l.ID)).rev
		if mine(l.Node) && have < l.Rev && (l.Live() || have > 0) {
			missing = append(missing, acd.Entry{Legs: []acd.Leg{l}})
		}
	}
	for _, a := range image.Agents {
		if mine(a.Node) && r.stored.version(acd.AgentKey(a.ID)).rev < a.Rev {
			missing = append(missing, acd.Entry{Agents: []acd.Agent{a}})
		}
	}
	for _, p := range image.Phones {
		if mine(p.Node) && r.stored.version(acd.PhoneKey(p.ID)).rev < p.Rev {
			missing = append(missing, acd.Entry{Phones: []acd.Phone{p}})
		}
	}
	for _, c := range image.Closures {
		if r.stored.version(acd.ClosureKey(c.Entry)).rev < c.Rev {
			missing = append(missing, acd.Entry{Closures: []acd.Closure{c}})
		}
	}
	var calls []call
	var sent []*assertion
	for len(missing) > 0 {
		n := min(len(missing), assertBatch)
		a := r.assertion(missing[:n])
		missing = missing[n:]
		calls, sent = append(calls, a.call(r.keys)), append(sent, a)
	}
	if len(personal) > 0 {
		w := write{gen: r.gen, op: acd.NewOpID(r.clock.now()), change: &acd.Change{
			Entry:    acd.Entry{V: acd.LogVersion, Kind: acd.KindAsserted, At: r.clock.now(), Node: r.opts.Node},
			Personal: personal,
		}}
		calls, sent = append(calls, w.call(r.keys)), append(sent, &assertion{})
	}
	for len(calls) > 0 {
		n := min(len(calls), 16)
		for i, a := range r.send(r.bulkLane(), calls[:n]) {
			if a.err != nil {
				return fmt.Errorf("assert what was lost: %w", a.err)
			}
			if a.str(0) != "OK" {
				return fmt.Errorf("assert what was lost: %w", errMoved)
			}
			r.asserted += max(0, len(a.values)-3)
			e := sent[i].entry
			for _, im := range imagesOf(&e) {
				r.stored.set(im.name, sent[i].op, &e)
			}
		}
		calls, sent = calls[n:], sent[n:]
	}
	return nil
}

func (r *comeback) assertion(parts []acd.Entry) *assertion {
	now := r.clock.now()
	a := &assertion{gen: r.gen, op: acd.NewOpID(now),
		entry: acd.Entry{V: acd.LogVersion, Kind: acd.KindAsserted, At: now, Node: r.opts.Node}}
	a.entry.Op = a.op
	for _, p := range parts {
		a.entry.Legs = append(a.entry.Legs, p.Legs...)
		a.entry.Agents = append(a.entry.Agents, p.Agents...)
		a.entry.Phones = append(a.entry.Phones, p.Phones...)
		a.entry.Closures = append(a.entry.Closures, p.Closures...)
		for _, l := range p.Legs {
			a.places = append(a.places, r.misplaced(acd.LegKey(l.ID), &p)...)
			if l.Waiting() {
				a.places = append(a.places, acd.Place{Queue: l.Queue, Leg: l.ID, Score: l.Score()})
			}
		}
	}
	return a
}

// goUp ends the return unless facts came in meanwhile.
func (r *comeback) goUp() (bool, error) {
	r.mu.Lock()
	b := r.Book
	defer b.unlock()
	if len(b.spool.waiting()) > 0 {
		return false, nil
	}
	follow := !r.fresh && r.followable()
	tombs := b.base
	b.gen = r.gen
	b.base = r.stored
	for _, l := range tombs.view.Image().Legs {
		if !l.Live() { // a late entry must not bring an ended leg back
			b.base.advance(&acd.Entry{Op: tombs.op[acd.LegKey(l.ID)], Legs: []acd.Leg{l}})
		}
	}
	b.shown = b.base.clone()
	if !follow {
		b.metrics.resyncs.Inc()
		b.told = b.base.clone()
		b.cursor, b.seq = r.newest, r.newSeq
		b.tell(b.image())
	}
	b.up, b.cause, b.since = true, "", time.Now()
	b.listen()
	b.showAnew()
	return true, nil
}

// followable reports whether reading may go on where it stopped: the last entry read is still in the
// log, so nothing between was lost or trimmed. The caller holds b.mu; the wait is bounded.
func (r *comeback) followable() bool {
	b := r.Book
	if b.cursor == "" || r.newSeq < b.seq {
		return false
	}
	if b.cursor == "0-0" {
		return true
	}
	ctx, cancel := context.WithTimeout(r.ctx, hotTimeout)
	defer cancel()
	found, err := b.reads.XRange(ctx, b.keys.log(), b.cursor, b.cursor).Result()
	if err != nil || len(found) != 1 {
		return false
	}
	s, _ := found[0].Values["s"].(string)
	seq, _ := strconv.ParseInt(s, 10, 64)
	return seq == b.seq
}
