// Package dispatch is the loop around the pure engine of package routing: it folds the log into the
// engine, asks it for choices while this node is the lead, and turns each into a claim.
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
	// Decide makes a change that acts only after the store said yes. build may run several times. An
	// error of the context leaves it unknown whether the change was made.
	Decide(ctx context.Context, kind acd.Kind, build func(*acd.Tx) error) (acd.Entry, error)
}

// Feed is a reader's place in the log: the view at the moment of subscribing as one entry, and every
// later entry in order. An entry of kind asserted without an operation holds the whole view again:
// what it does not name is gone.
type Feed struct {
	Image   acd.Entry
	Entries <-chan acd.Entry
	Close   func()
}

// Options are what a Dispatcher is made from.
type Options struct {
	Rules     routing.Rules
	Log       Log
	Subscribe func(name string) Feed
	Logger    *zap.Logger // nil for none

	Workers      int           // claims in flight; 0 means 16
	ClaimTimeout time.Duration // how long a claim may take before its answer is unknown; 0 means 2 s
}

const (
	defaultWorkers = 16
	defaultTimeout = 2 * time.Second
	// batch bounds how many entries are folded before the engine is asked: an entry is folded in
	// microseconds, so nobody waits for a batch, and a burst costs one round of decisions.
	batch = 256
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
// goroutines; they answer from the log as folded so far.
type Dispatcher struct {
	opts Options
	log  *zap.Logger
	feed Feed

	cancel context.CancelFunc
	done   chan struct{}
	wake   chan struct{} // one token: rules changed

	mu     sync.Mutex // guards the engine and the counters
	engine *routing.Engine
	stats  Stats

	// What follows belongs to the loop.
	inflight int
	answers  chan answer // as deep as there are workers, so that none of them ever waits for the loop
	refusals map[acd.LegID]int
}

// answer is how a claim ended.
type answer struct {
	choice routing.Choice
	err    error
}

// Start folds the log as it stands and begins to dispatch. It fails on faulty rules only.
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
	engine, err := routing.New(opts.Rules)
	if err != nil {
		return nil, fmt.Errorf("start dispatching: %w", err)
	}
	d := &Dispatcher{
		opts: opts, log: opts.Logger.Named("dispatch"), engine: engine, feed: opts.Subscribe("dispatch"),
		done: make(chan struct{}), wake: make(chan struct{}, 1),
		answers: make(chan answer, opts.Workers), refusals: map[acd.LegID]int{},
	}
	engine.Reset(d.feed.Image)
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	go d.run(ctx)
	return d, nil
}

// Stop ends the loop and waits for the claims in flight; their contexts are cancelled. It may be
// called twice.
func (d *Dispatcher) Stop() {
	d.cancel()
	<-d.done
}

func (d *Dispatcher) run(ctx context.Context) {
	var claims sync.WaitGroup
	defer close(d.done)
	defer d.feed.Close()
	defer claims.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(d.decide(ctx, &claims))
		select {
		case <-ctx.Done():
			return
		case e, ok := <-d.feed.Entries:
			if !ok { // the log has closed: nothing can be claimed any more
				d.cancel()
				return
			}
			d.fold(e)
		case a := <-d.answers:
			d.answered(ctx, a)
		case <-d.wake:
		case <-timer.C:
		}
	}
}

// fold applies an entry and those that wait behind it.
func (d *Dispatcher) fold(e acd.Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for n := 1; ; n++ {
		if e.Kind == acd.KindAsserted && e.Op == "" {
			d.engine.Reset(e)
		} else {
			d.engine.Apply(e)
		}
		for _, l := range e.Legs {
			if l.State != acd.LegQueued {
				delete(d.refusals, l.ID)
			}
		}
		if n == batch {
			return
		}
		select {
		case next, ok := <-d.feed.Entries:
			if !ok {
				return // the loop will see it too
			}
			e = next
		default:
			return
		}
	}
}

// decide sends a claim for every choice that a worker is free for, and returns how long nothing will
// change by itself.
func (d *Dispatcher) decide(ctx context.Context, claims *sync.WaitGroup) time.Duration {
	now := d.opts.Log.Now()
	lead, leads := d.opts.Log.Lead()
	if !leads {
		return standby
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.inflight < d.opts.Workers {
		c, ok := d.engine.Pick(now)
		if !ok {
			break
		}
		pending := d.engine.Pending() // this choice is the last of them
		c.Decision.Pending = pending[:len(pending)-1]
		d.inflight++
		d.stats.Decisions++
		ring := d.engine.Rules().Queues[c.Queue].RingTime()
		claims.Add(1)
		go func() {
			defer claims.Done()
			d.answers <- answer{c, d.claim(ctx, c, ring, lead)}
		}()
	}
	next, ok := d.engine.Next(now)
	if !ok {
		return standby // the lead may be lost and found without an entry
	}
	return min(standby, max(next.Sub(now), time.Millisecond))
}

// claim leases the agent's slot for the leg.
func (d *Dispatcher) claim(ctx context.Context, c routing.Choice, ring time.Duration, lead acd.Lead) error {
	ctx, cancel := context.WithTimeout(ctx, d.opts.ClaimTimeout)
	defer cancel()
	offer := acd.OfferID(acd.NewOfferID(c.Decision.At))
	_, err := d.opts.Log.Decide(ctx, acd.KindClaimed, func(tx *acd.Tx) error {
		return tx.Claim(c.Leg, acd.Offer{ID: offer, Agent: c.Agent, Due: tx.At().Add(ring), Step: c.Step}, c.Decision, lead)
	})
	if err != nil {
		return fmt.Errorf("claim leg %s for agent %s: %w", c.Leg, c.Agent, err)
	}
	return nil
}

// answered notes how a claim ended; the log tells the engine when it was taken.
func (d *Dispatcher) answered(ctx context.Context, a answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inflight--
	switch {
	case a.err == nil:
		d.stats.Claimed++
		delete(d.refusals, a.choice.Leg)
	case ctx.Err() != nil:
	case errors.Is(a.err, context.DeadlineExceeded):
		d.stats.Unanswered++
		d.log.Warn("a claim went unanswered", d.fields(a)...)
	default:
		d.stats.Refused++
		n := d.refusals[a.choice.Leg]
		d.refusals[a.choice.Leg] = n + 1
		wait := min(retryFirst<<min(n, 10), retryMost)
		d.engine.Retry(a.choice.Leg, a.choice.Agent, d.opts.Log.Now().Add(wait))
		d.log.Debug("a claim was refused", d.fields(a)...)
	}
}

func (d *Dispatcher) fields(a answer) []zap.Field {
	return []zap.Field{
		zap.String("contact_id", string(a.choice.Leg.Contact())), zap.String("agent_id", string(a.choice.Agent)),
		zap.String("queue", string(a.choice.Queue)), zap.Error(a.err),
	}
}

// SetRules puts other rules in force, for those who wait already too. Faulty rules change nothing.
func (d *Dispatcher) SetRules(rules routing.Rules) error {
	d.mu.Lock()
	err := d.engine.SetRules(rules)
	d.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
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

// Stats returns the counters.
func (d *Dispatcher) Stats() Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.stats
	s.Faults = uint64(d.engine.Faults())
	return s
}
