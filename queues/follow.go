package queues

import (
	"sync"

	"accueil/acd"
)

// follower folds this node's view as it changes; see Follow.
type follower struct {
	fold    func([]acd.Entry)
	waiting []acd.Entry // not folded yet; guarded by Book.mu
	busy    sync.Mutex  // held while fold runs
}

// Follow lets fold keep up with this node's view: what the log tells, and this node's own facts from
// the instant they are recorded. It returns the view as one entry, from which acd.View.Apply rebuilds
// it, and a function that ends the following and waits for a fold that runs.
//
// An entry comes without an ID while it is not known what lies before it in the log, and with one when
// its turn has come: the same images a second time. Where the truth turned out to be another than a
// fact had assumed, one entry of kind asserted without an operation holds the whole view again: what
// it does not name is gone. As in the log, a newer revision replaces an older one.
//
// fold runs in the goroutine that changed the view, one call at a time, without any lock of the Book:
// what it asks for (Ask) goes to Redis together with the fact that it was asked upon. It must be quick.
func (b *Book) Follow(fold func([]acd.Entry)) (image acd.Entry, stop func()) {
	f := &follower{fold: fold}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.followers = append(b.followers, f)
	return b.shownImage(), func() { b.unfollow(f) }
}

func (b *Book) unfollow(f *follower) {
	b.mu.Lock()
	kept := b.followers[:0:0] // unlock may be walking through the old list
	for _, other := range b.followers {
		if other != f {
			kept = append(kept, other)
		}
	}
	b.followers, f.waiting = kept, nil
	b.mu.Unlock()
	f.busy.Lock() // a fold that runs ends first
	defer f.busy.Unlock()
}

// show folds an entry into the view that this node shows. The caller holds b.mu.
func (b *Book) show(e *acd.Entry) {
	b.shown.advance(e)
	for _, f := range b.followers {
		f.waiting = append(f.waiting, *e)
	}
}

// showAnew tells followers the whole view: it has gone back, which no entry can say. The caller holds
// b.mu.
func (b *Book) showAnew() {
	if len(b.followers) == 0 {
		return
	}
	image := b.shownImage()
	for _, f := range b.followers {
		f.waiting = append(f.waiting[:0:0], image)
	}
}

// shownImage is the view that this node shows, as one entry. The caller holds b.mu.
func (b *Book) shownImage() acd.Entry {
	e := b.shown.view.Image()
	e.Gen, e.Seq, e.ID, e.At, e.Node = b.gen, b.seq, b.cursor, b.clock.now(), b.opts.Node
	return e
}

// unlock gives up b.mu after something that may have changed the view, and lets followers fold it.
func (b *Book) unlock() {
	followers := b.followers
	idle := true
	for _, f := range followers {
		idle = idle && len(f.waiting) == 0
	}
	b.mu.Unlock()
	if idle {
		return
	}
	for _, f := range followers {
		b.deliver(f)
	}
}

// deliver lets the follower fold what waits for it, unless another goroutine is at it: that one looks
// again when it is through.
func (b *Book) deliver(f *follower) {
	for f.busy.TryLock() {
		b.mu.Lock()
		entries := f.waiting
		f.waiting = nil
		b.mu.Unlock()
		if len(entries) > 0 {
			f.fold(entries)
		}
		f.busy.Unlock()
		b.mu.Lock()
		more := len(f.waiting) > 0
		b.mu.Unlock()
		if !more {
			return
		}
	}
}
