package calls

import (
	"accueil/acd"
)

// phoneHolds follows the hold button of the phone that has the caller: Asterisk plays him music in the
// bridge, and the leg is held for everybody who looks. A caller who puts us on hold is in conversation.
func (m *machine) phoneHolds(ev evHold) {
	if ev.On == m.held || ev.Channel == "" || ev.Channel != m.agent.id && ev.Channel != m.third.id || m.phase != talking {
		return
	}
	m.held = ev.On
	leg := m.leg
	if ev.On {
		m.record(acd.KindHeld, func(tx *acd.Tx) error { return tx.Hold(leg) })
		return
	}
	m.record(acd.KindResumed, func(tx *acd.Tx) error { return tx.Resume(leg) })
}

// hold takes both out of the bridge: the caller to music, the agent to what we ask of him.
func (m *machine) hold() {
	leg := m.leg
	if !m.held {
		m.record(acd.KindHeld, func(tx *acd.Tx) error { return tx.Hold(leg) })
	}
	m.held = false // from here on the hold is ours
	m.phase = dialling
	m.do(doLeave{m.bridge, []string{m.caller.id, m.agent.id}})
	m.caller.entered, m.agent.entered = false, false
	m.caller.music = ""
	m.music(&m.caller, MusicWaiting)
	m.arm(tNet, netEvery)
	m.net(netDelay)
}

// resume brings caller and agent together again.
func (m *machine) resume() { m.resumeWith("") }

func (m *machine) resumeWith(prompt string) {
	m.disarm(tDigits, tOut, tAccept)
	m.confirming, m.tries, m.code = false, 0, nil
	m.phase = talking
	m.hush(&m.agent)
	m.quietAgent()
	leg := m.leg
	m.record(acd.KindResumed, func(tx *acd.Tx) error { return tx.Resume(leg) })
	m.join(&m.agent)
	if prompt != "" {
		m.tellAgent(prompt)
	}
}

func (m *machine) quietAgent() {
	if m.agent.music != "" {
		m.do(doStopMusic{m.agent.id})
		m.agent.music = ""
	}
}
