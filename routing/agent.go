package routing

import (
	"slices"

	"accueil/acd"
)

// agent is what routing keeps of a person, and how the index has counted him.
type agent struct {
	id    acd.AgentID
	image acd.Agent
	claim *claim // chosen for, not answered yet
	due   acd.Instant

	indexed   bool
	live      bool // his profile was made from a live change of skills, not from the rules
	profile   *profile
	standing  standing
	idle      acd.Instant
	occupancy int64 // rank
	load      int   // parts of his capacity in use
	mail      int   // of those, what a call may interrupt
	staffed   bool
	routable  bool
	excluded  acd.Instant

	holds   ordered[place] // contacts whose hold for him runs
	pushed  int            // of those: parked for him by a supervisor
	holding bool           // he is in Engine.holders
}

// agentName orders agents by id.
type agentName struct{ *agent }

func (a agentName) before(b agentName) bool { return a.id < b.id }

// standing is where an agent stands with respect to any contact.
type standing int

const (
	standReady standing = iota
	standOffline
	standPaused
	standUnreachable
	standOffered
	standBusy
	standBusyOwn
	standWrapup
	standNoPhone
	standCapacity
	standExcluded
	standPending
	standReserved
	standLeaving
	standUnknown
	standings
)

// passed is the reason for which an agent who stands so is passed over.
var passed = [standings]Passed{"", PassedOffline, PassedPaused, PassedUnreachable, PassedOffered, PassedBusy, PassedBusyOwn,
	PassedWrapup, PassedNoPhone, PassedCapacity, PassedExcluded, PassedPending, PassedReserved, PassedLeaving, PassedUnknown}

// stand works out the agent's standing at the engine's instant.
func (e *Engine) stand(a *agent) standing {
	if _, known := e.rules.Agents[a.id]; !known {
		return standUnknown
	}
	switch a.image.State {
	case acd.AgentReady:
	case acd.AgentPaused:
		return standPaused
	case acd.AgentUnreachable:
		return standUnreachable
	case acd.AgentOffered:
		return standOffered
	case acd.AgentBusy:
		return standBusy
	case acd.AgentBusyOwn:
		return standBusyOwn
	case acd.AgentWrapup:
		return standWrapup
	default:
		return standOffline
	}
	switch {
	case a.claim != nil:
		return standPending
	case a.image.Next != nil:
		return standLeaving
	case a.image.Phone == "":
		return standNoPhone
	case a.image.Excluded > e.now:
		return standExcluded
	case a.pushed > 0:
		return standReserved
	}
	return standReady
}

// towards is the agent's standing with respect to contacts of a medium.
func (a *agent) towards(m acd.Medium) standing {
	if (a.standing == standReady || a.standing == standReserved) && !(acd.Agent{Load: a.load, Mail: a.mail}).Room(m) {
		return standCapacity
	}
	return a.standing
}

// comesBack reports whether the agent will be offered contacts again without anyone doing anything:
// a pause and being unreachable end by a person's doing only.
func comesBack(a acd.Agent) bool {
	switch a.State {
	case acd.AgentReady, acd.AgentOffered, acd.AgentBusy, acd.AgentBusyOwn, acd.AgentWrapup:
		return a.Next == nil || a.Next.State == acd.AgentReady
	}
	return false
}

// agent returns what is kept of the agent; one never heard of is offline.
func (e *Engine) agent(id acd.AgentID) *agent {
	a := e.agents[id]
	if a == nil {
		a = &agent{id: id, image: acd.Agent{ID: id, State: acd.AgentOffline}}
		e.agents[id] = a
	}
	return a
}

// indexAgent counts the agent where his image, his claim and the instant want him.
func (e *Engine) indexAgent(a *agent) {
	member, known := e.rules.Agents[a.id]
	if a.due != 0 {
		e.timers.remove(timer{at: a.due, agent: a.id})
		a.due = 0
	}
	before, staffed, routable, excluded := a.profile, a.staffed, a.routable, a.excluded
	if a.indexed {
		for i := range a.profile.fits {
			a.quit(&a.profile.fits[i])
		}
	}
	if live := known && a.image.Skills != nil; !a.indexed || live || a.live {
		a.live = live
		skills := member.Skills
		if live {
			skills = a.image.Skills
		}
		e.reprofile(a, skills, member.Queues)
	}
	a.indexed = true
	a.standing, a.idle = e.stand(a), a.image.IdleSince
	a.load, a.mail, a.excluded = a.image.Load, a.image.Mail, a.image.Excluded
	if e.occupancy {
		a.occupancy = a.image.OccupancyRank()
	}
	a.staffed, a.routable = known && a.image.State.Staffed(), known && comesBack(a.image)
	for i := range a.profile.fits {
		a.join(&a.profile.fits[i])
	}
	if a.image.Excluded > e.now {
		a.due = a.image.Excluded
		e.timers.add(timer{at: a.due, agent: a.id})
	}
	if before != a.profile || staffed != a.staffed {
		e.restaff(before, a.profile)
	}
	if before != a.profile || staffed != a.staffed || routable != a.routable || excluded != a.excluded {
		e.rehold(a)
	}
	e.indexHolder(a)
}

// restand counts the agent where his standing wants him when nothing else of him has changed.
func (a *agent) restand(s standing) {
	for i := range a.profile.fits {
		a.quit(&a.profile.fits[i])
	}
	a.standing = s
	for i := range a.profile.fits {
		a.join(&a.profile.fits[i])
	}
}

// reprofile moves the agent to the profile of these skills and assignments.
func (e *Engine) reprofile(a *agent, skills map[acd.SkillID]int, queues map[acd.QueueID]Assignment) {
	p := e.profile(skills, queues)
	old := a.profile
	if p == old {
		return
	}
	if old != nil {
		old.agents = slices.DeleteFunc(old.agents, func(b *agent) bool { return a == b })
		if len(old.agents) == 0 {
			delete(e.profiles, old.key)
		}
	}
	a.profile = p
	p.agents = append(p.agents, a)
}

// restaff opens and closes steps after someone with these profiles came or went.
func (e *Engine) restaff(profiles ...*profile) {
	for _, p := range profiles {
		if p != nil {
			for _, f := range p.fits {
				f.class.reschedule()
			}
		}
	}
}

// rehold looks again at the contacts that are held for the agent.
func (e *Engine) rehold(a *agent) {
	var held []*leg
	for n := a.holds.first(); n != nil; n = n.after() {
		held = append(held, n.key.leg)
	}
	for _, l := range held {
		e.indexLeg(l)
	}
}

// reserve counts a contact that a supervisor pushed to the agent; others are not offered to him then.
func (e *Engine) reserve(a *agent, n int) {
	was := a.pushed > 0
	if a.pushed += n; was != (a.pushed > 0) {
		e.indexAgent(a)
	}
}

// indexHolder keeps the set of free agents for whom contacts are held.
func (e *Engine) indexHolder(a *agent) {
	want := (a.standing == standReady || a.standing == standReserved) && a.indexed && a.holds.size > 0
	if want == a.holding {
		return
	}
	a.holding = want
	if want {
		e.holders.add(agentName{a})
	} else {
		e.holders.remove(agentName{a})
	}
}

// join counts the agent in a class that he fits; quit undoes it.
func (a *agent) join(f *fit) {
	s := a.towards(f.class.key.medium)
	a.tally(f, s, +1)
	if s != standReady {
		return
	}
	for steps := f.group.through(f.class.queue.entries); steps != 0; steps = steps.without(steps.first()) {
		f.group.sets[steps.first()].add(f.rank(a, steps.first()))
	}
}

func (a *agent) quit(f *fit) {
	s := a.towards(f.class.key.medium)
	a.tally(f, s, -1)
	if s != standReady {
		return
	}
	for steps := f.group.through(f.class.queue.entries); steps != 0; steps = steps.without(steps.first()) {
		f.group.sets[steps.first()].remove(f.rank(a, steps.first()))
	}
}

func (a *agent) tally(f *fit, s standing, n int) {
	c := f.class
	c.count[s] += n
	if s == standReady {
		c.ready += n
		f.group.size += n
	}
	if a.routable {
		c.routable += n
	}
	if a.staffed {
		c.anybody += n
	}
	for k := range c.steps {
		if !f.group.steps.has(k) {
			continue
		}
		if s == standReady {
			c.free[k] += n
		}
		if a.staffed {
			c.staffed[k] += n
		}
	}
}
