package phones

import (
	"context"
	"time"

	"github.com/emiago/sipgo/sip"
)

// A Policy decides about one incoming call: it uses Ring, Answer, Reject,
// Redirect, Ignore or Vanish, and may go on with the call after the answer. The
// context ends when the call does, also by the caller's CANCEL. A call that it
// leaves undecided is refused with 480. Policies run in a goroutine of their
// own and may block.
type Policy func(ctx context.Context, c *Call)

// AnswerAfter rings, and answers after the duration.
func AnswerAfter(ring time.Duration) Policy {
	return func(ctx context.Context, c *Call) {
		if ringFor(ctx, c, ring) {
			_ = c.Answer() // an error means the caller left meanwhile
		}
	}
}

// RejectAfter rings, and refuses with the status after the duration; with 0 it
// refuses without ringing.
func RejectAfter(ring time.Duration, status int) Policy {
	return func(ctx context.Context, c *Call) {
		if ring <= 0 || ringFor(ctx, c, ring) {
			_ = c.Reject(status)
		}
	}
}

// Busy, Unavailable, Decline and NotFound refuse at once with 486, 480, 603 and
// 404.
func Busy() Policy        { return RejectAfter(0, sip.StatusBusyHere) }
func Unavailable() Policy { return RejectAfter(0, sip.StatusTemporarilyUnavailable) }
func Decline() Policy     { return RejectAfter(0, sip.StatusGlobalDecline) }
func NotFound() Policy    { return RejectAfter(0, sip.StatusNotFound) }

// NoAnswer rings until the caller gives up.
func NoAnswer() Policy {
	return func(ctx context.Context, c *Call) {
		if c.Ring() == nil {
			<-ctx.Done()
		}
	}
}

// Ignore gives no reply at all, as a phone without power.
func Ignore() Policy { return func(_ context.Context, c *Call) { c.Ignore() } }

// Forward sends the caller elsewhere with 302.
func Forward(target string) Policy {
	return func(_ context.Context, c *Call) { _ = c.Redirect(target) }
}

// AnswerDead answers after the duration and never sends an audio packet.
func AnswerDead(ring time.Duration) Policy {
	return func(ctx context.Context, c *Call) {
		c.StopRTP()
		AnswerAfter(ring)(ctx, c)
	}
}

// Run answers after the duration and goes through the script.
func Run(ring time.Duration, s Script) Policy {
	return func(ctx context.Context, c *Call) {
		if ringFor(ctx, c, ring) && c.Answer() == nil {
			_ = s.run(ctx, c) // how the call ended is in the call
		}
	}
}

// ringFor rings for the duration; false when the call ended meanwhile.
func ringFor(ctx context.Context, c *Call, d time.Duration) bool {
	return c.Ring() == nil && pause(ctx, d)
}

// pause waits; false when the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
