package app

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"accueil/acd"
	"accueil/asterisk"
	"accueil/calls"
)

// witnessEvery is how often Asterisk's call records are read while the node is connected. What they
// tell is for the figures, not for anybody who waits.
const witnessEvery = 5 * time.Second

// witness hands the call control what Asterisk's own records say of calls from outside, so that one
// which came while no controller ran is counted too (DESIGN §4, arrived). Run's goroutine only, but for
// connected and the figures.
type witness struct {
	app     *App
	records *asterisk.Records
	pending []calls.Seen // read, and not yet told
	cause   string       // why the file cannot be read, as logged last
	soon    chan struct{}
	started atomic.Int64 // when Asterisk began, Unix ms; 0 before the first connection
	bad     atomic.Int64
}

func (a *App) startWitness(context.Context) error {
	a.witness = &witness{app: a, soon: make(chan struct{}, 1)}
	a.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "accueil_call_record_lines_bad_total",
		Help: "Lines of Asterisk's call records that could not be read, and files that were gone before they were.",
	}, func() float64 { return float64(a.witness.bad.Load()) }))
	return nil
}

// connected notes since when Asterisk runs and has the records read: an outage may lie behind.
func (w *witness) connected(ctx context.Context) {
	if at, err := w.app.lines.Started(ctx); err == nil {
		w.started.Store(int64(at))
	}
	select {
	case w.soon <- struct{}{}:
	default:
	}
}

// run reads until the context ends.
func (w *witness) run(ctx context.Context) {
	s := w.app.opt.Site
	var err error
	w.records, err = asterisk.OpenRecords(s.Asterisk.CallRecords, filepath.Join(s.DataDir, "spool", "call-records.json"))
	if err != nil {
		w.app.log.Error("calls without a controller are not counted", zap.Error(err))
		return
	}
	tick := time.NewTicker(witnessEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-w.soon:
		}
		if w.started.Load() != 0 && w.app.Connected() {
			w.look(ctx)
		}
	}
}

// look reads what is new, tells it, and keeps how far it has come once that is safe.
func (w *witness) look(ctx context.Context) {
	ended, err := w.records.Read()
	w.bad.Store(int64(w.records.Bad()))
	w.complain(err)
	ended = append(ended, w.records.Died(acd.Instant(w.started.Load()).Time())...)
	for _, r := range ended {
		if s, ok := w.seen(r); ok {
			w.pending = append(w.pending, s)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := w.app.calls.Witness(ctx, w.pending); err != nil {
		return // the log is away: they are told when it is back
	}
	w.pending = nil
	if err := w.app.book.Flush(ctx); err != nil {
		return
	}
	w.complain(w.records.Save())
}

// complain logs an error when it is another one than the last time.
func (w *witness) complain(err error) {
	cause := ""
	if err != nil {
		cause = err.Error()
	}
	if cause != "" && cause != w.cause {
		w.app.log.Warn("Asterisk's call records cannot be read: calls without a controller are not counted", zap.Error(err))
	}
	w.cause = cause
}

// seen translates a record; ok is false for a call that reached no entry of the site.
func (w *witness) seen(r asterisk.CallRecord) (s calls.Seen, ok bool) {
	entry, ok := w.app.live.Load().site.Entries[acd.EntryID(r.Account)]
	at := func(t time.Time) acd.Instant {
		if t.IsZero() {
			return 0
		}
		return acd.At(t)
	}
	return calls.Seen{
		Channel: r.Channel, Entry: acd.EntryID(r.Account), Trunk: entry.Trunk,
		Began: at(r.Began), Answered: at(r.Answered), Joined: at(r.Joined), Ended: at(r.Ended), Crash: r.Cut,
	}, ok
}
