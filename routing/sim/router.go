package sim

import (
	"fmt"
	"strconv"

	"accueil/acd"
	"accueil/routing"
)

// A Router is told what happens and says who takes whom. Contacts and agents are named by their index
// in the Day; calls come in the order of time.
type Router interface {
	// Wait says that a contact waits in a queue from now on, or was moved to that queue.
	Wait(contact int, queue acd.QueueID, now acd.Instant)
	// Leave says that a waiting contact is gone.
	Leave(contact int, now acd.Instant)
	// Claim says that the choice was carried out: the contact waits no longer, the agent is not free.
	Claim(contact, agent int, now acd.Instant)
	// Agent says that an agent has changed his state; idle is the instant that his idle time counts from.
	Agent(agent int, s acd.AgentState, idle, now acd.Instant)
	// Pick gives the next choice to be made at now; false when there is none.
	Pick(now acd.Instant) (contact, agent int, ok bool)
	// Next is when a choice may become possible though nothing happens; false for never.
	Next(now acd.Instant) (acd.Instant, bool)
	// Staffed counts the agents at work who could ever take such a contact.
	Staffed(queue acd.QueueID, asks string) int
}

// engine is the router of the running system: routing.Engine, fed with what the log would tell it.
type engine struct {
	inner *routing.Engine
	day   *Day
	legs  []acd.LegID // of the contacts that have begun to wait
	who   map[acd.AgentID]int
	rev   int64 // one counter for every image: each is newer than all before

	leg   [1]acd.Leg // kept, so that an entry costs no memory
	agent [1]acd.Agent
}

// NewEngine returns the router of the running system under the rules.
func NewEngine(rules routing.Rules, day *Day) (Router, error) {
	inner, err := routing.New(rules)
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	e := &engine{inner: inner, day: day, legs: make([]acd.LegID, len(day.Contacts)), who: map[acd.AgentID]int{}}
	for i, a := range day.Agents {
		e.who[a.ID] = i
	}
	return e, nil
}

func (e *engine) Wait(contact int, queue acd.QueueID, now acd.Instant) {
	c := &e.day.Contacts[contact]
	if e.legs[contact] == "" {
		e.legs[contact] = legID(contact)
	}
	e.rev++
	e.leg[0] = acd.Leg{ID: e.legs[contact], Rev: e.rev, State: acd.LegQueued, Since: now, Queue: queue, Reason: c.Reason,
		Arrived: c.Arrived, Enqueued: c.Enqueued, Points: c.Points, Asks: c.Asks}
	e.inner.Apply(acd.Entry{At: now, Legs: e.leg[:]})
}

func (e *engine) Leave(contact int, now acd.Instant) {
	e.end(contact)
	e.inner.Apply(acd.Entry{At: now, Legs: e.leg[:]})
}

// end prepares the image of a leg that waits no longer. Nobody misses an offer here, so that it never
// comes back and routing may forget it.
func (e *engine) end(contact int) {
	e.rev++
	e.leg[0] = acd.Leg{ID: e.legs[contact], Rev: e.rev, State: acd.LegEnded}
}

func (e *engine) Claim(contact, agent int, now acd.Instant) {
	e.end(contact)
	e.image(agent, acd.AgentBusy, 0, now)
	e.inner.Apply(acd.Entry{At: now, Legs: e.leg[:], Agents: e.agent[:]})
}

func (e *engine) Agent(agent int, s acd.AgentState, idle, now acd.Instant) {
	if s == acd.AgentOffered || s == acd.AgentBusy {
		return // routing knows since the claim that he is not free
	}
	e.image(agent, s, idle, now)
	e.inner.Apply(acd.Entry{At: now, Agents: e.agent[:]})
}

func (e *engine) image(agent int, s acd.AgentState, idle, now acd.Instant) {
	e.rev++
	id := e.day.Agents[agent].ID
	e.agent[0] = acd.Agent{ID: id, Rev: e.rev, State: s, Since: now, IdleSince: idle}
	if s != acd.AgentOffline {
		e.agent[0].Phone = acd.PhoneID(id)
	}
}

func (e *engine) Pick(now acd.Instant) (contact, agent int, ok bool) {
	c, ok := e.inner.Pick(now)
	if !ok {
		return 0, 0, false
	}
	return contactOf(c.Leg), e.who[c.Agent], true
}

func (e *engine) Next(now acd.Instant) (acd.Instant, bool) { return e.inner.Next(now) }

func (e *engine) Staffed(queue acd.QueueID, asks string) int {
	return e.inner.Staffing(queue, asks, 0).Staffed // the engine's instants never go back: 0 is now
}

// digits are enough for the contacts of a day: ids of equal length sort as their numbers do.
const digits = 9

// legID names the first leg of the contact with this index.
func legID(contact int) acd.LegID {
	var b [digits + 2]byte
	for i := digits - 1; i >= 0; i-- {
		b[i] = byte('0' + contact%10)
		contact /= 10
	}
	b[digits], b[digits+1] = '/', '1'
	return acd.LegID(b[:])
}

func contactOf(l acd.LegID) int {
	n, _ := strconv.Atoi(string(l[:digits])) // legID wrote it
	return n
}
