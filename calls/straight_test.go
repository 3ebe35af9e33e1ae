package calls

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"accueil/acd"
)

// straightScript leads into the queue without a word, and has nothing to say to any answer.
type straightScript struct{ testScript }

func (*straightScript) Handle(in acd.Heard, _ acd.Scene) []acd.Ask {
	if _, ok := in.(acd.HeardStart); ok {
		return []acd.Ask{acd.AskQueue{Reason: "rdv"}}
	}
	return nil
}

// TestStraightIntoTheQueue: who queues at once hears his music without another before it, and his channel
// is told one state until he talks; who is not taken hears something all the same.
func TestStraightIntoTheQueue(t *testing.T) { rapid.Check(t, straight) }

func straight(t *rapid.T) {
	answer := rapid.SampledFrom([]error{nil, acd.ErrFull, acd.ErrUnavailable}).Draw(t, "answer")
	w := newWorld(t)
	w.m.script = &straightScript{}
	var got []string
	give := func(ev Event) {
		for _, a := range w.m.handle(ev, w.now) {
			switch a := a.(type) {
			case doMusic:
				got = append(got, a.Class)
			case doState:
				p, _ := unpackState(a.State)
				got = append(got, p.Phase)
			case doRecord:
				_ = w.write(a.Kind, a.Build)
			}
		}
	}
	expect := func(when string, want ...string) {
		if !slices.Equal(got, want) {
			t.Fatalf("%s: %v, want %v", when, got, want)
		}
		got = nil
	}
	give(evBegin{})
	expect("at the beginning")
	if answer != nil {
		give(evEnqueued{Err: answer})
		expect("refused", MusicSoft, "menu")
		return
	}
	_, _ = w.Decide(context.Background(), acd.KindQueued, func(tx *acd.Tx) error { return tx.Enqueue(w.m.leg, acd.Queueing{Queue: "rdv"}) })
	give(evEnqueued{})
	expect("queued", MusicWaiting, "queue")
	w.claim()
	l, _ := w.view.Leg(w.m.leg)
	give(evLog{Kind: acd.KindClaimed, Leg: l})
	give(evUp{w.m.agent.id})
	expect("an agent answers", "ringing")
	give(evKey{w.m.agent.id, '1'}) // accepted, or enough of the briefing
	for range 2 {
		give(evKey{w.m.agent.id, '2'})
	}
	for n := range 2 { // he is heard, and heard on
		give(evHeard{w.m.agent.id, n + 1})
	}
	give(evEntered{w.m.bridge, w.m.caller.id})
	give(evEntered{w.m.bridge, w.m.agent.id})
	l, _ = w.view.Leg(w.m.leg)
	give(evLog{Kind: acd.KindTalking, Leg: l})
	expect("they talk", "talking")
	if w.m.phase != talking || l.Bridged.Never() {
		t.Fatal(w.m.phase, l.Bridged)
	}
}
