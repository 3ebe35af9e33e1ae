package phones

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A Step is one thing a person does in a call. It returns when it is done, or
// with an error when the context or the call ended first.
type Step struct {
	Name string
	Do   func(ctx context.Context, c *Call) error
}

// A Script is what a person does in a call, in order:
//
//	s := phones.Script{phones.WaitAnswer(), phones.WaitEnergy(), phones.Press("1"), phones.Talk(5 * time.Second), phones.HangUp()}
//	call, err := phone.Play(ctx, "3000", phones.CallOptions{}, s)
type Script []Step

// run goes through the steps and names the one that failed.
func (s Script) run(ctx context.Context, c *Call) error {
	for _, step := range s {
		if err := step.Do(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", step.Name, err)
		}
	}
	return nil
}

// Play dials the target and goes through the script. Whatever happens, the call
// is over on return; the call is given back for its figures, nil when it could
// not be placed.
func (p *Phone) Play(ctx context.Context, target string, o CallOptions, s Script) (*Call, error) {
	c, err := p.Call(ctx, target, o)
	if err != nil {
		return nil, err
	}
	err = s.run(ctx, c)
	release, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
	defer cancel()
	if hangup := c.Hangup(release); err == nil {
		err = hangup
	}
	return c, err
}

// WaitRing waits until the other side rings.
func WaitRing() Step {
	return Step{"wait for ringing", func(ctx context.Context, c *Call) error { return c.WaitRinging(ctx) }}
}

// WaitAnswer waits until the other side answers.
func WaitAnswer() Step {
	return Step{"wait for the answer", func(ctx context.Context, c *Call) error { return c.WaitAnswered(ctx) }}
}

// WaitEnergy waits until something is heard.
func WaitEnergy() Step {
	return Step{"listen", func(ctx context.Context, c *Call) error { return c.Ear().WaitEnergy(ctx) }}
}

// WaitTone waits until the frequency in hertz is heard.
func WaitTone(hertz float64) Step {
	return Step{"wait for a tone", func(ctx context.Context, c *Call) error { return c.Ear().WaitTone(ctx, hertz) }}
}

// WaitSilence waits until nothing was heard for the duration.
func WaitSilence(d time.Duration) Step {
	return Step{"wait for silence", func(ctx context.Context, c *Call) error { return c.Ear().WaitSilence(ctx, d) }}
}

// Press presses keys one after the other.
func Press(keys string) Step {
	// The name does not show the keys: a script may hold a PIN.
	return Step{"press " + strings.Repeat("•", len(keys)), func(ctx context.Context, c *Call) error { return c.Press(ctx, keys) }}
}

// Talk stays in the call for the duration.
func Talk(d time.Duration) Step {
	return Step{"talk", func(ctx context.Context, c *Call) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-c.Ended():
			end, _ := c.End()
			return fmt.Errorf("%w (%s)", errCallOver, end.By)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}}
}

// Stay waits until the other side hangs up.
func Stay() Step {
	return Step{"stay", func(ctx context.Context, c *Call) error {
		_, err := c.WaitEnded(ctx)
		return err
	}}
}

// HangUp ends the call.
func HangUp() Step {
	return Step{"hang up", func(ctx context.Context, c *Call) error { return c.Hangup(ctx) }}
}

// Within bounds a step: a person waits so long and no longer.
func Within(d time.Duration, s Step) Step {
	return Step{s.Name, func(ctx context.Context, c *Call) error {
		ctx, cancel := context.WithTimeoutCause(ctx, d, fmt.Errorf("patience of %s used up", d))
		defer cancel()
		return s.Do(ctx, c)
	}}
}
