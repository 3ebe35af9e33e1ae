package calls

// consult rings the destination for the agent; the caller stays in music. The agent hangs up to hand
// the caller over, or presses * to come back.
func (m *machine) consult(t Target) {
	m.phase = consulted
	m.music(&m.agent, MusicSoft)
	m.outID = m.id("x")
	m.ringThird(t, m.leg.Next(), m.legImage(), outRing)
}

func (m *machine) consultKey(digit byte) {
	if digit != '*' {
		return
	}
	m.letThirdGo()
	m.resume()
}

func (m *machine) letThirdGo() {
	m.disarm(tOut, tAccept)
	m.accepting = false
	if m.third.alive() {
		m.do(doHangup{m.third.id, HangupElsewhere})
	}
	m.third = party{}
	m.dropSide()
}

func (m *machine) dropSide() {
	if m.side != "" {
		m.do(doDropBridge{m.side})
		m.side = ""
	}
}

// consultantLeft: the agent has hung up, so the caller is the destination's now; where it has not
// answered yet, it rings on for the caller.
func (m *machine) consultantLeft() {
	m.handToExtension(m.target)
	m.phase = ringsOut
	m.dropSide()
	if m.third.up && !m.accepting {
		m.meet()
	}
}
