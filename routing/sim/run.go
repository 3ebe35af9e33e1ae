package sim

import (
	"accueil/acd"
	"accueil/routing"
)

// Simulate plays the day with the router. The rules give the queues' limits and what becomes of callers
// whom a queue does not take or keep; who takes whom is the router's affair alone.
func Simulate(day *Day, rules routing.Rules, router Router) Run {
	s := &simulation{
		day: day, rules: rules, router: router,
		contacts: make([]contact, len(day.Contacts)), agents: make([]agent, len(day.Agents)), groups: make([]group, day.Groups),
		waiting: map[acd.QueueID]int{},
		run:     Run{Results: make([]Result, len(day.Contacts)), Spans: make([]Span, 0, 3*len(day.Contacts)+len(day.Agents))},
	}
	for i := range s.agents {
		s.agents[i] = agent{state: acd.AgentOffline, contact: -1}
		g := &s.groups[day.Agents[i].Group]
		g.agents = append(g.agents, int32(i))
	}
	for i := range s.run.Results {
		s.run.Results[i].Agent = -1
	}
	for _, h := range day.Heads {
		s.agenda.add(event{at: h.At, kind: staffed, of: int32(h.Group), arg: int32(h.Count)})
	}
	s.play()
	s.finish()
	return s.run
}

// simulation is a day being played.
type simulation struct {
	day    *Day
	rules  routing.Rules
	router Router
	agenda agenda
	now    acd.Instant
	woken  acd.Instant // the earliest wake that is planned; zero for none

	contacts []contact
	agents   []agent
	groups   []group
	waiting  map[acd.QueueID]int // contacts that hold a place in the queue, those who ring included
	live     int                 // contacts that have arrived and are not finished
	run      Run
}

// stage is how far a contact has come.
type stage uint8

const (
	toCome stage = iota
	queued
	offered // rings at his agent
	talking
	gone
)

type contact struct {
	stage  stage
	agent  int32 // from the offer on
	offers int32
	queue  acd.QueueID
}

type agent struct {
	state   acd.AgentState
	since   acd.Instant // when he entered it
	idle    acd.Instant // when his last conversation ended, or he came
	contact int32       // -1 for none
}

// group is agents of whom a number is at work.
type group struct {
	agents  []int32
	target  int
	present int // more than target while some finish their contact
}

// play goes from event to event until nobody is left to call, to wait or to talk.
func (s *simulation) play() {
	next := 0
	for {
		arrives := next < len(s.day.Contacts)
		switch {
		case arrives && (s.agenda.empty() || s.day.Contacts[next].Enqueued < s.agenda.events[0].at):
			s.now = s.day.Contacts[next].Enqueued
			s.arrive(int32(next))
			next++
		case s.agenda.empty():
			return
		default:
			e := s.agenda.next()
			if !arrives && s.live == 0 && e.at > s.day.Until {
				return // agents who come when everybody has gone
			}
			s.now = e.at
			if !s.happen(e) {
				continue
			}
		}
		s.route()
	}
}

// happen does what an event says, and reports whether that can let anybody be served.
func (s *simulation) happen(e event) bool {
	switch e.kind {
	case gaveUp:
		return s.giveUp(e.of)
	case waited:
		return s.overstay(e.of)
	case met:
		if c := &s.contacts[e.of]; c.stage == offered {
			s.talk(e.of)
		}
		return false
	case hungUp:
		s.hangUp(e.of)
		return true
	case rested:
		s.contactDone(s.agents[e.of].contact)
		s.free(e.of, s.agents[e.of].idle)
		return true
	case staffed:
		g := &s.groups[e.of]
		g.target = int(e.arg)
		s.staff(g)
		return true
	}
	s.woken = 0
	return true
}

func (s *simulation) arrive(i int32) {
	d := &s.day.Contacts[i]
	s.live++
	q, outcome := s.admit(d.Queue, d.Asks)
	if outcome != "" {
		s.leave(i, outcome)
		return
	}
	s.enter(i, q)
	if d.Patience >= 0 {
		s.agenda.add(event{at: d.Enqueued.Add(d.Patience), kind: gaveUp, of: i})
	}
}

// enter lets the contact wait in the queue.
func (s *simulation) enter(i int32, q acd.QueueID) {
	c := &s.contacts[i]
	c.stage, c.queue = queued, q
	s.waiting[q]++
	s.router.Wait(int(i), q, s.now)
	if limit := s.rules.Queues[q].MaxWait; limit > 0 {
		s.agenda.add(event{at: max(s.now, s.day.Contacts[i].Enqueued.Add(limit)), kind: waited, of: i})
	}
}

// admit says which queue takes a contact that was sent to q: that one, or one that its ways out lead to;
// otherwise how the contact ends.
func (s *simulation) admit(q acd.QueueID, asks string) (acd.QueueID, acd.Outcome) {
	for range len(s.rules.Queues) + 1 {
		rules := s.rules.Queues[q]
		if rules.MaxWaiting == 0 && rules.MaxRatio == 0 && rules.Unstaffed() == routing.UnstaffedWait {
			return q, "" // takes everybody: no need to look
		}
		v := rules.Enter(s.load(q, asks), false)
		if v.OK {
			return q, ""
		}
		next, outcome := s.out(v)
		if outcome != "" {
			return "", outcome
		}
		q = next
	}
	return "", acd.Dissuaded // ways out that go in a circle end in a message
}

// load is how busy a queue is, as its limits see it.
func (s *simulation) load(q acd.QueueID, asks string) routing.Load {
	return routing.Load{Waiting: s.waiting[q], Staffed: s.router.Staffed(q, asks)}
}

// out follows a verdict: to another queue, or to an end.
func (s *simulation) out(v routing.Verdict) (acd.QueueID, acd.Outcome) {
	if v.Dies {
		return "", acd.Dissuaded
	}
	if q := acd.QueueID(v.To); v.To != "" {
		if _, ok := s.rules.Queues[q]; ok {
			return q, ""
		}
	}
	return "", acd.Overflow
}

// overstay sends a contact away that has waited as long as its queue keeps anybody.
func (s *simulation) overstay(i int32) bool {
	d, c := &s.day.Contacts[i], &s.contacts[i]
	if c.stage != queued {
		return false
	}
	v := s.rules.Queues[c.queue].Stay(s.load(c.queue, d.Asks), s.now.Sub(d.Enqueued))
	if v.Why != routing.LimitWait {
		return false // moved to a queue that has more patience
	}
	s.waiting[c.queue]--
	next, outcome := s.out(v)
	if outcome == "" {
		next, outcome = s.admit(next, d.Asks)
	}
	if outcome == "" {
		s.enter(i, next)
		return true
	}
	s.router.Leave(int(i), s.now)
	s.leave(i, outcome)
	return false
}

func (s *simulation) giveUp(i int32) bool {
	c := &s.contacts[i]
	switch c.stage {
	case queued:
		s.router.Leave(int(i), s.now)
	case offered:
	default:
		return false
	}
	s.waiting[c.queue]--
	rang := c.stage == offered
	s.leave(i, acd.Abandoned)
	if rang { // the agent is free at once, and no later in turn than before
		s.free(c.agent, s.agents[c.agent].idle)
	}
	return rang
}

// leave ends a contact that was not answered.
func (s *simulation) leave(i int32, o acd.Outcome) {
	c := &s.contacts[i]
	c.stage = gone
	s.live--
	r := &s.run.Results[i]
	r.Outcome, r.Queue, r.Offers, r.Left, r.Ended = o, c.queue, c.offers, s.now, s.now
}

// route carries out every choice that the router has now, and plans when to ask it again.
func (s *simulation) route() {
	for {
		i, a, ok := s.router.Pick(s.now)
		if !ok {
			break
		}
		s.router.Claim(i, a, s.now)
		s.offer(int32(i), int32(a))
	}
	at, ok := s.router.Next(s.now)
	if ok && (s.woken == 0 || at < s.woken) {
		s.woken = max(at, s.now+1)
		s.agenda.add(event{at: s.woken, kind: wake})
	}
}

func (s *simulation) offer(i, a int32) {
	c := &s.contacts[i]
	c.stage, c.agent = offered, a
	c.offers++
	s.agents[a].contact = i
	if pickup := s.day.Contacts[i].Pickup; pickup > 0 {
		s.enterState(a, acd.AgentOffered)
		s.agenda.add(event{at: s.now.Add(pickup), kind: met, of: i})
		return
	}
	s.talk(i)
}

func (s *simulation) talk(i int32) {
	c := &s.contacts[i]
	c.stage = talking
	s.waiting[c.queue]--
	s.enterState(c.agent, acd.AgentBusy)
	r := &s.run.Results[i]
	r.Outcome, r.Queue, r.Agent, r.Offers, r.Left = acd.Answered, c.queue, c.agent, c.offers, s.now
	s.agenda.add(event{at: s.now.Add(s.day.Contacts[i].Service), kind: hungUp, of: c.agent})
}

// hangUp ends an agent's conversation.
func (s *simulation) hangUp(a int32) {
	i := s.agents[a].contact
	s.run.Results[i].Ended = s.now
	s.agents[a].idle = s.now
	if wrapup := s.rules.Queues[s.contacts[i].queue].Wrapup; wrapup > 0 {
		s.enterState(a, acd.AgentWrapup)
		s.router.Agent(int(a), acd.AgentWrapup, s.now, s.now)
		s.run.Results[i].Rested = s.now.Add(wrapup)
		s.agenda.add(event{at: s.now.Add(wrapup), kind: rested, of: a})
		return
	}
	s.contactDone(i)
	s.free(a, s.now)
}

func (s *simulation) contactDone(i int32) {
	s.contacts[i].stage = gone
	s.live--
}

// free makes an agent ready for the next contact, or lets him go when his group has more than it should.
func (s *simulation) free(a int32, idle acd.Instant) {
	g := &s.groups[s.day.Agents[a].Group]
	s.agents[a].contact, s.agents[a].idle = -1, idle
	if g.present > g.target {
		s.goes(a, g)
		return
	}
	s.enterState(a, acd.AgentReady)
	s.router.Agent(int(a), acd.AgentReady, idle, s.now)
}

// staff brings agents of a group in, or sends those home who have nothing to do.
func (s *simulation) staff(g *group) {
	for _, a := range g.agents {
		if g.present >= g.target {
			break
		}
		if s.agents[a].state == acd.AgentOffline {
			g.present++
			s.agents[a].idle = s.now
			s.enterState(a, acd.AgentReady)
			s.router.Agent(int(a), acd.AgentReady, s.now, s.now)
		}
	}
	for k := len(g.agents) - 1; k >= 0 && g.present > g.target; k-- {
		if a := g.agents[k]; s.agents[a].state == acd.AgentReady {
			s.goes(a, g)
		}
	}
}

func (s *simulation) goes(a int32, g *group) {
	g.present--
	s.enterState(a, acd.AgentOffline)
	s.router.Agent(int(a), acd.AgentOffline, 0, s.now)
}

// enterState moves an agent to a state and keeps the span of the one before.
func (s *simulation) enterState(a int32, state acd.AgentState) {
	g := &s.agents[a]
	if g.state == state {
		return
	}
	s.closeSpan(a)
	g.state, g.since = state, s.now
}

func (s *simulation) closeSpan(a int32) {
	if g := &s.agents[a]; g.state != acd.AgentOffline && s.now > g.since {
		s.run.Spans = append(s.run.Spans, Span{Agent: a, State: g.state, From: g.since, To: s.now})
	}
}

// finish closes the books: who still waits, waits for nobody.
func (s *simulation) finish() {
	s.now = max(s.now, s.day.Until)
	s.run.End = s.now
	for i := range s.contacts {
		if s.contacts[i].stage == queued {
			s.leave(int32(i), acd.Closed)
		}
	}
	for a := range s.agents {
		s.closeSpan(int32(a))
	}
}
