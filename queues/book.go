package queues

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"accueil/acd"
)

// Book keeps the data set of a site: it writes changes, tells them on, and answers from memory. Its
// methods may be called from several goroutines.
type Book struct {
	opts    Options
	log     *zap.Logger
	keys    keys
	metrics *metrics
	clock   *clock
	spool   *spool

	embedded *embedded             // nil with a real Redis
	hot      redis.UniversalClient // scripts
	reads    redis.UniversalClient // XREAD, and what somebody waits for
	bulk     redis.UniversalClient // coming back, history: much at once, and no call waits for it
	pings    redis.UniversalClient // breaker and lead

	ctx    context.Context // ends when the Book closes
	cancel context.CancelFunc
	wg     sync.WaitGroup
	wake   chan struct{} // one token: the writer has something to look at
	unread chan struct{} // one token: the log holds something that the reader has to tell

	mu     sync.Mutex // guards everything below
	closed bool
	up     bool // Redis answers and the views agree with it
	cause  string
	since  time.Time // of up or not up
	gen    string
	seq    int64 // of the last entry told

	// base holds what Redis is known to hold; shown adds this node's own facts that are not confirmed
	// yet; told is what subscribers have been told.
	base, shown, told *fold

	facts     []*op // in order; unready ones wait for a decision's answer
	decisions []*op
	inflight  []*op // sent, or to be sent again as they are; the writer's
	barriers  []barrier
	busy      map[string]struct{} // keys of decisions in flight
	pending   map[string]*op      // facts and decisions without an answer, by id

	personal map[acd.ContactID]acd.Personal // of live contacts of this node
	parted   map[acd.ContactID]parted       // of contacts of this node that ended lately

	session   *session // of the reader; nil while away
	cursor    string   // id of the last entry told; "" before the first
	reachable bool     // the breaker heard an answer; the writer may try to return
	synthetic map[string]struct{}
	subs      map[*Subscription]struct{}
	followers []*follower
	// early holds the ids, by seq, of entries that were told from the script's answer and not read yet.
	early     map[int64]string
	lead      leadState
	keepFrom  acd.Instant
	rules     []ruleSet  // versions used by this process, oldest first
	rulesIn   string     // gen of the data set that holds them all
	facing    inspection // what Redis says of itself
	epoch     uint64     // raised by every trip: answers from before it are void
	openedOne chan struct{}
}

// barrier is a Flush that waits for all facts recorded before it.
type barrier struct {
	waitFor map[*op]struct{}
	done    chan struct{}
}

// Open connects to the site's data set. When Redis is away it starts without: from the fold and the
// facts that this node saved. It fails only for impossible options or an unusable SpoolDir.
func Open(ctx context.Context, opts Options) (*Book, error) {
	if err := opts.complete(); err != nil {
		return nil, err
	}
	b := &Book{
		opts: opts, log: opts.Log.With(zap.String("node", string(opts.Node))), keys: newKeys(opts.Site),
		base: newFold(), shown: newFold(), told: newFold(),
		busy: map[string]struct{}{}, pending: map[string]*op{}, personal: map[acd.ContactID]acd.Personal{}, parted: map[acd.ContactID]parted{},
		synthetic: map[string]struct{}{}, subs: map[*Subscription]struct{}{}, early: map[int64]string{},
		wake: make(chan struct{}, 1), unread: make(chan struct{}, 1), cause: CauseStarting, since: time.Now(), clock: newClock(),
		openedOne: make(chan struct{}),
	}
	b.metrics = newMetrics(b, opts.Registerer)
	if len(opts.Addresses) == 0 {
		e, err := startEmbedded()
		if err != nil {
			return nil, err
		}
		b.embedded = e
		b.opts.Addresses, b.opts.Master, b.opts.Cluster = []string{e.addr()}, "", false
		b.log.Warn("no Redis address is configured: an embedded store keeps the data in memory and loses it at the end of this process; for a first look and development only")
	}
	var err error
	if b.spool, err = openSpool(opts.SpoolDir, b.log, b.metrics); err != nil {
		b.embedded.close()
		return nil, err
	}
	b.restoreFold()
	quiet.Do(func() { redis.SetLogger(silence{}) })
	b.hot, b.reads, b.pings = b.opts.client(4, hotTimeout), b.opts.client(4, hotTimeout), b.opts.client(2, hotTimeout)
	b.bulk = b.opts.client(4, slowTimeout)
	b.ctx, b.cancel = context.WithCancel(context.WithoutCancel(ctx))
	b.start()

	wait := time.NewTimer(opts.OpenWait)
	defer wait.Stop()
	select {
	case <-b.openedOne:
	case <-wait.C:
		b.clock.rely()
		b.log.Error("Redis is away: started from this node's own memory", zap.String("cause", b.Health().Cause))
	case <-ctx.Done():
		return nil, errors.Join(fmt.Errorf("open the book: %w", context.Cause(ctx)), b.Close())
	}
	return b, nil
}

func (b *Book) start() {
	for _, loop := range []func(){b.writeLoop, b.pingLoop, b.leadLoop, b.housekeep, b.archiveLoop} {
		b.wg.Add(1)
		go func() { defer b.wg.Done(); loop() }()
	}
}

// closeWait bounds how long Close waits for the outbox to be written.
const closeWait = time.Second

// Close writes what is pending, to Redis or to the spool, resigns the lead, and ends all goroutines
// and subscriptions. All data stay.
func (b *Book) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil
	}
	b.closed = true
	b.mu.Unlock()

	ctx, stop := context.WithTimeout(context.Background(), closeWait)
	defer stop()
	err := b.flush(ctx)
	if err != nil {
		b.trip(CauseTimeout) // to the spool with the rest
		err = b.spool.sync(ctx)
	}
	b.resign(ctx)
	b.cancel()
	b.mu.Lock()
	if b.session != nil {
		b.session.cancel()
	}
	subs := b.subs
	b.subs = map[*Subscription]struct{}{}
	b.refuseAll(ErrClosed)
	b.mu.Unlock()
	b.wg.Wait()
	for s := range subs {
		s.stop()
	}
	b.saveFold()
	err = errors.Join(err, b.spool.close(), b.hot.Close(), b.reads.Close(), b.bulk.Close(), b.pings.Close())
	b.embedded.close()
	b.metrics.unregister()
	if err != nil {
		return fmt.Errorf("close the book: %w", err)
	}
	return nil
}

// refuseAll answers every waiting decision. The caller holds b.mu.
func (b *Book) refuseAll(err error) {
	for _, o := range b.decisions {
		o.reply(result{err: err})
	}
	for _, o := range b.inflight {
		if !o.fact {
			o.reply(result{err: err})
		}
	}
	b.decisions = nil
}

func (o *op) reply(r result) {
	if o.answer != nil {
		o.answer <- r // buffered for its one answer
		o.answer = nil
	}
}

// Embedded reports whether the data live in this process only.
func (b *Book) Embedded() bool { return b.embedded != nil }

// Now is the site's time: the instant on Redis's clock as this node estimates it, without that clock's
// leaps; it never goes back.
func (b *Book) Now() acd.Instant { return b.clock.now() }

func (b *Book) nudge() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// The client library writes to the standard error by itself; what it says there, a Book says with a
// cause.
var quiet sync.Once

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}
