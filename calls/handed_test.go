package calls

import (
	"slices"
	"testing"

	"accueil/acd"
)

// listener notes the queues that a script is told of.
type listener struct {
	testScript
	told []acd.QueueID
}

func (l *listener) Handle(in acd.Heard, scene acd.Scene) []acd.Ask {
	if q, ok := in.(acd.HeardQueued); ok {
		l.told = append(l.told, q.Queue)
	}
	return l.testScript.Handle(in, scene)
}

// TestTheScriptLearnsTheQueue: who was handed to another queue hears that queue's words and leaves it by
// its ways, not by those of the queue that an agent had taken him from.
func TestTheScriptLearnsTheQueue(t *testing.T) {
	w := &world{now: 1_000_000, view: acd.NewView(), channels: map[string]bool{"caller": true, "phone": true}, bridges: map[string][]string{"b": nil}, playing: map[string]string{}, ended: map[acd.LegID]int{}}
	leg := acd.ContactID("c1").Leg(1)
	w.view.Apply(acd.Entry{Legs: []acd.Leg{{ID: leg, Rev: 1, State: acd.LegTalking, Since: w.now, Channel: "caller", Agent: testAgent, Queue: "rdv"}}})
	script := &listener{testScript: testScript{queued: true}}
	w.m = &machine{env: environment{book: w, voice: w, plan: w, desk: w, router: w, boot: "t"}, contact: "c1", leg: leg, phase: talking, script: script,
		lang: "fr", agentID: testAgent, bridge: "b", caller: party{id: "caller", up: true, entered: true}, agent: party{id: "phone", up: true, entered: true}}
	reply := make(chan error, 1)
	w.m.handle(evTransfer{TransferRequest{Kind: TransferQueue, To: "9", By: string(testAgent)}, reply}, w.now)
	if err := <-reply; err != nil {
		t.Fatal(err)
	}
	if len(w.m.agent.plays) > 0 { // the agent hears that it is on its way
		w.m.handle(evPlayed{Playback: w.m.agent.plays[0]}, w.now)
	}
	if !slices.Equal(script.told, []acd.QueueID{"autre"}) {
		t.Errorf("the script was told of %q", script.told)
	}
	if w.m.phase != inQueue || w.m.leg != leg.Next() {
		t.Errorf("%s, leg %s", w.m.phase, w.m.leg)
	}
}
