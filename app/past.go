package app

import (
	"maps"
	"slices"
	"sync"
	"time"

	"accueil/acd"
	"accueil/calls"
)

// placeBackFor is how long the place of a caller is kept for him who has hung up while he waited.
const placeBackFor = time.Minute

// past is what is known of callers by the reference of their number: the callback that is kept for
// each, and the place that he has left. It follows the log; numbers are in neither.
type past struct {
	mu      sync.Mutex
	pending map[acd.CallerRef]acd.LegID
	owners  map[acd.LegID]acd.CallerRef // of pending
	left    map[acd.CallerRef]place
	// nameless are callbacks of whose person nobody could tell the number yet.
	nameless map[acd.LegID]acd.Leg
}

// place is one that a caller has left.
type place struct {
	calls.Past
	at acd.Instant
}

func newPast() *past {
	return &past{pending: map[acd.CallerRef]acd.LegID{}, owners: map[acd.LegID]acd.CallerRef{}, left: map[acd.CallerRef]place{},
		nameless: map[acd.LegID]acd.Leg{}}
}

// of tells what is known of a number now.
func (p *past) of(who acd.CallerRef, now acd.Instant) calls.Past {
	if who == "" {
		return calls.Past{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	out := calls.Past{}
	if l, ok := p.left[who]; ok && now.Sub(l.at) <= placeBackFor {
		out = l.Past
	}
	out.Callback = p.pending[who]
	return out
}

// matters reports whether an image changes what is known, so that its number has to be looked up.
func (p *past) matters(l acd.Leg, at acd.Instant) bool {
	if l.Live() {
		p.mu.Lock()
		defer p.mu.Unlock()
		_, known := p.owners[l.ID]
		return l.CallsBack() && !known
	}
	return droppedOut(l) && l.End.At == at
}

// droppedOut reports whether the caller hung up while he waited.
func droppedOut(l acd.Leg) bool {
	return l.End != nil && l.End.Outcome == acd.Abandoned && l.Queue != "" && !l.Enqueued.Never() &&
		(l.End.Phase == acd.LegQueued || l.End.Phase == acd.LegOffered || l.End.Phase == acd.LegBriefing)
}

// later keeps a callback whose person nobody could tell, for the next try; other legs are let go.
func (p *past) later(l acd.Leg) {
	if !l.CallsBack() || !l.Live() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nameless[l.ID] = l
}

// unknown lists the callbacks whose person nobody could tell yet.
func (p *past) unknown() []acd.Leg {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Values(p.nameless))
}

// note keeps what the image says of its caller; "" is one who is not known again.
func (p *past) note(who acd.CallerRef, l acd.Leg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case droppedOut(l):
		for ref, old := range p.left {
			if l.End.At.Sub(old.at) > placeBackFor {
				delete(p.left, ref)
			}
		}
		p.left[who] = place{calls.Past{Queue: l.Queue, Since: l.WaitsFrom(), Points: l.Points}, l.End.At}
	case l.CallsBack() && l.Live():
		delete(p.nameless, l.ID)
		if p.owners[l.ID] = who; who != "" {
			p.pending[who] = l.ID
		}
	}
}

// settle forgets a callback that is over, or whose person has been reached.
func (p *past) settle(l acd.Leg) {
	if l.Callback == nil || l.Live() && l.CallsBack() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.nameless, l.ID)
	if who, ok := p.owners[l.ID]; ok {
		delete(p.owners, l.ID)
		if p.pending[who] == l.ID {
			delete(p.pending, who)
		}
	}
}

func (p *past) anyPending() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.pending) > 0
}

// serves reports whether somebody who was answered has had what his callback was for: the same queue. Who
// rings about something else, or whose number others use too, is still called back.
func serves(answered, back acd.Leg) bool {
	return back.Queue == answered.Queue || back.Queue == answered.FirstQueue
}

// answered returns the pending callback of someone who was answered on his own call; "" for none.
func (p *past) answered(who acd.CallerRef, l acd.Leg) acd.LegID {
	p.mu.Lock()
	defer p.mu.Unlock()
	if id := p.pending[who]; id != l.ID {
		return id
	}
	return ""
}
