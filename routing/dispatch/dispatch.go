// Package dispatch is what drives the pure engine of package routing: it folds this node's view of the
// log into the engine, asks it for choices while this node is the lead, and turns each into a claim.
//
// A fact of this node counts from the instant it is recorded: the claim that follows from it is asked
// for before the fact has left, and both go to the store in one trip, the fact first. Should the store
// hold another truth than the fact assumed, the claim is refused with it.
//
// The log is authoritative. A claim that the store takes comes back as an entry of the log, from
// which the phone rings; nothing here rings anything. A claim that is refused was decided on a view
// that is a moment old: its contact and agent are put back and decided anew a little later. A claim
// whose answer is lost is unknown: the log tells, and until it does neither party is chosen again,
// for routing.PendingFor at most. A slow claim keeps one worker; the others go on, and the engine is
// asked for no more choices than there are workers free, so that no choice grows old in a queue.
package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/routing"
)

// Log is the store of the site's data set, as far as a dispatcher needs it.
type Log interface {
	// Now is the instant on the log's clock as this node estimates it.
	Now() acd.Instant
	// Lead returns who dispatches, and whether this node does at this moment.
	Lead() (acd.Lead, bool)
	// Follow lets fold keep up with this node's view: the log and the node's own facts not yet in it.
	// It returns the view as one entry, and what ends the following. fold is called by one goroutine
	// at a time. An entry of kind asserted without an operation holds the whole view again: what it
	// does not name is gone.
	Follow(fold func([]acd.Entry)) (image acd.Entry, stop func())
	// Ask begins a change that acts only after the store said yes, and returns at once; answer waits.
	// build may run several times. An error of the context leaves it unknown whether the change was made.
	Ask(ctx context.Context, kind acd.Kind, build func(*acd.Tx) error) (answer func() (acd.Entry, error))
}

// Options are what a Dispatcher is made from.
type Options struct {
	Rules  routing.Rules
	Log    Log
	Logger *zap.Logger // nil for none
	// Hour is what the last hour of the log taught, folded up to now: an estimated wait is possible at once
	// then, and not only when enough contacts have been handled since. It belongs to the Dispatcher from
	// then on. Nil begins with nothing.
	Hour *routing.LastHour

	Workers      int           // claims in flight; 0 means 16
	ClaimTimeout time.Duration // how long a claim may take before its answer is unknown; 0 means 2 s
}

const (
	defaultWorkers = 16
	defaultTimeout = 2 * time.Second
	// standby is how often a node that does not lead looks whether it does: becoming the lead changes
	// the log, but an entry may be read before the lease is trusted.
	standby = 250 * time.Millisecond
	// A refused claim is decided anew after retryFirst, doubled with each refusal of that leg in a
	// row up to retryMost. Most refusals are cured by the next entry of the log, a round trip away.
	retryFirst = 20 * time.Millisecond
	retryMost  = 2 * time.Second
)

// Stats counts what a dispatcher did since its start.
type Stats struct {
	Decisions  uint64 // choices of the engine, each sent as a claim
	Claimed    uint64 // taken by the store
	Refused    uint64 // by the store or the tables
	Unanswered uint64 // unknown after ClaimTimeout
	Faults     uint64 // what the log held that the rules do not know; see routing.Engine
}

// Dispatcher decides for a site while its node is the lead. Its methods may be called from several
// goroutines; they answer from the view as folded so far.
type Dispatcher struct {
	opts Options
	log  *zap.Logger

	ctx    context.Context // ends with Stop
	cancel context.CancelFunc
	stop   func() // the following
	wg     sync.WaitGroup
	wake   chan struct{} // one token: the alarm is to be set earlier

	// reading is held by who reads what costs time, before mu: so no decision waits for more than one of
	// them, however many callers are told of their wait at once.
	reading sync.Mutex

	mu       sync.Mutex // guards what follows
	engine   *routing.Engine
	folded   chan struct{} // closed by the next fold; nil while nobody waits for it
	hour     *routing.LastHour
	stats    Stats
	inflight int
	refusals map[acd.LegID]int
	due      acd.Instant // when to look again though nothing is told
	alarm    acd.Instant // for when the loop has set its clock
}

// Start folds the view as it stands and begins to dispatch. It fails on faulty rules only.
func Start(opts Options) (*Dispatcher, error) {
	if opts.Workers <= 0 {
		opts.Workers = defaultWorkers
	}
	if opts.ClaimTimeout <= 0 {
		opts.ClaimTimeout = defaultTimeout
	}
	if opts.Logger == nil {
		opts.Logger = zap.NewNop()
	}
	if opts.Hour == nil {
		opts.Hour = &routing.LastHour{}
	}
	engine, err := routing.New(opts.Rules)
	if err != nil {
		return nil, fmt.Errorf("start dispatching: %w", err)
	}
	d := &Dispatcher{
		opts: opts, log: opts.Logger.Named("dispatch"), engine: engine, hour: opts.Hour,
		wake: make(chan struct{}, 1), refusals: map[acd.LegID]int{},
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.mu.Lock() // what is told meanwhile comes after the image
	defer d.mu.Unlock()
	image, stop := opts.Log.Follow(d.fold)
	d.stop = stop
	engine.Reset(image)
	image.At = opts.Log.Now()
	d.hour.Apply(image)
	d.wg.Go(d.run)
	return d, nil
}

// Stop ends the dispatching and waits for the claims in flight; their contexts are cancelled. It may
// be called twice.
func (d *Dispatcher) Stop() {
	d.cancel()
	d.stop()
	d.wg.Wait()
}

// run decides when time alone makes something possible.
func (d *Dispatcher) run() {
	clock := time.NewTimer(0)
	defer clock.Stop()
	for {
		select {
		case <-d.ctx.Done():
			return
		case <-d.wake:
		case <-clock.C:
		}
		d.mu.Lock()
		d.decide()
		d.alarm = d.due
		wait := d.alarm.Sub(d.opts.Log.Now())
		d.mu.Unlock()
		clock.Reset(max(wait, time.Millisecond))
	}
}

// fold applies entries and decides upon them, in the goroutine that brings them.
func (d *Dispatcher) fold(entries []acd.Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range entries {
		if whole(e) {
			d.engine.Reset(e)
		} else {
			d.engine.Apply(e)
		}
		for _, l := range e.Legs {
			if l.State != acd.LegQueued && l.State != acd.LegCallback {
				delete(d.refusals, l.ID)
			}
		}
	}
	d.decide()
	d.rouse()
	if d.folded != nil {
		close(d.folded)
		d.folded = nil
	}
	for _, e := range entries { // after the claims, which do not need it
		if whole(e) {
			e.At = max(e.At, d.opts.Log.Now())
			d.hour.Reset(e)
		} else {
			d.hour.Apply(e)
		}
	}
}

// whole reports whether the entry holds the whole view again.
func whole(e acd.Entry) bool { return e.Kind == acd.KindAsserted && e.Op == "" }

// rouse wakes the loop when its clock is set too late. The caller holds d.mu.
func (d *Dispatcher) rouse() {
	if d.due >= d.alarm {
		return
	}
	d.alarm = d.due
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// decide asks for a claim for every choice that a worker is free for, and notes until when nothing
// will change by itself. The caller holds d.mu.
func (d *Dispatcher) decide() {
	now := d.opts.Log.Now()
	d.due = now.Add(standby) // the lead may be lost and found without an entry
	lead, leads := d.opts.Log.Lead()
	if !leads || d.ctx.Err() != nil {
		return
	}
	for d.inflight < d.opts.Workers {
		c, ok := d.engine.Pick(now)
		if !ok {
			break
		}
		pending := d.engine.Pending() // this choice is the last of them
		c.Decision.Pending = pending[:len(pending)-1]
		d.inflight++
		d.stats.Decisions++
		d.claim(c, d.engine.Rules().Queues[c.Queue].RingTime(), lead)
	}
	if next, ok := d.engine.Next(now); ok {
		d.due = min(d.due, next)
	}
}

// claim asks for the agent's slot for the leg. The caller holds d.mu.
func (d *Dispatcher) claim(c routing.Choice, ring time.Duration, lead acd.Lead) {
	ctx, cancel := context.WithTimeout(d.ctx, d.opts.ClaimTimeout)
	offer := acd.NewOfferID(c.Decision.At)
	answer := d.opts.Log.Ask(ctx, acd.KindClaimed, func(tx *acd.Tx) error {
		return tx.Claim(c.Leg, acd.Offer{ID: offer, Agent: c.Agent, Due: tx.At().Add(ring), Step: c.Step}, c.Decision, lead)
	})
	d.wg.Go(func() {
		defer cancel()
		_, err := answer()
		d.answered(c, err)
	})
}

// answered notes how a claim ended, and gives its worker the next; what the claim changed is told to
// the engine as every entry is.
func (d *Dispatcher) answered(c routing.Choice, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inflight--
	switch {
	case err == nil:
		d.stats.Claimed++
		delete(d.refusals, c.Leg)
	case d.ctx.Err() != nil:
		return
	case errors.Is(err, context.DeadlineExceeded):
		d.stats.Unanswered++
		d.log.Warn("a claim went unanswered", d.fields(c, err)...)
	default:
		d.stats.Refused++
		n := d.refusals[c.Leg]
		d.refusals[c.Leg] = n + 1
		wait := min(retryFirst<<min(n, 10), retryMost)
		d.engine.Retry(c.Leg, c.Agent, d.opts.Log.Now().Add(wait))
		d.log.Debug("a claim was refused", d.fields(c, err)...)
	}
	d.decide()
	d.rouse()
}

func (d *Dispatcher) fields(c routing.Choice, err error) []zap.Field {
	return []zap.Field{
		zap.String("contact_id", string(c.Leg.Contact())), zap.String("agent_id", string(c.Agent)),
		zap.String("queue", string(c.Queue)), zap.Error(err),
	}
}

// SetRules puts other rules in force, for those who wait already too. Faulty rules change nothing.
func (d *Dispatcher) SetRules(rules routing.Rules) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.engine.SetRules(rules); err != nil {
		return err
	}
	d.decide()
	d.rouse()
	return nil
}

// Rules returns the rules in force, and their hash. The caller must not change them.
func (d *Dispatcher) Rules() (routing.Rules, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.engine.Rules(), d.engine.Hash()
}

// StaffedFor reports whether anyone at work could serve a contact of the queue that asks for this.
func (d *Dispatcher) StaffedFor(q acd.QueueID, asks string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.engine.StaffedFor(q, asks)
}

// Staffing counts the agents who could serve a contact of the queue that asks for this.
func (d *Dispatcher) Staffing(q acd.QueueID, asks string) routing.Staffing {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.engine.Staffing(q, asks, d.opts.Log.Now())
}

// LastRoutable reports whether a queue would be left without anyone were the agent unreachable.
func (d *Dispatcher) LastRoutable(a acd.AgentID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.engine.LastRoutable(a)
}

// Explain tells why the waiting leg goes where it goes, and why not elsewhere.
func (d *Dispatcher) Explain(leg acd.LegID) (routing.Explanation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.engine.Explain(leg, d.opts.Log.Now())
}

// Estimate tells how long the waiting leg will wait from now on; false when nothing honest can be said.
func (d *Dispatcher) Estimate(leg acd.LegID) (routing.Estimate, bool) {
	d.reading.Lock()
	defer d.reading.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.engine.Estimate(leg, d.opts.Log.Now(), d.hour)
}

// Stats returns the counters.
func (d *Dispatcher) Stats() Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.stats
	s.Faults = uint64(d.engine.Faults())
	return s
}
