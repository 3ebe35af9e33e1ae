package routing

import (
	"maps"
	"slices"

	"accueil/acd"
)

// agent is what routing keeps of a person, and how the index has counted him.
type agent struct {
	id    acd.AgentID
	image acd.Agent
	claim *claim // chosen for, not answered yet
	due   acd.Instant

	indexed  bool
	skills   map[acd.SkillID]int // those his profile was made from
	profile  *profile
	standing standing
	idle     acd.Instant
	staffed  bool
	routable bool

	holds   ordered[place] // contacts whose hold for him runs
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
	standUnknown
	standings
)

// passed is the reason for which an agent who stands so is passed over.
var passed = [standings]Passed{"", PassedOffline, PassedPaused, PassedUnreachable, PassedOffered, PassedBusy, PassedBusyOwn,
	PassedWrapup, PassedNoPhone, PassedCapacity, PassedExcluded, PassedPending, PassedUnknown}

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
	case a.image.Phone == "":
		return standNoPhone
	case a.image.Load+acd.VoiceLoad > acd.FullCapacity:
		return standCapacity
	case a.image.Excluded > e.now:
		return standExcluded
	}
	return standReady
}

// routable reports whether the agent will be offered contacts again without anyone doing anything:
// a pause and being unreachable end by a person's doing only.
func routable(a acd.Agent) bool {
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
	skills := member.Skills
	if known && a.image.Skills != nil {
		skills = a.image.Skills
	}
	if a.due != 0 {
		e.timers.remove(timer{at: a.due, agent: a.id})
		a.due = 0
	}
	before, staffed, stays := a.profile, a.staffed, a.routable
	if a.indexed {
		for _, f := range a.profile.fits {
			a.quit(f)
		}
	}
	if !a.indexed || !maps.Equal(a.skills, skills) {
		e.reprofile(a, skills)
	}
	a.indexed = true
	a.standing, a.idle = e.stand(a), a.image.IdleSince
	a.staffed, a.routable = known && a.image.State.Staffed(), known && routable(a.image)
	for _, f := range a.profile.fits {
		a.join(f)
	}
	if a.image.Excluded > e.now {
		a.due = a.image.Excluded
		e.timers.add(timer{at: a.due, agent: a.id})
	}
	if before != a.profile || staffed != a.staffed {
		e.restaff(before, a.profile)
	}
	if before != a.profile || staffed != a.staffed || stays != a.routable {
		e.rehold(a)
	}
	e.indexHolder(a)
}

// reprofile moves the agent to the profile of these skills.
func (e *Engine) reprofile(a *agent, skills map[acd.SkillID]int) {
	if old := a.profile; old != nil {
		old.agents = slices.DeleteFunc(old.agents, func(b *agent) bool { return a == b })
		if len(old.agents) == 0 {
			delete(e.profiles, old.key)
		}
	}
	a.skills = skills
	a.profile = e.profile(skills)
	a.profile.agents = append(a.profile.agents, a)
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

// indexHolder keeps the set of free agents for whom contacts are held.
func (e *Engine) indexHolder(a *agent) {
	want := a.standing == standReady && a.indexed && a.holds.size > 0
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
func (a *agent) join(f fit) {
	a.tally(f, +1)
	if a.standing == standReady {
		f.class.ready.add(rank{f.first, f.surplus, a.idle, a})
	}
}

func (a *agent) quit(f fit) {
	a.tally(f, -1)
	if a.standing == standReady {
		f.class.ready.remove(rank{f.first, f.surplus, a.idle, a})
	}
}

func (a *agent) tally(f fit, n int) {
	c := f.class
	c.count[a.standing] += n
	if a.standing == standReady {
		c.readyAt[f.first] += n
	}
	if a.routable {
		c.routable += n
	}
	if !a.staffed {
		return
	}
	c.anybody += n
	for k := range c.steps {
		if f.steps&(1<<k) != 0 {
			c.staffed[k] += n
		}
	}
}
