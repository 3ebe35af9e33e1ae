package dispatch

import (
	"time"

	"accueil/acd"
)

// standingPatience is how long the word of a leg's place is awaited. It comes to the dispatcher in the
// same instant as to who asked for the place, a few microseconds apart.
const standingPatience = 20 * time.Millisecond

// Standing tells where the waiting leg of this image stands; nil when nothing honest can be said. What
// is not known here yet of the leg is waited for, as long as the fold that brings it takes: nobody can be
// rung for its place before that, so nothing is delayed by it.
func (d *Dispatcher) Standing(leg acd.Leg) *acd.Standing {
	d.await(leg)
	d.reading.Lock()
	defer d.reading.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.engine.Standing(leg.ID, d.opts.Log.Now(), d.hour); ok {
		return &s
	}
	return nil
}

// await returns when the engine knows the leg so far, at the latest after standingPatience.
func (d *Dispatcher) await(leg acd.Leg) {
	var late <-chan time.Time
	for {
		d.mu.Lock()
		known := d.engine.Knows(leg)
		if !known && d.folded == nil {
			d.folded = make(chan struct{})
		}
		folded := d.folded
		d.mu.Unlock()
		if known {
			return
		}
		if late == nil {
			late = time.After(standingPatience)
		}
		select {
		case <-folded:
		case <-late:
			return
		case <-d.ctx.Done():
			return
		}
	}
}
