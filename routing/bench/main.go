// Command bench measures the cost of routing decisions by the numbers of waiting contacts, agents and
// skills, beside an engine that scans everything for each decision; the choices of both are compared.
//
//	make bench-routing
//	make bench-routing ARGS='-skills 5 -decisions 20000'
//
// Times are of one processor, whatever else the machine does meanwhile.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"

	"accueil/acd"
	"accueil/routing"
)

// size is one crowd.
type size struct{ waiting, agents int }

// sizes are measured for each number of skills: each number alone, and both.
var sizes = []size{{100, 100}, {1_000, 100}, {10_000, 100}, {100_000, 100}, {10_000, 1_000}, {10_000, 10_000}, {100_000, 10_000}}

func main() {
	skills := flag.String("skills", "1,5,20", "numbers of skills, one queue for each skill")
	decisions := flag.Int("decisions", 30_000, "decisions to time for each size")
	policy := flag.String("policy", string(routing.FairOrder), "preset of every queue; the engine that scans everything knows fair only")
	flag.Parse()
	if err := run(*skills, *decisions, routing.Preset(*policy)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(skills string, decisions int, policy routing.Preset) error {
	runtime.LockOSThread()
	fmt.Println("skills  waiting  agents   decision   per second   explained   whole cycle   scan of all       ratio")
	for _, text := range strings.Split(skills, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 99 {
			return fmt.Errorf("skills: %q is no number from 1 to 99", text)
		}
		var costs []cost
		for _, size := range sizes {
			c, err := measure(size, n, decisions, policy)
			if err != nil {
				return fmt.Errorf("%d skills, %d waiting, %d agents: %w", n, size.waiting, size.agents, err)
			}
			fmt.Println(c)
			costs = append(costs, c)
		}
		fmt.Printf("        a decision costs as waiting^%.3f and agents^%.3f\n",
			exponent(costs, func(s size) (int, bool) { return s.waiting, s.agents == 100 }),
			exponent(costs, func(s size) (int, bool) { return s.agents, s.waiting == 10_000 }))
	}
	bytes, err := memory(100_000)
	if err != nil {
		return err
	}
	fmt.Printf("a waiting contact takes %d bytes of the engine's memory\n", bytes)
	return nil
}

// cost is what one size costs, in nanoseconds of a processor.
type cost struct {
	size
	skills                            int
	decision, explained, cycle, naive float64
}

func (c cost) String() string {
	line := fmt.Sprintf("%6d %8d %7d %7.0f ns %12.0f %8.0f ns %10.0f ns", c.skills, c.waiting, c.agents, c.decision, 1e9/c.decision, c.explained, c.cycle)
	if c.naive > 0 {
		line += fmt.Sprintf(" %10.0f µs %10.0f x", c.naive/1000, c.naive/c.decision)
	}
	return line
}

func measure(z size, skills, decisions int, policy routing.Preset) (cost, error) {
	c := cost{size: z, skills: skills}
	s, err := newScene(z.waiting, z.agents, skills, policy)
	if err != nil {
		return c, err
	}
	rounds := max(2, decisions/s.batch)
	for range rounds / 10 { // caches and memory warm up
		if err := s.round(s.engine.PickBare, new(stopwatch)); err != nil {
			return c, err
		}
	}
	var bare, told, whole stopwatch
	for range rounds {
		whole.start()
		if err := s.round(s.engine.PickBare, &bare); err != nil {
			return c, err
		}
		whole.stop(s.batch)
	}
	for range max(2, rounds/4) {
		if err := s.round(s.engine.Pick, &told); err != nil {
			return c, err
		}
	}
	c.decision, c.explained, c.cycle = bare.each(), told.each(), whole.each()
	if policy == routing.FairOrder {
		c.naive, err = s.compare()
	}
	return c, err
}

// compare lets the engine that scans everything make a few of the same decisions, and times it.
func (s *scene) compare() (each float64, err error) {
	n, err := newNaive(s, s.free())
	if err != nil {
		return 0, err
	}
	var w stopwatch
	for range min(3, s.batch) {
		w.start()
		want, ok := n.pick(s.now)
		w.stop(1)
		got, chosen := s.engine.PickBare(s.now)
		if chosen != ok || got.Leg != want.leg.ID || got.Agent != want.agent.ID || got.Step != want.step+1 {
			return 0, fmt.Errorf("the engine chose %s for %s, the scan %s for %s", got.Leg, got.Agent, want.leg.ID, want.agent.ID)
		}
	}
	return w.each(), nil
}

// exponent fits cost = c * x^e by least squares on logarithms, over the sizes that pick selects.
func exponent(costs []cost, pick func(size) (int, bool)) float64 {
	var n, sx, sy, sxx, sxy float64
	for _, c := range costs {
		v, ok := pick(c.size)
		if !ok {
			continue
		}
		x, y := math.Log(float64(v)), math.Log(c.decision)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// memory is what the engine keeps for one waiting contact, in bytes.
func memory(waiting int) (int64, error) {
	e, err := routing.New(siteOf(100, 5, routing.FairOrder))
	if err != nil {
		return 0, fmt.Errorf("rules: %w", err)
	}
	held := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := held()
	for i := range waiting {
		at := acd.Instant(1_800_000_000_000 + i)
		e.Apply(acd.Entry{At: at, Legs: []acd.Leg{{ID: acd.LegID(fmt.Sprintf("%032d/1", i)), Rev: 1, State: acd.LegQueued, Enqueued: at,
			Since: at, Queue: queueID(i % 5), Points: i % 4}}})
	}
	each := (held() - before) / int64(waiting)
	runtime.KeepAlive(e)
	return each, nil
}
