package calls

import (
	"time"

	"accueil/acd"
)

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
