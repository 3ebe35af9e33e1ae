package calls

import (
	"errors"
	"fmt"

	"accueil/acd"
)

// agentChannel is the id of the channel that rings the agent of the leg's n-th offer: made of stored
// ids, so that a restarted controller knows it again.
func agentChannel(l acd.LegID, offers int) string {
	return fmt.Sprintf("acc.%s.%d.a%d", l.Contact(), l.Number(), offers)
}

// logged: the log says something of our leg that others decided.
func (m *machine) logged(ev evLog) {
	if ev.Leg.ID != m.leg || m.phase == over {
		return
	}
	if m.owed && ev.Leg.End != nil { // withdrawn, or given up
		m.release()
		return
	}
	if ev.Kind == acd.KindClaimed && ev.Leg.State == acd.LegOffered && ev.Leg.Offer != nil {
		m.claimed(ev.Leg, ev.Possible)
	}
}

// claimed: the log gives an agent to this leg; his phone rings now. A claim that comes when the call
// is elsewhere (its caller has pressed 9 in the same instant) is given back.
func (m *machine) claimed(l acd.Leg, possible acd.Instant) {
	if now := m.legImage(); now.Rev > l.Rev && (now.Offer == nil || now.Offer.ID != l.Offer.ID) {
		return // taken back while the entry was on its way
	}
	if m.phase != inQueue {
		if m.offer.ID != l.Offer.ID {
			m.giveBack(acd.OfferResult{Ending: acd.CallerGone})
		}
		return
	}
	m.offer, m.agentID = *l.Offer, l.Agent
	if m.owed && m.tooLate(l) {
		return
	}
	m.phase = ringing
	end, ok := m.env.plan.Endpoint(l.Phone)
	if !ok {
		m.offerFailed(acd.OfferFailed, "")
		return
	}
	m.agent = party{id: agentChannel(l.ID, l.Offers)}
	m.accepting = end.MustAccept
	ring := l.Offer.Due.Sub(m.now)
	m.do(doRing{Channel: m.agent.id, Endpoint: end, Timeout: ring, Leg: l, Possible: possible})
	m.arm(tRing, ring+ringGrace)
}

// giveBack ends the live offer in the log; the leg is queued again, with its age. What follows from it
// is told in the same change, so that nobody claims the leg in between.
func (m *machine) giveBack(r acd.OfferResult, then ...func(*acd.Tx) error) {
	leg, offer, agent := m.leg, m.offer.ID, m.agentID
	l, _ := m.env.book.Leg(leg)
	r.MissLimit = m.env.plan.MissLimit(l.Queue)
	r.LastRoutable = r.Ending == acd.NoAnswer && m.env.router.LastRoutable(agent)
	m.record(acd.KindOfferEnded, func(tx *acd.Tx) error {
		l, err := tx.Leg(leg)
		if err != nil {
			return err
		}
		if l.Offer == nil || offer != "" && l.Offer.ID != offer {
			return nil // that offer is over already
		}
		err = tx.EndOffer(leg, r)
		for _, next := range then {
			if err == nil {
				err = next(tx)
			}
		}
		return err
	})
	m.offer, m.agentID = acd.Offer{}, ""
}

// withdrawOffer stops the ring because the caller goes elsewhere: no miss, the agent is free.
func (m *machine) withdrawOffer() {
	m.letAgentGo(HangupElsewhere)
	m.giveBack(acd.OfferResult{Ending: acd.CallerGone})
	m.phase = inQueue
}

// letAgentGo hangs the agent's phone up; its end is then not news.
func (m *machine) letAgentGo(why HangupWhy) {
	m.disarm(tRing, tBrief, tAccept, tMedia, tMediaLimit, tJoin, tCode, tDigits)
	if m.agent.alive() {
		m.do(doHangup{m.agent.id, why})
	}
	m.agent = party{}
	m.accepting, m.held = false, false
	m.dropBridges()
}

// offerFailed gives the caller back to the queue, where he still hears his music.
func (m *machine) offerFailed(ending acd.Ending, cause string) {
	m.offerOver(acd.OfferResult{Ending: ending, Cause: cause})
}

func (m *machine) offerOver(r acd.OfferResult) {
	m.letAgentGo(HangupNormal)
	if m.named != "" && m.named == m.agentID {
		if q, ok := m.wayBack(r.Ending); ok {
			m.giveBack(r, m.returned(q))
			m.backToSender()
			return
		}
	}
	m.giveBack(r)
	m.backInQueue()
}

// backInQueue lets the caller wait on: in music, with his waiting scenario and the net under him.
func (m *machine) backInQueue() { m.waitsIn("") }

// waitsIn is backInQueue in a queue that the script may not know of; "" is the one it knows.
func (m *machine) waitsIn(queue acd.QueueID) {
	if m.owed {
		m.rests()
		return
	}
	m.phase = inQueue
	m.caller.entered = false
	m.music(&m.caller, MusicWaiting)
	m.rearm()
	switch {
	case m.overdue:
		m.overdue = false
		m.hear(acd.HeardRefused{Why: m.gaveUp()})
	case queue != "" || m.after == nil && !m.caller.speaking():
		m.hear(acd.HeardQueued{Queue: queue})
	}
}

func (m *machine) ringOver(ending acd.Ending) {
	if m.phase == ringing {
		m.offerFailed(ending, "")
	}
}

// agentGone: the agent's channel ended. What that means depends on how far we were.
func (m *machine) agentGone(ev evGone) {
	m.agent = party{}
	if m.parting {
		m.parting = false
		switch m.phase {
		case over:
			m.release()
		case surveying:
			m.beginSurvey()
		}
		return
	}
	switch m.phase {
	case ringing:
		ending, cause := ev.Ending, ""
		switch {
		case ending == acd.AgentGone:
			cause = acd.UnreachablePhone
		case ending == acd.Accepted || ending == "":
			ending = acd.OfferFailed
		}
		m.offerFailed(ending, cause)
	case briefing, joining:
		switch {
		case ev.Media:
			m.offerFailed(acd.OfferFailed, acd.UnreachableMedia)
		default:
			m.offerFailed(acd.Refused, "")
		}
	case calling:
		m.agentLeft()
	case talking, dialling:
		if ev.Media {
			m.agentLost()
			return
		}
		if m.phase == talking && m.surveys() {
			m.beginSurvey()
			return
		}
		m.end(acd.End{Outcome: acd.Answered, By: acd.ByAgent})
	case consulted:
		m.consultantLeft()
	}
}

// leaving: the agent has hung up in conversation. He is free from now on, about a millisecond before
// his channel is cleared away: that much sooner the next caller rings there. What Asterisk has to do for
// the old call comes after that, with the end of the channel, so that the next need not wait for it. In
// every other phase the cause matters, which comes with the end of the channel too.
func (m *machine) leaving(ev evLeaving) {
	if m.phase == talking && ev.Channel == m.agent.id && m.agent.alive() {
		if !m.surveys() {
			m.conclude(acd.End{Outcome: acd.Answered, By: acd.ByAgent})
		}
		m.parting = true
	}
}

// agentLost: the agent's audio died in mid-conversation. The caller is told and keeps his age.
func (m *machine) agentLost() {
	leg := m.leg
	m.record(acd.KindReturned, func(tx *acd.Tx) error { return tx.AgentLost(leg, acd.UnreachableMedia) })
	m.letAgentGo(HangupNormal)
	m.offer, m.agentID = acd.Offer{}, ""
	m.phase = inQueue
	m.apologise("sys.apology_media")
	m.backInQueue()
}

// apologise says something of ours to a waiting caller; the script does not hear of it.
func (m *machine) apologise(prompt string) {
	m.apology = m.say([]acd.Prompt{{ID: prompt}}, MusicWaiting)
}

// answered: a phone that we rang was picked up.
func (m *machine) answered(ev evUp) {
	switch {
	case ev.Channel != "" && ev.Channel == m.agent.id && m.phase == ringing:
		m.agentAnswered()
	case m.phase == calling && ev.Channel == m.caller.id && m.missed == "":
		m.personAnswered()
	case ev.Channel != "" && ev.Channel == m.third.id:
		m.thirdAnswered()
	case ev.Channel != m.caller.id && ev.Channel != m.agent.id:
		// Answered at the instant we gave up: nobody is there for them to talk to.
		m.do(doHangup{ev.Channel, HangupElsewhere})
	}
}

// fault: an action failed. Those that matter have their compensation here; the rest is metered by
// the actor and leaves the call as it is.
func (m *machine) fault(ev evFault) {
	switch a := ev.Action.(type) {
	case doRing:
		r := acd.OfferResult{Ending: acd.OfferFailed, Unrung: true}
		if errors.Is(ev.Err, ErrUnreachable) {
			r = acd.OfferResult{Ending: acd.AgentGone, Cause: acd.UnreachablePhone}
		}
		switch a.Channel {
		case m.agent.id:
			m.agent = party{} // it never was
			if m.phase == ringing {
				m.offerOver(r)
			}
		case m.third.id:
			m.third = party{}
			m.outOver(r.Ending)
		}
	case doCall:
		if m.phase == calling && a.Channel == m.caller.id {
			m.caller = party{}
			result := notDialled
			if errors.Is(ev.Err, ErrNotCallable) {
				result = acd.AttemptFailed
			}
			m.unreached(result)
		}
	case doJoin:
		if m.unsettled() && !errors.Is(ev.Err, ErrGone) {
			return // it waits for an old prompt's end: seen entering, or the deadline tells
		}
		m.deadlines[tJoin] = m.now // seen at once rather than at the deadline
	case doCapture:
		if m.rec.id == a.Recording && !errors.Is(ev.Err, ErrGone) {
			m.rec = capturing{}
			m.disarm(tRecord)
			m.recordingOver(acd.HeardRecorded{Fault: true})
		}
	case doAnswer:
		if errors.Is(ev.Err, ErrGone) {
			m.gone(evGone{Channel: m.caller.id})
			return
		}
		m.early = true // until he arrives
		m.arm(tAnswer, answerAgain)
	case doPlay:
		if errors.Is(ev.Err, ErrGone) {
			return // its end is on its way and says how; where it was lost, the comparison finds out
		}
		m.played(evPlayed{Playback: a.Playback, Failed: true})
	case doHangup:
		// Already gone, or Asterisk does not answer: the deadline of release looks again.
		if errors.Is(ev.Err, ErrGone) {
			m.gone(evGone{Channel: a.Channel, Ending: acd.OfferFailed})
		}
	case doListen:
		if !errors.Is(ev.Err, ErrGone) {
			m.arm(tMedia, mediaEvery) // not known yet: ask again
		}
	}
}
