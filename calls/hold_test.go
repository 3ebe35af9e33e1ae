package calls

import (
	"testing"
	"time"

	"accueil/acd"
)

// TestTheHoldButton: what a phone's own button does is told as a hold, once for each press; a hold of
// ours that follows takes it over; the caller's own button tells nothing.
func TestTheHoldButton(t *testing.T) {
	w := &world{now: 1_000_000, view: acd.NewView(), channels: map[string]bool{"caller": true, "phone": true}, bridges: map[string][]string{"b": nil}, playing: map[string]string{}, ended: map[acd.LegID]int{}}
	leg := acd.ContactID("c1").Leg(1)
	w.view.Apply(acd.Entry{Legs: []acd.Leg{{ID: leg, Rev: 1, State: acd.LegTalking, Since: w.now, Channel: "caller", Agent: testAgent, Queue: "rdv"}}})
	w.m = &machine{env: environment{book: w, voice: w, plan: w, desk: w, router: w, boot: "t"}, contact: "c1", leg: leg, phase: talking,
		lang: "fr", agentID: testAgent, bridge: "b", caller: party{id: "caller", up: true, entered: true}, agent: party{id: "phone", up: true, entered: true}}
	for _, step := range []struct {
		ev    Event
		state acd.LegState
		holds int
		held  time.Duration
	}{
		{evHold{"caller", true}, acd.LegTalking, 0, 0},
		{evHold{"phone", false}, acd.LegTalking, 0, 0},
		{evHold{"phone", true}, acd.LegHeld, 1, 0},
		{evHold{"phone", true}, acd.LegHeld, 1, 0},
		{evHold{"phone", false}, acd.LegTalking, 1, 2 * time.Second},
		{evHold{"phone", true}, acd.LegHeld, 2, 2 * time.Second},
		{evKey{"phone", '*'}, acd.LegHeld, 2, 2 * time.Second},
		{evKey{"phone", '1'}, acd.LegHeld, 2, 2 * time.Second}, // a transfer: held by us from here on
		{evHold{"phone", false}, acd.LegHeld, 2, 2 * time.Second},
		{evKey{"phone", '*'}, acd.LegTalking, 2, 6 * time.Second},
	} {
		w.now = w.now.Add(time.Second)
		for _, a := range w.m.handle(step.ev, w.now) {
			if r, ok := a.(doRecord); ok {
				_ = w.write(r.Kind, r.Build)
			}
		}
		l, _ := w.Leg(leg)
		if l.State != step.state || l.Holds != step.holds || l.Held != step.held {
			t.Errorf("%+v: %s, %d holds, %v", step.ev, l.State, l.Holds, l.Held)
		}
	}
	if len(w.illegal) > 0 {
		t.Error(w.illegal)
	}
}
