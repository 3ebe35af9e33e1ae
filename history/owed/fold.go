package owed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/history/ledger"
)

// folding is one uninterrupted fold of the log into an open ledger. It belongs to one goroutine.
type folding struct {
	k      *Keeper
	ledger *ledger.Ledger
	at     ledger.Cursor // folded up to here
	saved  ledger.Cursor // and written up to here
	behind bool          // the log holds what was not heard
	retry  time.Time     // when to read it again
	// settled are legs whose conversation was looked at already: their later images say nothing new.
	settled map[acd.LegID]struct{}
}

// maxSettled bounds the legs that are remembered; a look too many does no harm.
const maxSettled = 4096

// maxBatch bounds the entries of one transaction.
const maxBatch = 256

// fold follows the log until ctx ends (nil) or the ledger fails.
func (k *Keeper) fold(ctx context.Context, l *ledger.Ledger) error {
	f := &folding{k: k, ledger: l, behind: true, settled: map[acd.LegID]struct{}{}}
	image, entries, stop := k.opt.Log.Follow("owed")
	defer stop()
	var err error
	if f.at, err = l.Cursor(ctx); err != nil {
		return err
	}
	f.saved = f.at
	k.inUse(l, f.at)
	k.opt.Log.KeepFrom(f.at.At)
	if err := f.catchUp(ctx); err != nil {
		return err
	}
	// What has ended lately is in the view even where the log that told it was lost.
	if err := f.take(ctx, []acd.Entry{image}); err != nil {
		return err
	}
	return f.run(ctx, entries)
}

func (f *folding) run(ctx context.Context, entries <-chan acd.Entry) error {
	save, sweep := time.NewTicker(saveEvery), time.NewTicker(sweepEvery)
	defer func() { save.Stop(); sweep.Stop() }()
	if err := f.sweep(ctx); err != nil {
		return err
	}
	for {
		var err error
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
			defer cancel()
			return f.save(last)
		case e, ok := <-entries:
			if !ok {
				return nil // the log is closed: so is the program
			}
			err = f.take(ctx, more(e, entries))
		case <-save.C:
			if gen, seq := f.k.opt.Log.Position(); gen != f.at.Gen || seq > f.at.Seq {
				f.behind = true
			}
			err = f.save(ctx)
		case <-sweep.C:
			err = f.sweep(ctx)
		}
		if err == nil && f.behind && !time.Now().Before(f.retry) {
			err = f.catchUp(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// more returns an entry with those that wait behind it.
func more(e acd.Entry, entries <-chan acd.Entry) []acd.Entry {
	batch := []acd.Entry{e}
	for len(batch) < maxBatch {
		select {
		case e, ok := <-entries:
			if !ok {
				return batch
			}
			batch = append(batch, e)
		default:
			return batch
		}
	}
	return batch
}

// take folds entries as they are told. Those that follow the cursor move it; others are folded without
// it and will come again from the log.
func (f *folding) take(ctx context.Context, batch []acd.Entry) error {
	var alone, next []acd.Entry
	at := f.at
	for _, e := range batch {
		switch {
		case e.ID != "" && e.Gen == at.Gen && e.Seq == at.Seq+1 && !whole(e):
			at = cursorOf(e)
			next = append(next, e)
		case e.ID != "" && e.Gen == at.Gen && e.Seq <= at.Seq && !whole(e):
			// read from the log already
		default:
			if e.ID != "" && (e.Gen != at.Gen || e.Seq > at.Seq) {
				f.behind = true
			}
			alone = append(alone, e)
		}
	}
	if len(alone) > 0 {
		if err := f.write(ctx, alone, nil); err != nil && !errors.Is(err, errWho) {
			return err
		}
	}
	if len(next) == 0 {
		return nil
	}
	return f.advance(ctx, next)
}

// whole reports whether an entry holds the whole view rather than a change.
func whole(e acd.Entry) bool { return e.Kind == acd.KindAsserted && e.Op == "" }

func cursorOf(e acd.Entry) ledger.Cursor {
	return ledger.Cursor{Gen: e.Gen, Entry: e.ID, Seq: e.Seq, At: e.At}
}

// advance folds entries that follow the cursor, and moves it.
func (f *folding) advance(ctx context.Context, entries []acd.Entry) error {
	at := cursorOf(entries[len(entries)-1])
	switch err := f.write(ctx, entries, &at); {
	case errors.Is(err, errWho):
		f.later()
		return nil
	case err != nil:
		return err
	}
	f.moved(at)
	return nil
}

func (f *folding) later() { f.behind, f.retry = true, time.Now().Add(retryLog) }

func (f *folding) moved(at ledger.Cursor) {
	f.at = at
	f.k.mu.Lock()
	defer f.k.mu.Unlock()
	f.k.folded = at
}

// catchUp folds what the log holds after the cursor. A log that cannot be read is tried again later.
func (f *folding) catchUp(ctx context.Context) error {
	gen, _ := f.k.opt.Log.Position()
	from := f.at.Entry
	if gen != f.at.Gen {
		from = "" // another data set: all of it is new
	}
	var batch []acd.Entry
	var failed error
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		at := cursorOf(batch[len(batch)-1])
		if failed = f.write(ctx, batch, &at); failed == nil {
			f.moved(at)
			batch = batch[:0]
		}
		return failed
	}
	first := true
	err := f.k.opt.Log.After(ctx, from, func(e acd.Entry) error {
		if first {
			f.gap(e)
			first = false
		}
		if batch = append(batch, e); len(batch) < maxBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	switch {
	case err == nil:
		f.behind = false
	case errors.Is(failed, errWho), failed == nil:
		f.later()
		return nil
	default:
		return failed
	}
	return f.save(ctx)
}

// gap says when the log was shortened before it was folded.
func (f *folding) gap(e acd.Entry) {
	if missing := e.Seq - f.at.Seq - 1; e.Gen == f.at.Gen && missing > 0 {
		f.k.metrics.skipped.Add(float64(missing))
		f.k.log.Error("the log was shortened before its missed callers were kept: the database was away for too long", zap.Int64("entries", missing))
	}
}

// save writes a cursor that has moved without anything being owed.
func (f *folding) save(ctx context.Context) error {
	if f.at == f.saved {
		return nil
	}
	at := f.at
	return f.write(ctx, nil, &at)
}

// sweep expires, erases and forgets.
func (f *folding) sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, foldLimit)
	defer cancel()
	s, err := f.ledger.Sweep(ctx, f.k.opt.Log.Now(), f.k.opt.Keep)
	if err != nil {
		return err
	}
	if s.Expired > 0 {
		f.k.log.Warn("tasks were not handled in their time", zap.Int64("tasks", s.Expired))
	}
	if s.Erased+s.Forgotten > 0 {
		f.k.log.Info("whom ended tasks were owed to was erased", zap.Int64("erased", s.Erased), zap.Int64("forgotten", s.Forgotten))
	}
	return nil
}

// item is one leg that says something, and who called.
type item struct {
	leg     acd.Leg
	verdict Verdict
	person  Person
}

// errWho says that it cannot be known now who called.
var errWho = errors.New("who called cannot be known now")

// write folds entries in one transaction and writes the cursor with them. Entries that say nothing are
// not written: the cursor waits for the next that does, or for save.
func (f *folding) write(ctx context.Context, entries []acd.Entry, to *ledger.Cursor) error {
	ctx, cancel := context.WithTimeout(ctx, foldLimit)
	defer cancel()
	var items []item
	var surveyed []acd.Leg
	for _, e := range entries {
		for _, l := range e.Legs {
			if l.End != nil && l.Survey.Answered() {
				surveyed = append(surveyed, l)
			}
			v := Judge(l)
			if _, done := f.settled[l.ID]; l.Callback == nil && (v == Nothing || v == Answered && done) {
				continue
			}
			who, err := f.k.opt.Who(ctx, l)
			if err != nil {
				return fmt.Errorf("%w: %w", errWho, err)
			}
			items = append(items, item{l, v, who})
		}
	}
	if len(items) == 0 && len(surveyed) == 0 && len(entries) > 0 {
		return nil
	}
	err := f.ledger.Fold(ctx, to, func(b *ledger.Batch) error {
		for _, it := range items {
			if err := f.k.settle(b, it); err != nil {
				return err
			}
		}
		for _, l := range surveyed {
			if err := b.Surveyed(l); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, it := range items {
		if it.verdict == Answered {
			if len(f.settled) >= maxSettled {
				clear(f.settled)
			}
			f.settled[it.leg.ID] = struct{}{}
		}
	}
	if to != nil {
		f.saved = *to
		f.k.opt.Log.KeepFrom(to.At)
	}
	return nil
}

// settle writes what one leg says.
func (k *Keeper) settle(b *ledger.Batch, it item) error {
	if it.leg.Callback != nil {
		if err := k.follow(b, it); err != nil || it.verdict != Answered {
			return err
		}
	}
	if it.verdict == Answered {
		return k.served(b, it)
	}
	if id, err := b.Counted(it.leg.ID); err != nil || id != "" {
		return err
	}
	l, deed := it.leg, ledger.Deed{By: ledger.System, What: "open", At: it.leg.End.At}
	if it.verdict == Missed {
		if it.person.Number == "" {
			return nil // nobody can call him back: he is in the figures
		}
		owed, err := b.OwedTo(it.person.Same)
		if err != nil {
			return err
		}
		for _, t := range owed {
			if !Joins(t, l) {
				continue
			}
			n, err := Again(t, l, k.queueOf(l.Reason), k.opt.Life)
			if err != nil {
				return err
			}
			deed.What = "repeat"
			if err := b.Move(n, deed); err != nil {
				return err
			}
			return b.Count(l.ID, t.ID, l.End.At)
		}
	}
	t, err := New(l, kinds[it.verdict], k.queueOf(l.Reason), k.opt.Life)
	if err != nil {
		k.log.Error("a call cannot be kept as a task", zap.String("contact_id", string(l.ID.Contact())), zap.Error(err))
		return nil // it never could: the fold goes on
	}
	return b.Add(t, acd.TaskPersonal{Number: it.person.Number, Name: it.person.Name}, it.person.Same, deed)
}

// follow brings the task of a leg that calls its person back to where the leg stands.
func (k *Keeper) follow(b *ledger.Batch, it item) error {
	l := it.leg
	id := l.Callback.Task
	if id == "" {
		var err error
		if id, err = b.Counted(l.ID); err != nil {
			return err
		}
	}
	var t acd.Task
	var err error
	if id == "" {
		if t, err = NewCallback(l); err != nil {
			k.log.Error("a callback cannot be kept as a task", zap.String("contact_id", string(l.ID.Contact())), zap.Error(err))
			return nil
		}
		deed := ledger.Deed{By: ledger.System, What: "open", At: t.Last}
		if err := b.Add(t, acd.TaskPersonal{Number: it.person.Number, Name: it.person.Name}, it.person.Same, deed); err != nil {
			return err
		}
	} else if t, err = b.Task(id); err != nil {
		var gone acd.ErrNotFound
		if errors.As(err, &gone) {
			return nil // it was forgotten, and with it what the leg is for
		}
		return err
	}
	n, err := Follow(t, l)
	if err != nil {
		k.log.Error("a task cannot follow its callback", zap.String("contact_id", string(l.ID.Contact())), zap.Error(err))
		return nil
	}
	if n.Rev == t.Rev {
		return nil
	}
	at := l.Since
	if l.End != nil {
		at = l.End.At
	}
	return b.Move(n, ledger.Deed{By: ledger.System, What: "callback", At: at})
}

// served ends what is owed to a person for whom an agent has taken up the telephone.
func (k *Keeper) served(b *ledger.Batch, it item) error {
	owed, err := b.OwedTo(it.person.Same)
	if err != nil {
		return err
	}
	for _, t := range owed {
		if !Settles(t, it.leg) {
			continue
		}
		n, err := t.Served(it.leg.Bridged)
		if err != nil {
			return err
		}
		if err := b.Move(n, ledger.Deed{By: ledger.System, What: "served", At: it.leg.Bridged}); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) queueOf(r acd.ReasonID) acd.QueueID {
	if k.opt.QueueOf == nil || r == "" {
		return ""
	}
	return k.opt.QueueOf(r)
}
