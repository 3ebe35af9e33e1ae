package calls

import (
	"cmp"

	"accueil/acd"
)

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
