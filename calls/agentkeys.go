package calls

import "accueil/acd"

// inCallKey follows the in-call codes of CONTRACT: `*` and one digit within codeWindow.
func (m *machine) inCallKey(digit byte) {
	if digit == '*' {
		m.code = []byte{'*'}
		m.arm(tCode, codeWindow)
		return
	}
	if len(m.code) != 1 {
		return
	}
	m.code = nil
	m.disarm(tCode)
	switch digit {
	case '1':
		m.startDialling(TransferBlind)
	case '2':
		m.startDialling(TransferBriefed)
	case '3':
		m.hold()
		m.wish, m.target = TransferQueue, Target{Queue: m.legImage().Queue}
		m.confirm()
	case '5':
		m.askHelp()
	}
}

// askHelp raises the agent's hand: supervisors see it on the board until the conversation ends.
func (m *machine) askHelp() {
	agent := m.agentID
	m.record(acd.KindAgentState, func(tx *acd.Tx) error { return tx.AskHelp(agent) })
	m.tellAgent("sys.help_asked")
}

func (m *machine) startDialling(kind TransferKind) {
	m.hold()
	m.wish, m.target, m.code = kind, Target{}, nil
	m.askNumber("sys.transfer_number")
}

func (m *machine) askNumber(prompt string) {
	m.code = nil
	if !m.tellAgent(prompt) {
		m.arm(tDigits, digitFirst)
		return
	}
	m.arm(tDigits, digitFirst+briefLimit) // until the prompt's end is heard
}

// dialledKey collects the destination: # ends it, * goes back to the caller.
func (m *machine) dialledKey(digit byte) {
	if m.confirming {
		return
	}
	m.hush(&m.agent)
	switch {
	case digit == '*':
		m.resume()
	case digit == '#':
		m.digitsOver()
	case len(m.code) < maxDigits:
		m.code = append(m.code, digit)
		m.arm(tDigits, digitNext)
	}
}

// digitsOver: the destination is complete, or nothing was keyed.
func (m *machine) digitsOver() {
	m.disarm(tDigits)
	switch {
	case m.phase != dialling:
		return
	case m.confirming: // the confirmation never told its end
		m.confirmed()
		return
	}
	to := string(m.code)
	if to == "" {
		m.resume()
		return
	}
	t, ok := m.env.plan.Target(to, false)
	if !ok {
		if m.tries++; m.tries > 1 {
			m.resume()
			return
		}
		m.askNumber("sys.transfer_unknown")
		return
	}
	m.target = t
	m.confirm()
}

// confirm says that the transfer is on its way, then does it: said first, because afterwards the
// agent may be offered the next caller at once.
func (m *machine) confirm() {
	m.tries = 0
	m.confirming = true
	if m.wish == TransferBriefed && m.target.Endpoint.Dial != "" || !m.tellAgent("sys.transfer_sent") {
		m.confirmed()
		return
	}
	m.arm(tDigits, briefLimit)
}

func (m *machine) confirmed() {
	m.confirming = false
	m.disarm(tDigits)
	if !m.handOver(m.wish, m.target) {
		m.resumeWith("sys.transfer_refused")
	}
}
