package calls

import (
	"cmp"
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
			m.giveBack(acd.CallerGone, "")
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
func (m *machine) giveBack(ending acd.Ending, cause string, then ...func(*acd.Tx) error) {
	leg, offer, agent := m.leg, m.offer.ID, m.agentID
	l, _ := m.env.book.Leg(leg)
	limit, last := m.env.plan.MissLimit(l.Queue), false
	if ending == acd.NoAnswer {
		last = m.env.router.LastRoutable(agent)
	}
	m.record(acd.KindOfferEnded, func(tx *acd.Tx) error {
		l, err := tx.Leg(leg)
		if err != nil {
			return err
		}
		if l.Offer == nil || offer != "" && l.Offer.ID != offer {
			return nil // that offer is over already
		}
		err = tx.EndOffer(leg, acd.OfferResult{Ending: ending, MissLimit: limit, LastRoutable: last, Cause: cause})
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
	m.giveBack(acd.CallerGone, "")
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
	m.letAgentGo(HangupNormal)
	if m.named != "" && m.named == m.agentID {
		if q, ok := m.wayBack(ending); ok {
			m.giveBack(ending, cause, m.returned(q))
			m.backToSender()
			return
		}
	}
	m.giveBack(ending, cause)
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

func (m *machine) agentAnswered() {
	m.agent.up = true
	m.phase = briefing
	m.disarm(tRing)
	leg := m.leg
	m.record(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(leg) })
	m.bridge = m.id("b")
	m.do(doCreateBridge{m.bridge})
	if m.accepting {
		m.askAccept(&m.agent)
		return
	}
	m.brief()
}

// askAccept asks a person to press 1; a voicemail does not.
func (m *machine) askAccept(p *party) {
	b := m.env.desk.Briefing(m.legImage(), m.agentID, m.now)
	length, _ := m.sayTo(p, b.Lang, []acd.Prompt{{ID: "sys.accept"}}, false)
	m.arm(tAccept, length+acceptLimit)
}

func (m *machine) legImage() acd.Leg {
	l, ok := m.env.book.Leg(m.leg)
	if !ok {
		l = acd.Leg{ID: m.leg, Entry: m.entry, Lang: m.lang}
	}
	return l
}

// brief tells the agent why, who and how long, in his own ear; any key ends it.
func (m *machine) brief() {
	m.arm(tMediaLimit, mediaLimit)
	m.packets = 0
	b := m.env.desk.Briefing(m.legImage(), m.agentID, m.now)
	length, ok := m.sayTo(&m.agent, b.Lang, b.Prompts, b.Name)
	if !ok {
		m.briefed()
		return
	}
	m.arm(tBrief, min(length+playGrace, cmp.Or(b.Limit, briefLimit)))
}

// agentSpoken: the agent has heard what we had to say.
func (m *machine) agentSpoken() {
	switch m.phase {
	case briefing:
		if !m.accepting {
			m.briefed()
		}
	case calling:
		if m.missed != "" {
			m.attemptOver()
		}
	case dialling:
		if m.confirming {
			m.confirmed()
			return
		}
		m.arm(tDigits, digitFirst)
	}
}

// agentKey: a key of the agent, by what he is doing.
func (m *machine) agentKey(digit byte) {
	switch m.phase {
	case briefing:
		switch {
		case m.accepting && digit == '1':
			m.accepting = false
			m.disarm(tAccept)
			m.hush(&m.agent)
			m.brief()
		case !m.accepting:
			m.hush(&m.agent)
			m.briefed()
		}
	case talking:
		m.inCallKey(digit)
	case dialling:
		m.dialledKey(digit)
	case consulted:
		m.consultKey(digit)
	}
}

func (m *machine) notAccepted() {
	switch m.phase {
	case briefing:
		if m.accepting {
			m.offerFailed(acd.NoAnswer, "")
		}
	case ringsOut, consulted:
		m.outOver(acd.NoAnswer)
	case calling:
		m.notPressed()
	}
}

// briefed: the briefing is over. Before the caller leaves his music the agent must have been heard:
// a phone without audio would leave him in silence (SCENARIOS C11).
func (m *machine) briefed() {
	if m.phase != briefing || m.accepting || m.deadlines[tMediaLimit].Never() {
		return
	}
	m.disarm(tBrief)
	m.do(doListen{m.agent.id})
}

// heard: the agent's packets were counted. One more must come after the briefing's end before the two
// meet: who was heard and has stopped may have vanished.
func (m *machine) heard(ev evHeard) {
	if m.phase != briefing || ev.Channel != m.agent.id || m.agent.speaking() {
		return
	}
	switch before := m.packets; {
	case ev.Packets == 0: // never heard yet: tMediaLimit bounds it
		m.arm(tMedia, mediaEvery)
	case before == 0:
		m.packets, m.counted = ev.Packets, m.now
		m.arm(tMedia, mediaNext)
	case ev.Packets > before:
		m.disarm(tMediaLimit, tMedia)
		if m.owed {
			m.callPerson()
			return
		}
		m.phase = joining
		m.join(&m.agent)
	case m.now.Sub(m.counted) >= mediaQuiet:
		m.offerFailed(acd.OfferFailed, acd.UnreachableMedia)
	default:
		m.arm(tMedia, mediaEvery)
	}
}

// join puts caller and far end into the bridge. Both must be seen there within joinLimit.
func (m *machine) join(far *party) {
	m.quiet(&m.caller)
	m.hush(far)
	m.disarm(tListen, tNet, tPlay, tFault)
	m.after = nil
	m.net(netTalking)
	m.caller.entered, far.entered = false, false
	m.do(doJoin{m.bridge, []string{m.caller.id, far.id}})
	m.arm(tJoin, joinLimit)
	if m.unsettled() {
		m.deadlines[tJoin] = m.settled.Add(joinLimit)
	}
}

// entered: a channel was seen in a bridge.
func (m *machine) entered(ev evEntered) {
	if ev.Bridge != m.bridge || m.bridge == "" {
		return
	}
	for _, p := range []*party{&m.caller, &m.agent, &m.third} {
		if p.id == ev.Channel {
			p.entered = true
		}
	}
	switch {
	case m.phase == joining && m.caller.entered && m.agent.entered:
		m.talk()
	case m.phase == ringsOut && m.caller.entered && m.third.entered:
		m.talkOut()
	case m.phase == talking && m.caller.entered && (m.agent.entered || m.third.entered):
		m.disarm(tJoin) // back from a hold
	}
}

func (m *machine) talk() {
	m.phase = talking
	m.named = ""
	m.disarm(tJoin, tMaxWait)
	leg := m.leg
	m.record(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(leg) })
}

// joinFailed undoes a bridge in which the two did not meet: a 204 promised it, nobody came.
func (m *machine) joinFailed() {
	switch m.phase {
	case joining:
		m.do(doLeave{m.bridge, []string{m.caller.id}})
		m.offerFailed(acd.OfferFailed, "")
	case ringsOut:
		m.do(doLeave{m.bridge, []string{m.caller.id}})
		m.outOver(acd.OfferFailed)
	case talking:
		m.end(acd.End{Outcome: acd.Failed, Reason: "rejoin", Fault: acd.FaultOurs, By: acd.BySystem})
	}
}

// fault: an action failed. Those that matter have their compensation here; the rest is metered by
// the actor and leaves the call as it is.
func (m *machine) fault(ev evFault) {
	switch a := ev.Action.(type) {
	case doRing:
		ending, cause := acd.OfferFailed, ""
		if errors.Is(ev.Err, ErrUnreachable) {
			ending, cause = acd.AgentGone, acd.UnreachablePhone
		}
		switch a.Channel {
		case m.agent.id:
			m.agent = party{} // it never was
			if m.phase == ringing {
				m.offerFailed(ending, cause)
			}
		case m.third.id:
			m.third = party{}
			m.outOver(ending)
		}
	case doCall:
		if m.phase == calling && a.Channel == m.caller.id {
			m.caller = party{}
			m.unreached(acd.AttemptFailed)
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
