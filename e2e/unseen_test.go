package e2e

import (
	"context"
	"fmt"
	"testing"

	"accueil/acd"
	"accueil/phones"
)

// TestCallsWithoutAController: while no controller runs one caller is answered by the group, one gives
// up, and for one nobody is there. The controller that comes back counts each once, with the times they
// happened at; so does the next one.
func TestCallsWithoutAController(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Binary = builtBinary(t)
	ctx, h := hospital(t, o)
	group := fallbackPhone(ctx, t, h)
	led := must[*phones.Phone](t)(h.Trunk(ctx))
	olderThanItsStart(ctx, t, h)
	call := must[*phones.Call](t)(led.Call(ctx, "3100", phones.CallOptions{Tone: patientTone()}))
	until(ctx, t, h, "the caller queued", func(v *acd.View) bool {
		l := v.Legs()
		return len(l) == 1 && l[0].State == acd.LegQueued
	})
	h.Kill()
	before := logOf(ctx, t, h).Now()

	p, at, _ := caught(ctx, t, h, group)
	if err := at.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, p, at)
	hangUp(ctx, t, p.Call, at)
	p, at, _ = caught(ctx, t, h, group)
	hangUp(ctx, t, p.Call, at)
	group.SetPolicy(phones.Busy())
	lost := must[*phones.Call](t)(led.Call(ctx, "3100", phones.CallOptions{Tone: patientTone()}))
	if end, err := lost.WaitEnded(ctx); err != nil || end.By != phones.Theirs {
		t.Fatalf("the caller whom nobody answers: %+v, %v", end, err)
	}
	for range 2 { // its two attempts
		must[*phones.Call](t)(group.WaitCall(ctx))
	}
	group.SetPolicy(nil)
	hangUp(ctx, t, call) // the log still has him in the queue

	for failed := 2; failed <= 3; failed++ {
		after := logOf(ctx, t, h).Now()
		if err := h.StartApp(ctx); err != nil {
			t.Fatal(err)
		}
		legs := ended(ctx, t, h, failed+2)
		got := map[string]int{}
		for _, l := range legs {
			bridged := ""
			if !l.Bridged.Never() {
				bridged = " reached"
			}
			got[fmt.Sprintf("%s %s %s%s", l.End.Outcome, l.End.Phase, l.End.Fault, bridged)]++
			if l.End.Phase == acd.LegArrived && (l.Arrived < before || l.End.At > after || l.End.At < l.Arrived || l.Entry != "3100" || l.Trunk != "operateur") {
				t.Errorf("%+v, end %+v; was between %d and %d", l, l.End, before, after)
			}
		}
		want := map[string]int{"abandoned queued ": 1, "overflow arrived  reached": 1, "failed arrived ours": failed}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("outcomes %v, want %v", got, want)
		}
		countedOnce(ctx, t, h)
		h.Kill()
		p, at, _ = caught(ctx, t, h, group) // one more, which tells that the next controller has read it all
		hangUp(ctx, t, p.Call, at)
	}
}

// olderThanItsStart waits until a call cannot be taken for one from before Asterisk's start, which
// Asterisk tells in whole seconds.
func olderThanItsStart(ctx context.Context, t *testing.T, h *Hospital) {
	t.Helper()
	within(ctx, t, "two seconds of Asterisk", func() (string, bool) {
		out := must[string](t)(h.Asterisk.CLI(ctx, "core show uptime seconds"))
		var up int
		_, err := fmt.Sscanf(out, "System uptime: %d", &up)
		return out, err == nil && up >= 2
	})
}

// hangUp ends the first call and waits until all are over: those that depend on it end with it.
func hangUp(ctx context.Context, t *testing.T, calls ...*phones.Call) {
	t.Helper()
	for i, c := range calls {
		if i == 0 {
			if err := c.Hangup(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.WaitEnded(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
