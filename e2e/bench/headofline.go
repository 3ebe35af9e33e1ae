package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"accueil/phones"
)

const (
	// heldUp is how long a caller may wait for an idle agent before he counts as held up.
	heldUp = 3 * time.Second
	// behindHead are the callers who come behind the head of the line, one after the other.
	behindHead = 20
	// enoughHeld ends the scene: it has been shown.
	enoughHeld = 3
)

// blocked is what became of those who came behind a caller whom nobody idle may take.
type blocked struct {
	took  []time.Duration // arrival → INVITE of those who were not held up
	held  int
	tried int
}

// headOfLine lets the only agent with English talk, a second English caller wait, and French callers
// come behind him while an agent for French is idle: none of them must wait.
func (a *arena) headOfLine(ctx context.Context, by side) (out blocked, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	french, english := a.agents[frenchDesk], a.agents[englishDesk]
	answer := func(ctx context.Context, call *phones.Call) {
		if call.Answer() == nil {
			<-call.Ended()
		}
	}
	french.SetPolicy(answer)
	english.SetPolicy(answer)
	var open []*phones.Call
	defer func() {
		for _, c := range open {
			_ = c.Hangup(context.WithoutCancel(ctx))
		}
	}()
	call := func(l line, n int) (*phones.Call, error) {
		c, err := a.trunk.Call(ctx, by.number(l), phones.CallOptions{User: fmt.Sprintf("05%08d", n), Tone: patientVoice})
		if err == nil {
			open = append(open, c)
			err = c.WaitAnswered(ctx)
		}
		return c, err
	}
	talking, err := call(lineEnglish, 0)
	if err == nil {
		err = talking.Ear().WaitTone(ctx, agentVoice)
	}
	if err != nil {
		return out, fmt.Errorf("the first caller for English: %w", err)
	}
	head, err := call(lineEnglish, 1)
	if err == nil {
		err = head.Ear().WaitEnergy(ctx) // he waits in music
	}
	if err != nil {
		return out, fmt.Errorf("the caller at the head: %w", err)
	}
	for out.tried < behindHead && out.held < enoughHeld {
		out.tried++
		took, err := a.behind(ctx, by, french, out.tried)
		switch {
		case errors.Is(err, errHeldUp):
			out.held++
		case err != nil:
			return out, err
		default:
			out.took = append(out.took, took)
		}
	}
	return out, nil
}

var errHeldUp = errors.New("held up")

// behind is one French caller: how long until the idle agent's phone was invited for him.
func (a *arena) behind(ctx context.Context, by side, agent *phones.Phone, n int) (time.Duration, error) {
	number := fmt.Sprintf("06%08d", n)
	call, err := a.trunk.Call(ctx, by.number(lineFrench), phones.CallOptions{User: number, Tone: patientVoice})
	if err != nil {
		return 0, err
	}
	defer func() {
		_ = call.Hangup(context.WithoutCancel(ctx))
		_, _ = call.WaitEnded(ctx)
	}()
	limit, cancel := context.WithTimeout(ctx, heldUp)
	defer cancel()
	for {
		rung, err := agent.WaitCall(limit)
		if err != nil {
			if ctx.Err() != nil {
				return 0, err
			}
			return 0, errHeldUp
		}
		if _, who := rung.Caller(); who != number {
			continue // an earlier one, who has gone
		}
		took := rung.Moments().Invited.Sub(call.Moments().Invited)
		if err := call.Ear().WaitTone(ctx, agentVoice); err != nil {
			return 0, fmt.Errorf("hear the agent: %w", err)
		}
		_ = call.Hangup(ctx)
		_, err = rung.WaitEnded(ctx) // he is idle again
		return took, err
	}
}
