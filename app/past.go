package app

import (
	"context"
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
}

// place is one that a caller has left.
type place struct {
	calls.Past
	at acd.Instant
}

func newPast() *past {
	return &past{pending: map[acd.CallerRef]acd.LegID{}, owners: map[acd.LegID]acd.CallerRef{}, left: map[acd.CallerRef]place{}}
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

// note keeps what the image says of its caller.
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
		p.pending[who], p.owners[l.ID] = l.ID, who
	}
}

// settle forgets a callback that is over, or whose person has been reached.
func (p *past) settle(l acd.Leg) {
	if l.Callback == nil || l.Live() && l.CallsBack() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
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

// startPast follows the log for the references of callers. What had happened before is in the image,
// but for places left in the last minute: those are read from the log.
func (a *App) startPast(ctx context.Context) error {
	a.past = newPast()
	sub := a.book.Subscribe("past")
	a.undo = append(a.undo, sub.Close)
	for _, l := range sub.Image.Legs {
		a.notePast(l, sub.Image.At)
	}
	now := a.book.Now()
	_ = a.book.History(ctx, now.Add(-placeBackFor), func(e acd.Entry) error { // without it, a minute of drops is not known
		for _, l := range e.Legs {
			a.notePast(l, e.At)
		}
		return nil
	})
	a.later(func() {
		for e := range sub.Entries {
			for _, l := range e.Legs {
				a.notePast(l, e.At)
			}
		}
	})
	return nil
}

func (a *App) notePast(l acd.Leg, at acd.Instant) {
	if l.Node != a.opt.Site.Node {
		return
	}
	a.past.settle(l)
	talked := l.State == acd.LegTalking && l.Since == at && l.Agent != "" && a.past.anyPending()
	if !talked && !a.past.matters(l, at) {
		return
	}
	ctx, cancel := context.WithTimeout(a.ctx, acquainting)
	defer cancel()
	who, ok := a.callerOf(ctx, l.ID.Contact(), l.Trunk)
	if !ok {
		return
	}
	if talked {
		if id := a.past.answered(who, l); id != "" {
			_ = a.book.Record(acd.KindEnded, func(tx *acd.Tx) error {
				back, err := tx.Leg(id)
				if err != nil || back.State != acd.LegCallback || !serves(l, back) {
					return err
				}
				return tx.EndCallback(id, acd.CallbackServed, acd.BySystem)
			})
		}
		return
	}
	a.past.note(who, l)
}

// callerRef is the reference of a number that calls through the trunk.
func (a *App) callerRef(trunk acd.TrunkID, number string) acd.CallerRef {
	return callerRef(a.callersKey, a.live.Load().site, trunk, number)
}
