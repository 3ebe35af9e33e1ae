package phones

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// An Agent is a person at a phone of the switchboard. Work is his day.
type Agent struct {
	Phone  *Phone // his desk phone; its tone is his voice
	Temper Temper
	Rand   *rand.Rand // his own

	// Feature codes; empty ones are not dialled.
	Login   string        // "*20": ready
	Pause   string        // "*21"
	Logout  string        // "*22"
	Expires time.Duration // of the registration; 0 is one minute

	mu      sync.Mutex // guards Rand: a policy runs in the call's goroutine
	talked  chan struct{}
	handled int
}

// dialCode bounds the call of one feature code.
const dialCode = 15 * time.Second

// maxBriefing bounds how long an agent waits for a patient's voice after he has
// answered.
const maxBriefing = 30 * time.Second

// Work registers, logs in, answers calls and takes pauses until the context
// ends, then logs out and unregisters. It returns the first thing that went
// wrong, nil for a day that ended with the context.
func (a *Agent) Work(ctx context.Context) error {
	a.talked = make(chan struct{}, 1)
	expires := a.Expires
	if expires == 0 {
		expires = time.Minute
	}
	if err := a.Phone.Register(ctx, expires); err != nil {
		return fmt.Errorf("agent at work: %w", err)
	}
	a.Phone.SetPolicy(a.answer)
	err := a.day(ctx)
	a.Phone.SetPolicy(Unavailable())
	// Going home must work although the day's context is over.
	home, cancel := context.WithTimeout(context.WithoutCancel(ctx), dialCode)
	defer cancel()
	return errors.Join(err, a.dial(home, a.Logout), a.Phone.Unregister(home))
}

// Handled is the number of conversations so far.
func (a *Agent) Handled() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.handled
}

func (a *Agent) day(ctx context.Context) error {
	if err := a.dial(ctx, a.Login); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.talked:
		}
		a.mu.Lock()
		rest, length := chance(a.Rand, a.Temper.PauseOdd), a.Temper.PauseFor.Draw(a.Rand)
		a.mu.Unlock()
		if !rest || a.Pause == "" {
			continue
		}
		if err := a.dial(ctx, a.Pause); err != nil {
			return err
		}
		if !pause(ctx, length) {
			return nil
		}
		if err := a.dial(ctx, a.Login); err != nil {
			return err
		}
	}
}

// dial calls a feature code, listens to the confirmation and lets Asterisk hang
// up; after two seconds of silence he hangs up himself.
func (a *Agent) dial(ctx context.Context, code string) error {
	if code == "" || ctx.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, dialCode)
	defer cancel()
	call, err := a.Phone.Play(ctx, code, CallOptions{Silent: true}, Script{WaitAnswer(), WaitSilence(2 * time.Second)})
	switch {
	case errors.Is(err, errCallOver), call != nil && errors.Is(err, context.Canceled):
		return nil
	case err != nil:
		return fmt.Errorf("dial feature code: %w", err)
	}
	return nil
}

// A mood is what an agent will do with one call.
type mood struct {
	react, talk                               time.Duration
	skips, hangsUp, misses, refuses, vanishes bool
}

func (a *Agent) mood() mood {
	a.mu.Lock()
	defer a.mu.Unlock()
	t, r := a.Temper, a.Rand
	return mood{
		react: t.React.Draw(r), talk: t.Talk.Draw(r),
		skips: chance(r, t.Skip), hangsUp: chance(r, t.HangUp),
		misses: chance(r, t.Miss), refuses: chance(r, t.Refuse), vanishes: chance(r, t.Vanish),
	}
}

// answer is his policy: ring, perhaps answer, cut the briefing, talk.
func (a *Agent) answer(ctx context.Context, call *Call) {
	m := a.mood()
	switch {
	case a.engaged(call):
		_ = call.Reject(sip.StatusBusyHere)
		return
	case m.misses:
		NoAnswer()(ctx, call)
		return
	case m.refuses:
		RejectAfter(m.react, sip.StatusGlobalDecline)(ctx, call)
		return
	}
	if !ringFor(ctx, call, m.react) || call.Answer() != nil {
		return
	}
	a.converse(ctx, call, m)
}

// engaged says whether he is on the phone already. Calls that he vanished from
// do not count: his next telephone knows nothing of them.
func (a *Agent) engaged(call *Call) bool {
	for _, c := range a.Phone.Calls() {
		if c != call && !c.vanished.Load() {
			return true
		}
	}
	return false
}

func (a *Agent) converse(ctx context.Context, call *Call, m mood) {
	if m.skips && call.Ear().WaitEnergy(ctx) == nil && pause(ctx, m.react/2) {
		_ = call.Press(ctx, "1") // the call may be over; the next wait tells
	}
	listen, cancel := context.WithTimeout(ctx, maxBriefing)
	_, err := call.Ear().WaitVoice(listen, patientVoices...)
	cancel()
	if err == nil {
		if m.vanishes {
			if pause(ctx, m.talk/2) {
				call.Vanish()
			}
			return
		}
		converse(ctx, call, m.talk, m.hangsUp)
		a.mu.Lock()
		a.handled++
		a.mu.Unlock()
		select {
		case a.talked <- struct{}{}:
		default: // the day has not yet looked at the conversation before
		}
		return
	}
	release, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
	defer cancel()
	_ = call.Hangup(release)
}
