package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"accueil/phones"
)

// costRate is how many calls a second arrive while their CPU time is measured: some twelve agents talk
// at any moment, so nobody waits for long on either side.
const costRate = 8

// cost is the CPU time of the processes that served some calls.
type cost struct {
	calls int
	took  time.Duration   // all of them together
	cpu   []time.Duration // by process, as side.work lists them
}

// each is what one call cost.
func (c cost) each() time.Duration {
	var sum time.Duration
	for _, d := range c.cpu {
		sum += d
	}
	return sum / time.Duration(max(c.calls, 1))
}

func (c cost) String() string {
	var parts []string
	for _, d := range c.cpu {
		parts = append(parts, fmt.Sprintf("%.1f", ms(d)/float64(max(c.calls, 1))))
	}
	return fmt.Sprintf("%s ms; %d calls, %.1f a second", strings.Join(parts, " + "), c.calls, float64(c.calls)/c.took.Seconds())
}

// busyCost is the CPU time of calls of which twenty always wait: while the hand-overs of a scene are
// measured, whose calls are counted as the agents answer them.
func (a *arena) busyCost(ctx context.Context, s settings, by side) (cost, []time.Duration, error) {
	return during(by.work(a), func() ([]time.Duration, int, error) {
		c := crowd{wanted: s.handovers}
		took, err := c.run(ctx, a.agents, a.trunk, by.number(lineOne))
		return took, int(c.answered.Load()), err
	})
}

// during is the CPU time that the processes take while some calls are served, and what serving them told.
func during(pids []int, serve func() (told []time.Duration, calls int, err error)) (out cost, told []time.Duration, err error) {
	before, err := cpuOfAll(pids)
	if err != nil {
		return out, nil, err
	}
	begin := time.Now()
	if told, out.calls, err = serve(); err != nil {
		return out, nil, err
	}
	out.took = time.Since(begin)
	after, err := cpuOfAll(pids)
	for i := range after {
		out.cpu = append(out.cpu, after[i]-before[i])
	}
	return out, told, err
}

// cost serves calls that arrive at a steady pace, wait for an agent, talk to him for a second and hang
// up. The phones are not counted.
func (a *arena) cost(ctx context.Context, s settings, by side) (out cost, err error) {
	for _, p := range a.agents {
		p.SetPolicy(func(ctx context.Context, call *phones.Call) {
			if call.Answer() == nil {
				<-call.Ended()
			}
		})
	}
	before, err := cpuOfAll(by.work(a))
	if err != nil {
		return out, err
	}
	begin := time.Now()
	var mu sync.Mutex
	var failed error
	var wg sync.WaitGroup
	pace := time.NewTicker(time.Second / costRate)
	defer pace.Stop()
	for n := range int(s.cost.Seconds() * costRate) {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return out, ctx.Err()
		}
		wg.Go(func() {
			err := a.talk(ctx, by.number(lineOne), n)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = errors.Join(failed, err)
				return
			}
			out.calls++
		})
	}
	wg.Wait()
	out.took = time.Since(begin)
	if out.calls < int(s.cost.Seconds()*costRate)*19/20 {
		return out, fmt.Errorf("%d calls succeeded; %w", out.calls, failed)
	}
	// What follows a call is part of it.
	select {
	case <-time.After(500 * time.Millisecond):
	case <-ctx.Done():
		return out, ctx.Err()
	}
	after, err := cpuOfAll(by.work(a))
	for i := range after {
		out.cpu = append(out.cpu, after[i]-before[i])
	}
	return out, err
}

// talk is one call: it waits for an agent, hears him for a second and hangs up.
func (a *arena) talk(ctx context.Context, number string, n int) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	call, err := a.trunk.Call(ctx, number, phones.CallOptions{User: fmt.Sprintf("06%08d", n), Tone: patientVoice})
	if err != nil {
		return err
	}
	defer func() { _ = call.Hangup(context.WithoutCancel(ctx)) }()
	if err := call.WaitAnswered(ctx); err != nil {
		return err
	}
	if err := call.Ear().WaitTone(ctx, agentVoice); err != nil {
		return err
	}
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
	return ctx.Err()
}

func cpuOfAll(pids []int) ([]time.Duration, error) {
	var out []time.Duration
	for _, pid := range pids {
		d, err := cpuOf(pid)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}
