package sim

import (
	"slices"
	"time"

	"accueil/acd"
)

// AppQueue is a model of Asterisk's queue application, to compare with: a queue for each class of
// callers, and callers who each look once a second whether it is their turn. It is their turn when no
// more callers stand before them in their queue than agents of that queue are free (autofill=yes); they
// then take the free agent of the lowest penalty, of those the one whose last call is longest ago
// (strategy=leastrecent). A queue knows nothing of the others: who looks first takes a shared agent.
type AppQueue struct {
	// Penalty is an agent's penalty in a queue; ok is false for one who is not a member of it.
	Penalty func(agent int, queue acd.QueueID) (penalty int, ok bool)

	day    *Day
	queues map[acd.QueueID]*line
	order  []*line // by first use
	free   []bool
	atWork []bool
	idle   []acd.Instant
	since  []acd.Instant // when the contact came to its queue: its polls are whole seconds later
	of     []*line       // where the contact waits
}

// recheck is how long a caller of the queue application waits before he looks again whether it is his turn.
const recheck = time.Second

// line is one queue of the application.
type line struct {
	id      acd.QueueID
	waiting []int // contacts, in their order
	members []member
}

type member struct{ agent, penalty int }

// NewAppQueue returns the model for a day.
func NewAppQueue(day *Day, penalty func(agent int, queue acd.QueueID) (int, bool)) *AppQueue {
	return &AppQueue{
		Penalty: penalty, day: day, queues: map[acd.QueueID]*line{}, free: make([]bool, len(day.Agents)), atWork: make([]bool, len(day.Agents)),
		idle: make([]acd.Instant, len(day.Agents)), since: make([]acd.Instant, len(day.Contacts)), of: make([]*line, len(day.Contacts)),
	}
}

func (q *AppQueue) line(id acd.QueueID) *line {
	l := q.queues[id]
	if l == nil {
		l = &line{id: id}
		for a := range q.day.Agents {
			if p, ok := q.Penalty(a, id); ok {
				l.members = append(l.members, member{a, p})
			}
		}
		q.queues[id] = l
		q.order = append(q.order, l)
	}
	return l
}

// Wait is Router's.
func (q *AppQueue) Wait(contact int, queue acd.QueueID, now acd.Instant) {
	q.remove(contact)
	l := q.line(queue)
	l.waiting = append(l.waiting, contact)
	q.of[contact], q.since[contact] = l, now
}

func (q *AppQueue) remove(contact int) {
	if l := q.of[contact]; l != nil {
		l.waiting = slices.DeleteFunc(l.waiting, func(c int) bool { return c == contact })
		q.of[contact] = nil
	}
}

// Leave is Router's.
func (q *AppQueue) Leave(contact int, _ acd.Instant) { q.remove(contact) }

// Claim is Router's.
func (q *AppQueue) Claim(contact, agent int, _ acd.Instant) {
	q.remove(contact)
	q.free[agent] = false
}

// Agent is Router's.
func (q *AppQueue) Agent(agent int, s acd.AgentState, idle, _ acd.Instant) {
	q.free[agent], q.atWork[agent] = s == acd.AgentReady, s != acd.AgentOffline
	q.idle[agent] = idle
}

// looks is the first instant from at on at which the caller looks.
func (q *AppQueue) looks(contact int, at acd.Instant) acd.Instant {
	period := acd.Instant(recheck.Milliseconds())
	past := (at - q.since[contact]) % period
	if past == 0 {
		return at
	}
	return at + period - past
}

// Pick is Router's.
func (q *AppQueue) Pick(now acd.Instant) (contact, agent int, ok bool) {
	for _, l := range q.order {
		free := l.free(q)
		for _, c := range l.waiting[:min(free, len(l.waiting))] {
			if q.looks(c, now) == now {
				return c, l.best(q), true
			}
		}
	}
	return 0, 0, false
}

// Next is Router's.
func (q *AppQueue) Next(now acd.Instant) (acd.Instant, bool) {
	var next acd.Instant
	for _, l := range q.order {
		if len(l.waiting) == 0 {
			continue
		}
		for _, c := range l.waiting[:min(l.free(q), len(l.waiting))] {
			next = acd.Earliest(next, q.looks(c, now+1))
		}
	}
	return next, next != 0
}

// Staffed is Router's.
func (q *AppQueue) Staffed(queue acd.QueueID, _ string) int {
	n := 0
	for _, m := range q.line(queue).members {
		if q.atWork[m.agent] {
			n++
		}
	}
	return n
}

func (l *line) free(q *AppQueue) int {
	n := 0
	for _, m := range l.members {
		if q.free[m.agent] {
			n++
		}
	}
	return n
}

// best is the free member whom the queue rings first.
func (l *line) best(q *AppQueue) int {
	best := -1
	var penalty int
	for _, m := range l.members {
		if !q.free[m.agent] {
			continue
		}
		if best < 0 || m.penalty < penalty || m.penalty == penalty && q.idle[m.agent] < q.idle[best] {
			best, penalty = m.agent, m.penalty
		}
	}
	return best
}
