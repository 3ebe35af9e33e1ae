package calls

import "accueil/acd"

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
