package routing

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"accueil/acd"
)

// scene is an engine with many waiting and everyone busy: each cycle one agent becomes free, gets
// the contact that is his, and a new one arrives; what a full house does all day.
type scene struct {
	engine *Engine
	agents []acd.Agent
	now    acd.Instant
	calls  int
	queues int
	pace   acd.Instant // between arrivals: the oldest waits two minutes, so every step is open to someone
}

func newScene(b testing.TB, waiting, agents, skills int) *scene {
	rules := Rules{Queues: map[acd.QueueID]Queue{}, Agents: map[acd.AgentID]Member{}}
	for s := range skills {
		name := acd.SkillID(fmt.Sprintf("s%02d", s))
		rules.Skills = append(rules.Skills, name)
		rules.Queues[acd.QueueID("q"+name)] = Queue{Fallback: "x", Steps: []Step{
			{Require: string(name) + " >= 7"}, {After: 20 * time.Second, Require: string(name) + " >= 4"}, {After: 40 * time.Second}}}
	}
	s := &scene{now: 1_800_000_000_000, queues: skills, pace: acd.Instant(120_000/waiting + 1)}
	for i := range agents {
		id := acd.AgentID(fmt.Sprintf("a%05d", i))
		m := Member{Skills: map[acd.SkillID]int{}}
		for k := range skills {
			if level := (i*7 + k*13 + i*k) % 11; level > 0 || k == 0 {
				m.Skills[rules.Skills[k]] = max(level, 1)
			}
		}
		rules.Agents[id] = m
		s.agents = append(s.agents, acd.Agent{ID: id, Rev: 1, State: acd.AgentBusy, Phone: acd.PhoneID(id), IdleSince: s.now})
	}
	var err error
	if s.engine, err = New(rules); err != nil {
		b.Fatal(err)
	}
	s.engine.Apply(acd.Entry{ID: "1-0", Agents: s.agents})
	for range waiting {
		s.arrive()
	}
	s.engine.Decide(s.now)
	return s
}

func (s *scene) arrive() {
	s.calls++
	s.now += s.pace
	s.engine.Apply(acd.Entry{At: s.now, Legs: []acd.Leg{{
		ID: acd.LegID(fmt.Sprintf("c%09d/1", s.calls)), Rev: 1, State: acd.LegQueued, Enqueued: s.now,
		Queue: acd.QueueID(fmt.Sprintf("qs%02d", s.calls%s.queues)), Points: s.calls % 4 * (s.calls % 3),
	}}})
}

// cycle frees an agent, decides, and answers as the log would.
func (s *scene) cycle(b testing.TB, i int) {
	s.arrive()
	a := &s.agents[i*31%len(s.agents)]
	a.Rev++
	a.State, a.IdleSince = acd.AgentReady, s.now
	s.engine.Apply(acd.Entry{At: s.now, Agents: []acd.Agent{*a}})
	c, ok := s.engine.Pick(s.now)
	if !ok || c.Agent != a.ID {
		b.Fatalf("cycle %d: chose %v (%t), want %s", i, c.Agent, ok, a.ID)
	}
	a.Rev++
	a.State = acd.AgentBusy
	s.engine.Apply(acd.Entry{At: s.now, Agents: []acd.Agent{*a}, Legs: []acd.Leg{{ID: c.Leg, Rev: 2, State: acd.LegEnded}}})
}

// BenchmarkDecision is one whole cycle: arrival, freed agent, decision, claim folded.
func BenchmarkDecision(b *testing.B) {
	for _, skills := range []int{1, 5, 20} {
		perWaiting, perAgents := map[int]float64{}, map[int]float64{}
		for _, size := range []struct{ waiting, agents int }{{100, 100}, {1_000, 100}, {10_000, 100}, {100_000, 100}, {10_000, 1_000}, {10_000, 10_000}, {100_000, 10_000}} {
			b.Run(fmt.Sprintf("skills=%d/waiting=%d/agents=%d", skills, size.waiting, size.agents), func(b *testing.B) {
				s := newScene(b, size.waiting, size.agents, skills)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					s.cycle(b, i)
				}
				each := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
				if size.agents == 100 {
					perWaiting[size.waiting] = each
				}
				if size.waiting == 10_000 {
					perAgents[size.agents] = each
				}
			})
		}
		b.Logf("skills=%d: cost grows with waiting^%.2f and agents^%.2f", skills, exponent(perWaiting), exponent(perAgents))
	}
}

// exponent fits cost = c * size^e by least squares on logarithms.
func exponent(cost map[int]float64) float64 {
	var n, sx, sy, sxx, sxy float64
	for size, c := range cost {
		x, y := math.Log(float64(size)), math.Log(c)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// BenchmarkNothingToDo is what an entry of the log costs when it frees nobody.
func BenchmarkNothingToDo(b *testing.B) {
	s := newScene(b, 5_000, 1_000, 5)
	for b.Loop() {
		if _, ok := s.engine.Pick(s.now); ok {
			b.Fatal("someone was free")
		}
		s.engine.Next(s.now)
	}
}

// BenchmarkMemory states what a waiting contact costs.
func BenchmarkMemory(b *testing.B) {
	const waiting = 100_000
	for b.Loop() {
		var before, after runtime.MemStats
		s := newScene(b, 1, 100, 5)
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range waiting {
			s.arrive()
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/waiting, "B/contact")
		runtime.KeepAlive(s)
	}
}
