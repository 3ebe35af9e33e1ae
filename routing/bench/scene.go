package main

import (
	"fmt"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// scene is a full house: everybody is busy and many wait. In each round some agents become free, each
// gets the contact that is his, and as many new ones arrive.
type scene struct {
	engine  *routing.Engine
	rules   routing.Rules
	agents  []acd.Agent
	now     acd.Instant
	calls   int
	pace    acd.Instant // between arrivals: the oldest waits two minutes, so every step is open to someone
	next    int         // agent to become free
	batch   int         // agents who become free in a round
	waiting map[acd.LegID]acd.Leg
	choices []routing.Choice
}

// maxBatch bounds the decisions that are timed together.
const maxBatch = 64

func newScene(waiting, agents, skills int, policy routing.Preset) (*scene, error) {
	s := &scene{now: 1_800_000_000_000, pace: acd.Instant(120_000/waiting + 1), batch: min(maxBatch, max(1, agents/8)),
		waiting: map[acd.LegID]acd.Leg{}}
	s.rules = siteOf(agents, skills, policy)
	for i := range agents {
		id := agentID(i)
		s.agents = append(s.agents, acd.Agent{ID: id, Rev: 1, State: acd.AgentBusy, Phone: acd.PhoneID(id), IdleSince: s.now})
	}
	var err error
	if s.engine, err = routing.New(s.rules); err != nil {
		return nil, fmt.Errorf("rules of the scene: %w", err)
	}
	s.engine.Apply(acd.Entry{ID: "1-0", Agents: s.agents})
	for range waiting {
		s.arrive()
	}
	return s, nil
}

func agentID(i int) acd.AgentID { return acd.AgentID(fmt.Sprintf("a%05d", i)) }

// siteOf is a site with a queue for each skill, of three steps; every agent has most skills, at levels
// that differ.
func siteOf(agents, skills int, policy routing.Preset) routing.Rules {
	rules := routing.Rules{Queues: map[acd.QueueID]routing.Queue{}, Agents: map[acd.AgentID]routing.Member{}}
	for k := range skills {
		name := acd.SkillID(fmt.Sprintf("s%02d", k))
		rules.Skills = append(rules.Skills, name)
		rules.Queues[queueID(k)] = routing.Queue{Fallback: "x", Policy: routing.Policy{Preset: policy}, Steps: []routing.Step{
			{Require: string(name) + " >= 7"}, {After: 20 * time.Second, Require: string(name) + " >= 4"}, {After: 40 * time.Second}}}
	}
	for i := range agents {
		m := routing.Member{Skills: map[acd.SkillID]int{}}
		for k := range skills {
			if level := (i*7 + k*13 + i*k) % 11; level > 0 || k == 0 {
				m.Skills[rules.Skills[k]] = max(level, 1)
			}
		}
		rules.Agents[agentID(i)] = m
	}
	return rules
}

func queueID(k int) acd.QueueID { return acd.QueueID(fmt.Sprintf("q%02d", k)) }

func (s *scene) arrive() {
	s.calls++
	s.now += s.pace
	l := acd.Leg{ID: acd.LegID(fmt.Sprintf("c%09d/1", s.calls)), Rev: 1, State: acd.LegQueued, Enqueued: s.now, Since: s.now,
		Queue: queueID(s.calls % len(s.rules.Queues)), Points: s.calls % 4 * (s.calls % 3)}
	s.waiting[l.ID] = l
	s.engine.Apply(acd.Entry{At: s.now, Legs: []acd.Leg{l}})
}

// free makes the next agents ready; it returns them.
func (s *scene) free() []acd.Agent {
	out := make([]acd.Agent, 0, s.batch)
	for range s.batch {
		a := &s.agents[s.next]
		s.next = (s.next + 31) % len(s.agents)
		for a.State == acd.AgentReady {
			a = &s.agents[s.next]
			s.next = (s.next + 1) % len(s.agents)
		}
		a.Rev++
		a.State, a.IdleSince, a.Since = acd.AgentReady, s.now, s.now
		out = append(out, *a)
		s.engine.Apply(acd.Entry{At: s.now, Agents: []acd.Agent{*a}})
	}
	return out
}

// answer tells the engine what the log makes of the choices, and lets as many contacts arrive.
func (s *scene) answer() {
	for _, c := range s.choices {
		var i int
		_, _ = fmt.Sscanf(string(c.Agent), "a%d", &i)
		a := &s.agents[i]
		a.Rev++
		a.State = acd.AgentBusy
		delete(s.waiting, c.Leg)
		s.engine.Apply(acd.Entry{At: s.now, Agents: []acd.Agent{*a}, Legs: []acd.Leg{{ID: c.Leg, Rev: 2, State: acd.LegEnded}}})
		s.arrive()
	}
}

// round frees agents and lets the engine choose for each of them; timed gets what the choices cost.
func (s *scene) round(pick func(acd.Instant) (routing.Choice, bool), timed *stopwatch) error {
	s.free()
	s.choices = s.choices[:0]
	timed.start()
	for range s.batch {
		c, ok := pick(s.now)
		if !ok {
			break
		}
		s.choices = append(s.choices, c)
	}
	timed.stop(len(s.choices))
	if len(s.choices) != s.batch {
		return fmt.Errorf("%d agents were free and %d were chosen", s.batch, len(s.choices))
	}
	s.answer()
	return nil
}
