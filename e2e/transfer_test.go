package e2e

import (
	"context"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// key starts a transfer by in-call code.
func (c conversation) key(ctx context.Context, t *testing.T, code, to string) {
	t.Helper()
	press(ctx, t, c.at, code)
	c.state(ctx, t, 1, acd.LegHeld)
	press(ctx, t, c.at, to)
}

// TestTransferByKeys is the switchboard's main gesture from the telephone alone, with every answer a
// ward may give.
func TestTransferByKeys(t *testing.T) {
	t.Parallel()
	ctx, h, all := lanes(t, 4)
	runLanes(ctx, t, h, all, []transferCase{
		{"blind, nobody answers", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.NoAnswer())
			c.key(ctx, t, "*1", c.ward+"#")
			rung := next(ctx, t, "the ward", calls)
			gone(ctx, t, "the sender", c.at)
			if _, number := rung.Caller(); number != c.number {
				t.Errorf("the ward sees %q, want the patient's number", number)
			}
			c.returned(ctx, t, acd.NoAnswer)
			if m := rung.Moments(); m.Ended.Sub(m.Invited) < 19*time.Second {
				t.Errorf("the ward was given %v", m.Ended.Sub(m.Invited))
			}
			hangup(ctx, t, c.caller)
			c.over(ctx, t, handedOn, byCaller)
		}},
		{"blind, answered without a 1", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.AnswerAfter(0)) // a voicemail
			c.key(ctx, t, "*1", c.ward+"#")
			rung := next(ctx, t, "the ward", calls)
			heard := rung.Ear().Watch(c.voice)
			c.returned(ctx, t, acd.NoAnswer)
			if total, _, _ := heard.Heard(); total > time.Second { // speech touches any frequency for a frame
				t.Errorf("the voicemail heard the patient for %v", total)
			}
			hangup(ctx, t, c.at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"blind, busy", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "4014#")
			c.returned(ctx, t, acd.Busy)
			hangup(ctx, t, c.at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"blind, refused", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "4018#")
			c.returned(ctx, t, acd.Refused)
			hangup(ctx, t, c.at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"blind, taken, ward ends", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*1", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			c.both(ctx, t, ward)
			gone(ctx, t, "the sender", c.at)
			waitAgent(ctx, t, c.h, c.agent, acd.AgentReady) // wrap-up has ended, the leg has not
			if legs := c.state(ctx, t, 2, acd.LegTalking); legs[1].Target != c.ward || legs[1].Agent != "" {
				t.Errorf("leg of the ward: %+v", legs[1])
			}
			hangup(ctx, t, ward)
			c.over(ctx, t, handedOn, wardEnded)
		}},
		{"blind, taken, patient ends", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*1", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			c.both(ctx, t, ward)
			hangup(ctx, t, c.caller)
			gone(ctx, t, "the ward", ward)
			c.over(ctx, t, handedOn, wardCaller)
		}},
		{"briefed", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*2", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			hears(ctx, t, "the ward", ward, c.at.Tone())
			hears(ctx, t, "the agent", c.at, ward.Tone())
			alone := c.caller.Ear().Watch(ward.Tone())
			if err := c.caller.Ear().WaitEnergy(ctx); err != nil {
				t.Fatal("the patient hears no music:", err)
			}
			if total, _, _ := alone.Heard(); total > time.Second {
				t.Errorf("the patient hears the consultation for %v", total)
			}
			hangup(ctx, t, c.at)
			c.both(ctx, t, ward)
			hangup(ctx, t, ward)
			c.over(ctx, t, handedOn, wardEnded)
		}},
		{"briefed, agent comes back", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*2", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			hears(ctx, t, "the ward", ward, c.at.Tone())
			press(ctx, t, c.at, "*")
			gone(ctx, t, "the ward", ward)
			c.both(ctx, t, c.at)
			hangup(ctx, t, c.at)
			c.over(ctx, t, byAgent)
		}},
		{"briefed, ward refuses", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*2", "4018#")
			c.state(ctx, t, 1, acd.LegTalking)
			c.both(ctx, t, c.at)
			hangup(ctx, t, c.caller)
			c.over(ctx, t, byCaller)
		}},
		{"briefed, agent leaves while it rings", func(ctx context.Context, t *testing.T, c conversation) {
			answer := make(chan struct{})
			calls := c.wardDoes(func(ctx context.Context, call *phones.Call) {
				_ = call.Ring()
				select {
				case <-answer:
					accepts(ctx, call)
				case <-ctx.Done():
				}
			})
			c.key(ctx, t, "*2", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			hangup(ctx, t, c.at)
			c.state(ctx, t, 2, acd.LegRingingOut)
			close(answer)
			c.both(ctx, t, ward)
			hangup(ctx, t, c.caller)
			gone(ctx, t, "the ward", ward)
			c.over(ctx, t, handedOn, wardCaller)
		}},
		{"briefed, agent leaves, ward does not come", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.RejectAfter(time.Second, 486))
			c.key(ctx, t, "*2", c.ward+"#")
			next(ctx, t, "the ward", calls)
			hangup(ctx, t, c.at)
			c.returned(ctx, t, acd.Busy)
			hangup(ctx, t, c.at)
			c.over(ctx, t, handedOn, byAgent)
		}},
		{"unknown number, then a good one", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*1", "999#")
			if err := c.at.Ear().WaitEnergy(ctx); err != nil {
				t.Fatal(err)
			}
			press(ctx, t, c.at, c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			c.both(ctx, t, ward)
			hangup(ctx, t, ward)
			c.over(ctx, t, handedOn, wardEnded)
		}},
		{"unknown number twice", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "999#")
			press(ctx, t, c.at, "0639981299#") // outside: never from a phone
			c.state(ctx, t, 1, acd.LegTalking)
			c.both(ctx, t, c.at)
			hangup(ctx, t, c.at)
			c.over(ctx, t, byAgent)
		}},
		{"back with * while keying", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "40*")
			c.state(ctx, t, 1, acd.LegTalking)
			c.both(ctx, t, c.at)
			hangup(ctx, t, c.caller)
			c.over(ctx, t, byCaller)
		}},
		{"agent leaves while keying", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "40")
			hangup(ctx, t, c.at)
			c.over(ctx, t, byAgent)
		}},
		{"help asked", func(ctx context.Context, t *testing.T, c conversation) {
			press(ctx, t, c.at, "*5")
			until(ctx, t, c.h, "a raised hand", func(v *acd.View) bool {
				a, _ := v.Agent(c.agent)
				return !a.Help.Never()
			})
			hangup(ctx, t, c.at)
			c.over(ctx, t, byAgent)
		}},
	})
}

// TestPatientLeavesTransfer: the patient hangs up in every phase of a transfer; everybody else is let
// go and nothing is left.
func TestPatientLeavesTransfer(t *testing.T) {
	t.Parallel()
	ctx, h, all := lanes(t, 4)
	leave := func(ctx context.Context, t *testing.T, c conversation, want ...acd.End) {
		t.Helper()
		hangup(ctx, t, c.caller)
		gone(ctx, t, "the agent", c.at)
		c.over(ctx, t, want...)
	}
	runLanes(ctx, t, h, all, []transferCase{
		{"while the agent keys", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "41")
			leave(ctx, t, c, byCaller)
		}},
		{"while the agent hears that it is on its way", func(ctx context.Context, t *testing.T, c conversation) {
			c.wardDoes(phones.NoAnswer())
			c.key(ctx, t, "*1", c.ward+"#")
			hangup(ctx, t, c.caller)
			legs := c.ending(ctx, t)
			if end := legs[len(legs)-1].End; end.By != acd.ByCaller {
				t.Errorf("ended %+v", end)
			}
		}},
		{"while the ward rings", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.NoAnswer())
			c.key(ctx, t, "*1", c.ward+"#")
			rung := next(ctx, t, "the ward", calls)
			leave(ctx, t, c, handedOn, gaveUp)
			gone(ctx, t, "the ward", rung)
		}},
		{"while the ward is asked for a 1", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.AnswerAfter(0))
			c.key(ctx, t, "*1", c.ward+"#")
			rung := next(ctx, t, "the ward", calls)
			if err := rung.Ear().WaitEnergy(ctx); err != nil {
				t.Fatal(err)
			}
			leave(ctx, t, c, handedOn, gaveUp)
			gone(ctx, t, "the ward", rung)
		}},
		{"while the ward rings for a consultation", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(phones.NoAnswer())
			c.key(ctx, t, "*2", c.ward+"#")
			rung := next(ctx, t, "the ward", calls)
			leave(ctx, t, c, byCaller)
			gone(ctx, t, "the ward", rung)
		}},
		{"in the consultation", func(ctx context.Context, t *testing.T, c conversation) {
			calls := c.wardDoes(accepts)
			c.key(ctx, t, "*2", c.ward+"#")
			ward := next(ctx, t, "the ward", calls)
			hears(ctx, t, "the agent", c.at, ward.Tone())
			leave(ctx, t, c, byCaller)
			gone(ctx, t, "the ward", ward)
		}},
		{"while he rings back", func(ctx context.Context, t *testing.T, c conversation) {
			c.key(ctx, t, "*1", "4014#")
			c.phone.SetPolicy(phones.NoAnswer())
			gone(ctx, t, "the sender", c.at)
			c.at = must[*phones.Call](t)(c.phone.WaitCall(ctx))
			leave(ctx, t, c, handedOn, gaveUp)
		}},
		{"back in the queue", func(ctx context.Context, t *testing.T, c conversation) {
			press(ctx, t, c.at, "*3")
			c.state(ctx, t, 2, acd.LegQueued)
			leave(ctx, t, c, handedOn, gaveUp)
		}},
	})
}
