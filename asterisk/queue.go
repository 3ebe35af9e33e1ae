package asterisk

import (
	"context"
	"errors"
	"sync"
)

// maxQueued bounds the events between the reader and the sink: half a minute of
// 100 busy calls, some 50 MB. When it is full the connection is closed: the next
// generation's reconcile replaces what was lost, so nothing is dropped in silence.
const maxQueued = 1 << 15

var errQueueFull = errors.New("events arrive faster than they are handled")

// eventQueue keeps the events of all generations in order, and holds back those of
// a generation that is not reconciled yet.
type eventQueue struct {
	wake chan struct{} // capacity 1: there may be something to do

	mu       sync.Mutex // guards the fields below
	events   []Event
	released uint64 // highest generation whose events may be delivered
	deepest  int
}

func newEventQueue() *eventQueue { return &eventQueue{wake: make(chan struct{}, 1)} }

// put never waits.
func (q *eventQueue) put(e Event) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.events) >= maxQueued {
		return errQueueFull
	}
	q.events = append(q.events, e)
	q.deepest = max(q.deepest, len(q.events))
	q.signal()
	return nil
}

// release lets the events up to generation through.
func (q *eventQueue) release(generation uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.released = max(q.released, generation)
	q.signal()
}

func (q *eventQueue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take waits for events that may be delivered and removes them; nil when ctx ends.
func (q *eventQueue) take(ctx context.Context) []Event {
	for {
		if ctx.Err() != nil {
			return nil
		}
		if batch := q.ready(); len(batch) > 0 {
			return batch
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
		}
	}
}

func (q *eventQueue) ready() []Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < len(q.events) && q.events[n].Generation() <= q.released {
		n++
	}
	batch := q.events[:n:n]
	q.events = q.events[n:]
	if len(q.events) == 0 {
		q.events = nil // give the memory of a burst back
	}
	return batch
}

func (q *eventQueue) depth() (now, deepest int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.events), q.deepest
}
