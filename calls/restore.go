package calls

import "accueil/acd"

// restored takes a call up where an earlier process left it. The caller has heard music or a prompt
// all along; nothing that he did meanwhile was seen.
func (m *machine) restored(f Found) {
	m.arm(tNet, netEvery)
	m.settled = m.now.Add(settleTime)
	if f.Agent != "" {
		m.agent = party{id: f.Agent, up: f.AgentUp, entered: f.Together}
	}
	if f.Third != "" {
		m.third = party{id: f.Third, up: f.ThirdUp, entered: f.Together}
	}
	if f.Together {
		m.bridge = f.Bridge
	}
	switch f.Leg.State {
	case acd.LegArrived, acd.LegMenu:
		m.restoreMenu(f)
	case acd.LegQueued:
		m.restoreQueue(f.Leg)
	case acd.LegOffered:
		m.restoreOffer(f)
	case acd.LegBriefing:
		m.restoreBriefing(f)
	case acd.LegTalking, acd.LegHeld:
		m.restoreTalk(f)
	case acd.LegRingingOut:
		m.restoreOut(f)
	case acd.LegVoicemail:
		m.restoreMessage(f.Leg)
	case acd.LegSurvey:
		m.restoreSurvey(f)
	default:
		m.end(acd.End{Outcome: acd.Failed, Reason: "restart", Fault: acd.FaultOurs, By: acd.BySystem})
	}
}

// restoreMenu offers the menu again: keys of the outage are lost.
func (m *machine) restoreMenu(f Found) {
	m.phase = inMenu
	m.net(netDelay)
	if f.Leg.State == acd.LegArrived {
		leg := m.leg
		m.do(doAnswer{m.caller.id})
		m.record(acd.KindMenu, func(tx *acd.Tx) error { return tx.StartMenu(leg) })
	}
	m.hear(acd.HeardStart{Node: f.State.Node})
}

// restoreQueue keeps place and age; the music never stopped, and the waiting scenario begins anew.
func (m *machine) restoreQueue(l acd.Leg) {
	m.phase = inQueue
	m.deadlines[tMaxWait] = l.Due
	m.tellClosing(m.env.plan.Hours(l.Queue, l.Reason, m.now))
	m.caller.music = ""
	m.music(&m.caller, MusicWaiting)
	m.net(netDelay)
	m.arm(tSettle, settleTime)
}

// waitAnew begins the waiting scenario of an adopted caller: not at once, since each restart of a
// crash loop would put one more message before whatever comes next on his channel.
func (m *machine) waitAnew() {
	m.disarm(tSettle)
	switch m.phase {
	case inQueue, ringing, briefing:
		if m.after == nil && !m.caller.speaking() {
			m.hear(acd.HeardQueued{})
		}
	}
}

// restoreOffer goes on with a phone that still rings; one that was answered while nobody was there
// has been hung up by Asterisk, and its agent is not to blame.
func (m *machine) restoreOffer(f Found) {
	m.restoreQueue(f.Leg)
	m.phase = ringing
	switch {
	case f.Agent == "":
		m.offerFailed(acd.CallerGone, "")
	case f.AgentUp:
		m.agentAnswered()
	default:
		m.accepting = m.mustAccept(f.Leg.Phone)
		m.arm(tRing, max(0, f.Leg.Offer.Due.Sub(m.now))+ringGrace)
	}
}

func (m *machine) mustAccept(p acd.PhoneID) bool {
	e, _ := m.env.plan.Endpoint(p)
	return e.MustAccept
}

// restoreBriefing briefs the agent again; the two may also have met while we looked away.
func (m *machine) restoreBriefing(f Found) {
	if f.Together {
		m.caller.entered = true
		m.talk()
		return
	}
	m.restoreQueue(f.Leg)
	m.phase = briefing
	if f.Agent == "" {
		m.offerFailed(acd.CallerGone, "")
		return
	}
	m.agent.up = true
	m.bridge = m.id("b")
	m.do(doCreateBridge{m.bridge})
	if m.accepting = m.mustAccept(f.Leg.Phone); m.accepting {
		m.askAccept(&m.agent)
		return
	}
	m.brief()
}

// restoreTalk leaves a conversation alone. One that was interrupted (a hold, a destination being
// keyed) is put together again; one whose partner has gone ends.
func (m *machine) restoreTalk(f Found) {
	m.phase = talking
	far := &m.agent
	if !far.alive() {
		far = &m.third
	}
	switch {
	case !far.alive():
		outcome := acd.Answered
		if f.Leg.Agent == "" {
			outcome = acd.TransferredOut
		}
		m.end(acd.End{Outcome: outcome, Reason: "ended_during_outage", By: acd.ByAgent})
	case f.Together: // held all the same: by the phone's own button
		m.held = f.Leg.State == acd.LegHeld
		m.caller.entered = true
		m.disarm(tNet)
	default:
		m.caller.music, m.agent.music = MusicWaiting, MusicSoft // perhaps: stopping silence is harmless
		m.letConsultGo(far)
		m.quietAgent()
		m.bridge = m.id("b")
		m.do(doCreateBridge{m.bridge})
		if f.Leg.State == acd.LegHeld {
			leg := m.leg
			m.record(acd.KindResumed, func(tx *acd.Tx) error { return tx.Resume(leg) })
		}
		m.join(far)
	}
}

// letConsultGo hangs up a destination that an agent was consulting.
func (m *machine) letConsultGo(far *party) {
	if far == &m.agent && m.third.alive() {
		m.letThirdGo()
	}
}

// restoreOut goes on ringing, asks again for the 1, or gives the caller back.
func (m *machine) restoreOut(f Found) {
	m.phase = ringsOut
	m.caller.music = MusicWaiting // since before the outage; the bridge must not share it
	m.net(netDelay)
	m.target = Target{Name: f.Leg.Target}
	if t, ok := m.env.plan.Target(f.Leg.Target, true); ok {
		m.target, m.thirdEnd = t, t.Endpoint
	}
	switch {
	case f.Together:
		m.caller.entered = true
		m.talkOut()
	case !m.third.alive():
		m.outOver(acd.OfferFailed)
	case f.ThirdUp:
		m.thirdAnswered()
	default:
		m.arm(tOut, outRing+ringGrace)
	}
}
