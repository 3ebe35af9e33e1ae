package calls

import (
	"errors"

	"accueil/acd"
)

// gone: a channel has ended.
func (m *machine) gone(ev evGone) {
	switch ev.Channel {
	case "":
	case m.caller.id:
		m.callerGone(ev)
	case m.agent.id:
		m.agentGone(ev)
	case m.third.id:
		m.thirdGone(ev)
	}
	m.finish()
}

func (m *machine) callerGone(ev evGone) {
	if m.phase == calling {
		m.personGone(ev)
		return
	}
	m.caller = party{}
	if m.phase == over || m.phase == putting {
		return
	}
	if ev.Crash {
		m.end(crashed)
		return
	}
	if ev.Net {
		m.end(acd.End{Outcome: acd.Overflow, Reason: "safety_net", By: acd.BySystem})
		return
	}
	end := acd.End{Outcome: acd.Abandoned, By: acd.ByCaller}
	switch m.phase {
	case inMenu, inQueue, inMessage, surveying:
		if m.script != nil {
			for _, a := range m.script.Handle(acd.HeardGone{}, m.scene()) {
				if h, ok := a.(acd.AskHangup); ok {
					end.Outcome, end.Reason = h.Outcome, h.Reason
				}
			}
		}
	case talking, dialling, consulted:
		end.Outcome = acd.Answered
		if m.phase == talking && m.third.alive() {
			end.Outcome = acd.TransferredOut // he was with a ward, not with an agent
		}
	case joining:
		// The two were being joined: whether they met is for the bridge to say; seen together, they did.
		if l, ok := m.env.book.Leg(m.leg); ok && l.State == acd.LegTalking {
			end.Outcome = acd.Answered
		}
	}
	m.end(end)
}

// end closes the leg and lets go of everything.
func (m *machine) end(e acd.End) {
	if m.phase == over || m.parts(e) {
		return
	}
	m.conclude(m.verdict(e))
	m.release()
}

// conclude closes the leg; from now on nothing but its channels is left.
func (m *machine) conclude(e acd.End) {
	m.phase = over
	for t := range timers {
		m.deadlines[t] = 0
	}
	m.arm(tCleanup, cleanupLimit)
	leg, wanted, path, told, message, env := m.leg, m.wanted(), []string(nil), m.told, m.message, m.env
	if m.script != nil {
		path = m.script.Path()
	}
	m.record(acd.KindEnded, func(tx *acd.Tx) error {
		l, err := tx.Leg(leg)
		switch {
		case err != nil:
			return err
		case l.State == acd.LegMenu && len(path) > 0:
			err = tx.Edit(leg, func(l *acd.Leg) { l.Path = path })
		case l.State == acd.LegVoicemail:
			err = tx.Edit(leg, func(l *acd.Leg) {
				if l.Recording = message; len(path) > 0 {
					l.Path = path
				}
			})
		case !acd.MayEnd(l.State, e.Outcome):
			err = unclaim(tx, leg)
		}
		if told != (acd.Told{}) {
			err = errors.Join(err, tx.Edit(leg, func(l *acd.Leg) { l.Told = told }))
		}
		if err = errors.Join(err, wanted(tx)); err != nil {
			return err
		}
		return env.endLeg(tx, leg, e)
	})
}

// release hangs up what is left and gives it a bound to go.
func (m *machine) release() {
	m.phase = over
	for t := range timers {
		m.deadlines[t] = 0
	}
	if m.agent.alive() {
		why := HangupNormal
		if !m.agent.up {
			why = HangupElsewhere
		}
		m.do(doHangup{m.agent.id, why})
	}
	if m.third.alive() {
		m.do(doHangup{m.third.id, HangupNormal})
	}
	if m.caller.alive() {
		m.do(doHangup{m.caller.id, HangupNormal})
	}
	m.dropBridges()
	m.arm(tCleanup, cleanupLimit)
	m.finish()
}

func (m *machine) dropBridges() {
	for _, b := range []*string{&m.bridge, &m.side} {
		if *b != "" {
			m.do(doDropBridge{*b})
			*b = ""
		}
	}
}

// cleanup ends a contact whose channels did not tell their end: they are hung up once more, and the
// reconciliation looks after what Asterisk still has.
func (m *machine) cleanup() {
	for _, p := range []*party{&m.caller, &m.agent, &m.third} {
		if p.alive() {
			m.do(doHangup{p.id, HangupNormal})
			*p = party{}
		}
	}
	m.dropBridges()
	m.finish()
}

func (m *machine) finish() {
	if m.phase == over && !m.finished && !m.caller.alive() && !m.agent.alive() && !m.third.alive() {
		m.finished = true
		m.disarm(tCleanup)
		m.do(doFinish{})
	}
}
