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

// arrived: the channel is ours from now on. One that was found while the dialplan only offered it has
// done nothing of what was asked of it: all of that is asked again.
func (m *machine) arrived() {
	if !m.early || m.phase == over {
		return
	}
	m.early, m.faults, m.stated, m.caller.music = false, 0, "", ""
	m.do(doAnswer{m.caller.id})
	if m.phase == inMenu {
		m.greet()
		return
	}
	m.music(&m.caller, MusicWaiting)
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
		m.agree(a)
	case acd.AskLeaveQueue:
		m.leaveQueue()
	case acd.AskTold:
		m.told = a.Told
	case acd.AskSlow:
		m.slow = true
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

// askQueue asks the store for a place, unless the queue's limits are against it. Who has waited before
// is not refused for want of places.
func (m *machine) askQueue(a acd.AskQueue) {
	way, ok := m.env.plan.Way(a.Reason, a.Queue, m.lang)
	if !ok {
		m.hear(acd.HeardFault{})
		return
	}
	way.Asks = bothAsk(way.Asks, a.Asks)
	m.asked = wish{way.Queue, way.Reason}
	why := acd.Refusal("")
	switch {
	case m.closed(way):
		why = acd.RefusedClosed
	case m.newcomer():
		why = m.env.router.Enter(way.Queue, way.Asks, false)
	case !way.WaitUnstaffed && !m.env.router.Staffed(way.Queue, way.Asks):
		why = acd.RefusedUnstaffed
	}
	if why != "" {
		m.refuse(why)
		return
	}
	if m.phase == ringing || m.phase == briefing {
		m.withdrawOffer()
	}
	way.Points = acd.ClampPoints(way.Points + a.Points)
	resumed := acd.LegID("")
	if a.Resume {
		resumed = m.resumePlace(&way.Queueing)
	}
	way.Path = m.script.Path()
	m.enqueue(way, nil, resumed)
}

// newcomer reports whether the caller has not waited yet, on the line or for a callback: only then a queue
// may have no place for him.
func (m *machine) newcomer() bool {
	l := m.legImage()
	return l.Enqueued.Never() && l.Callback == nil
}

// bothAsk joins two requirements.
func bothAsk(one, other string) string {
	if one == "" || other == "" {
		return one + other
	}
	return "(" + one + ") and (" + other + ")"
}

// asksPlace reports whether what is to be done now ends with the answer to doEnqueue.
func (m *machine) asksPlace() bool {
	return slices.ContainsFunc(m.out, func(a Action) bool { _, ok := a.(doEnqueue); return ok })
}

// enqueue asks the store for a place of the way's kind; by is set for a supervisor's move, resumed for a
// place that a callback has kept.
func (m *machine) enqueue(way Way, by *move, resumed acd.LegID) {
	q := way.Queueing
	q.Lang, q.First = m.lang, m.refused.queue
	since := m.now
	if l := m.legImage(); !l.Enqueued.Never() {
		since = l.Enqueued // another queue does not restart the wait
	}
	q.Due = m.waitsUntil(way, since)
	enqueue := doEnqueue{Leg: m.leg, Queueing: q, Move: by, Resumes: resumed}
	m.placeBack(&enqueue.Queueing)
	if way.Hold > 0 {
		enqueue.Hold = since.Add(way.Hold)
	}
	m.do(enqueue)
	if !q.Due.Never() {
		m.deadlines[tMaxWait] = q.Due
	}
}

// moveAsked puts a caller who waits into another queue, as a supervisor asks, with his age and points.
// The answer is given when the log has it.
func (m *machine) moveAsked(ev evTransfer) {
	t, ok := m.env.plan.Target(ev.Request.To, false)
	way, known := m.env.plan.Way("", t.Queue, m.lang)
	switch {
	case !ok || t.Queue == "" || !known:
		ev.Reply <- ErrUnknownTarget
	case m.legImage().State != acd.LegQueued: // an agent was found in this instant
		ev.Reply <- ErrNotTalking
	case !way.WaitUnstaffed && !m.env.router.Staffed(way.Queue, way.Asks):
		ev.Reply <- ErrUnstaffed
	default:
		m.enqueue(way, &move{ev.Request.By, ev.Reply}, "")
	}
}

func (m *machine) enqueued(ev evEnqueued) {
	if m.phase == over {
		return
	}
	switch {
	case ev.Moved != "" && ev.Err != nil:
		m.waitsAsBefore()
	case ev.Err == nil:
		m.dropMessages()
		m.phase = inQueue
		m.named = "" // in another queue he is no longer kept for whom an agent named
		m.disarm(tOut)
		m.music(&m.caller, MusicWaiting)
		m.hear(acd.HeardQueued{Queue: ev.Moved})
	case m.legImage().State == acd.LegOffered:
		// An agent was found while the caller asked for another queue: his phone rings next.
		m.waitsAsBefore()
		m.phase = inQueue
	case errors.Is(ev.Err, acd.ErrFull):
		m.waitsAsBefore()
		m.refuse(acd.RefusedFull)
	default:
		m.waitsAsBefore()
		m.hear(acd.HeardRefused{Why: acd.RefusedStore})
	}
	if (m.phase == inMenu || m.phase == inQueue) && m.caller.music == "" && !m.caller.speaking() {
		m.music(&m.caller, m.follow()) // the script had nothing to say to it
	}
}

// wish is a queue that was asked for, and for which reason.
type wish struct {
	queue  acd.QueueID
	reason acd.ReasonID
}

// refuse tells the script that the queue it asked for does not take the caller. Where another one
// does, or nobody, the figures stay with the first.
func (m *machine) refuse(why acd.Refusal) {
	if m.refused.queue == "" {
		m.refused = m.asked
	}
	m.hear(acd.HeardRefused{Why: why})
}

// wanted is the note of the queue that did not take the caller, for where his leg goes on or ends
// without one.
func (m *machine) wanted() func(*acd.Tx) error {
	leg, w := m.leg, m.refused
	return func(tx *acd.Tx) error {
		if w.queue == "" {
			return nil
		}
		return tx.Wanted(leg, w.queue, w.reason)
	}
}

// leaveQueue takes the caller back to the menu (the emergency key); an agent who was being rung is
// free at once, and it is no miss.
func (m *machine) leaveQueue() {
	if m.phase == ringing || m.phase == briefing {
		m.withdrawOffer()
	}
	if m.phase != inQueue {
		return
	}
	m.phase = inMenu
	m.disarm(tMaxWait)
	leg := m.leg
	m.record(acd.KindMenu, func(tx *acd.Tx) error {
		if err := unclaim(tx, leg); err != nil {
			return err
		}
		return tx.BackToMenu(leg)
	})
}

// unclaim gives back an agent whom the log has given to this leg while the caller was already on his
// way elsewhere: the claim's entry is still on its way to us, and finds nothing to ring for.
func unclaim(tx *acd.Tx, leg acd.LegID) error {
	l, err := tx.Leg(leg)
	if err != nil || l.State != acd.LegOffered && l.State != acd.LegBriefing {
		return err
	}
	return tx.EndOffer(leg, acd.OfferResult{Ending: acd.CallerGone})
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

// crashed is the end of every call whose Asterisk has died.
var crashed = acd.End{Outcome: acd.Failed, Reason: "asterisk_restarted", Fault: acd.FaultMedia, By: acd.BySystem}

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
