package calls

import (
	"errors"
	"time"

	"accueil/acd"
)

// ErrAbsent refuses a transfer to an agent who is not at work, or who has the caller already.
var ErrAbsent = errors.New("the agent is not at work")

// maxDigits bounds what an agent can key as a destination.
const maxDigits = 20

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

func (m *machine) agentLang() acd.Lang {
	return m.env.desk.Briefing(m.legImage(), m.agentID, m.now).Lang
}

func (m *machine) tellAgent(prompt string) bool {
	_, ok := m.sayTo(&m.agent, m.agentLang(), []acd.Prompt{{ID: prompt}}, false)
	return ok
}

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

// handOver does the transfer that was asked for; the caller is in music. It reports false when the
// destination cannot take anybody now.
func (m *machine) handOver(kind TransferKind, t Target) bool {
	if t.Queue != "" || t.Agent != "" {
		return m.toQueue(t)
	}
	if kind == TransferBriefed {
		m.consult(t)
		return true
	}
	about := m.legImage()
	m.outID = m.id("x")
	m.handToExtension(t)
	m.letAgentGo(HangupNormal)
	m.ringOut(t, about, outRing)
	return true
}

// handToExtension closes the agent's leg and opens the one that rings out.
func (m *machine) handToExtension(t Target) {
	leg, to, out := m.leg, t.Name, m.outID
	m.record(acd.KindTransferred, func(tx *acd.Tx) error {
		next, err := tx.Transfer(leg, to, nil)
		if err != nil {
			return err
		}
		return tx.Edit(next, func(l *acd.Leg) { l.Out = out })
	})
	m.leg = leg.Next()
	m.agentID = ""
}

// toQueue hands the caller to a queue (or to one agent, for whom he is kept a while). He keeps the
// age of his contact, and the agent who takes him is briefed anew.
func (m *machine) toQueue(t Target) bool {
	old := m.legImage()
	queue, reason := t.Queue, old.Reason
	if t.Agent != "" {
		queue = old.Queue
	}
	way, ok := m.env.plan.Way(reason, queue, m.lang)
	switch {
	case !ok:
		return false
	case t.Agent != "":
		if !m.present(t.Agent) {
			return false
		}
	case m.env.router.Enter(way.Queue, way.Asks, true) != "":
		return false
	}
	q := way.Queueing
	q.Max, q.AgeFrom = 0, m.contactSince()
	if t.Agent != "" {
		q.Preferred, q.HoldUntil = t.Agent, m.now.Add(outRing+ringGrace) // namedAway comes first
	}
	q.Due = m.waitsUntil(way, m.now)
	m.deadlines[tMaxWait] = q.Due
	leg := m.leg
	m.record(acd.KindTransferred, func(tx *acd.Tx) error {
		_, err := tx.Transfer(leg, "", &q)
		return err
	})
	m.leg = leg.Next()
	m.wait(way.Queue)
	if m.named = t.Agent; m.named != "" {
		m.arm(tOut, outRing)
	}
	return true
}

// present reports whether the agent is at work and is not the one who has the caller.
func (m *machine) present(agent acd.AgentID) bool {
	for _, a := range m.env.book.Agents() {
		if a.ID == agent {
			return a.State.Staffed() && agent != m.agentID
		}
	}
	return false
}

// wait is what a caller does who was handed to a queue by an agent.
func (m *machine) wait(queue acd.QueueID) {
	m.letAgentGo(HangupNormal)
	m.offer, m.agentID = acd.Offer{}, ""
	m.waitsIn(queue)
}

// contactSince is where the contact's age counts from: its first place in a queue, or its arrival.
func (m *machine) contactSince() acd.Instant {
	first, ok := m.env.book.Leg(m.contact.Leg(1))
	if !ok {
		return m.legImage().Arrived
	}
	if !first.Enqueued.Never() {
		return first.Enqueued
	}
	return first.Arrived
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

// --- an extension that rings ------------------------------------------------------------------------

// ringOut rings an extension for the caller, who hears music until somebody there takes him. about is
// the leg whose reason and wait the far end is shown.
func (m *machine) ringOut(t Target, about acd.Leg, ring time.Duration) {
	m.phase = ringsOut
	m.disarm(tMaxWait, tListen)
	m.after = nil
	m.hush(&m.caller)
	m.music(&m.caller, MusicWaiting)
	m.arm(tNet, netEvery)
	m.ringThird(t, m.leg, about, ring)
}

func (m *machine) ringThird(t Target, leg acd.LegID, about acd.Leg, ring time.Duration) {
	m.target, m.thirdEnd = t, t.Endpoint
	m.third = party{id: m.outID}
	about.ID = leg
	m.do(doRing{Channel: m.third.id, Endpoint: t.Endpoint, Timeout: ring, Leg: about})
	m.arm(tOut, ring+ringGrace)
}

// thirdAnswered: somebody, or something, has picked up.
func (m *machine) thirdAnswered() {
	m.third.up = true
	m.disarm(tOut)
	if m.thirdEnd.MustAccept {
		m.accepting = true
		m.askAcceptOut()
		return
	}
	m.thirdTook()
}

// askAcceptOut tells the far end what the call is about and asks for 1.
func (m *machine) askAcceptOut() {
	prompts := []acd.Prompt{{ID: "sys.accept_transfer"}}
	if r := m.legImage().Reason; r != "" {
		prompts = append(prompts, acd.Prompt{ID: "reason." + string(r)})
	}
	prompts = append(prompts, acd.Prompt{ID: "sys.press_1"})
	length, _ := m.sayTo(&m.third, m.lang, prompts, false)
	m.arm(tAccept, length+acceptLimit)
}

func (m *machine) thirdKey(digit byte) {
	if m.accepting && digit == '1' && m.third.up {
		m.accepting = false
		m.disarm(tAccept)
		m.hush(&m.third)
		m.thirdTook()
	}
}

// thirdTook: a person is there.
func (m *machine) thirdTook() {
	switch m.phase {
	case ringsOut:
		m.meet()
	case consulted:
		m.quietAgent()
		m.side = m.id("s")
		m.do(doCreateBridge{m.side})
		m.do(doJoin{m.side, []string{m.agent.id, m.third.id}})
	}
}

// meet joins the caller and the extension in a bridge of their own.
func (m *machine) meet() {
	m.dropBridges()
	m.bridge = m.id("b")
	m.do(doCreateBridge{m.bridge})
	m.join(&m.third)
}

func (m *machine) talkOut() {
	m.phase = talking
	m.disarm(tJoin, tOut, tAccept)
	leg := m.leg
	m.record(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(leg) })
}

// thirdGone: the extension's channel ended.
func (m *machine) thirdGone(ev evGone) {
	was := m.third
	m.third = party{}
	switch m.phase {
	case ringsOut:
		ending := ev.Ending
		if was.up {
			ending = acd.Refused // picked up and put down
		}
		if ending == "" || ending == acd.Accepted {
			ending = acd.OfferFailed
		}
		m.outOver(ending)
	case consulted:
		ending := ev.Ending
		if was.up {
			ending = acd.Refused
		}
		m.outOver(ending)
	case talking:
		m.end(acd.End{Outcome: acd.TransferredOut, By: acd.ByThirdParty})
	}
}

// outOver: the extension does not take the caller.
func (m *machine) outOver(ending acd.Ending) {
	m.disarm(tOut, tAccept, tJoin)
	m.accepting = false
	if m.third.alive() {
		m.do(doHangup{m.third.id, HangupElsewhere})
		m.third = party{}
	}
	switch m.phase {
	case consulted:
		m.dropSide()
		m.resumeWith(returnPrompt(ending))
	case ringsOut:
		m.dropBridges()
		m.caller.entered = false
		if m.legImage().From == "" {
			m.outFromMenu(ending)
			return
		}
		m.giveBackToSender(ending)
	}
}

func (m *machine) outFromMenu(ending acd.Ending) {
	leg := m.leg
	m.phase = inMenu
	m.record(acd.KindReturned, func(tx *acd.Tx) error { return tx.BackToMenu(leg) })
	m.hear(acd.HeardTransfer{Ending: ending})
}

// giveBackToSender queues the patient at the head, kept for the sender, labelled as a return.
func (m *machine) giveBackToSender(ending acd.Ending) {
	q, ok := m.wayBack(ending)
	if !ok {
		m.toNet("no_way_back")
		return
	}
	m.record(acd.KindReturned, m.returned(q))
	m.backToSender()
}

// returned queues the patient for the sender, whose after-call work ends: it was for this patient,
// who is not dealt with.
func (m *machine) returned(q acd.Queueing) func(*acd.Tx) error {
	leg, sender, previous := m.leg, q.Preferred, m.legImage().Previous
	return func(tx *acd.Tx) error {
		if err := tx.Enqueue(leg, q); err != nil {
			return err
		}
		if a := tx.Agent(sender); a.State == acd.AgentWrapup && a.WrapupFor == previous {
			return tx.EndWrapup(sender, false)
		}
		return nil
	}
}

// wayBack is the place of a patient whom the destination did not take.
func (m *machine) wayBack(ending acd.Ending) (acd.Queueing, bool) {
	l := m.legImage()
	queue := acd.QueueID("")
	if previous, ok := m.env.book.Leg(l.Previous); ok {
		queue = previous.Queue
	}
	way, ok := m.env.plan.Way(l.Reason, queue, m.lang)
	q := way.Queueing
	q.Max, q.Points, q.AgeFrom = 0, acd.MaxPoints, m.contactSince()
	q.Preferred, q.HoldUntil, q.Return = l.From, m.now.Add(returnHold), ending
	return q, ok
}

// backToSender tells the patient and lets him wait.
func (m *machine) backToSender() {
	m.named = ""
	m.disarm(tOut)
	m.phase = inQueue
	m.apologise("sys.transfer_back")
	m.backInQueue()
}

// namedAway: the agent to whom the patient was handed has not become free in the time that a ward
// would have had to answer.
func (m *machine) namedAway() {
	leg, named := m.leg, m.named
	q, ok := m.wayBack(acd.NoAnswer)
	if m.phase != inQueue || named == "" || m.legImage().Preferred != named || !ok {
		return // his phone rings, he has the patient, or the patient is elsewhere
	}
	m.record(acd.KindReturned, func(tx *acd.Tx) error {
		if l, err := tx.Leg(leg); err != nil || l.State != acd.LegQueued || l.Preferred != named {
			return err // claimed in the same instant
		}
		return tx.Enqueue(leg, q)
	})
	m.backToSender()
}

func returnPrompt(e acd.Ending) string {
	switch e {
	case acd.Busy:
		return "sys.return_busy"
	case acd.Refused:
		return "sys.return_refused"
	case acd.NoAnswer:
		return "sys.return_no_answer"
	}
	return "sys.return_failed"
}

// --- consultation -----------------------------------------------------------------------------------

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

// --- requests from outside --------------------------------------------------------------------------

// transferAsked hands the caller on because a supervisor or an agent's screen asks for it.
func (m *machine) transferAsked(ev evTransfer) {
	if m.phase == inQueue && ev.Request.Kind == TransferQueue {
		m.moveAsked(ev)
		return
	}
	if m.phase != talking || !m.agent.alive() {
		ev.Reply <- ErrNotTalking
		return
	}
	t, ok := m.env.plan.Target(ev.Request.To, false)
	if !ok || ev.Request.Kind == TransferQueue && t.Queue == "" {
		ev.Reply <- ErrUnknownTarget
		return
	}
	if t.Agent != "" && !m.present(t.Agent) {
		ev.Reply <- ErrAbsent
		return
	}
	m.hold()
	m.wish, m.target = ev.Request.Kind, t
	if ev.Request.Kind == TransferQueue || ev.Request.Kind == TransferExtension {
		m.wish = TransferBlind
	}
	ev.Reply <- nil
	m.confirm()
}
