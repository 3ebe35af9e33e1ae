package calls

import (
	"errors"
	"slices"

	"accueil/acd"
)

// begin answers a new caller and starts the scenario. The arrival itself is in the log already.
func (m *machine) begin() {
	m.do(doAnswer{m.caller.id})
	m.arm(tNet, netEvery)
	leg := m.leg
	m.record(acd.KindMenu, func(tx *acd.Tx) error { return tx.StartMenu(leg) })
	m.greet()
}

// greet begins the scenario, or says that the line is closed.
func (m *machine) greet() {
	if c, ok := m.env.book.Closure(m.entry); ok && c.On(m.now) {
		m.hear(acd.HeardRefused{Why: acd.RefusedClosed})
		return
	}
	m.hear(acd.HeardStart{})
}

// arrived: the channel is ours from now on, or Asterisk may take commands again. One that was found while
// the dialplan only offered it, or that came while Asterisk refused, has done nothing of what was asked of
// it: all of that is asked again.
func (m *machine) arrived() {
	if !m.early || m.phase == over {
		return
	}
	m.early, m.faults, m.stated, m.caller.music = false, 0, "", ""
	m.do(doAnswer{m.caller.id})
	switch m.phase {
	case inMenu:
		m.greet()
	case inQueue, ringing, briefing:
		m.music(&m.caller, MusicWaiting)
	}
}

// hear hands the script what happened and carries out what it asks; false when it asks for nothing.
func (m *machine) hear(in acd.Heard) (answered bool) {
	if m.phase == over || m.phase == putting || m.script == nil || m.owed {
		return false
	}
	asks := m.script.Handle(in, m.scene())
	if len(asks) == 0 {
		return false // nothing changes: what is being said or awaited goes on
	}
	m.stopCapture()
	if m.phase == ringsOut {
		m.stopRingingOut()
	}
	if _, refused := in.(acd.HeardRefused); refused && m.phase == inQueue && !staysQueued(asks) {
		m.leaveQueue() // what follows is no wait: no agent may be rung for it
	}
	m.disarm(tListen, tFault, tLookup)
	m.sending = false
	m.after = nil
	if _, ok := in.(acd.HeardQueued); !ok {
		m.hush(&m.caller) // a new answer replaces the old one
	}
	m.carry(asks)
	return true
}

// carry carries out an answer of the script.
func (m *machine) carry(asks []acd.Ask) {
	for _, a := range asks {
		if !m.ask(a) {
			return
		}
	}
	switch {
	case m.unsaid:
		m.unsaid = false
		m.cannotSpeak()
	case m.caller.speaking():
	case m.asksPlace():
		m.startAfter() // the answer, which is next, says what he hears
	default:
		m.music(&m.caller, m.follow())
		m.startAfter()
	}
}

// staysQueued reports whether the answer to a refusal keeps or moves the caller's place. Else it is
// words and their end: a message, a menu.
func staysQueued(asks []acd.Ask) bool {
	return slices.ContainsFunc(asks, func(a acd.Ask) bool {
		switch a.(type) {
		case acd.AskQueue, acd.AskTransfer, acd.AskWait, acd.AskLeaveQueue:
			return true
		}
		return false
	})
}

// maxFaults bounds how often a script may be told of a fault before the safety net takes the call.
const maxFaults = 5

// cannotSpeak tells the script that its words cannot be said; when that goes on, the dialplan's net
// takes over, which reaches a human without us.
func (m *machine) cannotSpeak() {
	if m.faults++; m.faults > maxFaults {
		m.toNet("cannot_speak")
		return
	}
	m.hear(acd.HeardFault{})
}

// toNet hands the caller to the safety net of the dialplan.
func (m *machine) toNet(why string) {
	m.do(doToNet{m.caller.id})
	m.caller = party{}
	m.end(acd.End{Outcome: acd.Overflow, Reason: why, By: acd.BySystem})
}

// ask carries out one wish; false ends the list, because the wish leads elsewhere.
func (m *machine) ask(a acd.Ask) bool {
	switch a := a.(type) {
	case acd.AskSay:
		m.barge = a.BargeIn
		if !m.say(a.Prompts, m.follow()) {
			m.unsaid = true
		}
	case acd.AskListen, acd.AskWait, acd.AskRecord:
		m.after = a
	case acd.AskSurveyed:
		leg := m.leg
		m.record(acd.KindSurveyed, func(tx *acd.Tx) error { return tx.Surveyed(leg, a.Answer) })
	case acd.AskLanguage:
		m.lang = a.Lang
		leg, lang := m.leg, a.Lang
		m.record(acd.KindLegChanged, func(tx *acd.Tx) error {
			return tx.Edit(leg, func(l *acd.Leg) { l.Lang = lang })
		})
	case acd.AskFlag:
		leg := m.leg
		m.record(acd.KindLegChanged, func(tx *acd.Tx) error {
			return tx.Edit(leg, func(l *acd.Leg) { l.Flagged = true })
		})
	case acd.AskQueue:
		m.askQueue(a)
	case acd.AskCallback:
		if a.Number != nil && m.mayKey != nil && !m.mayKey(a.Number.Reveal()) {
			m.hear(acd.HeardNumberRefused{})
			return false
		}
		m.agree(a)
	case acd.AskLeaveQueue:
		m.leaveQueue()
	case acd.AskTold:
		m.told = a.Told
	case acd.AskSlow:
		m.slow = true
		leg := m.leg
		m.record(acd.KindLegChanged, func(tx *acd.Tx) error {
			return tx.Edit(leg, func(l *acd.Leg) { l.Slow = true })
		})
	case acd.AskTransfer:
		m.askTransfer(a)
		return false
	case acd.AskLookup:
		m.askLookup(a)
	case acd.AskSMS:
		m.askSMS(a)
	case acd.AskHangup:
		if m.phase == ringing || m.phase == briefing {
			m.withdrawOffer()
		}
		m.end(acd.End{Outcome: a.Outcome, Reason: a.Reason, By: acd.ByFlow})
		return false
	}
	return true
}

// spoken: the speech is over; what was to follow it begins.
func (m *machine) spoken() {
	if m.apology {
		m.apology = false
		m.hear(acd.HeardQueued{})
		return
	}
	if m.phase == calling {
		m.personHeard()
		return
	}
	if m.after != nil {
		m.startAfter()
		return
	}
	switch m.phase {
	case inMenu, inQueue, ringing, briefing, inMessage, surveying:
		m.hear(acd.HeardSaid{})
	}
}

func (m *machine) startAfter() {
	switch a := m.after.(type) {
	case acd.AskRecord:
		m.after = nil
		m.capture(a)
	case acd.AskHangup:
		m.after = nil
		m.ask(a)
	case acd.AskListen:
		m.arm(tListen, a.For)
	case acd.AskWait:
		if a.For > 0 {
			m.arm(tListen, a.For)
		}
	}
}

func (m *machine) listenOver() {
	after := m.after
	m.after = nil
	switch after.(type) {
	case acd.AskListen:
		m.hear(acd.HeardSilence{})
	case acd.AskWait:
		m.hear(acd.HeardElapsed{})
	}
}

// key sends a key to whoever listens on that channel.
func (m *machine) key(ev evKey) {
	switch {
	case ev.Channel == m.caller.id:
		m.callerKey(ev.Digit)
	case ev.Channel == m.agent.id:
		m.agentKey(ev.Digit)
	case ev.Channel == m.third.id:
		m.thirdKey(ev.Digit)
	}
}

func (m *machine) callerKey(digit byte) {
	switch m.phase {
	case inMenu, inQueue, ringing, briefing, ringsOut, surveying:
	case inMessage:
		if digit == '#' && m.rec.id != "" {
			return // Asterisk ends the recording itself
		}
	case calling:
		if m.caller.up && m.missed == "" {
			m.hush(&m.caller)
			m.reached()
		}
		return
	default:
		return // in conversation the keys are between the two
	}
	if !m.deadlines[tSettle].Never() {
		m.waitAnew() // the key belongs to the waiting scenario
	}
	barged := m.caller.speaking() && m.barge
	m.hear(acd.HeardKey{Key: digit})
	if barged && m.follow() == MusicSoft && !m.caller.speaking() {
		m.music(&m.caller, MusicSoft)
	}
}

// askTransfer rings an extension for a caller who is in the menu or waits.
func (m *machine) askTransfer(a acd.AskTransfer) {
	t, ok := m.env.plan.Target(a.To, true)
	switch {
	case !ok:
		m.hear(acd.HeardTransfer{Ending: acd.OfferFailed})
		return
	case t.Queue != "":
		m.askQueue(acd.AskQueue{Queue: t.Queue})
		return
	}
	if m.phase == ringing || m.phase == briefing {
		m.withdrawOffer()
	}
	ring := a.Ring
	if ring <= 0 {
		ring = outRing
	}
	m.dropMessages()
	m.outID = m.id("x")
	leg, to, out, wanted := m.leg, t.Name, m.outID, m.wanted()
	m.record(acd.KindRingingOut, func(tx *acd.Tx) error {
		if err := errors.Join(unclaim(tx, leg), wanted(tx)); err != nil {
			return err
		}
		if err := tx.RingOut(leg, to); err != nil {
			return err
		}
		return tx.Edit(leg, func(l *acd.Leg) { l.Out = out })
	})
	m.ringOut(t, m.legImage(), ring)
}

// stopRingingOut gives an extension up because the caller pressed a key that leads elsewhere: the
// emergency instruction is one key away in every state.
func (m *machine) stopRingingOut() {
	m.letThirdGo()
	m.dropBridges()
	m.disarm(tJoin)
	m.phase = inMenu
	leg := m.leg
	m.record(acd.KindMenu, func(tx *acd.Tx) error { return tx.BackToMenu(leg) })
}

// crashed is the end of every call whose Asterisk has died.
var crashed = acd.End{Outcome: acd.Failed, Reason: "asterisk_restarted", Fault: acd.FaultMedia, By: acd.BySystem}
