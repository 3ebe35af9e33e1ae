package calls

import (
	"errors"

	"accueil/acd"
)

// ErrAbsent refuses a transfer to an agent who is not at work, or who has the caller already.
var ErrAbsent = errors.New("the agent is not at work")

// maxDigits bounds what an agent can key as a destination.
const maxDigits = 20

func (m *machine) agentLang() acd.Lang {
	return m.env.desk.Briefing(m.legImage(), m.agentID, m.now).Lang
}

func (m *machine) tellAgent(prompt string) bool {
	_, ok := m.sayTo(&m.agent, m.agentLang(), []acd.Prompt{{ID: prompt}}, false)
	return ok
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
