package asterisk

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// beatEvery is the watch's step, stallAfter the gap that means that this
	// process did not run: stopped by a signal, a frozen machine, a starved CPU.
	// Nobody takes over a node in less: the supervisor's watchdog alone needs
	// seconds.
	beatEvery  = 100 * time.Millisecond
	stallAfter = 500 * time.Millisecond
)

// gate decides whether a command may go out. Asterisk executes whatever a
// replaced controller sends (ARI 1.1), so the stop must be here, and it must hold
// for a process that wakes after its successor took over: a gap in its own
// heartbeat is doubt, and doubt needs a new proof before the next command.
type gate struct {
	start time.Time
	doubt chan struct{} // asks the session for a proof; capacity 1, a second request says nothing new

	mu      sync.Mutex // guards the fields below
	state   gateState
	doubts  uint64        // number of the present doubt
	beat    time.Duration // since start, of the last sign that this process runs
	changed chan struct{} // closed and replaced at each change of state
	fenced  chan struct{} // closed once
}

type gateState int

const (
	gateShut   gateState = iota // no connection, or none that is proven
	gateOpen                    // events of all applications are known to reach us
	gateFenced                  // another process has taken over; final
)

func newGate() *gate {
	return &gate{
		start: time.Now(), doubt: make(chan struct{}, 1),
		changed: make(chan struct{}), fenced: make(chan struct{}),
	}
}

// pass waits until commands may go out, at most as long as ctx.
func (g *gate) pass(ctx context.Context) error {
	for {
		state, changed := g.look()
		switch state {
		case gateFenced:
			return ErrFenced
		case gateOpen:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrNotConnected, context.Cause(ctx))
		}
	}
}

// look takes the heartbeat first, so that the first command after a stall sees it
// even when it runs before the watch does.
func (g *gate) look() (gateState, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.takeBeat()
	return g.state, g.changed
}

// takeBeat shuts the gate when the last beat is too old. The caller holds mu.
func (g *gate) takeBeat() {
	now := time.Since(g.start)
	stalled := now-g.beat > stallAfter
	g.beat = now
	if !stalled {
		return
	}
	g.doubts++
	if g.state == gateOpen {
		g.set(gateShut)
		select {
		case g.doubt <- struct{}{}:
		default:
		}
	}
}

// watch beats until ctx ends.
func (g *gate) watch(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			g.look()
		}
	}
}

// doubtNumber is taken before a proof and given to open after it.
func (g *gate) doubtNumber() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.takeBeat()
	return g.doubts
}

// open lets commands through, unless a newer doubt came since the proof began: a
// proof may have been on its way while the process was stopped.
func (g *gate) open(doubt uint64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.takeBeat()
	if g.state == gateFenced || g.doubts != doubt {
		return false
	}
	g.set(gateOpen)
	return true
}

// shut holds commands back until the next open.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state == gateOpen {
		g.set(gateShut)
	}
}

// fence is final.
func (g *gate) fence() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state != gateFenced {
		g.set(gateFenced)
		close(g.fenced)
	}
}

func (g *gate) isFenced() bool {
	select {
	case <-g.fenced:
		return true
	default:
		return false
	}
}

func (g *gate) isOpen() bool {
	state, _ := g.look()
	return state == gateOpen
}

// set changes the state and wakes who waits. The caller holds mu.
func (g *gate) set(s gateState) {
	g.state = s
	close(g.changed)
	g.changed = make(chan struct{})
}
