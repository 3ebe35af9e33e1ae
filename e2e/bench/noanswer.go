package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"accueil/phones"
)

const (
	// shortRing is how long a phone rings in the no-answer scene, in seconds.
	shortRing = 5
	// missedAtOnce are the callers of one round: half the agents, so that somebody idle is always left.
	missedAtOnce = demoAgents / 2
	missPace     = 100 * time.Millisecond
)

// misses notes for each caller when his first ring was over and when the next phone was rung.
type misses struct {
	mu   sync.Mutex
	rung map[string]int       // how often, by the caller's number
	over map[string]time.Time // end of the first ring
	next map[string]time.Time // second INVITE
}

// agent lets a caller's first ring ring out and answers every later one.
func (m *misses) agent(ctx context.Context, call *phones.Call) {
	_, number := call.Caller()
	m.mu.Lock()
	m.rung[number]++
	first := m.rung[number] == 1
	if m.rung[number] == 2 {
		m.next[number] = call.Moments().Invited
	}
	m.mu.Unlock()
	if call.Ring() != nil {
		return
	}
	if !first {
		if call.Answer() == nil {
			<-call.Ended()
		}
		return
	}
	<-ctx.Done() // the CANCEL
	at := time.Now()
	m.mu.Lock()
	m.over[number] = at
	m.mu.Unlock()
}

// noAnswer measures from the end of a ring that nobody answered to the next ring for the same caller,
// with other agents idle.
func noAnswer(ctx context.Context, s settings, a *arena, by side) ([]time.Duration, error) {
	m := misses{rung: map[string]int{}, over: map[string]time.Time{}, next: map[string]time.Time{}}
	for _, p := range a.agents {
		p.SetPolicy(m.agent)
	}
	for n := 0; n < s.misses; n += missedAtOnce {
		if err := m.round(ctx, a, by.number(lineShort), n); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var took []time.Duration
	for number, over := range m.over {
		if next, ok := m.next[number]; ok {
			took = append(took, next.Sub(over))
		}
	}
	if len(took) < s.misses*9/10 {
		return took, fmt.Errorf("%d of %d callers were rung for again", len(took), s.misses)
	}
	return took, nil
}

// round lets some callers be missed once and then answered.
func (m *misses) round(ctx context.Context, a *arena, number string, from int) error {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	for n := range missedAtOnce {
		call, err := a.trunk.Call(ctx, number, phones.CallOptions{User: fmt.Sprintf("07%08d", from+n), Tone: patientVoice})
		if err != nil {
			return err
		}
		wg.Go(func() {
			defer func() { _ = call.Hangup(context.WithoutCancel(ctx)) }()
			if call.WaitAnswered(ctx) == nil {
				_ = call.Ear().WaitTone(ctx, agentVoice)
			}
		})
		select {
		case <-time.After(missPace):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
