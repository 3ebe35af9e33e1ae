package owed

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"accueil/acd"
	"accueil/history/ledger"
)

// Log is what the Keeper folds.
type Log interface {
	// Follow gives everything as it is now, as one entry, and every later entry in order.
	Follow(name string) (image acd.Entry, entries <-chan acd.Entry, stop func())
	// After reads the entries after the one of that id, oldest first; all for "". An error of yield ends it
	// and is returned.
	After(ctx context.Context, id string, yield func(acd.Entry) error) error
	// Position is the data set and its last entry.
	Position() (gen string, seq int64)
	// KeepFrom holds entries from that instant on back from trimming.
	KeepFrom(acd.Instant)
	Now() acd.Instant
	// Tell tells everybody what has become of tasks, and who did it ("" for nobody). It returns when the
	// log holds it, or will as soon as it can.
	Tell(ctx context.Context, by string, tasks []acd.Task) error
}

// Person is who called.
type Person struct {
	Number string // to call back; "" when withheld or not known any more
	Name   string // from the directory
	Same   string // by which he is known again; "" for a number that many people call from
}

// Options are what a Keeper needs; all but Registerer and QueueOf.
type Options struct {
	Open func(context.Context) (*ledger.Ledger, error)
	Log  Log
	// Who tells who called; an error says that it cannot be known now.
	Who func(context.Context, acd.Leg) (Person, error)
	// QueueOf is the queue of a reason, for who did not come as far as it; may be nil.
	QueueOf func(acd.ReasonID) acd.QueueID
	// Life is for how long a task is owed, Keep for how long it stays after that.
	Life       time.Duration
	Keep       ledger.Keep
	Logger     *zap.Logger
	Registerer prometheus.Registerer
}

// Timings.
const (
	openLimit  = 3 * time.Minute  // of one try, a long migration included
	reopen     = 5 * time.Second  // between tries
	saveEvery  = 5 * time.Second  // how often a cursor that has moved alone is written
	retryLog   = time.Second      // between tries to read the log while Redis is away
	sweepEvery = time.Minute      // looks for expired tasks
	foldLimit  = 30 * time.Second // of one transaction
	stopLimit  = time.Second      // of the last one
)

// Keeper keeps the tasks of a site, for as long as Run runs.
type Keeper struct {
	opt     Options
	log     *zap.Logger
	metrics *metrics
	// told are the revisions that the log was told of while that could not be noted; of announce, one of
	// which runs at a time.
	told map[acd.TaskID]int64

	mu     sync.Mutex // guards all below
	ledger *ledger.Ledger
	err    error // why there is none
	folded ledger.Cursor
}

// Ledger returns the open database; why there is none otherwise, as an acd.ErrUnavailable.
func (k *Keeper) Ledger() (*ledger.Ledger, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ledger == nil {
		return nil, errors.Join(acd.ErrUnavailable, k.err)
	}
	return k.ledger, nil
}

// Err is why the database is not in use; nil while it is.
func (k *Keeper) Err() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}

// Behind is how many entries of the log have not been folded; all of another data set.
func (k *Keeper) Behind() int64 {
	gen, seq := k.opt.Log.Position()
	k.mu.Lock()
	defer k.mu.Unlock()
	if gen != k.folded.Gen {
		return seq
	}
	return max(0, seq-k.folded.Seq)
}

// errStarting stands until the first try to open the database has ended.
var errStarting = errors.New("the database is being opened")

// NewKeeper returns a Keeper that does nothing before Run.
func NewKeeper(o Options) *Keeper {
	k := &Keeper{opt: o, log: o.Logger.Named("owed"), err: errStarting}
	k.metrics = newMetrics(k, o.Registerer)
	return k
}

// Run opens the database and folds the log into it until ctx ends, beginning again when either fails.
func (k *Keeper) Run(ctx context.Context) {
	k.opt.Log.KeepFrom(1) // all of it, until the cursor is known
	for ctx.Err() == nil {
		k.session(ctx)
		pause(ctx, reopen)
	}
}

// session is one opening of the database, until it fails.
func (k *Keeper) session(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, openLimit)
	l, err := k.opt.Open(limited)
	cancel()
	if err != nil {
		k.away(ctx, err)
		return
	}
	defer func() { _ = l.Close() }()
	defer k.announcing(ctx, l)()
	if err = k.fold(ctx, l); err != nil {
		k.away(ctx, err)
	}
}

// away notes why the database is not in use, and says it when it is news.
func (k *Keeper) away(ctx context.Context, err error) {
	k.mu.Lock()
	news := k.err == nil || k.err.Error() != err.Error()
	k.ledger, k.err = nil, err
	k.mu.Unlock()
	if news && ctx.Err() == nil {
		k.log.Error("the database is away: tasks are neither kept nor shown; calls go on, and the log waits", zap.Error(err))
	}
}

// inUse notes that the database is in use and how far the log is folded into it.
func (k *Keeper) inUse(l *ledger.Ledger, at ledger.Cursor) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ledger, k.err, k.folded = l, nil, at
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
