package calls

import (
	"cmp"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// clockDoubt is how far Asterisk's clock may be from the log's.
const clockDoubt = time.Minute

// keptMost is longer than any site keeps a callback.
const keptMost = 31 * 24 * time.Hour

// recoverLost tells the log what it has lost of calls that are alive: an emptied Redis and a restart
// leave the node's own last fold, seconds old, and what each channel remembers (RELIABILITY §3). It
// comes before the comparison, which then finds the calls as if nothing had been lost.
func (c *Controller) recoverLost(channels []Channel) int {
	n := 0
	for _, ch := range channels {
		p, ok := unpackState(ch.State)
		if c.owner(ch.ID) != nil || (!ch.Ours || ch.Entry == "") && !wasReached(p, ch.ID) {
			continue
		}
		if !ok {
			if ch.State != "" {
				c.log.Warn("a channel remembers something that is not ours; its caller begins anew")
			}
			continue
		}
		if l, lost := c.lost(p, ch); lost {
			c.recoverLeg(l, ch)
			n++
		}
	}
	return n
}

// wasReached reports whether the channel is of a person who was called back, and reached: we made it.
func wasReached(p packed, channel string) bool {
	contact, ours := contactOf(channel)
	return ours && contact == p.Leg.ID.Contact() && p.Leg.Callback != nil && !p.Leg.Callback.Reached.Never()
}

// lost returns the leg as its channel remembers it, when the log knows less: nothing at all, or an
// earlier stretch. Where both know it, the later word counts, and within one stretch the log's: it alone
// knows of offers.
func (c *Controller) lost(p packed, ch Channel) (acd.Leg, bool) {
	now := c.opt.Book.Now()
	l, known := c.opt.Book.Leg(p.Leg.ID)
	back := wasReached(p, ch.ID)
	switch {
	case known && (!l.Live() || l.Channel != ch.ID && !(back && l.CallsBack())):
		return acd.Leg{}, false
	case known && back && l.CallsBack(): // the log does not know yet that he was reached
	case known && (stretch(l.State) == stretchOf(p.Phase) || l.Since >= p.At):
		return acd.Leg{}, false
	case !known:
		if next, ok := c.opt.Book.Leg(p.Leg.ID.Next()); ok && next.Channel == ch.ID {
			return acd.Leg{}, false // the log is further than the channel
		}
		l = acd.Leg{ID: p.Leg.ID, Entry: ch.Entry, Trunk: ch.Trunk}
		if back {
			l.Entry, l.Trunk = p.Leg.Entry, p.Leg.Trunk
		}
		if n := p.Leg.ID.Number(); n > 1 {
			if previous := p.Leg.ID.Contact().Leg(n - 1); back || c.knows(previous) {
				l.Previous = previous // else this leg stands for its contact; a callback is never one that came in
			}
		}
	}
	l.Node, l.Asterisk, l.Channel = c.opt.Node, c.opt.Asterisk, ch.ID
	// No instant can be outside the life of the channel, whatever was written there; that of a callback began
	// with another one, as long ago as callbacks are kept.
	first := ch.Since.Add(-clockDoubt)
	if back {
		first = first.Add(-keptMost)
	}
	within := func(at acd.Instant) acd.Instant {
		if at.Never() {
			return at
		}
		return min(max(at, first), now)
	}
	l.Arrived, l.Since = within(p.Leg.Arrived), within(p.At)
	if l.Arrived.Never() {
		l.Arrived = within(ch.Since)
	}
	if l.Since.Never() {
		l.Since = now
	}
	l.Enqueued, l.AgeFrom, l.Bridged = within(p.Leg.Enqueued), within(p.Leg.AgeFrom), within(p.Leg.Bridged)
	l.Lang, l.Points, l.Offers, l.From = p.Leg.Lang, p.Leg.Points, p.Leg.Offers, p.Leg.From
	l.Target, l.Out, l.Kept = p.Leg.Target, p.Leg.Out, p.Leg.Kept
	if back {
		l.Reach(within(p.Leg.Callback.Reached), p.Leg.Agent, *p.Leg.Callback)
	}
	c.place(&l, p)
	return l, true
}

func (c *Controller) knows(id acd.LegID) bool { _, ok := c.opt.Book.Leg(id); return ok }

// The stretches of a call that a recovery tells apart.
const (
	atMenu = iota
	atQueue
	atTalk
	atRing
	atMessage
	atSurvey
)

func stretch(s acd.LegState) int {
	switch s {
	case acd.LegQueued, acd.LegOffered, acd.LegBriefing:
		return atQueue
	case acd.LegTalking, acd.LegHeld:
		return atTalk
	case acd.LegRingingOut:
		return atRing
	case acd.LegVoicemail:
		return atMessage
	case acd.LegSurvey:
		return atSurvey
	}
	return atMenu
}

func stretchOf(phase string) int {
	switch phase {
	case inQueue.String(), ringing.String(), briefing.String(), joining.String():
		return atQueue
	case talking.String(), dialling.String(), consulted.String():
		return atTalk
	case ringsOut.String():
		return atRing
	case inMessage.String():
		return atMessage
	case surveying.String():
		return atSurvey
	}
	return atMenu
}

// place gives the leg its state and what that needs. An offer under way is not recovered: who is being
// rung is let go, and the caller waits at his place. A queue that the site no longer has leads back to
// the menu.
func (c *Controller) place(l *acd.Leg, p packed) {
	way, ok := c.opt.Plan.Way(p.Leg.Reason, p.Leg.Queue, p.Leg.Lang)
	if ok = ok && p.Leg.Queue != "" && (!l.Enqueued.Never() || l.Callback != nil); ok {
		l.Queue, l.FirstQueue, l.Reason = way.Queue, p.Leg.FirstQueue, way.Reason
		l.Wrapup, l.Asks = way.Wrapup, p.Leg.Asks
		if l.FirstQueue == "" {
			l.FirstQueue = l.Queue
		}
		if l.Asks == "" {
			l.Asks = way.Asks
		}
	}
	l.State = acd.LegMenu
	switch stretchOf(p.Phase) {
	case atQueue:
		if ok {
			l.State, l.Dequeued = acd.LegQueued, 0
			l.Due = c.opt.Plan.Hours(way.Queue, way.Reason, c.opt.Book.Now()).waitsUntil(way.MaxWait, cmp.Or(l.Enqueued, l.Since))
		}
	case atTalk:
		l.State, l.Agent, l.Phone = acd.LegTalking, p.Leg.Agent, p.Leg.Phone
		if l.Bridged.Never() {
			l.Bridged = l.Since
		}
		if !l.Enqueued.Never() || l.Callback != nil {
			l.Dequeued = l.Bridged
		}
	case atRing:
		l.State = acd.LegRingingOut
	case atMessage:
		l.State, l.Recording = acd.LegVoicemail, p.Leg.Recording
		if !l.Enqueued.Never() {
			l.Dequeued = l.Since
		}
	case atSurvey:
		l.State, l.Agent, l.Phone, l.Parted = acd.LegSurvey, p.Leg.Agent, p.Leg.Phone, l.Since
		if !l.Enqueued.Never() {
			l.Dequeued = l.Bridged
		}
	}
	if !ok {
		l.Enqueued, l.AgeFrom = 0, acd.Earliest(l.AgeFrom, l.Enqueued) // his age is kept for the next queue
	}
}

// recoverLeg tells the log. A forerunner that it still holds for alive ended when this leg began.
func (c *Controller) recoverLeg(l acd.Leg, ch Channel) {
	c.log.Info("a call that the log had lost was recovered", zap.String("contact_id", string(l.ID.Contact())), zap.String("phase", string(l.State)))
	contact := l.ID.Contact()
	c.opt.Book.Record(acd.KindAsserted, func(tx *acd.Tx) error {
		if l.Previous != "" {
			if old, err := tx.Leg(l.Previous); err == nil && old.Live() {
				end := acd.End{Outcome: acd.Answered, Reason: "transferred", By: acd.ByAgent}
				if !acd.MayEnd(old.State, end.Outcome) {
					end = acd.End{Outcome: acd.Failed, Reason: "log_lost", Fault: acd.FaultOurs, By: acd.BySystem}
				}
				if err := tx.EndLeg(l.Previous, end); err != nil {
					return err
				}
			}
		}
		if l.Callback == nil { // whom we called has no number that his channel could tell
			tx.Personal(contact, c.personal(ch.Number))
		}
		return tx.Recover(l)
	})
}

// personal is who calls from the number, as far as the site's directory knows.
func (c *Controller) personal(number string) acd.Personal {
	p := acd.Personal{Number: number}
	if c.opt.Name != nil {
		p.Name = c.opt.Name(number)
	}
	return p
}

// ours returns the live legs of this node. Who waits comes first: an agent whom the same outage frees
// is not to be rung for a caller who is gone.
func (c *Controller) ours() []acd.Leg {
	var waiting, others []acd.Leg
	for _, l := range c.opt.Book.Legs() {
		switch {
		case l.Node != c.opt.Node:
		case l.Waiting():
			waiting = append(waiting, l)
		default:
			others = append(others, l)
		}
	}
	return append(waiting, others...)
}
