package routing

import (
	"math"

	"accueil/acd"
)

// Minutes is the one figure to announce (acd.Minutes).
func (e Estimate) Minutes() int { return acd.Minutes(e.Wait) }

// Standing tells where the waiting leg stands, for what is said to its caller. Its place is that of the
// estimate (Estimate.Place), a part of a contact in front counting as a whole one: he may be told to be
// further behind than he is, never further in front. False when nothing honest can be said: it does not
// wait in a queue with rules, the queue is paused, it is kept for one agent, an agent has been chosen for
// it already, or nobody who may serve it is there. The wait is acd.UnknownWait where there is no estimate.
// It costs as much as an Estimate.
func (e *Engine) Standing(id acd.LegID, now acd.Instant, hour *LastHour) (acd.Standing, bool) {
	o, ok := e.look(id, now, hour)
	if !ok || o.agents == 0 {
		return acd.Standing{}, false
	}
	if l := e.legs[id]; l.class.queue.paused || l.parked || l.claim != nil {
		return acd.Standing{}, false
	}
	const rounding = 1e-9 // of sums of parts
	s := acd.Standing{Place: int(math.Ceil(o.place - rounding)), Wait: acd.UnknownWait}
	if est, ok := e.estimate(o); ok {
		s.Wait = est.Wait
	}
	return s, true
}

// Knows reports whether the engine has been told as much of the leg as this image.
func (e *Engine) Knows(image acd.Leg) bool {
	l := e.legs[image.ID]
	return l != nil && l.rev >= image.Rev
}
