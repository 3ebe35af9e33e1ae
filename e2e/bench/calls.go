package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"accueil/acd"
	"accueil/e2e"
	"accueil/phones"
)

// soundPace is between the callers whose first sound is timed: they overlap, as in a busy hour.
const soundPace = 100 * time.Millisecond

// clinic is a hospital with the demonstration's menus and more agents.
type clinic struct {
	*e2e.Hospital
	trunk  *phones.Phone
	agents []*phones.Phone
	close  func()
}

// openClinic starts a hospital with agents at work; each answers at once and stays until the other
// side hangs up.
func openClinic(ctx context.Context, s settings, scenarios map[string]string) (c *clinic, err error) {
	h, err := e2e.Open(ctx, e2e.Options{Edit: siteEdit(moreAgents), Scenarios: scenarios, Binary: s.binary, RTPPorts: 1200})
	c = &clinic{Hospital: h, close: h.Close}
	if err != nil {
		return c, err
	}
	var leave func()
	c.agents, leave, err = seat(ctx, h, desks(moreAgents))
	c.close = func() { leave(); h.Close() }
	if err != nil {
		return c, err
	}
	for _, a := range c.agents {
		a.SetPolicy(func(ctx context.Context, call *phones.Call) {
			if call.Answer() == nil {
				<-ctx.Done()
			}
		})
	}
	if c.trunk, err = h.Trunk(ctx); err != nil {
		return c, err
	}
	return c, makeReady(ctx, h, desks(moreAgents))
}

// withoutEmergency is the demonstration's main line without the emergency message, which no key cuts
// short: how long it lasts is no figure of ours.
func withoutEmergency() (map[string]string, error) {
	const name = "principal.yaml"
	text, err := os.ReadFile(filepath.Join(e2e.ProjectRoot(), "deploy", "demo", "scenarios", name))
	if err != nil {
		return nil, err
	}
	return map[string]string{name: strings.Replace(string(text), "\nstart:", "\nemergency_message: false\nstart:", 1)}, nil
}

// dial places the n-th call.
func (c *clinic) dial(ctx context.Context, n int) (*phones.Call, error) {
	return c.trunk.Call(ctx, "3000", phones.CallOptions{User: fmt.Sprintf("06%08d", n+1), Tone: patientVoice})
}

// hearFirst waits for the first sound and returns how long it took from the INVITE.
func hearFirst(ctx context.Context, call *phones.Call) (time.Duration, error) {
	if err := call.WaitAnswered(ctx); err != nil {
		return 0, err
	}
	if err := call.Ear().WaitEnergy(ctx); err != nil {
		return 0, err
	}
	return call.Ear().Hearing().FirstEnergy.Sub(call.Moments().Invited), nil
}

// firstSound measures INVITE → first packet with energy for new callers who hear the emergency message.
func firstSound(ctx context.Context, s settings, r *report) error {
	c, err := openClinic(ctx, s, nil)
	defer func() { c.close() }()
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var took []time.Duration
	var failures []error
	var wg sync.WaitGroup
	pace := time.NewTicker(soundPace)
	defer pace.Stop()
	for n := range s.callers {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			d, err := time.Duration(0), error(nil)
			call, err := c.dial(ctx, n)
			if err == nil {
				d, err = hearFirst(ctx, call)
				_ = call.Hangup(ctx)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failures = append(failures, err)
				return
			}
			took = append(took, d)
		})
	}
	wg.Wait()
	if len(failures) > s.callers/20 {
		return fmt.Errorf("%d of %d callers heard nothing: %w", len(failures), s.callers, failures[0])
	}
	r.quantiles(fmt.Sprintf("INVITE → first sound, %.0f new callers/s", float64(time.Second)/float64(soundPace)), took, 0, 300)
	return nil
}

// short is what came of one short call.
type short struct {
	first time.Duration // INVITE → first sound
	voice time.Duration // key → the agent is heard
	err   error
}

// visit is one short call: arrive, hear, press 2 (results), wait in the queue, talk for a second.
func (c *clinic) visit(ctx context.Context, n int) short {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var out short
	call, err := c.dial(ctx, n)
	if err != nil {
		return short{err: err}
	}
	defer func() { _ = call.Hangup(context.WithoutCancel(ctx)) }()
	if out.first, out.err = hearFirst(ctx, call); out.err != nil {
		return out
	}
	if out.err = call.Press(ctx, "2"); out.err != nil {
		return out
	}
	begin := time.Now()
	if out.err = call.Ear().WaitTone(ctx, agentVoice); out.err != nil {
		return out
	}
	out.voice = time.Since(begin)
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		out.err = ctx.Err()
	}
	return out
}

// loads are the calls a second that are tried, in order.
var loads = []float64{2, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60}

// load raises the number of short calls a second until answers slow down, and measures what a call
// costs. The phones share the machine with what is measured.
func load(ctx context.Context, s settings, r *report) error {
	lines, err := withoutEmergency()
	if err != nil {
		return err
	}
	c, err := openClinic(ctx, s, lines)
	defer func() { c.close() }()
	if err != nil {
		return err
	}
	var best *step
	for _, rate := range loads {
		if rate > s.most {
			break
		}
		st, err := c.step(ctx, rate, s.step)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.log, "  %s\n", st)
		if best != nil && st.slow() {
			r.add(figure{What: "the next load, which slows down", Value: st.rate, Unit: "calls/s", Note: st.String()})
			break
		}
		best = &st
		if st.slow() {
			break
		}
	}
	if best == nil {
		return fmt.Errorf("the smallest load is %g calls a second", loads[0])
	}
	r.add(figure{What: "short calls sustained", Value: best.rate, Unit: "calls/s", Note: best.String()})
	total := 0.0
	for i, name := range parts {
		per := best.cpu[i].Seconds() / float64(best.calls)
		total += per
		r.add(figure{What: "CPU of a short call, " + name, Value: per * 1000, Unit: "ms"})
	}
	r.add(figure{What: "CPU of a short call, all three", Value: total * 1000, Unit: "ms", Note: "the simulated phones not counted"})
	return nil
}

// parts are the processes whose CPU time is measured.
var parts = [...]string{"Asterisk", "controller", "Redis"}

func (c *clinic) cpu() (out [len(parts)]time.Duration, err error) {
	all, err := cpuOfAll([]int{c.Asterisk.PID(), c.PID(), c.Redis.PID()})
	copy(out[:], all)
	return out, err
}

// step is one load and what came of it.
type step struct {
	rate         float64
	calls        int
	failed       int
	first, voice []time.Duration
	cpu          [len(parts)]time.Duration
	last         error
}

// slow tells that patients notice: the first sound comes late, calls fail, or the agent is heard
// seconds after the key.
func (s step) slow() bool {
	return quantile(s.first, .99) > 300*time.Millisecond || quantile(s.voice, .99) > 2*time.Second || s.failed*100 > s.calls
}

func (s step) String() string {
	return fmt.Sprintf("%g calls/s: %d calls, %d failed, first sound p99 %.0f ms, key → agent heard p50 %.0f p99 %.0f ms",
		s.rate, s.calls, s.failed, ms(quantile(s.first, .99)), ms(quantile(s.voice, .5)), ms(quantile(s.voice, .99)))
}

func (c *clinic) step(ctx context.Context, rate float64, length time.Duration) (step, error) {
	before, err := c.cpu()
	if err != nil {
		return step{}, err
	}
	out := step{rate: rate}
	var mu sync.Mutex
	var wg sync.WaitGroup
	pace := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer pace.Stop()
	for n := range int(rate * length.Seconds()) {
		select {
		case <-pace.C:
		case <-ctx.Done():
			wg.Wait()
			return out, ctx.Err()
		}
		wg.Go(func() {
			v := c.visit(ctx, n)
			mu.Lock()
			defer mu.Unlock()
			out.calls++
			if v.err != nil {
				out.failed++
				out.last = errors.Join(v.err)
				return
			}
			out.first, out.voice = append(out.first, v.first), append(out.voice, v.voice)
		})
	}
	wg.Wait()
	if err := c.drained(ctx); err != nil {
		return out, err
	}
	after, err := c.cpu()
	for i := range after {
		out.cpu[i] = after[i] - before[i]
	}
	if out.failed == out.calls {
		return out, fmt.Errorf("no call of %g a second succeeded: %w", rate, out.last)
	}
	return out, err
}

// drained waits until the controller leads no call any more.
func (c *clinic) drained(ctx context.Context) error { return c.inProgress(ctx, 0) }

func (c *clinic) inProgress(ctx context.Context, n int) error {
	return poll(ctx, fmt.Sprintf("%d calls in progress", n), func() (bool, error) {
		v, err := metric(ctx, c.Hospital, "accueil_calls_active")
		return int(v) == n, err
	})
}

// memoryCalls are in progress when the controller's memory is read.
const memoryCalls = 200

// memory measures the controller's resident memory with 200 calls in progress: every agent talks, the
// others wait.
func memory(ctx context.Context, s settings, r *report) error {
	lines, err := withoutEmergency()
	if err != nil {
		return err
	}
	c, err := openClinic(ctx, s, lines)
	defer func() { c.close() }()
	if err != nil {
		return err
	}
	idle, err := residentOf(c.PID())
	if err != nil {
		return err
	}
	ctx, leave := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer leave()
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for n := range memoryCalls {
		<-pace.C
		wg.Go(func() {
			call, err := c.dial(ctx, n)
			if err != nil {
				return // the calls in progress will show it
			}
			defer func() { _ = call.Hangup(context.WithoutCancel(ctx)) }()
			if _, err := hearFirst(ctx, call); err == nil && call.Press(ctx, "2") == nil {
				_, _ = call.WaitEnded(ctx)
			}
		})
	}
	if err := c.inProgress(ctx, memoryCalls); err != nil {
		return err
	}
	if err := c.talking(ctx, len(c.agents)); err != nil {
		return err
	}
	full, err := residentOf(c.PID())
	if err != nil {
		return err
	}
	r.add(figure{What: "resident memory, no call", Value: float64(idle) / 1e6, Unit: "MB"})
	r.add(figure{What: fmt.Sprintf("resident memory, %d calls", memoryCalls), Value: float64(full) / 1e6, Unit: "MB", Goal: 64,
		Note: fmt.Sprintf("%d talk, %d wait", len(c.agents), memoryCalls-len(c.agents))})
	return nil
}

// talking waits until so many agents are busy.
func (c *clinic) talking(ctx context.Context, n int) error {
	return poll(ctx, fmt.Sprintf("%d agents busy", n), func() (bool, error) {
		v, err := metric(ctx, c.Hospital, fmt.Sprintf("accueil_agents{state=%q}", strings.ToLower(string(acd.AgentBusy))))
		return int(v) == n, err
	})
}
