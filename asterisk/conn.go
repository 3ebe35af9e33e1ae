package asterisk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"
)

// Time between attempts to connect; it doubles, and each is shortened by up to
// half so that nodes do not return in step.
const (
	backoffFirst = 100 * time.Millisecond
	backoffLast  = 2 * time.Second
)

// ConnConfig describes one connection. Only OnConnected, PhonesApp and Log may be
// missing.
type ConnConfig struct {
	RESTConfig

	// CallApp is the application that calls enter, such as accueil-n1.
	CallApp string
	// PhonesApp carries the events of endpoints, such as accueil-n1-phones. In
	// CallApp those subscriptions would double every event of a phone's calls.
	PhonesApp string
	// CallEvents names the types of event that are wanted of CallApp; empty means all
	// but what comes often and says least. Asterisk keeps the others to itself, which
	// spares both sides their writing, sending and reading.
	CallEvents []string

	// OnEvent receives every event of both applications, one after another in
	// Asterisk's order, on one goroutine that is not the reader's. While it runs,
	// events queue (see maxQueued); it should only hand them to mailboxes.
	OnEvent func(Event)

	// OnConnected runs after each connect, when commands pass again and before the
	// first event of that generation is delivered: here the process compares its
	// memory with Asterisk (ARI 1.13). Its context ends with the connection. An
	// error closes the connection; the next attempt is a new generation.
	OnConnected func(ctx context.Context, generation uint64) error

	Log *zap.Logger // nil = silent
}

// Conn holds the websocket of a node's applications and the gate of its commands.
//
// The applications are ours when three things are true, and commands pass only
// then: the socket is up; an event that we sent to each application came back
// (Asterisk can leave a connected application deaf); and this process has run
// without a gap since. Whoever connects last owns the applications: the process
// that is told so, or finds another owner's mark after a gap, is fenced for good.
type Conn struct {
	cfg   ConnConfig
	id    string // of this process's life, the mark in Asterisk
	plain *REST  // the connection's own requests, not gated
	rest  *REST
	gate  *gate
	queue *eventQueue
	log   *zap.Logger
	count counters

	subscriptions subscriptions
	generation    atomic.Uint64
	connected     atomic.Bool
	marked        atomic.Bool // our mark stood in Asterisk once
	capabilities  atomic.Pointer[Capabilities]
	running       atomic.Bool
}

// NewConn checks the configuration. Nothing is connected before Run.
func NewConn(cfg ConnConfig) (*Conn, error) {
	plain, err := NewREST(cfg.RESTConfig)
	if err != nil {
		return nil, err
	}
	if cfg.OnEvent == nil {
		return nil, errors.New("asterisk: a connection needs OnEvent")
	}
	if !appName.MatchString(cfg.CallApp) {
		return nil, fmt.Errorf("asterisk: application name %q: letters, digits, - and _ only, at most 64", cfg.CallApp)
	}
	if cfg.PhonesApp != "" && (!appName.MatchString(cfg.PhonesApp) || cfg.PhonesApp == cfg.CallApp) {
		return nil, fmt.Errorf("asterisk: application name %q: letters, digits, - and _ only, at most 64, not the call application", cfg.PhonesApp)
	}
	log := cfg.Log
	if log == nil {
		log = zap.NewNop()
	}
	c := &Conn{
		cfg: cfg, id: uuid.NewString(), plain: plain, gate: newGate(),
		queue: newEventQueue(), log: log.Named("asterisk"),
	}
	c.rest = plain.gated(c.gate.pass)
	return c, nil
}

// REST gives the operations behind the gate: a command waits within its deadline
// while the connection is down or in doubt, and fails with ErrFenced after a
// takeover.
func (c *Conn) REST() *REST { return c.rest }

// Fenced is closed once another process has taken over.
func (c *Conn) Fenced() <-chan struct{} { return c.gate.fenced }

// Capabilities are those of the Asterisk last connected to; zero before.
func (c *Conn) Capabilities() Capabilities {
	if caps := c.capabilities.Load(); caps != nil {
		return *caps
	}
	return Capabilities{}
}

// Run connects, delivers and reconnects until ctx ends (nil), another process
// takes over (ErrFenced) or this Asterisk is refused (*RefusedError). It returns
// when all its goroutines have ended. Events that were not delivered by then are
// the next process's business: it reconciles. Run runs once.
func (c *Conn) Run(ctx context.Context) error {
	if c.running.Swap(true) {
		return errors.New("asterisk: Run runs once; make another Conn")
	}
	ctx, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer func() {
		stop()
		background.Wait()
		c.gate.shut()
		c.plain.Close()
	}()
	background.Go(func() { c.gate.watch(ctx) })
	background.Go(func() { c.deliver(ctx) })

	backoff := newBackoff()
	for attempt := 1; ; attempt++ {
		settled, err := c.session(ctx)
		switch {
		case c.gate.isFenced():
			c.log.Error("another process has taken over this node's applications; no further command is sent")
			return ErrFenced
		case ctx.Err() != nil:
			return nil
		}
		if refused, ok := errors.AsType[*RefusedError](err); ok {
			return refused
		}
		if settled {
			backoff, attempt = newBackoff(), 1
		}
		if attempt&(attempt-1) == 0 { // 1st, 2nd, 4th, 8th… of a row
			c.log.Warn("no connection to Asterisk", zap.Int("attempt", attempt), zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(backoff.next()):
		}
	}
}

// deliver is the goroutine that calls the sink.
func (c *Conn) deliver(ctx context.Context) {
	var digits DtmfFilter
	for {
		batch := c.queue.take(ctx)
		if batch == nil {
			return
		}
		for _, event := range batch {
			if c.gate.isFenced() {
				return // the successor's calls
			}
			if d, ok := event.(*ChannelDtmfReceived); ok && !digits.Accept(d.Channel.ID, d.Digit, d.DurationMs, instantOf(event)) {
				c.count.repeatedDigits.Add(1)
				continue
			}
			c.cfg.OnEvent(event)
		}
	}
}

// instantOf prefers Asterisk's clock, which a delay of ours does not distort.
func instantOf(e Event) time.Time {
	if at := e.data().Timestamp.Time; !at.IsZero() {
		return at
	}
	return e.ReceivedAt()
}

func (c *Conn) apps() []string {
	if c.cfg.PhonesApp == "" {
		return []string{c.cfg.CallApp}
	}
	return []string{c.cfg.CallApp, c.cfg.PhonesApp}
}

type backoff struct{ step time.Duration }

func newBackoff() *backoff { return &backoff{step: backoffFirst} }

func (b *backoff) next() time.Duration {
	wait := b.step/2 + rand.N(b.step/2+1)
	b.step = min(2*b.step, backoffLast)
	return wait
}
