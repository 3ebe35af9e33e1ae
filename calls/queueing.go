package calls

import (
	"errors"
	"slices"

	"accueil/acd"
)

// askQueue asks the store for a place, unless the queue's limits are against it. Who has waited before
// is not refused for want of places.
func (m *machine) askQueue(a acd.AskQueue) {
	way, ok := m.env.plan.Way(a.Reason, a.Queue, m.lang)
	if !ok {
		m.hear(acd.HeardFault{})
		return
	}
	way.Asks = bothAsk(way.Asks, a.Asks)
	m.asked = wish{way.Queue, way.Reason}
	why := acd.Refusal("")
	switch {
	case m.closed(way):
		why = acd.RefusedClosed
	case m.newcomer():
		why = m.env.router.Enter(way.Queue, way.Asks, false)
	case !way.WaitUnstaffed && !m.env.router.Staffed(way.Queue, way.Asks):
		why = acd.RefusedUnstaffed
	}
	if why != "" {
		m.refuse(why)
		return
	}
	if m.phase == ringing || m.phase == briefing {
		m.withdrawOffer()
	}
	way.Points = acd.ClampPoints(way.Points + a.Points)
	resumed := acd.LegID("")
	if a.Resume {
		resumed = m.resumePlace(&way.Queueing)
	}
	way.Path, way.Kept = m.script.Path(), m.script.Kept()
	m.enqueue(way, nil, resumed)
}

// newcomer reports whether the caller has not waited yet, on the line or for a callback: only then a queue
// may have no place for him.
func (m *machine) newcomer() bool {
	l := m.legImage()
	return l.Enqueued.Never() && l.Callback == nil
}

// bothAsk joins two requirements.
func bothAsk(one, other string) string {
	if one == "" || other == "" {
		return one + other
	}
	return "(" + one + ") and (" + other + ")"
}

// asksPlace reports whether what is to be done now ends with the answer to doEnqueue.
func (m *machine) asksPlace() bool {
	return slices.ContainsFunc(m.out, func(a Action) bool { _, ok := a.(doEnqueue); return ok })
}

// enqueue asks the store for a place of the way's kind; by is set for a supervisor's move, resumed for a
// place that a callback has kept.
func (m *machine) enqueue(way Way, by *move, resumed acd.LegID) {
	q := way.Queueing
	q.Lang, q.First = m.lang, m.refused.queue
	since := m.now
	if l := m.legImage(); !l.Enqueued.Never() {
		since = l.Enqueued // another queue does not restart the wait
	}
	q.Due = m.waitsUntil(way, since)
	enqueue := doEnqueue{Leg: m.leg, Queueing: q, Move: by, Resumes: resumed}
	m.placeBack(&enqueue.Queueing)
	if way.Hold > 0 {
		enqueue.Hold = since.Add(way.Hold)
	}
	m.do(enqueue)
	if !q.Due.Never() {
		m.deadlines[tMaxWait] = q.Due
	}
}

// moveAsked puts a caller who waits into another queue, as a supervisor asks, with his age and points.
// The answer is given when the log has it.
func (m *machine) moveAsked(ev evTransfer) {
	t, ok := m.env.plan.Target(ev.Request.To, false)
	way, known := m.env.plan.Way("", t.Queue, m.lang)
	switch {
	case !ok || t.Queue == "" || !known:
		ev.Reply <- ErrUnknownTarget
	case m.legImage().State != acd.LegQueued: // an agent was found in this instant
		ev.Reply <- ErrNotTalking
	case !way.WaitUnstaffed && !m.env.router.Staffed(way.Queue, way.Asks):
		ev.Reply <- ErrUnstaffed
	default:
		m.enqueue(way, &move{ev.Request.By, ev.Reply}, "")
	}
}

func (m *machine) enqueued(ev evEnqueued) {
	if m.phase == over {
		return
	}
	switch {
	case ev.Moved != "" && ev.Err != nil:
		m.waitsAsBefore()
	case ev.Err == nil:
		m.dropMessages()
		m.phase = inQueue
		m.named = "" // in another queue he is no longer kept for whom an agent named
		m.disarm(tOut)
		m.music(&m.caller, MusicWaiting)
		m.hear(acd.HeardQueued{Queue: ev.Moved})
	case m.legImage().State == acd.LegOffered:
		// An agent was found while the caller asked for another queue: his phone rings next.
		m.waitsAsBefore()
		m.phase = inQueue
	case errors.Is(ev.Err, acd.ErrFull):
		m.waitsAsBefore()
		m.refuse(acd.RefusedFull)
	default:
		m.waitsAsBefore()
		m.hear(acd.HeardRefused{Why: acd.RefusedStore})
	}
	if (m.phase == inMenu || m.phase == inQueue) && m.caller.music == "" && !m.caller.speaking() {
		m.music(&m.caller, m.follow()) // the script had nothing to say to it
	}
}

// wish is a queue that was asked for, and for which reason.
type wish struct {
	queue  acd.QueueID
	reason acd.ReasonID
}

// refuse tells the script that the queue it asked for does not take the caller. Where another one
// does, or nobody, the figures stay with the first.
func (m *machine) refuse(why acd.Refusal) {
	if m.refused.queue == "" {
		m.refused = m.asked
	}
	m.hear(acd.HeardRefused{Why: why})
}

// wanted is the note of the queue that did not take the caller, for where his leg goes on or ends
// without one.
func (m *machine) wanted() func(*acd.Tx) error {
	leg, w := m.leg, m.refused
	return func(tx *acd.Tx) error {
		if w.queue == "" {
			return nil
		}
		return tx.Wanted(leg, w.queue, w.reason)
	}
}

// leaveQueue takes the caller back to the menu (the emergency key); an agent who was being rung is
// free at once, and it is no miss.
func (m *machine) leaveQueue() {
	if m.phase == ringing || m.phase == briefing {
		m.withdrawOffer()
	}
	if m.phase != inQueue {
		return
	}
	m.phase = inMenu
	m.disarm(tMaxWait)
	leg := m.leg
	m.record(acd.KindMenu, func(tx *acd.Tx) error {
		if err := unclaim(tx, leg); err != nil {
			return err
		}
		return tx.BackToMenu(leg)
	})
}

// unclaim gives back an agent whom the log has given to this leg while the caller was already on his
// way elsewhere: the claim's entry is still on its way to us, and finds nothing to ring for.
func unclaim(tx *acd.Tx, leg acd.LegID) error {
	l, err := tx.Leg(leg)
	if err != nil || l.State != acd.LegOffered && l.State != acd.LegBriefing {
		return err
	}
	return tx.EndOffer(leg, acd.OfferResult{Ending: acd.CallerGone})
}
