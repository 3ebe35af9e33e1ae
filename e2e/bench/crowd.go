package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"accueil/phones"
)

// waitingCallers are always in the queue while hand-overs are measured.
const waitingCallers = 20

// crowd is a switchboard with more callers than agents: whoever hangs up is rung for the next at once.
// What is measured is from the BYE at an agent's phone to the next INVITE there.
type crowd struct {
	mu     sync.Mutex
	took   []time.Duration
	failed int

	wanted int
	enough chan struct{} // closed when there are wanted
	broken atomic.Pointer[error]
	// answered counts the conversations, also those whose hand-over was not measured.
	answered atomic.Int64
}

// run lets agents and callers meet until enough hand-overs were seen, and returns the times. The callers
// share the numbers to be dialled.
func (c *crowd) run(ctx context.Context, agents []*phones.Phone, trunk *phones.Phone, numbers ...string) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	c.enough = make(chan struct{})
	for n, a := range agents {
		a.SetPolicy(c.agent(rand.New(rand.NewPCG(7, uint64(n)))))
	}
	people, leave := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for n := range len(agents) + waitingCallers {
		wg.Go(func() { c.caller(people, trunk, numbers[n%len(numbers)], n) })
	}
	var err error
	select {
	case <-c.enough:
	case <-ctx.Done():
		err = fmt.Errorf("wait for %d hand-overs: %w", c.wanted, ctx.Err())
	}
	leave()
	wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && c.failed > c.wanted/20 {
		err = fmt.Errorf("%d calls failed beside %d hand-overs", c.failed, len(c.took))
	}
	if p := c.broken.Load(); p != nil && err != nil {
		err = fmt.Errorf("%w; the last failure: %w", err, *p)
	}
	return c.took, err
}

// agent answers at once, talks for one to three seconds and hangs up. The first call at each phone
// ends no wait, so it is not counted.
func (c *crowd) agent(dice *rand.Rand) phones.Policy {
	var mu sync.Mutex
	var bye time.Time
	return func(ctx context.Context, call *phones.Call) {
		mu.Lock()
		if !bye.IsZero() {
			c.note(call.Moments().Invited.Sub(bye))
			bye = time.Time{}
		}
		talk := time.Second + time.Duration(dice.Int64N(int64(2*time.Second)))
		mu.Unlock()
		if call.Ring() != nil || call.Answer() != nil || call.Ear().WaitTone(ctx, patientVoice) != nil {
			c.fail(fmt.Errorf("an agent was rung and met nobody"))
			return
		}
		c.answered.Add(1)
		select {
		case <-time.After(talk):
		case <-ctx.Done():
		}
		at := time.Now()
		mu.Lock()
		bye = at // before it is sent: the next INVITE may come before its answer
		mu.Unlock()
		_ = call.Hangup(context.WithoutCancel(ctx))
		if end, ok := call.End(); ok && !end.At.IsZero() && end.At.Before(at) {
			mu.Lock()
			if !bye.IsZero() {
				bye = end.At // the caller was quicker
			}
			mu.Unlock()
		}
	}
}

// caller calls, waits, talks to whoever answers, and calls again.
func (c *crowd) caller(ctx context.Context, trunk *phones.Phone, number string, n int) {
	for ctx.Err() == nil {
		call, err := trunk.Call(ctx, number, phones.CallOptions{User: fmt.Sprintf("06%08d", n+1), Tone: patientVoice})
		if err != nil {
			c.fail(err)
			return
		}
		if err := call.WaitAnswered(ctx); err != nil && ctx.Err() == nil {
			c.fail(err)
			select { // a server that refuses is not asked faster than this
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		}
		if _, err := call.WaitEnded(ctx); err != nil {
			_ = call.Hangup(context.WithoutCancel(ctx))
		}
	}
}

func (c *crowd) note(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.took) == c.wanted {
		return
	}
	if c.took = append(c.took, d); len(c.took) == c.wanted {
		close(c.enough)
	}
}

func (c *crowd) fail(err error) {
	c.mu.Lock()
	c.failed++
	c.mu.Unlock()
	c.broken.Store(&err)
}
